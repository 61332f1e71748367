/*
 * splice.h - small changes to the bytes of a file: ranges that are replaced.
 *
 * The rest of the file is copied as it is, in pieces: memory is bounded by the
 * changes, however large the file. Nothing here knows XML, and nothing is
 * compared to find a difference: a diff is printed from the changes themselves.
 */
#ifndef SPLICE_H
#define SPLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "../verify/span.h"

struct error;

/* LEN bytes at START give way to TEXT, which is owned. */
struct splice {
    size_t start;
    size_t len;
    char *text;
};

/* In ascending order, none in another; {0} when empty. */
struct splices {
    struct splice *list;
    size_t count;
};

/* Add a change; in whatever order, but it may touch none that is there. */
void splice_add(struct splices *splices, size_t start, size_t len,
                const char *text);
void splices_free(struct splices *splices);

/*
 * The range of an element with the line it stands on, or lines, if nothing else
 * stands there; else of the element alone.
 */
struct span splice_lines(const char *bytes, size_t len, struct span element);

/* A file that is open for reading, and its size. */
struct spliced {
    int fd;
    size_t size;
    const struct splices *splices;
};

/* Write the file as it is to be to the descriptor TO. */
int splice_apply(const struct spliced *file, int to, struct error *error);

/*
 * Is the file NEW what the changes make of the other, to the byte? 1, 0, or -1
 * where it cannot be read.
 */
int splice_prove(const struct spliced *file, int new, size_t new_size,
                 struct error *error);

/*
 * Print the changes as a unified diff that patch(1) takes with -p1, SHOWN being
 * the name of the file. SAFE is for terminals: control characters and what
 * steers the direction of text are escaped, and patch(1) may not take it then.
 */
int splice_diff(const struct spliced *file, const char *shown, bool safe,
                FILE *out, struct error *error);

#endif
