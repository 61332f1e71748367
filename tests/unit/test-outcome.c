/*
 * test-outcome.c - shows the summary of a run, in the singular and the plural,
 * for each thing that can come of it and for all of them together.
 */
#include "support.h"

#include "../../migrate/outcome.h"

/* What came of a run. */
struct came {
    size_t converted;
    size_t snapshots;
    size_t finished;
    size_t emptied;
    size_t refused;
    size_t failed;
    size_t not_done;
    size_t repaired;
    size_t changes;
};

/* The summary of that, where ALREADY items were in the wanted layout. */
static char *
summary(const struct settings *settings, const struct came *came,
        size_t already)
{
    struct item items[] = {
        {.selected = true, .action = ACTION_NONE, .count = 3},
        {.selected = true, .action = ACTION_NONE, .count = 1},
    };
    struct plan plan = {.items = items, .count = already};
    struct run run = {
        .settings = settings,
        .total = 100,
        .done = 100 - came->not_done,
        .converted = came->converted,
        .snapshots = came->snapshots,
        .finished = came->finished,
        .emptied = came->emptied,
        .repaired = came->repaired,
        .changes = came->changes,
    };

    return outcome_summary(&run, &plan, came->refused, came->failed);
}

static const struct {
    enum layout to;
    bool elsewhere;
    struct came came;
    size_t already;
    const char *text;
} cases[] = {
    {LAYOUT_BULK, false, {0}, 0, "nothing to do: no snapshots here"},
    {LAYOUT_LEGACY, true, {0}, 0, "nothing to do: no snapshots here"},
    /* A number of snapshots alone is nothing. */
    {LAYOUT_BULK,
     false,
     {.snapshots = 2},
     0,
     "nothing to do: no snapshots here"},
    {LAYOUT_BULK,
     false,
     {.converted = 1, .snapshots = 1},
     0,
     "1 domain with 1 snapshot converted to bulk files"},
    {LAYOUT_BULK,
     false,
     {.converted = 2, .snapshots = 5},
     0,
     "2 domains with 5 snapshots converted to bulk files"},
    {LAYOUT_BULK,
     true,
     {.converted = 1, .snapshots = 2},
     0,
     "1 domain with 2 snapshots converted to bulk files elsewhere"},
    {LAYOUT_LEGACY,
     false,
     {.converted = 1, .snapshots = 1},
     0,
     "1 domain with 1 snapshot exported to directories"},
    {LAYOUT_LEGACY,
     true,
     {.converted = 3, .snapshots = 3},
     0,
     "3 domains with 3 snapshots exported to directories elsewhere"},
    {LAYOUT_BULK, false, {0}, 1, "1 domain already in bulk files"},
    {LAYOUT_BULK, false, {0}, 2, "2 domains already in bulk files"},
    {LAYOUT_LEGACY, false, {0}, 1, "1 domain already in directories"},
    {LAYOUT_BULK, false, {.finished = 1}, 0, "1 old copy removed"},
    {LAYOUT_LEGACY, false, {.finished = 2}, 0, "2 old copies removed"},
    {LAYOUT_BULK, false, {.emptied = 1}, 0, "1 empty directory removed"},
    {LAYOUT_BULK, false, {.emptied = 2}, 0, "2 empty directories removed"},
    {LAYOUT_BULK,
     false,
     {.repaired = 1, .changes = 1},
     0,
     "1 domain repaired with 1 change"},
    {LAYOUT_LEGACY,
     false,
     {.repaired = 2, .changes = 3, .refused = 1},
     1,
     "2 domains repaired with 3 changes, 1 domain already in directories, 1 "
     "refused"},
    {LAYOUT_BULK, false, {.refused = 1}, 0, "1 refused"},
    {LAYOUT_BULK, false, {.failed = 2}, 0, "2 failed"},
    {LAYOUT_BULK, false, {.not_done = 7}, 0, "7 not done"},
    {LAYOUT_BULK, false, {.refused = 1, .failed = 1}, 0, "1 refused, 1 failed"},
    {LAYOUT_BULK,
     false,
     {2, 9, 1, 3, 4, 5, 6, 0, 0},
     1,
     "2 domains with 9 snapshots converted to bulk files, "
     "1 domain already in bulk files, 1 old copy removed, "
     "3 empty directories removed, 4 refused, 5 failed, 6 not done"},
    {LAYOUT_LEGACY,
     false,
     {1, 1, 2, 1, 0, 1, 0, 0, 0},
     2,
     "1 domain with 1 snapshot exported to directories, "
     "2 domains already in directories, 2 old copies removed, "
     "1 empty directory removed, 1 failed"},
};

static void
test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct settings settings = {.to = cases[i].to,
                                    .elsewhere = cases[i].elsewhere};
        cleanup(free_ptr) char *text =
            summary(&settings, &cases[i].came, cases[i].already);

        assert_string_equal(text, cases[i].text);
    }
}

/* Which domains count as being in the wanted layout already. */
static void
test_already(void **state)
{
    static const struct {
        struct item item;
        bool counts;
    } items[] = {
        {{.selected = true, .action = ACTION_NONE, .count = 1}, true},
        {{.selected = false, .action = ACTION_NONE, .count = 1}, false},
        {{.selected = true, .action = ACTION_NONE, .count = 0}, false},
        {{.selected = true, .action = ACTION_CONVERT, .count = 1}, false},
        {{.selected = true, .action = ACTION_FINISH, .count = 1}, false},
        {{.selected = true, .action = ACTION_REFUSE, .count = 1}, false},
        {{.selected = true, .action = ACTION_REMOVE_EMPTY}, false},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(items); i++) {
        struct item item = items[i].item;
        struct settings settings = {.to = LAYOUT_BULK};
        struct plan plan = {.items = &item, .count = 1};
        struct run run = {.settings = &settings};
        cleanup(free_ptr) char *text = outcome_summary(&run, &plan, 0, 0);

        assert_string_equal(text, items[i].counts
                                      ? "1 domain already in bulk files"
                                      : "nothing to do: no snapshots here");
    }
}

/* More done than was to be done leaves nothing; the difference must not wrap.
 */
static void
test_more_done_than_all(void **state)
{
    struct settings settings = {.to = LAYOUT_BULK};
    struct plan plan = {0};
    struct run run = {.settings = &settings, .total = 1, .done = 2};
    cleanup(free_ptr) char *text = outcome_summary(&run, &plan, 1, 0);

    (void)state;
    assert_string_equal(text, "1 refused");
}

/* Those that failed when nothing of theirs was touched, and the others. */
static void
test_failed(void **state)
{
    static const char *const texts[] = {
        "3 failed", "3 failed (1 of them in the new layout already)",
        "3 failed (2 of them in the new layout already)"};
    struct settings settings = {.to = LAYOUT_BULK};
    struct plan plan = {0};

    (void)state;
    for (size_t i = 0; i < LENGTH(texts); i++) {
        struct run run = {.settings = &settings, .standing = i};
        cleanup(free_ptr) char *text = outcome_summary(&run, &plan, 0, 3);

        assert_string_equal(text, texts[i]);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_already),
        cmocka_unit_test(test_more_done_than_all),
        cmocka_unit_test(test_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
