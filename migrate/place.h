/*
 * place.h - put a new copy that is synced and proved into its place: the commit
 * point of a domain. Called by convert.c only.
 */
#ifndef PLACE_H
#define PLACE_H

#include "run.h"

struct error;

/* Prove the copy called ENTRY in DIR to be what WORK wants; see build.h. */
int place_prove(const struct run *run, const struct work *work, int dir,
                const char *entry, struct error *error);

/* Is what WORK was made from unchanged since it was read? -1 if not. */
int place_check_sources(const struct run *run, const struct work *work,
                        struct error *error);

/*
 * Rename the copy into place, after a last look at its sources. What it
 * replaces (with --merge only) is in the backup before. -1: it is not in place,
 * and the source stands untouched, but for an export into a directory that was
 * there: then some of its files may be.
 */
int place_copy(struct run *run, struct work *work, struct error *error);

/* Is what was placed still in its place? -1 if not, and `replaced' is set. */
int place_check(const struct run *run, struct work *work, struct error *error);

#endif
