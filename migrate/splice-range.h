/*
 * splice-range.h - the bytes of a file before and after its changes, in pieces.
 * Used by splice.c and splice-diff.c only.
 */
#ifndef SPLICE_RANGE_H
#define SPLICE_RANGE_H

#include <stddef.h>

struct error;
struct spliced;

/* Old bytes from one offset up to another, and the changes in them. */
struct block {
    size_t from;
    size_t to;
    size_t first; /* index of a change */
    size_t end;   /* index behind the last one */
};

/* Takes the next piece; -1 ends it all. */
typedef int taker(void *data, const char *bytes, size_t len,
                  struct error *error);

/* Hand out the old bytes from FROM up to TO. */
int range_old(const struct spliced *file, size_t from, size_t to, taker *take,
              void *data, struct error *error);
/* The new bytes of a block. */
int range_new(const struct spliced *file, struct block block, taker *take,
              void *data, struct error *error);

#endif
