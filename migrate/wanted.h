/*
 * wanted.h - what a converted domain is to hold: the facts of its snapshots,
 * in order, and where the bytes of each come from.
 *
 * Usually all come from one layout; with --merge from both. With --transform
 * they are what a stylesheet makes of them. Reads only.
 */
#ifndef WANTED_H
#define WANTED_H

#include "../verify/survey.h"
#include "prove.h"

struct error;
struct transform;

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
    const struct transform *transform; /* of their bytes, borrowed; or NULL */
};

/*
 * All of SOURCE and, where OTHER is not NULL, those of OTHER that SOURCE does
 * not have. The current snapshot is that of SOURCE. Problems that only the
 * whole has (a parent that neither holds, two uuids) go to PROBLEMS.
 */
void wanted_build(struct wanted *wanted, const struct domain *source,
                  const struct domain *other, struct problems *problems);

/*
 * From here on the snapshots are what TRANSFORM makes of them: each is judged
 * anew, with SCHEMAS, and so are their relations. What is wrong then goes to
 * PROBLEMS, also that nothing came of one. -1: a source could not be read.
 */
int wanted_transform(struct wanted *wanted, const struct transform *transform,
                     const struct schemas *schemas, struct problems *problems,
                     struct error *error);

/*
 * Load the bytes of snapshot INDEX into ORIGINAL, whose buffer is used again.
 * -1: they could not be read, or have changed.
 */
int wanted_load(const struct wanted *wanted, size_t index,
                struct original *original, struct error *error);

/*
 * The layouts of READING are merged: parents that the bulk file does not have,
 * but the directory has, are not missing. Forget that they were found so.
 */
void wanted_forget(struct reading *reading);

void wanted_free(struct wanted *wanted);

#endif
