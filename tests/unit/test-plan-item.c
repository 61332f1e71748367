/*
 * test-plan-item.c - shows what stands in the way of which run, how a domain is
 * read and planned on its own, where its snapshots come from, and how that is
 * put in words.
 */
#include "planning.h"

/* By what a problem hinders: [to bulk files?][is it kept?]. */
static const bool stands[][2][2] = {
    [HINDERS_NOTHING] = {{false, false}, {false, false}},
    [HINDERS_MIGRATE] = {{false, false}, {true, true}},
    [HINDERS_BOTH] = {{true, true}, {true, true}},
    [HINDERS_UNLESS_BACKUP] = {{true, false}, {true, false}},
};

static void
test_hinders(void **state)
{
    size_t seen[LENGTH(stands)] = {0};

    (void)state;
    for (int id = 0; id < PROBLEM_COUNT; id++) {
        struct problem problem = {.id = (enum problem_id)id};
        enum hinders hinders = problem_info(problem.id)->hinders;

        assert_true(hinders < LENGTH(stands));
        seen[hinders]++;
        for (int i = 0; i < 8; i++) {
            struct settings settings = {
                .to = i & 1 ? LAYOUT_BULK : LAYOUT_LEGACY,
                .kept = i & 2,
                .elsewhere = i & 4,
            };

            assert_int_equal(plan_hinders(&settings, &problem),
                             stands[hinders][i & 1][(i & 2) / 2]);
        }
    }
    assert_true(seen[HINDERS_NOTHING] && seen[HINDERS_MIGRATE]);
    assert_true(seen[HINDERS_BOTH] && seen[HINDERS_UNLESS_BACKUP]);
}

