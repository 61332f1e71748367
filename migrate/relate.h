/*
 * relate.h - what the snapshots of a domain would be after a repair: parents
 * that exist, no cycles, one current snapshot. Memory only.
 *
 * What a repair leaves is judged by check_domain(), like everything else.
 */
#ifndef RELATE_H
#define RELATE_H

#include "../verify/layout.h"
#include "../verify/problem.h"

#define NO_PROBLEM PROBLEM_COUNT

/* What becomes of a snapshot; NO_PROBLEM where it stays as it is. */
struct fact {
    const struct snapshot *was; /* borrowed, as are the strings of the facts */
    enum problem_id no_parent;  /* why it has none any more */
    enum problem_id set_active; /* why <active> is written anew */
    bool shadowed; /* a stock libvirt may show a copy: to be left alone */
};

/* A layout of a domain as it will be. {.domain = {.fd = -1}} is an empty one.
 */
struct facts {
    struct domain domain;
    struct fact *list; /* of each of its snapshots */
};

void facts_add(struct facts *facts, const struct snapshot *was);
void facts_free(struct facts *facts);
/* Bring them in order, so that one is found quickly by its name. */
void relate_sort(struct facts *facts);

/*
 * Mend the relations as far as HOW allows, and add to LEFT what is still wrong
 * with them. OTHER is the same domain in the other layout, or NULL.
 */
void relate_mend(struct facts *facts, const struct domain *other,
                 enum repair how, struct problems *left);

#endif
