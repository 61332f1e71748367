/*
 * test-plan.c - shows what plan_make() decides for each state that a snapshot
 * directory can be in, in both directions.
 */
#include "planning.h"

#include <sys/resource.h>

struct plan_case {
    const char *store;
    const char *plan;
    const char *ids; /* of errors, sorted */
    struct settings settings;
};

#define TO_BULK .to = LAYOUT_BULK
#define TO_LEGACY .to = LAYOUT_LEGACY

/* Plan the store, which is a new directory each time. */
static void
run_cases(const struct plan_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct settings settings = usual_settings(cases[i].settings);
        cleanup(messages_free) struct messages trouble = {0};
        cleanup(free_ptr) char *text = NULL;
        cleanup(free_ptr) char *ids = NULL;
        struct error error = {0};
        struct root base;
        struct plan plan;
        struct temp temp;

        temp_make(&temp);
        base = (struct root){.fd = temp.fd, .path = temp.path};
        put_store(temp.fd, cases[i].store);
        assert_int_equal(plan_make(&plan, &base, &settings, &trouble, &error),
                         0);
        text = plan_text(&plan);
        ids = error_ids(&plan.problems);
        if (strcmp(text, cases[i].plan) || strcmp(ids, cases[i].ids))
            print_error("of case: %s\n", cases[i].store);
        assert_string_equal(text, cases[i].plan);
        assert_string_equal(ids, cases[i].ids);
        assert_int_equal(trouble.count, 0);
        assert_null(error.message);
        plan_free(&plan);
        assert_int_equal(plan.count, 0);
        assert_null(plan.items);
        temp_remove(&temp);
    }
}

static const struct plan_case to_bulk[] = {
    {"", "", "", {TO_BULK}},
    {"foo/a* foo/b", "foo:convert(2)", "", {TO_BULK}},
    {"foo.xml=a*,b", "foo:none(2)", "", {TO_BULK}},
    {"b/x a.xml=x B/x", "B:convert(1) a:none(1) b:convert(1)", "", {TO_BULK}},
    /* Both layouts. */
    {"foo/a foo.xml=a", "foo:finish(1)", "", {TO_BULK}},
    {"foo/a* foo.xml=a*,b", "foo:finish(2)", "", {TO_BULK}},
    {"foo/a foo/b foo.xml=a", "foo:refuse", "layouts-conflict", {TO_BULK}},
    {"foo/a! foo.xml=a", "foo:refuse", "layouts-conflict", {TO_BULK}},
    {"foo/a foo.xml=b", "foo:refuse", "layouts-conflict", {TO_BULK}},
    {"foo/a* foo.xml=a", "foo:refuse", "layouts-conflict", {TO_BULK}},
    {"foo/a foo.xml=a*", "foo:refuse", "layouts-conflict", {TO_BULK}},
    {"foo/ foo.xml=a", "foo:empty(1)", "", {TO_BULK}},
    {"foo/README? foo.xml=a", "foo:none(1)", "", {TO_BULK}},
    {"foo/README? foo/a foo.xml=a", "foo:finish(1)", "", {TO_BULK}},
    /* One that is damaged keeps no other back. */
    {"foo/a foo/b.xml? bar/a",
     "bar:convert(1) foo:refuse",
     "xml-malformed",
     {TO_BULK}},
    {"foo/a foo.xml?", "foo:refuse", "xml-malformed", {TO_BULK}},
    {"foo.xml=", "foo:refuse", "list-empty", {TO_BULK}},
    {"foo/a* foo/b*",
     "foo:refuse",
     "current-several current-several",
     {TO_BULK}},
    /* What is no domain's, but has the name of its layout. */
    {"foo/a foo.xml>", "foo:refuse", "symlink", {TO_BULK}},
    {"foo/a foo.xml|", "foo:refuse", "special-file", {TO_BULK}},
    {"foo> bar/a", "bar:convert(1) foo:refuse", "symlink", {TO_BULK}},
    {"foo/a foo/x.xml>", "foo:refuse", "symlink", {TO_BULK}},
    /* What would not fit. */
    {"foo/a", "foo:refuse", "bulk-too-big", {TO_BULK, .max_bulk = 400}},
    {"foo.xml=a", "foo:refuse", "bulk-too-big", {TO_BULK, .max_bulk = 400}},
    /* Elsewhere all is written, and nothing removed. */
    {"foo/a", "foo:convert(1)", "", {TO_BULK, .elsewhere = true}},
    {"foo.xml=a,b", "foo:convert(2)", "", {TO_BULK, .elsewhere = true}},
    {"foo/a foo.xml=a,b", "foo:convert(2)", "", {TO_BULK, .elsewhere = true}},
    {"foo/", "foo:none(0)", "", {TO_BULK, .elsewhere = true}},
    {"foo/a foo.xml=b",
     "foo:refuse",
     "layouts-conflict",
     {TO_BULK, .elsewhere = true}},
    /* Bulk files without suffix. */
    {"foo/a", "foo:convert(1)", "", {TO_BULK, .no_suffix = true}},
    {"foo=a", "foo:none(1)", "", {TO_BULK, .no_suffix = true}},
    {"foo/a foo/README?",
     "foo:refuse",
     "name-clash",
     {TO_BULK, .no_suffix = true}},
    {"foo.xml/a",
     "foo.xml:refuse",
     "suffix-differs",
     {TO_BULK, .no_suffix = true}},
};

