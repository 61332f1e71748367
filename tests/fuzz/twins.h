/*
 * twins.h - snapshots judged twice, with a memo and without; as
 * tests/unit/twin.h, for the fuzz targets.
 */
#ifndef TWINS_H
#define TWINS_H

#include "fuzz.h"

#include "../../verify/shortcut.h"
#include "../unit/outcome.h"

/* What became of the inputs; printed at the end where FUZZ_STATS is set. */
enum twins_event {
    TWINS_REFUSED, /* schemas that libxml2 does not take */
    TWINS_JUDGED,
    TWINS_SOUND,  /* without a finding */
    TWINS_PARTED, /* of these, those that were taken to parts */
    TWINS_NEW,    /* and left a new outline */
    TWINS_KNOWN,  /* or had one that was known */
    TWINS_EVENTS,
};

static size_t twins_events[TWINS_EVENTS];

static inline void
twins_print(void)
{
    (void)fprintf(stderr,
                  "schemas refused %zu, snapshots %zu, sound %zu, "
                  "of which in parts %zu, a new outline %zu, a known one %zu\n",
                  twins_events[TWINS_REFUSED], twins_events[TWINS_JUDGED],
                  twins_events[TWINS_SOUND], twins_events[TWINS_PARTED],
                  twins_events[TWINS_NEW], twins_events[TWINS_KNOWN]);
}

static inline void
twins_note(enum twins_event event)
{
    static bool registered;

    if (!registered && getenv("FUZZ_STATS"))
        (void)atexit(twins_print);
    registered = true;
    twins_events[event]++;
}

struct twins {
    struct workspace workspace;
    struct setting setting;
};

static inline void
twins_start(struct twins *twins, const struct schemas *schemas,
            enum layout layout)
{
    *twins = (struct twins){.setting = {.schemas = schemas, .layout = layout}};
    workspace_start(&twins->workspace, NULL, false);
}

static inline void
twins_end(struct twins *twins)
{
    workspace_free(&twins->workspace);
}

/* Count what happened to a snapshot, which is judged once more for that. */
static inline void
twins_count(struct twins *twins, const struct outcome *outcome,
            const struct outline *first, const char *bytes, size_t len)
{
    const struct outlines *outlines = &twins->workspace.outlines;
    struct shortcut shortcut = {0};
    struct document map;

    twins_note(TWINS_JUDGED);
    if (outcome->kind != SNAPSHOT_SOUND || outcome->problems.count)
        return;
    twins_note(TWINS_SOUND);
    if (shortcut_take(&shortcut, bytes, len, &map, twins->setting.schemas,
                      &twins->workspace) &&
        shortcut_parse(&shortcut, &twins->workspace) &&
        shortcut_valid(&shortcut)) {
        twins_note(TWINS_PARTED);
        if (outlines->count && outlines->list[0] != first)
            twins_note(TWINS_NEW);
        else if (outlines->count)
            twins_note(TWINS_KNOWN);
    }
    shortcut_free(&shortcut);
}

static inline void
twins_judge(struct twins *twins, const char *bytes, size_t len)
{
    cleanup(free_ptr) char *exact = fuzz_copy(bytes, len);
    const struct outline *first = twins->workspace.outlines.count
                                      ? twins->workspace.outlines.list[0]
                                      : NULL;
    cleanup(outcome_free) struct outcome whole, parts;
    cleanup(free_ptr) char *expected = NULL, *found = NULL;

    outcome_judge(&whole, &twins->setting, NULL, exact, len);
    outcome_judge(&parts, &twins->setting, &twins->workspace, exact, len);
    expected = outcome_list(&whole);
    found = outcome_list(&parts);
    if (getenv("FUZZ_STATS"))
        twins_count(twins, &parts, first, exact, len);
    if (getenv("FUZZ_TELL"))
        (void)fprintf(stderr, "%.*s\n%s\n", (int)len, exact, expected);
    FUZZ_CHECK(!strcmp(expected, found),
               "the memo makes a difference.\n--- whole\n%s--- by parts\n%s"
               "--- of\n%.*s",
               expected, found, (int)len, exact);
}

#endif
