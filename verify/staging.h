/*
 * staging.h - what an interrupted run of virt-snapshot-migrate left behind.
 * Reads only; migrate/stage.h makes and clears it.
 *
 *     BASE/.virt-snapshot-migrate/to-bulk/DOMAIN     a new bulk file
 *     BASE/.virt-snapshot-migrate/to-legacy/DOMAIN/  a new legacy directory
 *
 * What lies there says by its type what it is. A file in to-bulk/, or a
 * directory in to-legacy/, is a copy that was being built: its source still
 * stands. The opposite type is an old copy that RENAME_EXCHANGE swapped out of
 * BASE: it may go only if what took its place holds all of it.
 */
#ifndef STAGING_H
#define STAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "layout.h"

struct entries;
struct error;
struct terms;

#define STAGE_NAME ".virt-snapshot-migrate"

/* Where in it copies of a layout are built: "to-legacy", "to-bulk". */
const char *staging_place(enum layout to);

/*
 * Open the staging directory. Descriptor, -1: error. *OURS is false, and the
 * descriptor -1 without an error, where it is somebody else's: a link, open to
 * others, or with other things in it.
 */
int staging_open(int base, bool *ours, struct error *error);

/*
 * The old copies among what was built for layout TO. An entry there has the
 * name of its domain. -1: error. To be freed with entries_free().
 */
int staging_old(int dir, enum layout to, struct entries *old,
                struct error *error);

/* An old copy and what took its place. */
struct swapped {
    struct domain old;
    struct domain new;
};

/*
 * Read the old copy of domain NAME in DIR, and what took its place in BASE, in
 * layout TO. Is the old one sound, and does the new one hold all of it? 1: yes.
 * 0: no; *WHY says it and is owned by the caller. -1: it cannot be told, for
 * one of them could not be read. Release with swapped_free() in every case.
 */
int swapped_read(struct swapped *swapped, int base, int dir, enum layout to,
                 const char *name, const struct terms *terms, char **why,
                 struct error *error);
void swapped_free(struct swapped *swapped);

#endif