static const struct plan_case to_legacy[] = {
    {"", "", "", {TO_LEGACY}},
    {"foo.xml=a*,b", "foo:convert(2)", "", {TO_LEGACY}},
    {"foo/a* foo/b", "foo:none(2)", "", {TO_LEGACY}},
    {"foo/a foo.xml=a", "foo:finish(1)", "", {TO_LEGACY}},
    {"foo> foo.xml=a", "foo:refuse", "symlink", {TO_LEGACY}},
    {"foo/a foo/b foo.xml=a", "foo:finish(2)", "", {TO_LEGACY}},
    /* An export that was cut short goes on. */
    {"foo/a foo.xml=a,b*", "foo:convert(2)", "", {TO_LEGACY}},
    {"foo/ foo.xml=a", "foo:convert(1)", "", {TO_LEGACY}},
    {"foo/README? foo.xml=a", "foo:convert(1)", "", {TO_LEGACY}},
    {"foo/a foo/c foo.xml=a,b", "foo:refuse", "layouts-conflict", {TO_LEGACY}},
    {"foo/a! foo.xml=a,b", "foo:refuse", "layouts-conflict", {TO_LEGACY}},
    {"foo/a* foo.xml=a,b*", "foo:refuse", "layouts-conflict", {TO_LEGACY}},
    {"foo/", "foo:none(0)", "", {TO_LEGACY}},
    {"foo.xml=", "foo:refuse", "list-empty", {TO_LEGACY}},
    {"foo.xml=a", "foo:refuse", "bulk-too-big", {TO_LEGACY, .max_bulk = 400}},
    {"foo/a", "foo:convert(1)", "", {TO_LEGACY, .elsewhere = true}},
    {"foo/a foo.xml=a", "foo:convert(1)", "", {TO_LEGACY, .elsewhere = true}},
    {"foo=a", "foo:convert(1)", "", {TO_LEGACY, .no_suffix = true}},
    {"foo.xml=a",
     "foo.xml:refuse",
     "suffix-differs",
     {TO_LEGACY, .no_suffix = true}},
};

#define MERGE(side) .merge = MERGE_##side, .kept = true

static const struct plan_case merges[] = {
    {"foo/a! foo/b* foo.xml=a,c",
     "foo:convert(3)+",
     "",
     {TO_BULK, MERGE(BULK)}},
    {"foo/a! foo/b* foo.xml=a,c",
     "foo:convert(3)+",
     "",
     {TO_BULK, MERGE(LEGACY)}},
    {"foo/a! foo/b* foo.xml=a,c",
     "foo:convert(3)+",
     "",
     {TO_LEGACY, MERGE(BULK)}},
    {"foo/a foo.xml=a*", "foo:convert(1)+", "", {TO_BULK, MERGE(LEGACY)}},
    /* Nothing needs to be merged where one layout holds all of the other. */
    {"foo/a foo.xml=a", "foo:finish(1)", "", {TO_BULK, MERGE(BULK)}},
    {"foo/a foo.xml=a,b", "foo:convert(2)", "", {TO_LEGACY, MERGE(LEGACY)}},
    {"foo/a foo/b", "foo:convert(2)", "", {TO_BULK, MERGE(BULK)}},
};