static void
test_entry(void **state)
{
    static const struct {
        const char *domain;
        bool no_suffix;
        const char *legacy;
        const char *bulk;
    } cases[] = {
        {"foo", false, "foo", "foo.xml"},
        {"foo", true, "foo", "foo"},
        {"foo.xml", false, "foo.xml", "foo.xml.xml"},
        {"foo.xml", true, "foo.xml", "foo.xml"},
        {" %s", false, " %s", " %s.xml"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * LENGTH(cases); i++) {
        /* It is the same whatever the direction of the run. */
        struct settings settings = {.no_suffix = cases[i / 2].no_suffix,
                                    .to = i % 2 ? LAYOUT_BULK : LAYOUT_LEGACY};
        const char *domain = cases[i / 2].domain;
        cleanup(free_ptr) char *legacy =
            plan_entry(&settings, domain, LAYOUT_LEGACY);
        cleanup(free_ptr) char *bulk =
            plan_entry(&settings, domain, LAYOUT_BULK);

        assert_string_equal(legacy, cases[i / 2].legacy);
        assert_string_equal(bulk, cases[i / 2].bulk);
    }
}

static char left[] = "time-bad";

static const struct {
    struct settings settings;
    struct item item;
    const char *text;
} descriptions[] = {
    {{.to = LAYOUT_BULK},
     {"foo", {"foo", NULL}, ACTION_NONE, .count = 1},
     NULL},
    {{.to = LAYOUT_BULK},
     {"foo", {"foo", NULL}, ACTION_CONVERT, .count = 1},
     "foo: 1 snapshot: foo/ -> foo.xml"},
    {{.to = LAYOUT_BULK},
     {"foo", {"foo", NULL}, ACTION_CONVERT, .count = 2},
     "foo: 2 snapshots: foo/ -> foo.xml"},
    {{.to = LAYOUT_BULK, .no_suffix = true},
     {"foo", {"foo", NULL}, ACTION_CONVERT, .count = 2},
     "foo: 2 snapshots: foo/ -> foo"},
    {{.to = LAYOUT_LEGACY},
     {"foo", {NULL, "foo.xml"}, ACTION_CONVERT, .count = 1},
     "foo: 1 snapshot: foo.xml -> foo/"},
    {{.to = LAYOUT_LEGACY},
     {"foo.xml", {NULL, "foo.xml.xml"}, ACTION_CONVERT, .count = 3},
     "foo.xml: 3 snapshots: foo.xml.xml -> foo.xml/"},
    {{.to = LAYOUT_LEGACY},
     {"foo", {"foo", "foo.xml"}, ACTION_CONVERT, .count = 3},
     "foo: 3 snapshots: foo/ + foo.xml -> foo/"},
    {{.to = LAYOUT_BULK, .merge = MERGE_BULK},
     {"foo", {"foo", "foo.xml"}, ACTION_CONVERT, .merging = true, .count = 3},
     "foo: merge 3 snapshots: foo/ + foo.xml -> foo.xml"},
    {{.to = LAYOUT_LEGACY, .merge = MERGE_BULK},
     {"foo", {"foo", "foo.xml"}, ACTION_CONVERT, .merging = true, .count = 1},
     "foo: merge 1 snapshot: foo/ + foo.xml -> foo/"},
    {{.to = LAYOUT_BULK},
     {"foo", {"foo", "foo.xml"}, ACTION_FINISH, .count = 3},
     "foo: remove foo/, foo.xml holds all of it"},
    {{.to = LAYOUT_LEGACY},
     {"foo", {"foo", "foo.xml"}, ACTION_FINISH, .count = 3},
     "foo: remove foo.xml, foo/ holds all of it"},
    {{.to = LAYOUT_BULK},
     {"foo", {"foo", NULL}, ACTION_REMOVE_EMPTY, .count = 0},
     "foo: remove the empty directory foo/"},
    {{.to = LAYOUT_BULK},
     {"foo", {"foo", NULL}, ACTION_REFUSE, .count = 1},
     "foo: refused, left as it is"},
    {{.to = LAYOUT_BULK, .repair = REPAIR_SAFE},
     {"foo", {"foo", NULL}, ACTION_REFUSE, .left = left},
     "foo: refused, left as it is: the repair asked for would leave time-bad"},
    {{.to = LAYOUT_BULK},
     {"foo", {"foo", NULL}, ACTION_CONVERT, .count = 2, .changes = 1},
     "foo: repair (1 change), then 2 snapshots: foo/ -> foo.xml"},
    {{.to = LAYOUT_LEGACY},
     {"foo", {"foo", NULL}, ACTION_NONE, .count = 2, .changes = 2},
     "foo: repair (2 changes)"},
    {{.to = LAYOUT_BULK},
     {"foo",
      {"foo", "foo.xml"},
      ACTION_CONVERT,
      .count = 2,
      .changes = 2,
      .merging = true},
     "foo: repair (2 changes), then merge 2 snapshots: foo/ + foo.xml -> "
     "foo.xml"},
    {{.to = LAYOUT_BULK},
     {"foo", {"foo", "foo.xml"}, ACTION_REFUSE, .changes = 2},
     "foo: repair (2 changes), then refused, left as it is"},
};

static void
test_describe(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(descriptions); i++) {
        cleanup(free_ptr) char *text =
            plan_describe(&descriptions[i].item, &descriptions[i].settings);

        if (descriptions[i].text)
            assert_string_equal(text, descriptions[i].text);
        else
            assert_null(text);
    }
}

static void
test_find(void **state)
{
    struct item items[] = {{.name = "B"}, {.name = "a"}, {.name = "a.xml"}};
    struct plan plan = {.items = items, .count = LENGTH(items)};
    struct plan empty = {0};

    (void)state;
    for (size_t i = 0; i < LENGTH(items); i++)
        assert_ptr_equal(plan_find(&plan, items[i].name), &items[i]);
    assert_null(plan_find(&plan, "b"));
    assert_null(plan_find(&plan, "a.xm"));
    assert_null(plan_find(&plan, ""));
    assert_null(plan_find(&empty, "a"));
}

/* What is said is taken as it is, for it has names from the disk in it. */
static void
test_problem(void **state)
{
    cleanup(problems_free) struct problems problems = {0};
    struct item item = {.name = "d"};

    (void)state;
    plan_problem(&problems, PROBLEM_NAME_CLASH, &item, "d.xml", "%s%n");
    assert_int_equal(problems.count, 1);
    assert_int_equal(problems.list[0].id, PROBLEM_NAME_CLASH);
    assert_string_equal(problems.list[0].domain, "d");
    assert_string_equal(problems.list[0].file, "d.xml");
    assert_string_equal(problems.list[0].detail, "%s%n");
    assert_null(problems.list[0].snapshot);
    assert_int_equal(problems.list[0].line, 0);
}

