/*
 * run.h - a run of virt-snapshot-migrate, and a domain while it is converted.
 *
 * Handed from step to step of convert.c; the steps are in build.c, place.c and
 * remove.c.
 */
#ifndef RUN_H
#define RUN_H

#include <stddef.h>

#include "plan.h"
#include "stage.h"

struct backup;
struct causes;
struct messages;

/* A run and what has come of it. */
struct run {
    const struct settings *settings;
    const struct root *base;
    const struct root *target; /* BASE, or the output directory */
    struct backup *backup;     /* NULL: what is replaced is deleted */
    struct stage stage;
    struct messages *trouble; /* one for each domain that failed */
    struct causes *causes;    /* of these failures */
    void (*progress)(size_t done, size_t total); /* may be NULL */
    size_t total;                                /* domains to be done */
    size_t done;                                 /* of these: done, or failed */
    size_t converted;                            /* domains that were */
    size_t snapshots;                            /* that these hold */
    size_t standing; /* domains that failed when all was in the new layout */
    size_t finished; /* domains whose old copy was still to be removed */
    size_t emptied;  /* empty directories removed */
    size_t repaired; /* domains */
    size_t changes;  /* that repaired them */
};

/* A domain while it is converted. */
struct work {
    struct item *item;
    struct reading reading;
    struct wanted wanted;
    bool built;          /* the new copy is in staging */
    bool placed;         /* it stands in its place: the commit point is past */
    bool replaced;       /* something else stands in its place by now */
    struct file_id copy; /* of what was placed; 0: files of a directory were */
};

#endif
