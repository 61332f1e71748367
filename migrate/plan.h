/*
 * plan.h - decide what is to be done, for all domains, before anything is
 * touched. Reads only.
 */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "../verify/survey.h"
#include "kept.h"
#include "wanted.h"

struct definitions;
struct error;
struct messages;
struct repairs;
struct transform;

/* What the caller asks for; the same for the whole run. */
struct settings {
    enum layout to;
    bool no_suffix; /* bulk files are called DOMAIN, not DOMAIN.xml */
    bool own;       /* a libvirt uses BASE: it surely is a snapshot directory */
    bool elsewhere; /* the result goes to an output directory */
    bool kept;      /* what is replaced is kept, here or in a backup */
    bool carry_out; /* what is planned is done next: keep what was read */
    enum merge merge;
    enum repair repair; /* what is mended before anything is planned */
    size_t max_bulk;    /* bytes */
    const struct schemas *schemas;     /* to hold snapshots against; or NULL */
    const struct transform *transform; /* of each snapshot; or NULL */
    struct effort effort;
    const struct definitions *definitions; /* of the domains; not NULL */
    const char **selected; /* names of domains, NULL-ended; NULL: all */
    /* Warnings that it makes errors refuse a domain too; NULL: none does. */
    const struct policy *policy;
};

enum action {
    ACTION_NONE,         /* nothing: it is as wanted, or holds no snapshot */
    ACTION_CONVERT,      /* build the new layout, remove the old */
    ACTION_FINISH,       /* the new one holds all: remove the old */
    ACTION_REMOVE_EMPTY, /* remove the empty legacy directory */
    ACTION_REFUSE,       /* leave it as it is */
};

/* A domain of the directory, in the order of their names. */
struct item {
    const char *name;     /* this and the entries belong to the survey */
    const char *entry[2]; /* by layout: what holds it in BASE, or NULL */
    enum action action;
    bool selected;
    bool failed;  /* could not be read or converted: an error, no problem */
    bool merging; /* the layouts differ, and --merge says what to do */
    struct item *waits_for; /* has the name that this one needs; or NULL */
    size_t wave;            /* all of an earlier wave is done before it */
    size_t count;           /* snapshots that the result holds */
    size_t foreign; /* entries of its legacy directory that are no snapshots */
    size_t changes; /* that repair it; what is planned is planned behind them */
    bool lifted;    /* it is refused as it is, and not once it is repaired */
    char *left;     /* ids of what the repair asked for would leave, or NULL */
    /* What would refuse it once it is repaired, so that it is not. */
    struct problems ahead;
    bool mended;          /* the changes were made, or some of them */
    struct reading *kept; /* what it was planned from, or NULL; see kept.h */
};

struct plan {
    struct survey survey;
    struct item *items;
    size_t count;
    size_t waves;
    struct problems problems;
    struct kept kept;
};

/*
 * Read, check and plan all domains of BASE. -1: BASE could not be read, or a
 * selected domain is not there. A domain that cannot be read is refused, and
 * its error goes to TROUBLE. The plan is to be freed in every case.
 */
int plan_make(struct plan *plan, const struct root *base,
              const struct settings *settings, struct messages *trouble,
              struct error *error);

/* Does a problem stand in the way of this run? */
bool plan_hinders(const struct settings *settings,
                  const struct problem *problem);

/* The item called NAME, or NULL. */
struct item *plan_find(const struct plan *plan, const char *name);

/* Add a problem of a domain that is at FILE. */
void plan_problem(struct problems *problems, enum problem_id id,
                  const struct item *item, const char *file,
                  const char *detail);

/* Name in BASE of what holds the domain in a layout. The caller owns it. */
char *plan_entry(const struct settings *settings, const char *domain,
                 enum layout layout);

/* Read the layouts of a domain and compare it with its definition. */
int plan_look(struct reading *reading, const struct item *item, int base,
              const struct settings *settings, struct error *error);
/*
 * Read the layouts of a domain and find out what is to be done with it, name
 * clashes apart. Also what convert.c calls again before it acts.
 */
int plan_read(struct reading *reading, struct item *item, int base,
              const struct settings *settings, struct error *error);

/*
 * Find out what is to be done with a domain from its READING or, where REPAIRS
 * is not NULL, from what these will make of it. Findings are added to READING.
 */
int plan_decide(struct reading *reading, const struct repairs *repairs,
                struct item *item, const struct settings *settings,
                struct error *error);

/*
 * Read the layouts of a domain and find out how settings->repair mends it. Both
 * are to be freed in every case, the repairs first.
 */
int plan_repair(struct repairs *repairs, struct reading *reading,
                const struct item *item, int base,
                const struct settings *settings, struct error *error);

/*
 * Would repairs change a domain in which FOUND was found, and what would be
 * done with it then? Sets what the item says of both.
 */
int plan_foresee_repair(const struct reading *found, struct item *item,
                        int base, const struct settings *settings,
                        struct error *error);

/*
 * The wanted result of an item with ACTION_CONVERT, from its reading. To be
 * freed in every case. -1: a source could not be read.
 */
int plan_wanted(struct wanted *wanted, const struct reading *reading,
                const struct item *item, const struct settings *settings,
                struct problems *problems, struct error *error);

/* One line on what is going to happen, NULL for nothing. The caller owns it. */
char *plan_describe(const struct item *item, const struct settings *settings);

void plan_free(struct plan *plan);

#endif
