/*
 * redefine.h - in which order a libvirt that has lost the checkpoints of a
 * domain takes them again: it refuses one whose parent it does not know.
 */
#ifndef REDEFINE_H
#define REDEFINE_H

#include <stdio.h>

struct listed_domain;

/* Print that order for a person, with what cannot be redefined and why. */
void redefine_print(FILE *out, const struct listed_domain *domain);

/*
 * Print the commands for virsh(1), a line each. Every line begins with a word
 * of ours, so no name can look like a command; those that cannot be redefined
 * are comments. BASE is where the files are.
 */
void redefine_script(FILE *out, const struct listed_domain *domain,
                     const char *base);

#endif
