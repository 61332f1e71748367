/*
 * prove.h - is a snapshot in one layout the same as one in another?
 *
 * Nothing is assumed of render.c: what a target holds is read back, made into
 * the source's layout, and compared with the source byte for byte. Where the
 * source is not in libvirt's own form (other indentation, a stray <active>),
 * both are compared as canonical XML (same.h).
 * Reads only; knows nothing of where the domains lie.
 */
#ifndef PROVE_H
#define PROVE_H

#include <stdbool.h>

#include "../verify/layout.h"
#include "../verify/memory.h"
#include "../verify/space.h"

struct error;

/* What is used again from snapshot to snapshot; {0} to begin with. */
struct prover {
    struct buffer source;
    struct buffer target;
    struct buffer back;
    struct space_memo memo;
};

void prover_free(struct prover *prover);

/*
 * Is snapshot SOURCE_INDEX of SOURCE, apart from being current, the same as
 * TARGET_INDEX of TARGET? 1: yes, 0: no, -1: could not be read.
 */
int prove_snapshot(struct prover *prover, const struct domain *source,
                   size_t source_index, const struct domain *target,
                   size_t target_index, struct error *error);

#endif
