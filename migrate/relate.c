/* relate.c - see relate.h. */
#include "relate.h"

#include <stdlib.h>
#include <string.h>

#include "../verify/check.h"
#include "../verify/cleanup.h"
#include "../verify/memory.h"

void
facts_add(struct facts *facts, const struct snapshot *was)
{
    struct snapshot copy = *was;

    facts->list = xgrow(facts->list, facts->domain.count, sizeof(*facts->list));
    facts->list[facts->domain.count] =
        (struct fact){was, NO_PROBLEM, NO_PROBLEM, false};
    (void)domain_add(&facts->domain, &copy);
}

static void
forget_order(struct domain *domain)
{
    free(domain->order);
    free(domain->by_name);
    domain->order = domain->by_name = NULL;
}

/* The strings and the descriptor belong to others. */
void
facts_free(struct facts *facts)
{
    forget_order(&facts->domain);
    free(facts->domain.snaps);
    free(facts->list);
    *facts = (struct facts){.domain = {.fd = -1, .current = NO_SNAPSHOT}};
}

static void
check(struct facts *facts, const struct domain *other,
      struct problems *problems)
{
    forget_order(&facts->domain);
    if (facts->domain.layout == LAYOUT_LEGACY)
        facts->domain.current = NO_SNAPSHOT;
    check_domain(&facts->domain, other, problems);
}

static void
check_again(struct facts *facts, const struct domain *other)
{
    struct problems ignored = {.max = 1};

    check(facts, other, &ignored);
    problems_free(&ignored);
}

void
relate_sort(struct facts *facts)
{
    check_again(facts, NULL);
}

static void
make_root(struct facts *facts, size_t index, enum problem_id why)
{
    facts->domain.snaps[index].parent = NULL;
    facts->list[index].no_parent = why;
}

/* Parents that are nowhere, and snapshots that are their own. */
static void
drop_parents(struct facts *facts, const struct domain *other)
{
    const struct domain *domain = &facts->domain;

    for (size_t i = 0; i < domain->count; i++) {
        const struct snapshot *snapshot = &domain->snaps[i];

        if (!snapshot->parent)
            continue;
        if (!strcmp(snapshot->parent, snapshot->name))
            make_root(facts, i, PROBLEM_PARENT_SELF);
        else if (domain_find(domain, snapshot->parent) == NO_SNAPSHOT &&
                 (!other ||
                  domain_find(other, snapshot->parent) == NO_SNAPSHOT))
            make_root(facts, i, PROBLEM_PARENT_MISSING);
    }
}

static bool
is_older(const struct snapshot *a, const struct snapshot *b)
{
    return a->created != b->created ? a->created < b->created
                                    : strcmp(a->name, b->name) < 0;
}

static size_t
parent_of(const struct domain *domain, size_t index)
{
    const char *parent = domain->snaps[index].parent;

    return parent ? domain_find(domain, parent) : NO_SNAPSHOT;
}

/* Walk up from each; a walk that meets itself has found a cycle. Its oldest
 * member becomes a root. */
static void
break_cycles(struct facts *facts)
{
    const struct domain *domain = &facts->domain;
    cleanup(free_ptr) size_t *walk = xcalloc(domain->count, sizeof(*walk));

    for (size_t i = 0; i < domain->count; i++) {
        size_t at = i, oldest;

        while (at != NO_SNAPSHOT && !walk[at]) {
            walk[at] = i + 1;
            at = parent_of(domain, at);
        }
        if (at == NO_SNAPSHOT || walk[at] != i + 1)
            continue;
        oldest = at;
        for (size_t member = parent_of(domain, at); member != at;
             member = parent_of(domain, member)) {
            if (is_older(&domain->snaps[member], &domain->snaps[oldest]))
                oldest = member;
        }
        make_root(facts, oldest, PROBLEM_PARENT_CYCLE);
    }
}

/* Of several current ones the newest stays; of those of one time, the last in
 * order: a child comes behind its parent. */
static void
keep_newest(struct facts *facts)
{
    struct domain *domain = &facts->domain;
    size_t newest = NO_SNAPSHOT;

    for (size_t i = 0; i < domain->count; i++) {
        size_t index = domain->order[i];

        if (domain->snaps[index].active &&
            (newest == NO_SNAPSHOT ||
             domain->snaps[index].created >= domain->snaps[newest].created))
            newest = index;
    }
    for (size_t i = 0; i < domain->count; i++) {
        if (!domain->snaps[i].active || i == newest)
            continue;
        domain->snaps[i].active = false;
        facts->list[i].set_active = PROBLEM_CURRENT_SEVERAL;
    }
}

void
relate_mend(struct facts *facts, const struct domain *other, enum repair how,
            struct problems *left)
{
    if (how == REPAIR_ALL) {
        check_again(facts, other);
        drop_parents(facts, other);
        break_cycles(facts);
        check_again(facts, other);
        if (facts->domain.layout == LAYOUT_LEGACY)
            keep_newest(facts);
    }
    check(facts, other, left);
}
