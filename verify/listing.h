/*
 * listing.h - all that a run of virt-snapshot-verify has seen, for a report:
 * the domains, their snapshots, the findings, and what could not be checked.
 *
 * Facts only, gathered by the program and printed by report.c and
 * report-xml.c. Strings are as they stand on disk: whoever prints them escapes
 * them.
 */
#ifndef LISTING_H
#define LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "kind.h"
#include "problem.h"
#include "snapshot.h"

/* What a kind of libvirt makes of a snapshot; see foresee.h. */
enum showing {
    SHOWING_SHOWN,
    SHOWING_ROOT, /* shown, but without its parent */
    SHOWING_HIDDEN,
};

struct listed_snapshot {
    char *name;
    char *parent;      /* NULL: a root */
    const char *state; /* lives for ever; NULL: it says none */
    char *file;        /* as in findings */
    unsigned long line;
    long long created; /* seconds since 1970, where has_created says so */
    bool has_created;
    bool current;
    bool refused; /* a checkpoint: --redefine does not take its disks */
    size_t depth; /* below its root in the tree that is printed; 0: a root */
    /* By layout: the stock loader (LAYOUT_LEGACY) and that of bulk files. */
    enum showing showing[2];
    char *reason[2]; /* why it is not just shown; NULL where it is */
};

struct listed_domain {
    char *base; /* its snapshot directory, where there are several; or NULL */
    char *name;
    enum kind kind; /* of its snapshots */
    bool holds[2];  /* by layout: has it a directory, a bulk file? */
    size_t seen;    /* how many snapshots it has, listed or not */
    /* By loader: why it shows none of the domain's snapshots, or NULL. */
    char *reason[2];
    bool forgotten; /* the stock loader forgets which one is current; of
                       checkpoints, that there is none which is */
    /* In the order of the tree: behind each its children, then its siblings. */
    struct listed_snapshot *list;
    size_t count;
};

struct listing {
    enum kind kind;
    char *base; /* the snapshot directory; NULL where there are several */
    struct listed_domain *list; /* sorted by name */
    size_t count;
    struct problems problems; /* sorted; of all domains and of none */
    struct messages trouble;  /* what could not be checked */
};

/* Append a domain, or a snapshot to a domain; it is zeroed but for the name. */
struct listed_domain *listing_add(struct listing *listing, const char *name);
struct listed_snapshot *listed_add(struct listed_domain *domain,
                                   const char *name);
/* Forget the snapshots of a domain, but for how many were seen. */
void listed_clear(struct listed_domain *domain);
void listing_free(struct listing *listing);

/* "shown", "root", "hidden": as in reports. */
const char *showing_name(enum showing showing);

/* "legacy", "bulk", "both", or "empty" for a directory without snapshots. */
const char *listed_layout(const struct listed_domain *domain);

#endif