/* The wanted snapshots by where they come from: "d/a.xml:a d.xml:b*". */
static char *
wanted_text(const struct wanted *wanted)
{
    struct buffer out = {0};

    for (size_t i = 0; i < wanted->facts.count; i++) {
        const struct snapshot *snapshot = &wanted->facts.snaps[i];

        buffer_printf(&out, "%s%s:%s%s", i ? " " : "", snapshot->file,
                      snapshot->name, snapshot->active ? "*" : "");
    }
    buffer_add(&out, "", 1);
    return out.data;
}

static const struct {
    const char *store;
    struct settings settings;
    enum action action;
    bool merging;
    size_t foreign;
    const char *wanted;
} readings[] = {
    {"d/a d/b*",
     {.to = LAYOUT_BULK},
     ACTION_CONVERT,
     false,
     0,
     "d/a.xml:a d/b.xml:b*"},
    {"d/a d/README?",
     {.to = LAYOUT_BULK},
     ACTION_CONVERT,
     false,
     1,
     "d/a.xml:a"},
    {"d.xml=a,b*",
     {.to = LAYOUT_LEGACY},
     ACTION_CONVERT,
     false,
     0,
     "d.xml:a d.xml:b*"},
    {"d/a d.xml=a,b*",
     {.to = LAYOUT_LEGACY},
     ACTION_CONVERT,
     false,
     0,
     "d.xml:a d.xml:b*"},
    {"d/a d.xml=a,b",
     {.to = LAYOUT_BULK, .elsewhere = true},
     ACTION_CONVERT,
     false,
     0,
     "d.xml:a d.xml:b"},
    {"d/a d/b d.xml=a",
     {.to = LAYOUT_LEGACY, .elsewhere = true},
     ACTION_CONVERT,
     false,
     0,
     "d/a.xml:a d/b.xml:b"},
    /* The side that wins gives all it has, and the current one. */
    {"d/a! d/b* d.xml=a*,c",
     {.to = LAYOUT_BULK, .merge = MERGE_BULK},
     ACTION_CONVERT,
     true,
     0,
     "d.xml:a* d.xml:c d/b.xml:b"},
    {"d/a! d/b* d.xml=a*,c",
     {.to = LAYOUT_LEGACY, .merge = MERGE_BULK},
     ACTION_CONVERT,
     true,
     0,
     "d.xml:a* d.xml:c d/b.xml:b"},
    {"d/a! d/b* d.xml=a*,c",
     {.to = LAYOUT_BULK, .merge = MERGE_LEGACY},
     ACTION_CONVERT,
     true,
     0,
     "d/a.xml:a d/b.xml:b* d.xml:c"},
    {"d/a! d.xml=a,b,c",
     {.to = LAYOUT_LEGACY, .merge = MERGE_LEGACY},
     ACTION_CONVERT,
     true,
     0,
     "d/a.xml:a d.xml:b d.xml:c"},
    {"d/a d/x.xml?", {.to = LAYOUT_BULK}, ACTION_REFUSE, false, 0, NULL},
    {"d/a d.xml=a", {.to = LAYOUT_BULK}, ACTION_FINISH, false, 0, NULL},
    {"d/a d.xml=b", {.to = LAYOUT_BULK}, ACTION_REFUSE, false, 0, NULL},
    {"d/", {.to = LAYOUT_BULK}, ACTION_REMOVE_EMPTY, false, 0, NULL},
    {"d/", {.to = LAYOUT_LEGACY}, ACTION_NONE, false, 0, NULL},
};

