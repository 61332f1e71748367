/* clash.c - see clash.h. */
#include "clash.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../verify/cleanup.h"
#include "../verify/memory.h"
#include "../verify/staging.h"
#include "plan.h"

/* It is not repaired either. The plan behind the repairs finds this again, but
 * for a domain that it refuses without one. */
static void
refuse(struct plan *plan, struct item *item, enum problem_id id,
       enum layout layout, const char *detail)
{
    plan_problem(item->lifted ? &item->ahead : &plan->problems, id, item,
                 item->entry[layout], detail);
    if (item->changes && !item->left)
        item->left = xstrdup(problem_info(id)->id);
    item->changes = 0;
    item->action = ACTION_REFUSE;
}

/* The name of the result must be a file name, and not that of staging. */
static void
check_names(struct plan *plan, const struct settings *settings)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct item *item = &plan->items[i];
        cleanup(free_ptr) char *target =
            plan_entry(settings, item->name, settings->to);

        if (item->action != ACTION_CONVERT)
            continue;
        if (strlen(target) > NAME_MAX)
            refuse(plan, item, PROBLEM_DOMAIN_NAME_UNSAFE, LAYOUT_LEGACY,
                   "more than 251 bytes");
        else if (!strcmp(target, STAGE_NAME))
            refuse(plan, item, PROBLEM_NAME_CLASH, !settings->to,
                   "this tool builds new copies under it");
    }
}

/* Will what has the name that ITEM needs be gone by then? */
static const char *
why_it_stays(const struct item *other, const struct settings *settings)
{
    if (!other)
        return "it belongs to no domain";
    if (!other->selected)
        return "that domain was not selected, select it as well";
    if (other->action == ACTION_REFUSE)
        return "that domain is refused as well, see there";
    if (other->action == ACTION_NONE)
        return "no snapshots are in it, but other entries";
    if (settings->to == LAYOUT_BULK && other->foreign)
        return "other entries are in it, which stay";
    return NULL;
}

/*
 * foo.xml is the bulk file of domain foo, and the legacy directory of domain
 * foo.xml. Whoever has the name must have given it up first.
 */
static void
resolve_clash(struct plan *plan, struct item *item,
              const struct settings *settings)
{
    cleanup(free_ptr) char *target =
        plan_entry(settings, item->name, settings->to);
    const struct entry *there = entries_find(&plan->survey.entries, target);
    cleanup(free_ptr) char *detail = NULL;
    cleanup(free_ptr) char *owner = NULL;
    const char *why;
    size_t len = strlen(target);

    if (item->action != ACTION_CONVERT || item->entry[settings->to] || !there)
        return;
    /* Migrating, a directory is in the way; exporting, a file. */
    if (settings->to == LAYOUT_BULK)
        owner = xstrdup(target);
    else if (has_xml_suffix(target))
        owner = xstrndup(target, len - 4);
    item->waits_for = owner ? plan_find(plan, owner) : NULL;
    why = why_it_stays(item->waits_for, settings);
    if (item->waits_for && !why) {
        item->wave = item->waits_for->wave + 1;
        if (item->wave >= plan->waves)
            plan->waves = item->wave + 1;
        return;
    }
    detail = item->waits_for
                 ? xasprintf("'%s' is in the way, %s of domain '%s': %s",
                             target, type_name(there->type), owner, why)
                 : xasprintf("'%s' is in the way, %s: %s", target,
                             type_name(there->type), why);
    refuse(plan, item, PROBLEM_NAME_CLASH, !settings->to, detail);
}

static int
compare_lengths(const void *left, const void *right, void *data)
{
    const struct item *items = data;
    const size_t *a = left, *b = right;
    size_t x = strlen(items[*a].name), y = strlen(items[*b].name);

    return (x > y) - (x < y);
}

/* Names that must be given up belong to longer ones when migrating. */
void
clash_resolve(struct plan *plan, const struct settings *settings)
{
    cleanup(free_ptr) size_t *by_length =
        xcalloc(plan->count, sizeof(*by_length));

    plan->waves = 1;
    check_names(plan, settings);
    if (settings->elsewhere || settings->no_suffix)
        return;
    for (size_t i = 0; i < plan->count; i++)
        by_length[i] = i;
    qsort_r(by_length, plan->count, sizeof(*by_length), compare_lengths,
            plan->items);
    for (size_t i = 0; i < plan->count; i++) {
        size_t at = settings->to == LAYOUT_BULK ? plan->count - 1 - i : i;

        struct item *item = &plan->items[by_length[at]];

        if (item->selected)
            resolve_clash(plan, item, settings);
    }
}
