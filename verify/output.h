/*
 * output.h - where a report goes: standard output, or the file that --output
 * names. The one place in verify/ that opens a file for writing.
 *
 * The file is opened when all is known, so it does not become a finding; it is
 * refused inside a directory that is looked at.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

struct error;
struct listing;

struct output {
    FILE *out;
    bool created; /* there was no file of that name before */
};

/*
 * Open PATH for writing, made empty; or stdout where it is NULL. -1: error.
 * PATHS are what was looked at, ended by NULL: nothing is written there.
 */
int output_open(struct output *output, const char *path,
                const char *const *paths, struct error *error);
/*
 * Write out and close what is not stdout, which is the caller's to flush. -1:
 * not all could be written; a file that was created for it is removed.
 */
int output_close(struct output *output, const char *path, struct error *error);

#endif
