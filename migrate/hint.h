/*
 * hint.h - what to name instead of a PATH that is no directory.
 */
#ifndef HINT_H
#define HINT_H

struct error;

/*
 * Append to the ERROR, which is that PATH is no directory, which snapshot
 * directory it lies in and which domain it is of, as far as that can be seen.
 */
void hint_directory(const char *path, struct error *error);

#endif
