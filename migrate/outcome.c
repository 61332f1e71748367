/* outcome.c - see outcome.h. */
#include "outcome.h"

#include <stdarg.h>

#include "../verify/cleanup.h"
#include "../verify/memory.h"
#include "../verify/report.h"

/* Append ", " and TEXT, or TEXT alone if it is the first. */
static void add_part(struct buffer *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
add_part(struct buffer *text, const char *format, ...)
{
    cleanup(free_ptr) char *part = NULL;
    va_list args;

    va_start(args, format);
    part = xvasprintf(format, args);
    va_end(args);
    buffer_printf(text, "%s%s", text->len ? ", " : "", part);
}

/* Domains that hold snapshots and were in the wanted layout already. */
static size_t
count_already(const struct plan *plan)
{
    size_t already = 0;

    for (size_t i = 0; i < plan->count; i++)
        already += plan->items[i].selected && plan->items[i].count &&
                   plan->items[i].action == ACTION_NONE;
    return already;
}

char *
outcome_summary(const struct run *run, const struct plan *plan, size_t refused,
                size_t failed)
{
    const struct settings *settings = run->settings;
    const char *layout =
        settings->to == LAYOUT_BULK ? "bulk files" : "directories";
    size_t already = count_already(plan);
    struct buffer text = {0};

    if (run->repaired)
        add_part(&text, "%s repaired with %s",
                 count_of(run->repaired, "domain", "domains").text,
                 count_of(run->changes, "change", "changes").text);
    if (run->converted)
        add_part(&text, "%s with %s %s %s%s",
                 count_of(run->converted, "domain", "domains").text,
                 count_of(run->snapshots, "snapshot", "snapshots").text,
                 settings->to == LAYOUT_BULK ? "converted to" : "exported to",
                 layout, settings->elsewhere ? " elsewhere" : "");
    if (already)
        add_part(&text, "%s already in %s",
                 count_of(already, "domain", "domains").text, layout);
    if (run->finished)
        add_part(&text, "%s removed",
                 count_of(run->finished, "old copy", "old copies").text);
    if (run->emptied)
        add_part(&text, "%s removed",
                 count_of(run->emptied, "empty directory", "empty directories")
                     .text);
    if (refused)
        add_part(&text, "%zu refused", refused);
    if (failed && run->standing)
        add_part(&text, "%zu failed (%zu of them in the new layout already)",
                 failed, run->standing);
    else if (failed)
        add_part(&text, "%zu failed", failed);
    if (run->total > run->done)
        add_part(&text, "%zu not done", run->total - run->done);
    if (!text.len)
        buffer_puts(&text, "nothing to do: no snapshots here");
    buffer_add(&text, "", 1);
    return text.data;
}
