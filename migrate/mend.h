/*
 * mend.h - carry out the repairs that repair.c decides, before anything is
 * converted. Beside convert.c the only code that changes a snapshot directory.
 */
#ifndef MEND_H
#define MEND_H

#include <stdio.h>

#include "run.h"

struct error;

/* Who hears what was done, a line each time. */
struct mend_listener {
    void (*tell)(void *data, const char *line);
    void *data;
};

/*
 * Repair all domains of a plan for which changes are foreseen; run->settings
 * says how. Domains that fail are named in `trouble', the others go on. -1: the
 * run as a whole cannot go on; a rerun resumes.
 */
int mend_all(struct run *run, struct plan *plan,
             const struct mend_listener *listener, struct error *error);

/*
 * Print what would be changed in a domain, as unified diffs and lines of text;
 * SAFE as for splice_diff(). Changes nothing.
 */
int mend_show(const struct item *item, const struct root *base,
              const struct settings *settings, bool safe, FILE *out,
              struct error *error);

#endif
