/*
 * wanted.h - what a converted domain is to hold: the facts of its snapshots,
 * in order, and where the bytes of each come from.
 *
 * Usually all come from one layout; with --merge from both. Memory only.
 */
#ifndef WANTED_H
#define WANTED_H

#include "../verify/survey.h"

/* Which side wins where both layouts have a snapshot and they differ. */
enum merge {
    MERGE_NONE,
    MERGE_LEGACY,
    MERGE_BULK,
};

struct origin {
    const struct domain *domain; /* borrowed */
    size_t index;
};

struct wanted {
    struct domain facts;    /* its order, names and current snapshot count */
    struct origin *origins; /* of each of the facts' snapshots */
};

/*
 * All of SOURCE and, where OTHER is not NULL, those of OTHER that SOURCE does
 * not have. The current snapshot is that of SOURCE. Problems that only the
 * whole has (a parent that neither holds, two uuids) go to PROBLEMS.
 */
void wanted_build(struct wanted *wanted, const struct domain *source,
                  const struct domain *other, struct problems *problems);

/*
 * The layouts of READING are merged: parents that the bulk file does not have,
 * but the directory has, are not missing. Forget that they were found so.
 */
void wanted_forget(struct reading *reading);

void wanted_free(struct wanted *wanted);

#endif