/* Empty directories, alone and among what may be somebody else's. */
static const struct plan_case empties[] = {
    {"foo/", "foo:empty(0)", "", {TO_BULK}},
    {"foo/ bar/", "bar:empty(0) foo:empty(0)", "", {TO_BULK}},
    {"foo/ bar/README?", "bar:none(0) foo:none(0)", "", {TO_BULK}},
    {"foo/ README?", "foo:none(0)", "", {TO_BULK}},
    {"foo/ README?", "foo:empty(0)", "", {TO_BULK, .own = true}},
    {"foo/ bar/README?",
     "bar:none(0) foo:empty(0)",
     "",
     {TO_BULK, .own = true}},
    {"foo/ README? bar/a", "bar:convert(1) foo:empty(0)", "", {TO_BULK}},
    {"foo/ README? bar.xml=a", "bar:none(1) foo:empty(0)", "", {TO_BULK}},
    /* What an interrupted run has left is no stranger, but a sign of ours. */
    {"foo/ " STAGE_NAME "/", "foo:empty(0)", "", {TO_BULK}},
    {"foo/ README? " STAGE_NAME "/", "foo:empty(0)", "", {TO_BULK}},
};

/* Names that domains need of each other, in both directions. */
static const struct plan_case waves[] = {
    {"foo/a foo.xml/a foo.xml.xml/a",
     "foo:convert(1)@2 foo.xml:convert(1)@1 foo.xml.xml:convert(1)",
     "",
     {TO_BULK}},
    {"foo.xml=a foo.xml.xml=a foo.xml.xml.xml=a",
     "foo:convert(1) foo.xml:convert(1)@1 foo.xml.xml:convert(1)@2",
     "",
     {TO_LEGACY}},
    {"foo/a foo.xml/", "foo:convert(1)@1 foo.xml:empty(0)", "", {TO_BULK}},
    {"foo/a foo.xml/a foo.xml.xml=a",
     "foo:convert(1)@1 foo.xml:finish(1)",
     "",
     {TO_BULK}},
    {"foo/a foo.xml/README?",
     "foo:refuse foo.xml:none(0)",
     "name-clash",
     {TO_BULK}},
    {"foo/a foo.xml/a foo.xml/README?",
     "foo:refuse foo.xml:convert(1)",
     "name-clash",
     {TO_BULK}},
    {"foo/a foo.xml/b.xml?",
     "foo:refuse foo.xml:refuse",
     "name-clash xml-malformed",
     {TO_BULK}},
    {"foo/a foo.xml/a",
     "foo:convert(1) foo.xml:convert(1)",
     "",
     {TO_BULK, .elsewhere = true}},
};

static const char *only_foo[] = {"foo", NULL};
static const char *foo_twice[] = {"foo", "foo", NULL};
static const char *both[] = {"foo.xml", "foo", NULL};
static const char *nothing[] = {NULL};

static const struct plan_case selections[] = {
    {"foo/a bar/a", "-bar foo:convert(1)", "", {TO_BULK, .selected = only_foo}},
    {"foo/a bar/a",
     "-bar foo:convert(1)",
     "",
     {TO_BULK, .selected = foo_twice}},
    {"foo/a bar/a", "-bar -foo", "", {TO_BULK, .selected = nothing}},
    /* Of the others nothing is said, whatever they are like. */
    {"foo/a bar/a.xml?",
     "-bar foo:convert(1)",
     "",
     {TO_BULK, .selected = only_foo}},
    {"foo/a foo.xml/a",
     "foo:refuse -foo.xml",
     "name-clash",
     {TO_BULK, .selected = only_foo}},
    {"foo/a foo.xml/a",
     "foo:convert(1)@1 foo.xml:convert(1)",
     "",
     {TO_BULK, .selected = both}},
};

