/* wanted.c - see wanted.h. */
#include "wanted.h"

#include <stdlib.h>
#include <string.h>

#include "../verify/check.h"
#include "../verify/memory.h"
#include "../verify/problem.h"

static void
add(struct wanted *wanted, const struct domain *domain, size_t index,
    bool active)
{
    const struct snapshot *from = &domain->snaps[index];
    struct snapshot copy = *from;

    copy.name = xstrdup(from->name);
    copy.stem = xstrdup(from->stem);
    copy.parent = from->parent ? xstrdup(from->parent) : NULL;
    copy.file = from->file ? xasprintf("%s/%s", domain->entry, from->file)
                           : xstrdup(domain->entry);
    copy.domain_name = NULL;
    copy.active = active;
    wanted->origins =
        xgrow(wanted->origins, wanted->facts.count, sizeof(*wanted->origins));
    wanted->origins[wanted->facts.count] = (struct origin){domain, index};
    (void)domain_add(&wanted->facts, &copy);
}

void
wanted_build(struct wanted *wanted, const struct domain *source,
             const struct domain *other, struct problems *problems)
{
    *wanted = (struct wanted){.facts = {
                                  .name = xstrdup(source->name),
                                  .layout = LAYOUT_LEGACY,
                                  .fd = -1,
                                  .current = NO_SNAPSHOT,
                              }};
    for (size_t i = 0; i < source->count; i++)
        add(wanted, source, i, source->snaps[i].active);
    for (size_t i = 0; other && i < other->count; i++) {
        if (domain_find(source, other->snaps[i].name) == NO_SNAPSHOT)
            add(wanted, other, i, false);
    }
    check_domain(&wanted->facts, NULL, problems);
}

static bool
is_supplied(const struct reading *reading, const struct problem *problem)
{
    const struct domain *bulk = &reading->domain[LAYOUT_BULK];
    const struct domain *legacy = &reading->domain[LAYOUT_LEGACY];
    size_t index = NO_SNAPSHOT;

    if (problem->id == PROBLEM_PARENT_MISSING && problem->snapshot &&
        problem->file && bulk->entry && !strcmp(problem->file, bulk->entry))
        index = domain_find(bulk, problem->snapshot);
    return index != NO_SNAPSHOT && bulk->snaps[index].parent &&
           domain_find(legacy, bulk->snaps[index].parent) != NO_SNAPSHOT;
}

void
wanted_forget(struct reading *reading)
{
    struct problems *problems = &reading->problems;
    size_t count = 0;

    for (size_t i = 0; i < problems->count; i++) {
        if (is_supplied(reading, &problems->list[i]))
            problem_free(&problems->list[i]);
        else
            problems->list[count++] = problems->list[i];
    }
    problems->count = count;
}

void
wanted_free(struct wanted *wanted)
{
    domain_free(&wanted->facts);
    free(wanted->origins);
    wanted->origins = NULL;
}