static void
test_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(readings); i++) {
        struct settings settings = usual_settings(readings[i].settings);
        /* What an earlier reading has left does not matter. */
        struct item item = {.name = "d",
                            .merging = true,
                            .count = 99,
                            .foreign = 99,
                            .action = ACTION_REFUSE};
        cleanup(problems_free) struct problems problems = {0};
        cleanup(free_ptr) char *text = NULL;
        struct error error = {0};
        struct reading reading;
        struct wanted wanted;
        struct temp temp;

        temp_make(&temp);
        put_store(temp.fd, readings[i].store);
        if (strstr(readings[i].store, "d/"))
            item.entry[LAYOUT_LEGACY] = "d";
        if (strstr(readings[i].store, "d.xml="))
            item.entry[LAYOUT_BULK] = "d.xml";
        assert_int_equal(plan_read(&reading, &item, temp.fd, &settings, &error),
                         0);
        if (item.action != readings[i].action)
            print_error("of case: %s\n", readings[i].store);
        assert_int_equal(item.action, readings[i].action);
        assert_int_equal(item.merging, readings[i].merging);
        assert_int_equal(item.foreign, readings[i].foreign);
        if (readings[i].wanted) {
            assert_int_equal(plan_wanted(&wanted, &reading, &item, &settings,
                                         &problems, &error),
                             0);
            text = wanted_text(&wanted);
            assert_string_equal(text, readings[i].wanted);
            assert_int_equal(item.count, wanted.facts.count);
            assert_found(&problems, "", readings[i].store);
            wanted_free(&wanted);
        }
        reading_free(&reading);
        temp_remove(&temp);
    }
}

/* The definition of the domain has another uuid, or the same, or is damaged. */
static void
test_definitions(void **state)
{
    static const struct {
        const char *definition;
        enum action to_bulk;
    } cases[] = {
        {"<domain><name>d</name>" GOOD_UUID "</domain>", ACTION_CONVERT},
        {"<domain><name>d</name>"
         "<uuid>00000000-edaf-9455-926a-d65c16db1809</uuid></domain>",
         ACTION_REFUSE},
        {"<domain>", ACTION_CONVERT},
    };

    (void)state;
    for (size_t i = 0; i < 2 * LENGTH(cases); i++) {
        bool to_bulk = i % 2;
        struct settings settings = usual_settings(
            (struct settings){.to = to_bulk ? LAYOUT_BULK : LAYOUT_LEGACY});
        struct item item = {.name = "d"};
        struct error error = {0};
        struct reading reading;
        struct definitions definitions;
        struct temp temp, defined;

        temp_make(&temp);
        temp_make(&defined);
        put_store(temp.fd, to_bulk ? "d/a" : "d.xml=a");
        put_text(defined.fd, "d.xml", cases[i / 2].definition);
        assert_int_equal(
            definitions_read(&definitions, NULL, defined.path, NULL, &error),
            0);
        settings.definitions = &definitions;
        item.entry[to_bulk ? LAYOUT_LEGACY : LAYOUT_BULK] =
            to_bulk ? "d" : "d.xml";
        assert_int_equal(plan_read(&reading, &item, temp.fd, &settings, &error),
                         0);
        assert_int_equal(item.action,
                         to_bulk ? cases[i / 2].to_bulk : ACTION_CONVERT);
        reading_free(&reading);
        definitions_close(&definitions);
        temp_remove(&temp);
        temp_remove(&defined);
    }
}

/* An entry that is gone since it was listed. */
static void
test_unreadable(void **state)
{
    struct settings settings =
        usual_settings((struct settings){.to = LAYOUT_BULK});
    struct error error = {0};
    struct reading reading;
    struct temp temp;

    (void)state;
    temp_make(&temp);
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        struct item item = {.name = "d"};

        item.entry[layout] = "gone";
        assert_int_equal(plan_read(&reading, &item, temp.fd, &settings, &error),
                         -1);
        assert_non_null(error.message);
        assert_non_null(strstr(error.message, "'gone'"));
        error_clear(&error);
        reading_free(&reading);
    }
    temp_remove(&temp);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hinders),     cmocka_unit_test(test_entry),
        cmocka_unit_test(test_describe),    cmocka_unit_test(test_find),
        cmocka_unit_test(test_problem),     cmocka_unit_test(test_read),
        cmocka_unit_test(test_definitions), cmocka_unit_test(test_unreadable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
