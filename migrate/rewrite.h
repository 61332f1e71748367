/*
 * rewrite.h - the changes to the bytes of a snapshot, or of the list around
 * them, that a repair makes. Pure functions over memory.
 *
 * BYTES hold LEN bytes of which ELEMENT is the <domainsnapshot>; they stand at
 * offset AT of their file.
 */
#ifndef REWRITE_H
#define REWRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "../verify/span.h"

struct splices;

/* Bytes of a file that are in memory. */
struct excerpt {
    const char *bytes;
    size_t len;
    size_t at;
};

/* Remove every <parent> that libvirt sees, which is none in a namespace, with
 * the lines it stands on. */
void rewrite_no_parent(const struct excerpt *excerpt, struct span element,
                       struct splices *splices);

/* Have one <active>, which says so. */
void rewrite_active(const struct excerpt *excerpt, struct span element,
                    bool active, struct splices *splices);

/* What a stock libvirt takes the <active> for: 1, 0, or -1 for no number. */
int rewrite_active_is(const struct excerpt *excerpt, struct span element);

/*
 * Write current= of the <snapshots> that the excerpt, from the beginning of the
 * file on, holds the start tag of; NULL removes it. False: it is not found.
 */
bool rewrite_current(const struct excerpt *excerpt, const char *current,
                     struct splices *splices);

#endif
