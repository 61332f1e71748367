/*
 * problem.h - facts about the user's data that are not as they should be.
 *
 * Code that finds one only adds its id, place and detail to a list. What it is
 * called, how bad it is and what to do about it stand in problem.def, and in
 * checkpoint.def; what is printed, in report.c.
 */
#ifndef PROBLEM_H
#define PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "kind.h"

enum problem_id {
#define PROBLEM(name, id, severity, hinders, hides, title, consequence,        \
                remedy, repair)                                                \
    PROBLEM_##name,
#include "problem.def"
#undef PROBLEM
    PROBLEM_COUNT,
};

enum severity {
    SEVERITY_IGNORE, /* only where the user says so: policy.h */
    SEVERITY_WARNING,
    SEVERITY_ERROR,
};

/* The conversions a problem stands in the way of. */
enum hinders {
    HINDERS_NOTHING,
    HINDERS_MIGRATE,
    HINDERS_BOTH,
    HINDERS_UNLESS_BACKUP,
};

/* The loaders that do not show a snapshot with a problem: a mask. */
enum hides {
    HIDES_NONE = 0,
    HIDES_STOCK = 1,
    HIDES_BULK = 2,
    HIDES_BOTH = HIDES_STOCK | HIDES_BULK,
};

/* What of virt-snapshot-migrate mends a problem. */
enum repair {
    REPAIR_NOT,
    REPAIR_SAFE, /* --repair=safe, and so =all */
    REPAIR_ALL,  /* --repair=all */
};

struct problem_info {
    const char *id;
    enum severity severity;
    enum hinders hinders;
    enum hides hides;
    const char *title;
    const char *consequence;
    const char *remedy;
    enum repair repair;
};

/* The table's entry for ID; lives for ever. */
const struct problem_info *problem_info(enum problem_id id);

/* The words of a problem in metadata of a kind. */
struct problem_words {
    const char *title;
    const char *consequence;
    const char *remedy;
};

/* Can metadata of this kind have the problem? Of snapshots all are listed. */
bool problem_possible(enum kind kind, enum problem_id id);

/* They live for ever. */
struct problem_words problem_words(enum kind kind, enum problem_id id);

/* Where a problem is; NULL or 0 for what is not known or does not apply. */
struct place {
    const char *domain;
    const char *snapshot;
    const char *file; /* relative to BASE */
    unsigned long line;
    unsigned long column;
};

struct problem {
    enum problem_id id;
    enum kind kind; /* of the metadata it was found in */
    char *domain;
    char *snapshot;
    char *file;
    unsigned long line;
    unsigned long column;
    char *detail;   /* NULL where the title says it all */
    char *remedy;   /* what to do about this one, as plain text in one line;
                       NULL: what the table says */
    char *words;    /* for a script that does it, quoted; or NULL */
    bool tolerated; /* a stock libvirt shows the snapshot all the same */
};

/*
 * A list says no more of one domain than so many errors, and so many warnings:
 * memory stays bounded, and warnings never push an error out.
 */
#define PROBLEMS_MAX 40000

/* A list of findings, {0} when empty. Owns its strings. */
struct problems {
    enum kind kind; /* of what is added */
    struct problem *list;
    size_t count;
    size_t max; /* 0: none; else what comes after is cut, and that is said */
    size_t errors, warnings; /* how many there are; above max: that was said */
};

/* Add a finding; FORMAT gives the detail and may be NULL. */
void problem_add(struct problems *problems, enum problem_id id,
                 const struct place *place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Does it stand in the way of a conversion to bulk files, or to directories?
 * KEPT says that what is replaced is kept somewhere.
 */
bool problem_hinders(enum problem_id id, bool to_bulk, bool kept);

/* How many of the findings from index FROM on are errors. */
size_t problems_errors(const struct problems *problems, size_t from);

/* The findings from index FROM on do not hide a snapshot from a stock libvirt,
 * whatever the table says. */
void problems_tolerate(struct problems *problems, size_t from);

/* What a finding leads to, and what to do about it. */
struct problem_words problem_told(const struct problem *problem);

/* Move all findings of SOURCE to the end of TARGET. */
void problems_append(struct problems *target, struct problems *source);

/* Release what one finding owns. */
void problem_free(struct problem *problem);

/* In the order of domain, file, line, column, id; the same for every run. */
void problems_sort(struct problems *problems);

void problems_free(struct problems *problems);

#endif
