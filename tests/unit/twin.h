/*
 * twin.h - a snapshot judged twice: by what is remembered of those before it,
 * and as a whole. Nothing that comes out may differ.
 */
#ifndef TWIN_H
#define TWIN_H

#include "outcome.h"
#include "schema-trial.h"

/* Where snapshots are judged one after the other. */
struct twin {
    struct workspace workspace;
    struct setting setting;
    size_t known; /* of them, those that were not parsed */
};

static inline void
twin_start(struct twin *twin, const struct schemas *schemas, enum layout layout)
{
    *twin = (struct twin){.setting = {.schemas = schemas, .layout = layout}};
    workspace_start(&twin->workspace, NULL, false);
}

static inline void
twin_end(struct twin *twin)
{
    workspace_free(&twin->workspace);
}

/* Judge one more. What it turned out to be. */
static inline enum snapshot_kind
twin_judge_bytes(struct twin *twin, const char *bytes, size_t len)
{
    cleanup(free_ptr) char *exact = exact_copy(bytes, len);
    const struct outline *before = twin->workspace.outlines.count
                                       ? twin->workspace.outlines.list[0]
                                       : NULL;
    const size_t count = twin->workspace.outlines.count;
    cleanup(outcome_free) struct outcome whole, parts;
    cleanup(free_ptr) char *expected = NULL, *found = NULL;

    outcome_judge(&whole, &twin->setting, NULL, exact, len);
    outcome_judge(&parts, &twin->setting, &twin->workspace, exact, len);
    expected = outcome_list(&whole);
    found = outcome_list(&parts);
    if (strcmp(expected, found))
        print_error("of case: %.*s\n", (int)(len < 6000 ? len : 6000), exact);
    assert_string_equal(found, expected);
    /* The only outline can be met again, or be left alone. */
    if (before && count == 1 && twin->workspace.outlines.count == 1 &&
        twin->workspace.outlines.list[0] == before &&
        parts.kind == SNAPSHOT_SOUND && !whole.problems.count)
        twin->known++;
    return whole.kind;
}

static inline enum snapshot_kind
twin_judge(struct twin *twin, const char *text)
{
    return twin_judge_bytes(twin, text, strlen(text));
}

#endif
