/* plan.c - see plan.h. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "../verify/cleanup.h"
#include "../verify/contain.h"
#include "../verify/definition.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "../verify/policy.h"
#include "clash.h"
#include "fit.h"
#include "repair.h"

char *
plan_entry(const struct settings *settings, const char *domain,
           enum layout layout)
{
    if (layout == LAYOUT_BULK && !settings->no_suffix)
        return xasprintf("%s.xml", domain);
    return xstrdup(domain);
}

static bool
raises_any(const struct policy *policy)
{
    for (int id = 0; policy && id < PROBLEM_COUNT; id++) {
        if (policy->severity[id] == SEVERITY_ERROR &&
            problem_info((enum problem_id)id)->severity == SEVERITY_WARNING)
            return true;
    }
    return false;
}

/*
 * Made an error by the command line? What a run itself puts right never is: an
 * interrupted one must be able to go on.
 */
static bool
is_raised(const struct policy *policy, enum problem_id id)
{
    /* What was cut off may be what was raised. */
    if (id == PROBLEM_WARNINGS_CUT)
        return raises_any(policy);
    return policy && policy->severity[id] == SEVERITY_ERROR &&
           problem_info(id)->severity == SEVERITY_WARNING &&
           id != PROBLEM_INTERRUPTED_RUN && id != PROBLEM_LAYOUTS_BOTH &&
           id != PROBLEM_EMPTY_DIRECTORY;
}

bool
plan_hinders(const struct settings *settings, const struct problem *problem)
{
    return problem_hinders(problem->id, settings->to == LAYOUT_BULK,
                           settings->kept) ||
           is_raised(settings->policy, problem->id);
}

static bool
is_hindered(const struct problems *problems, const struct settings *settings)
{
    for (size_t i = 0; i < problems->count; i++) {
        if (plan_hinders(settings, &problems->list[i]))
            return true;
    }
    return false;
}

void
plan_problem(struct problems *problems, enum problem_id id,
             const struct item *item, const char *file, const char *detail)
{
    struct place place = {.domain = item->name, .file = file};

    problem_add(problems, id, &place, "%s", detail);
}

/* What a layout holds, or will hold when it is repaired. */
static const struct domain *
held(const struct reading *reading, const struct repairs *repairs,
     enum layout layout)
{
    return repairs ? &repairs->facts[layout].domain : &reading->domain[layout];
}

static bool
current_differs(const struct domain *a, const struct domain *b)
{
    if (a->current == NO_SNAPSHOT || b->current == NO_SNAPSHOT)
        return a->current != b->current;
    return strcmp(a->snaps[a->current].name, b->snaps[b->current].name) != 0;
}

static int
contained(const struct reading *reading, const struct repairs *repairs,
          enum layout from, const char **which, struct error *error)
{
    return repairs ? repair_contained(repairs, from, which, error)
                   : domain_contained(&reading->domain[from],
                                      &reading->domain[!from], which, error);
}

/* Both layouts hold snapshots. Does one contain the other? */
static int
compare_layouts(struct reading *reading, const struct repairs *repairs,
                struct item *item, const struct settings *settings,
                struct error *error)
{
    const struct domain *new = held(reading, repairs, settings->to);
    const struct domain *old = held(reading, repairs, !settings->to);
    const char *which = NULL;
    int result = contained(reading, repairs, !settings->to, &which, error);

    item->action = ACTION_CONVERT;
    if (result < 0)
        return -1;
    /*
     * A merge into a directory that was cut short: the bulk file, which still
     * is whole, has the last word on current. (A directory may not be whole.)
     */
    if (result && settings->to == LAYOUT_LEGACY &&
        settings->merge == MERGE_BULK && current_differs(old, new)) {
        item->merging = true;
        return 0;
    }
    if (result) {
        item->action = settings->elsewhere ? ACTION_CONVERT : ACTION_FINISH;
        return 0;
    }
    /*
     * An export that was cut short leaves some of the files, and the bulk file
     * still holds all. A bulk file never comes to stand in part.
     */
    if (settings->to == LAYOUT_LEGACY) {
        result = contained(reading, repairs, settings->to, NULL, error);
        if (result)
            return result < 0 ? -1 : 0;
    }
    item->merging = settings->merge != MERGE_NONE;
    if (!item->merging) {
        cleanup(free_ptr) char *detail = reading_conflict(reading, which);

        plan_problem(&reading->problems, PROBLEM_LAYOUTS_CONFLICT, item,
                     item->entry[LAYOUT_BULK], detail);
    }
    return 0;
}

