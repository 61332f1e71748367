/*
 * survey.h - which domains a snapshot directory holds, in which layout, and
 * what they hold.
 *
 * Only the type of an entry tells foo.xml, the bulk file of domain foo, from
 * foo.xml, the legacy directory of domain foo.xml.
 */
#ifndef SURVEY_H
#define SURVEY_H

#include <stdbool.h>
#include <stddef.h>

#include "layout.h"
#include "problem.h"
#include "root.h"

struct error;
struct messages;

/* A domain and what holds its snapshots; NULL where a layout has nothing. */
struct holding {
    char *name;
    char *entry[2]; /* by layout: the name of the directory or file in BASE */
};

struct survey {
    struct entries entries; /* of BASE */
    struct holding *list;   /* sorted by name */
    size_t count;
};

/* How a directory is looked at. */
struct terms {
    enum kind kind;
    bool no_suffix;  /* bulk files are called DOMAIN, not DOMAIN.xml */
    bool kept;       /* what a conversion replaces is kept somewhere */
    size_t max_bulk; /* bytes: libvirt reads no larger bulk file */
    struct effort effort;
};

/*
 * List BASE. Entries that belong to no domain, links, and what an interrupted
 * run left behind go to PROBLEMS; what could not be looked into, to TROUBLE.
 */
int survey_read(struct survey *survey, const struct root *base,
                const struct terms *terms, struct problems *problems,
                struct messages *trouble, struct error *error);
/* As if that directory (LAYOUT_LEGACY) or bulk file were all there is. */
void survey_one(struct survey *survey, const char *entry, enum layout layout,
                const struct terms *terms);
void survey_free(struct survey *survey);

/* A domain, read in both layouts. */
struct reading {
    struct domain domain[2]; /* by layout; {.fd = -1} where there is none */
    struct problems problems;
};

/*
 * Read what a domain has in the entries of WHERE->base; WHERE's own entry does
 * not count. The caller releases it with reading_free() in every case.
 */
int reading_read(struct reading *reading, const struct source *where,
                 const char *const entry[2], struct error *error);
void reading_free(struct reading *reading);

/* How the snapshot called NAME differs, as a detail. The caller owns it. */
char *reading_conflict(const struct reading *reading, const char *name);

#endif
