/* plan-repair.c - see plan.h: what repairs make of a plan. */
#include "plan.h"

#include "../verify/memory.h"
#include "repair.h"

/* Do files come to have other names, or go? */
static bool
frees_names(const struct repairs *repairs)
{
    size_t i = 0;

    while (i < repairs->count && repairs->list[i].kind == CHANGE_REWRITE)
        i++;
    return i < repairs->count;
}

/*
 * What is to be done with the domain once it is repaired? If it would be
 * refused then, nothing of it is repaired. Whether a name is free shows only
 * then, if files get other names or go.
 */
static int
look_ahead(struct repairs *repairs, struct item *then,
           const struct settings *settings, struct error *error)
{
    struct reading reading = {
        .domain = {repairs->facts[0].domain, repairs->facts[1].domain},
        .problems = {.max = PROBLEMS_MAX},
    };
    const bool names = !frees_names(repairs);
    int result = plan_decide(&reading, repairs, then, settings, error);

    for (size_t i = 0; i < reading.problems.count && !result; i++) {
        const struct problem *problem = &reading.problems.list[i];

        if (plan_hinders(settings, problem) &&
            (names || problem->id != PROBLEM_NAME_CLASH))
            repair_refuse(repairs, problem);
    }
    if (!repairs->left.count && then->action == ACTION_REFUSE)
        then->action = ACTION_CONVERT;
    problems_free(&reading.problems);
    return result;
}

/* THEN: what is to be done with it afterwards, if there are changes. */
static int
decide(struct repairs *repairs, struct reading *reading, struct item *then,
       int base, const struct settings *settings, struct error *error)
{
    *repairs = (struct repairs){0};
    if (plan_look(reading, then, base, settings, error) < 0 ||
        repair_decide(repairs, reading, settings, error) < 0)
        return -1;
    return repairs->count ? look_ahead(repairs, then, settings, error) : 0;
}

int
plan_repair(struct repairs *repairs, struct reading *reading,
            const struct item *item, int base, const struct settings *settings,
            struct error *error)
{
    struct item then = *item;

    return decide(repairs, reading, &then, base, settings, error);
}

/* The ids of what is left, each once. */
static char *
list_left(const struct problems *left)
{
    struct buffer text = {0};

    for (int id = 0; id < PROBLEM_COUNT; id++) {
        size_t i = 0;

        while (i < left->count && left->list[i].id != (enum problem_id)id)
            i++;
        if (i < left->count)
            buffer_printf(&text, "%s%s", text.len ? ", " : "",
                          problem_info((enum problem_id)id)->id);
    }
    buffer_add(&text, "", 1);
    return text.data;
}

int
plan_foresee_repair(const struct reading *found, struct item *item, int base,
                    const struct settings *settings, struct error *error)
{
    struct reading reading;
    struct repairs repairs;
    struct item then = *item;
    size_t i = 0;
    int result;

    while (i < found->problems.count &&
           !repair_mends(settings->repair, found->problems.list[i].id))
        i++;
    if (i == found->problems.count && item->action != ACTION_REFUSE)
        return 0;
    result = decide(&repairs, &reading, &then, base, settings, error);
    if (!result && repairs.count) {
        then.lifted = item->action == ACTION_REFUSE;
        *item = then;
        item->changes = repairs.count;
    } else if (!result && item->action == ACTION_REFUSE) {
        if (repairs.left.count)
            item->left = list_left(&repairs.left);
        problems_append(&item->ahead, &repairs.ahead);
    }
    repair_free(&repairs);
    reading_free(&reading);
    return result;
}