int
plan_decide(struct reading *reading, const struct repairs *repairs,
            struct item *item, const struct settings *settings,
            struct error *error)
{
    const struct domain *new = &reading->domain[settings->to];
    const struct domain *old = &reading->domain[!settings->to];
    const struct domain *legacy = &reading->domain[LAYOUT_LEGACY];
    int result = 0;

    item->action = ACTION_NONE;
    item->count = new->count ? new->count : old->count;
    item->foreign = legacy->foreign;
    item->merging = false;
    if (is_hindered(&reading->problems, settings)) {
        item->action = ACTION_REFUSE;
        return 0;
    }
    if (old->count && new->count)
        result = compare_layouts(reading, repairs, item, settings, error);
    else if (old->count || (settings->elsewhere && new->count))
        item->action = ACTION_CONVERT;
    else if (legacy->fd >= 0 && !legacy->count && !legacy->foreign &&
             settings->to == LAYOUT_BULK && !settings->elsewhere)
        item->action = ACTION_REMOVE_EMPTY;
    if (!result && item->action == ACTION_CONVERT)
        result = fit_check(reading, repairs, item, settings, error);
    if (is_hindered(&reading->problems, settings))
        item->action = ACTION_REFUSE;
    return result;
}

int
plan_look(struct reading *reading, const struct item *item, int base,
          const struct settings *settings, struct error *error)
{
    const struct source where = {
        .base = base,
        .name = item->name,
        .max_bulk = settings->max_bulk,
        .schemas = settings->schemas,
        .effort = settings->effort,
    };

    if (reading_read(reading, &where, item->entry, error) < 0)
        return -1;
    if (settings->merge)
        wanted_forget(reading);
    definition_check(settings->definitions, &reading->domain[LAYOUT_LEGACY],
                     &reading->problems);
    definition_check(settings->definitions, &reading->domain[LAYOUT_BULK],
                     &reading->problems);
    return 0;
}

int
plan_read(struct reading *reading, struct item *item, int base,
          const struct settings *settings, struct error *error)
{
    return plan_look(reading, item, base, settings, error) < 0
               ? -1
               : plan_decide(reading, NULL, item, settings, error);
}

int
plan_wanted(struct wanted *wanted, const struct reading *reading,
            const struct item *item, const struct settings *settings,
            struct problems *problems, struct error *error)
{
    const struct domain *legacy = &reading->domain[LAYOUT_LEGACY];
    const struct domain *bulk = &reading->domain[LAYOUT_BULK];
    /* Unless they differ, the one with more snapshots contains the other. */
    bool from_bulk = item->merging ? settings->merge == MERGE_BULK
                                   : bulk->count > legacy->count;

    wanted_build(wanted, from_bulk ? bulk : legacy,
                 !item->merging ? NULL
                 : from_bulk    ? legacy
                                : bulk,
                 problems);
    return settings->transform
               ? wanted_transform(wanted, settings->transform,
                                  settings->schemas, problems, error)
               : 0;
}

static int
compare_items(const void *left, const void *right)
{
    const struct item *a = left, *b = right;

    return strcmp(a->name, b->name);
}

struct item *
plan_find(const struct plan *plan, const char *name)
{
    struct item key = {.name = name};

    if (!plan->count)
        return NULL;
    return bsearch(&key, plan->items, plan->count, sizeof(key), compare_items);
}

/* An item for each domain, in the order of the survey: by name. */
static void
make_items(struct plan *plan)
{
    plan->count = plan->survey.count;
    plan->items = xcalloc(plan->count, sizeof(*plan->items));
    for (size_t i = 0; i < plan->count; i++) {
        const struct holding *holding = &plan->survey.list[i];

        plan->items[i].name = holding->name;
        plan->items[i].entry[LAYOUT_LEGACY] = holding->entry[LAYOUT_LEGACY];
        plan->items[i].entry[LAYOUT_BULK] = holding->entry[LAYOUT_BULK];
    }
}

static int
select_items(struct plan *plan, const struct settings *settings,
             const char *base, struct error *error)
{
    for (size_t i = 0; i < plan->count; i++)
        plan->items[i].selected = !settings->selected;
    for (const char **name = settings->selected; name && *name; name++) {
        struct item *item = plan_find(plan, *name);

        if (!item)
            return error_set(error, 0, "there is no domain '%s' in '%s'", *name,
                             base);
        item->selected = true;
    }
    return 0;
}

/* The problems of BASE's own entries refuse the domain they belong to. */
static void
bar_items(struct plan *plan, const struct settings *settings)
{
    for (size_t i = 0; i < plan->problems.count; i++) {
        const struct problem *problem = &plan->problems.list[i];
        struct item *item = problem->domain && plan_hinders(settings, problem)
                                ? plan_find(plan, problem->domain)
                                : NULL;

        if (item)
            item->action = ACTION_REFUSE;
    }
}

