/* wanted.c - see wanted.h. */
#include "wanted.h"

#include <stdlib.h>
#include <string.h>

#include "../verify/check.h"
#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "../verify/problem.h"
#include "transform.h"

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

static int
load(const struct wanted *wanted, size_t index, struct original *original,
     struct error *error)
{
    struct origin origin = wanted->origins[index];

    original->layout = origin.domain->layout;
    original->active = wanted->facts.snaps[index].active;
    return domain_load(origin.domain, origin.index, &original->bytes,
                       &original->element, error);
}

/* 1: it was changed, 0: it was not, -1: nothing was made of it. */
static int
change(struct original *original, const struct transform *transform,
       struct error *error)
{
    cleanup(buffer_free) struct buffer made = {0};
    int changed = transform_snapshot(
        transform, original->bytes.data + original->element.start,
        original->element.len, original->layout, &made, error);

    if (changed <= 0)
        return changed;
    buffer_free(&original->bytes);
    original->bytes = made;
    made = (struct buffer){0};
    original->element = (struct span){0, original->bytes.len};
    original->layout = LAYOUT_BULK;
    return 1;
}

int
wanted_load(const struct wanted *wanted, size_t index,
            struct original *original, struct error *error)
{
    if (load(wanted, index, original, error) < 0)
        return -1;
    return wanted->transform && change(original, wanted->transform, error) < 0
               ? -1
               : 0;
}

/* Judge what was made of a snapshot, and take over what that says of itself. */
static void
judge(struct snapshot *snapshot, const struct original *made,
      const char *domain, const struct schemas *schemas,
      struct problems *problems)
{
    cleanup(free_ptr) char *file =
        xasprintf("%s (transformed)", snapshot->file);
    const struct place place = {
        .domain = domain, .file = file, .line = 1, .column = 1};
    struct snapshot judged;
    struct document map;

    if (snapshot_parse(&judged, LAYOUT_BULK,
                       made->bytes.data + made->element.start,
                       made->element.len, &map, NULL, schemas, &place,
                       problems) == SNAPSHOT_SOUND) {
        judged.file = steal_ptr(&file);
        judged.active = snapshot->active;
        judged.element = map.root;
        snapshot_free(snapshot);
        *snapshot = judged;
    } else {
        snapshot_free(&judged);
    }
}

/* What comes of one snapshot; nothing is a problem, not an error. */
static int
transform_one(struct wanted *wanted, size_t index, struct original *made,
              const struct schemas *schemas, struct problems *problems,
              struct error *error)
{
    struct snapshot *snapshot = &wanted->facts.snaps[index];
    const struct place place = {.domain = wanted->facts.name,
                                .snapshot = snapshot->name,
                                .file = snapshot->file};
    struct error why = {0};
    int changed;

    if (load(wanted, index, made, error) < 0)
        return -1;
    changed = change(made, wanted->transform, &why);
    if (changed < 0)
        problem_add(problems, PROBLEM_TRANSFORM_FAILED, &place, "%s",
                    why.message);
    else if (changed)
        judge(snapshot, made, wanted->facts.name, schemas, problems);
    error_clear(&why);
    return 0;
}

int
wanted_transform(struct wanted *wanted, const struct transform *transform,
                 const struct schemas *schemas, struct problems *problems,
                 struct error *error)
{
    struct domain *facts = &wanted->facts;
    struct original made = {0};
    int result = 0;

    wanted->transform = transform;
    for (size_t i = 0; !result && i < facts->count; i++)
        result = transform_one(wanted, i, &made, schemas, problems, error);
    buffer_free(&made.bytes);
    check_domain(facts, NULL, problems);
    return result;
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
