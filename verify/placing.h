/*
 * placing.h - to which domain and snapshot of a listing each finding belongs.
 *
 * Findings name their domain and snapshot; reports group by them, and two
 * directories may hold domains of the same name. All lookups are by binary
 * search: a domain may have 16,384 snapshots and 40,000 findings.
 */
#ifndef PLACING_H
#define PLACING_H

#include <stddef.h>

#include "listing.h"

#define PLACED_NOWHERE ((size_t)-1)

/* The caller releases it with placing_free(). */
struct placing {
    size_t *domain;   /* of each finding: index in the listing, or NOWHERE */
    size_t *snapshot; /* of each finding: index in its domain, or NOWHERE */
    /*
     * The findings by domain: those of domain I are order[start[I]] up to, not
     * including, order[start[I + 1]]; those of none start at
     * start[listing->count].
     */
    size_t *order;
    size_t *start;
};

void placing_make(struct placing *placing, const struct listing *listing);
void placing_free(struct placing *placing);

#endif