static void
plan_item(struct plan *plan, struct item *item, const struct root *base,
          const struct settings *settings, struct messages *trouble)
{
    struct reading reading;
    struct error error = {0};
    bool barred = item->action == ACTION_REFUSE;

    if (plan_read(&reading, item, base->fd, settings, &error) < 0 ||
        (!barred && settings->repair != REPAIR_NOT &&
         plan_foresee_repair(&reading, item, base->fd, settings, &error) < 0)) {
        messages_add(trouble, "domain '%s': %s; nothing of it was changed",
                     item->name, error.message);
        error_clear(&error);
        item->action = ACTION_REFUSE;
        item->failed = true;
    }
    if (barred)
        item->action = ACTION_REFUSE;
    problems_append(&plan->problems, &reading.problems);
    if (settings->carry_out)
        kept_put(&plan->kept, item, &reading);
    reading_free(&reading);
}

/*
 * Empty directories are common where libvirt keeps snapshots. In a directory
 * that holds no snapshot at all, but other things, they are somebody else's.
 * What an interrupted run has left there is not another thing.
 */
static void
spare_empty(struct plan *plan, const struct settings *settings)
{
    bool ours = settings->own;
    bool strange = false;

    for (size_t i = 0; i < plan->problems.count; i++) {
        bool left = plan->problems.list[i].id == PROBLEM_INTERRUPTED_RUN;

        ours = ours || left;
        strange = strange || !left;
    }
    for (size_t i = 0; i < plan->count; i++) {
        ours = ours || plan->items[i].count > 0;
        strange = strange || plan->items[i].foreign > 0;
    }
    for (size_t i = 0; i < plan->count && strange && !ours; i++) {
        if (plan->items[i].action == ACTION_REMOVE_EMPTY)
            plan->items[i].action = ACTION_NONE;
    }
}

int
plan_make(struct plan *plan, const struct root *base,
          const struct settings *settings, struct messages *trouble,
          struct error *error)
{
    const struct terms terms = {
        .no_suffix = settings->no_suffix,
        .kept = settings->kept,
        .max_bulk = settings->max_bulk,
        .effort = settings->effort,
    };

    *plan = (struct plan){0};
    if (survey_read(&plan->survey, base, &terms, &plan->problems, trouble,
                    error) < 0)
        return -1;
    make_items(plan);
    if (select_items(plan, settings, base->path, error) < 0)
        return -1;
    bar_items(plan, settings);
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->items[i].selected)
            plan_item(plan, &plan->items[i], base, settings, trouble);
    }
    spare_empty(plan, settings);
    clash_resolve(plan, settings);
    return 0;
}

static char *
describe_action(const struct item *item, const struct settings *settings)
{
    const char *legacy = item->entry[LAYOUT_LEGACY];
    const char *bulk = item->entry[LAYOUT_BULK];
    bool to_bulk = settings->to == LAYOUT_BULK;
    cleanup(free_ptr) char *target =
        plan_entry(settings, item->name, settings->to);

    switch (item->action) {
    case ACTION_CONVERT:
        return xasprintf("%s%zu snapshot%s: %s%s%s%s -> %s%s",
                         item->merging ? "merge " : "", item->count,
                         item->count == 1 ? "" : "s", legacy ? legacy : "",
                         legacy ? "/" : "", legacy && bulk ? " + " : "",
                         bulk ? bulk : "", target, to_bulk ? "" : "/");
    case ACTION_FINISH:
        return xasprintf("remove %s%s, %s%s holds all of it",
                         to_bulk ? legacy : bulk, to_bulk ? "/" : "", target,
                         to_bulk ? "" : "/");
    case ACTION_REMOVE_EMPTY:
        return xasprintf("remove the empty directory %s/", legacy);
    case ACTION_REFUSE:
        return item->left ? xasprintf("refused, left as it is: the repair "
                                      "asked for would leave %s",
                                      item->left)
                          : xstrdup("refused, left as it is");
    case ACTION_NONE:
    default:
        return NULL;
    }
}

char *
plan_describe(const struct item *item, const struct settings *settings)
{
    cleanup(free_ptr) char *action = describe_action(item, settings);

    if (item->changes)
        return xasprintf("%s: repair (%zu change%s)%s%s", item->name,
                         item->changes, item->changes == 1 ? "" : "s",
                         action ? ", then " : "", action ? action : "");
    return action ? xasprintf("%s: %s", item->name, action) : NULL;
}

void
plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        free(plan->items[i].left);
        problems_free(&plan->items[i].ahead);
        kept_drop(&plan->items[i]);
    }
    free(plan->items);
    survey_free(&plan->survey);
    problems_free(&plan->problems);
    *plan = (struct plan){0};
}
