/* plan-repair.c - see plan.h: what repairs make of a plan. */
#include "plan.h"

#include "../verify/memory.h"
#include "repair.h"

int
plan_repair(struct repairs *repairs, struct reading *reading,
            const struct item *item, int base, const struct settings *settings,
            struct error *error)
{
    *repairs = (struct repairs){0};
    if (plan_look(reading, item, base, settings, error) < 0)
        return -1;
    return repair_decide(repairs, reading, settings, error);
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

/* What would be done with a domain that was repaired. */
static enum action
action_then(const struct repairs *repairs, const struct settings *settings)
{
    const struct facts *facts = repairs->facts;

    return facts[!settings->to].domain.count ||
                   (settings->elsewhere && facts[settings->to].domain.count)
               ? ACTION_CONVERT
               : ACTION_NONE;
}

int
plan_foresee_repair(const struct reading *found, struct item *item, int base,
                    const struct settings *settings, struct error *error)
{
    struct reading reading;
    struct repairs repairs;
    size_t i = 0;
    int result;

    while (i < found->problems.count &&
           !repair_mends(settings->repair, found->problems.list[i].id))
        i++;
    if (i == found->problems.count && item->action != ACTION_REFUSE)
        return 0;
    result = plan_repair(&repairs, &reading, item, base, settings, error);
    item->changes = result < 0 ? 0 : repairs.count;
    if (!result && repairs.left.count)
        item->left = list_left(&repairs.left);
    if (item->changes && item->action == ACTION_REFUSE) {
        const struct facts *facts = repairs.facts;

        item->action = action_then(&repairs, settings);
        item->count = facts[settings->to].domain.count;
        if (!item->count)
            item->count = facts[!settings->to].domain.count;
    }
    repair_free(&repairs);
    reading_free(&reading);
    return result;
}