static void
test_to_bulk(void **state)
{
    (void)state;
    run_cases(to_bulk, LENGTH(to_bulk));
}

static void
test_to_legacy(void **state)
{
    (void)state;
    run_cases(to_legacy, LENGTH(to_legacy));
}

static void
test_merges(void **state)
{
    (void)state;
    run_cases(merges, LENGTH(merges));
}

static void
test_empties(void **state)
{
    (void)state;
    run_cases(empties, LENGTH(empties));
}

static void
test_waves(void **state)
{
    (void)state;
    run_cases(waves, LENGTH(waves));
}

static void
test_selections(void **state)
{
    (void)state;
    run_cases(selections, LENGTH(selections));
}

static struct plan
make_plan(const struct temp *temp, const struct settings *settings, int result,
          struct messages *trouble, struct error *error)
{
    struct root base = {.fd = temp->fd, .path = temp->path};
    struct plan plan;

    assert_int_equal(plan_make(&plan, &base, settings, trouble, error), result);
    return plan;
}

/* A selected domain that is not there stops the run; the plan can be freed. */
static void
test_unknown(void **state)
{
    static const char *missing[] = {"foo", "fo", NULL};
    struct settings settings =
        usual_settings((struct settings){TO_BULK, .selected = missing});
    cleanup(messages_free) struct messages trouble = {0};
    struct error error = {0};
    struct plan plan;
    struct temp temp;

    (void)state;
    temp_make(&temp);
    plan = make_plan(&temp, &settings, -1, &trouble, &error);
    assert_non_null(strstr(error.message, "'foo'"));
    plan_free(&plan);
    put_store(temp.fd, "foo/a");
    plan = make_plan(&temp, &settings, -1, &trouble, &error);
    assert_non_null(strstr(error.message, "'fo'"));
    assert_non_null(strstr(error.message, temp.path));
    plan_free(&plan);
    error_clear(&error);
    assert_int_equal(trouble.count, 0);
    temp_remove(&temp);
}

static void
test_unreadable_base(void **state)
{
    struct settings settings = usual_settings((struct settings){TO_BULK});
    cleanup(messages_free) struct messages trouble = {0};
    struct root base = {.fd = -1, .path = xstrdup("/no/such")};
    struct error error = {0};
    struct plan plan;

    (void)state;
    assert_int_equal(plan_make(&plan, &base, &settings, &trouble, &error), -1);
    assert_non_null(strstr(error.message, "/no/such"));
    error_clear(&error);
    plan_free(&plan);
    root_close(&base);
}

/*
 * A domain that cannot be read is refused, with a message, and the others are
 * not. One descriptor is enough to list BASE and for a bulk file, and too
 * little for a directory.
 */
static void
test_unreadable_domain(void **state)
{
    struct settings settings = usual_settings((struct settings){TO_LEGACY});
    cleanup(messages_free) struct messages trouble = {0};
    cleanup(free_ptr) char *text = NULL;
    struct error error = {0};
    struct rlimit before, few;
    struct plan plan;
    struct temp temp;
    int next;

    (void)state;
    temp_make(&temp);
    put_store(temp.fd, "bar/a foo.xml=a");
    next = dup(temp.fd);
    assert_true(next >= 0);
    assert_int_equal(close(next), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = (struct rlimit){(rlim_t)next + 1, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    plan = make_plan(&temp, &settings, 0, &trouble, &error);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    text = plan_text(&plan);
    assert_string_equal(text, "bar:refuse# foo:convert(1)");
    assert_int_equal(trouble.count, 1);
    assert_non_null(strstr(trouble.list[0], "domain 'bar'"));
    assert_non_null(strstr(trouble.list[0], "nothing of it was changed"));
    assert_null(error.message);
    plan_free(&plan);
    temp_remove(&temp);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_to_bulk),
        cmocka_unit_test(test_to_legacy),
        cmocka_unit_test(test_merges),
        cmocka_unit_test(test_empties),
        cmocka_unit_test(test_waves),
        cmocka_unit_test(test_selections),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_unreadable_base),
        cmocka_unit_test(test_unreadable_domain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
