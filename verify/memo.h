/*
 * memo.h - parts of snapshots that were judged, to be known again by their
 * bytes.
 *
 * The same bytes, from "<" of the start tag to ">" of the end tag, are the same
 * element, wherever they stand (what could reach into it from outside is ruled
 * out in shortcut.h). Only paths, the values of file= and dev= of <source>, may
 * differ: where all schemas see no difference between two of them, one is as
 * good as the other. Memory is bounded; the part that was not met for the
 * longest time goes first.
 */
#ifndef MEMO_H
#define MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "part.h"
#include "scan.h"
#include "variant.h"
#include "where.h"

struct schemas;

/* The value of a path in a part. */
struct path {
    struct span value; /* in the bytes */
    uint64_t *classes; /* for each schema, once they were asked for; or NULL */
};

/* A part of a snapshot, and what was found when it was judged. */
struct part {
    enum part_name name;
    bool sound; /* nothing is wrong with it; else the rest is not filled in */
    char *bytes;
    size_t len;
    size_t last_line;   /* offset of its first byte */
    struct path *paths; /* in order */
    size_t path_count;
    struct document extremes;
    struct cut cut;           /* as if it were a document */
    unsigned char *choices;   /* of each schema: the pattern that took it */
    double pruned_cost, cost; /* see afford_cost() */
    char *domain_name;        /* of a <domain>; or NULL */
    unsigned char uuid[16];   /* of a <domain> */
    size_t uuid_at;           /* its offset */
};

#define MEMO_PARTS 16
#define MEMO_BYTES 4194304

/* {0} is an empty one. */
struct memo {
    struct part *list[MEMO_PARTS]; /* the one met last is the first */
    size_t count;
    size_t bytes;
    struct variants variants; /* also of what is beside the parts */
};

/* Where a part was met again. */
struct met {
    const struct part *part;
    size_t len;
    struct cut cut; /* relative to where it stands */
    size_t uuid_at;
};

/* Does a part that is known begin at the first of LEN bytes? */
bool memo_find(struct memo *memo, const struct schemas *schemas,
               const char *bytes, size_t len, struct met *met);

/* Take over a part, which lives until the next but MEMO_PARTS - 1 at least. */
void memo_add(struct memo *memo, struct part *part);

/* The part itself, where it was judged. */
struct met memo_first(const struct part *part);

void part_free(struct part *part);
void memo_free(struct memo *memo);

#endif
