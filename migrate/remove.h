/*
 * remove.h - the end of an old copy, once the new one is in place and synced.
 * Called by convert.c only.
 *
 * Only snapshots are removed, each only if its file is the one that was read,
 * and each is proved to be in the new copy, or lost against it with --merge and
 * is kept in the backup. Whatever else lies in a directory stays there.
 */
#ifndef REMOVE_H
#define REMOVE_H

#include "run.h"

struct error;

/* Copy the old copy of a domain into the backup, if there is one to be made. */
int remove_keep(struct run *run, struct work *work, struct error *error);

/* Remove the old copy of a domain. What is to be kept is synced before. */
int remove_old(struct run *run, struct work *work, struct error *error);

/*
 * Old copies that RENAME_EXCHANGE put into staging before a crash: each goes if
 * what took its place holds all of it. If not, it stays, a message says so, and
 * its domain is marked as failed. -1: staging could not be read.
 */
int remove_swapped(struct run *run, const struct plan *plan,
                   struct error *error);

#endif
