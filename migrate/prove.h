/*
 * prove.h - is a snapshot in one layout the same as one in another?
 *
 * Nothing is assumed of render.c: what was read of a target is made into the
 * source's layout, and compared with the source byte for byte; and line by line
 * as it is, for a mistake of render.c may undo itself. Where the source is not
 * in libvirt's own form (other indentation, a stray <active>), both are
 * compared as canonical XML (same.h). Reads only; knows nothing of where the
 * domains lie.
 */
#ifndef PROVE_H
#define PROVE_H

#include <stdbool.h>

#include "../verify/layout.h"
#include "../verify/memory.h"
#include "../verify/space.h"

/* What is used again from snapshot to snapshot; {0} to begin with. */
struct prover {
    struct buffer back;
    struct space_memo memo;
};

/* A snapshot as it was before. */
struct original {
    struct buffer bytes; /* as domain_load() loads them */
    struct span element; /* in the bytes */
    enum layout layout;
    bool active;
};

void prover_free(struct prover *prover);

/*
 * Is SOURCE, apart from being current, the same as an element of LEN bytes,
 * read from layout FROM?
 */
bool prove_snapshot(struct prover *prover, const struct original *source,
                    enum layout from, const char *bytes, size_t len);

#endif
