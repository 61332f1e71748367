/*
 * script.h - what there is to be done about checkpoints as a shell script.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdio.h>

struct listing;

/*
 * Of a report of checkpoints, the commands that redefine them; of one of
 * snapshots, those that put misplaced checkpoints back; a comment for each that
 * it leaves out. Every line begins with a word of ours, and names are quoted:
 * none can look like a command.
 */
void script_print(FILE *out, const struct listing *listing);

#endif
