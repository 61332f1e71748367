/*
 * convert.h - carry out a plan: the only code that changes a snapshot
 * directory.
 */
#ifndef CONVERT_H
#define CONVERT_H

#include <stddef.h>

#include "plan.h"
#include "stage.h"

struct backup;
struct error;

/* A run and what has come of it. */
struct run {
    const struct settings *settings;
    const struct root *base;
    const struct root *target; /* BASE, or the output directory */
    struct backup *backup;     /* NULL: what is replaced is deleted */
    struct stage stage;
    struct messages *trouble; /* one for each domain that failed */
    void (*progress)(void *data, size_t done, size_t total); /* may be NULL */
    void *progress_data;
    size_t total;     /* domains to be done */
    size_t converted; /* domains that were */
    size_t snapshots; /* that these hold */
    size_t finished;  /* domains whose old copy was still to be removed */
    size_t emptied;   /* empty directories removed */
};

/*
 * Carry out the plan. Domains that fail are left as they are, marked as failed
 * and named in `trouble`; the others go on. -1: the run as a whole cannot go
 * on; a rerun resumes.
 */
int convert_all(struct run *run, struct plan *plan, struct error *error);

#endif
