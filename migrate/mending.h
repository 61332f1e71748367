/*
 * mending.h - a domain while it is repaired: the new copies of its files that
 * change, in the staging directory. Used by mend.c only, which says how.
 */
#ifndef MENDING_H
#define MENDING_H

#include "repair.h"
#include "run.h"

struct error;

/* A domain while it is repaired. */
struct mending {
    struct run *run;
    const struct item *item;
    struct reading reading;
    struct repairs repairs;
    struct file_id *now; /* of the file of each fact, as it is by now */
    bool begun;          /* something of it was changed */
};

/* The directory that the file of a change lies in. */
int mending_dir(const struct mending *mending, const struct change *change);

/* Open the original in DIR, if it is the file that was judged. The caller
 * closes it. */
int mending_open(int dir, const struct change *change, struct spliced *file,
                 struct error *error);

/* How many files of a layout are rewritten. */
size_t mending_rewrites(const struct mending *mending, enum layout layout);

/* Write what changes into staging: a bulk file, or a directory with a file
 * I.xml for change I. */
int mending_build(const struct mending *mending, struct error *error);

/*
 * Read back what was built. Every byte that was not to change must be that of
 * the original, and the ordinary reader must find what was decided and nothing
 * that refuses the domain.
 */
int mending_prove(const struct mending *mending, struct error *error);

#endif
