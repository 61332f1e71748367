/*
 * repair.h - decide how the findings of a domain can be mended in the layout it
 * is in. Reads only; what is decided here is done by mend.c.
 *
 * A domain is repaired only if nothing is left then that refuses it: half a
 * repair helps nobody, and what is left may be why the rest looks wrong. What
 * the plan says of the repaired domain counts too; see plan_repair().
 * problem.def says which --repair mends which problem.
 */
#ifndef REPAIR_H
#define REPAIR_H

#include "../verify/survey.h"
#include "plan.h"
#include "relate.h"
#include "splice.h"

struct error;

/* How a change is made; they are made in this order. */
enum change_kind {
    CHANGE_MOVE,    /* to the backup */
    CHANGE_REWRITE, /* some of its bytes */
    CHANGE_RENAME,  /* in its directory */
};

/* What is changed, and the finding that this mends. */
struct note {
    enum problem_id id;
    char *text;
};

/* A change of one file. */
struct change {
    enum change_kind kind;
    enum layout layout;
    char *file;        /* its name, in the directory or in BASE */
    char *to;          /* of CHANGE_RENAME: the new name */
    struct file_id id; /* of the file that was judged */
    size_t fact;       /* index, in a legacy layout; NO_SNAPSHOT: of none */
    struct splices splices;
    struct note *notes;
    size_t count; /* of notes */
};

struct repairs {
    struct change *list;
    size_t count;
    struct facts facts[2];     /* by layout: what it holds then */
    struct problems left;      /* what refuses the domain all the same */
    struct problems ahead;     /* of these, what only the repaired one has */
    struct snapshot **adopted; /* those that had no file of their own */
    size_t adopted_count;
};

/*
 * What repairs of the class that SETTINGS ask for do to a domain before it is
 * converted. There are no changes where findings are left that refuse it.
 * READING must outlive the repair, which is to be freed in every case. -1: a
 * file could not be read.
 */
int repair_decide(struct repairs *repair, const struct reading *reading,
                  const struct settings *settings, struct error *error);
void repair_free(struct repairs *repair);

/* What would refuse the domain once it is repaired: there are no changes then.
 */
void repair_refuse(struct repairs *repair, const struct problem *problem);

/* Append the <domainsnapshot> of a fact as it will be, but for its <active>. */
int repair_load(const struct facts *facts, size_t index, struct buffer *out,
                struct error *error);

/*
 * Will all snapshots that layout FROM holds then be in the other one too? As
 * domain_contained(); *WHICH belongs to the repair.
 */
int repair_contained(const struct repairs *repair, enum layout from,
                     const char **which, struct error *error);

/* Would a repair of this class ever mend it? */
bool repair_mends(enum repair how, enum problem_id id);

/*
 * A line on one of the notes of a change: "web/s1.xml: moved to the backup: not
 * well-formed XML [xml-malformed]", or "move to ..." before that is done. ENTRY
 * is the directory. The caller owns it; it is not escaped.
 */
char *repair_describe(const struct change *change, const char *entry,
                      size_t note, bool done);

#endif
