/*
 * test-check.c - shows what is found in the relations of a domain's snapshots,
 * and that their order is a function of the snapshots alone, however they came.
 */
#include "support.h"

#include "../../verify/check.h"

/* NAME < PARENT @ TIME, uuid in one letter, active. */
struct given {
    const char *name;
    const char *parent; /* NULL: a root */
    long long created;
    char uuid; /* 0: none */
    bool active;
};

static void
add(struct domain *domain, const struct given *given)
{
    struct snapshot snapshot = {
        .name = xstrdup(given->name),
        .stem = xstrdup(given->name),
        .parent = given->parent ? xstrdup(given->parent) : NULL,
        .created = given->created,
        .active = given->active,
        .has_uuid = given->uuid != 0,
        .at = {1, 11},
        .name_at = {2, 12},
        .parent_at = {3, 13},
    };

    if (domain->layout == LAYOUT_LEGACY)
        snapshot.file = xasprintf("%s.xml", given->name);
    memset(snapshot.uuid, given->uuid, sizeof(snapshot.uuid));
    (void)domain_add(domain, &snapshot);
}

static void
start(struct domain *domain, enum layout layout)
{
    *domain = (struct domain){
        .name = xstrdup("d"),
        .entry = xstrdup(layout == LAYOUT_BULK ? "d.xml" : "d"),
        .layout = layout,
        .fd = -1,
        .current = NO_SNAPSHOT,
    };
}

/* The names in their order, the current one with a star. */
static char *
ordered(const struct domain *domain)
{
    struct buffer out = {0};

    for (size_t i = 0; i < domain->count; i++) {
        buffer_puts(&out, i ? " " : "");
        buffer_puts(&out, domain->snaps[domain->order[i]].name);
        if (domain->order[i] == domain->current)
            buffer_puts(&out, "*");
    }
    buffer_add(&out, "", 1);
    return out.data;
}

#define GIVEN_MAX 8

static const struct {
    const char *what;
    struct given given[GIVEN_MAX];
    const char *ids;   /* sorted */
    const char *order; /* NULL: not to be relied on */
} cases[] = {
    {"none", {{0}}, "", ""},
    {"one", {{"a", NULL, 1, 'u', false}}, "", "a"},
    {"current", {{"a", NULL, 1, 'u', true}}, "", "a*"},
    {"by time",
     {{"a", NULL, 3, 'u', false},
      {"b", NULL, 1, 'u', true},
      {"c", NULL, -2, 'u', false}},
     "",
     "c b* a"},
    {"by name at the same time",
     {{"b", NULL, 1, 'u', false},
      {"a", NULL, 1, 'u', false},
      {"B", NULL, 1, 'u', false}},
     "",
     "B a b"},
    {"parents first, whatever the times are",
     {{"a", "b", 1, 'u', false},
      {"b", "c", 2, 'u', false},
      {"c", NULL, 3, 'u', false}},
     "",
     "c b a"},
    {"a child comes as soon as its time allows",
     {{"r", NULL, 5, 'u', false},
      {"x", NULL, 7, 'u', false},
      {"k", "r", 6, 'u', false},
      {"l", "k", 8, 'u', false},
      {"m", "l", 1, 'u', false}},
     "",
     "r k x l m"},
    {"extreme times",
     {{"a", NULL, 9223372036854775807, 'u', false},
      {"b", NULL, -9223372036854775807 - 1, 'u', false},
      {"c", NULL, 0, 'u', false}},
     "",
     "b c a"},
    {"duplicate",
     {{"a", NULL, 1, 'u', false}, {"a", NULL, 2, 'u', false}},
     "name-duplicate",
     "a a"},
    {"three of a name",
     {{"a", NULL, 1, 'u', false},
      {"a", NULL, 2, 'u', false},
      {"a", NULL, 3, 'u', false}},
     "name-duplicate name-duplicate",
     "a a a"},
    {"names missing are not duplicates",
     {{"", NULL, 1, 'u', false}, {"", NULL, 2, 'u', false}},
     "",
     " "},
    {"case matters",
     {{"a", NULL, 1, 'u', false}, {"A", NULL, 2, 'u', false}},
     "",
     "a A"},
    {"orphan",
     {{"a", "x", 1, 'u', false}, {"b", "a", 0, 'u', false}},
     "parent-missing",
     "a b"},
    {"two orphans",
     {{"a", "x", 1, 'u', false}, {"b", "y", 0, 'u', false}},
     "parent-missing parent-missing",
     NULL},
    {"self", {{"a", "a", 1, 'u', false}}, "parent-self", "a"},
    {"self with a child",
     {{"b", "a", 1, 'u', false}, {"a", "a", 2, 'u', false}},
     "parent-self",
     NULL},
    {"cycle of two, and below it, and beside it",
     {{"a", "b", 1, 'u', false},
      {"b", "a", 2, 'u', false},
      {"below", "a", 0, 'u', false},
      {"root", NULL, 3, 'u', false},
      {"child", "root", 4, 'u', false}},
     "parent-cycle parent-cycle",
     NULL},
    {"two cycles",
     {{"a", "b", 1, 'u', false},
      {"b", "a", 2, 'u', false},
      {"c", "d", 1, 'u', false},
      {"d", "e", 2, 'u', false},
      {"e", "c", 2, 'u', false}},
     "parent-cycle parent-cycle parent-cycle parent-cycle parent-cycle",
     NULL},
    {"two current",
     {{"a", NULL, 1, 'u', true},
      {"b", NULL, 2, 'u', true},
      {"c", NULL, 3, 'u', false}},
     "current-several current-several",
     NULL},
    {"three current",
     {{"a", NULL, 1, 'u', true},
      {"b", NULL, 2, 'u', true},
      {"c", NULL, 3, 'u', true}},
     "current-several current-several current-several",
     NULL},
    {"no uuid anywhere",
     {{"a", NULL, 1, 0, false}, {"b", NULL, 2, 0, false}},
     "",
     "a b"},
    {"no uuid somewhere",
     {{"a", NULL, 1, 0, false},
      {"b", NULL, 2, 'u', false},
      {"c", NULL, 3, 0, false}},
     "",
     "a b c"},
    {"one uuid of its own",
     {{"a", NULL, 1, 'v', false},
      {"b", NULL, 2, 'u', false},
      {"c", NULL, 3, 'u', false}},
     "uuid-differs",
     "a b c"},
    {"the many outvote those that come first and last",
     {{"a", NULL, 1, 'v', false},
      {"b", NULL, 2, 'w', false},
      {"c", NULL, 3, 'u', false},
      {"d", NULL, 4, 'u', false},
      {"e", NULL, 5, 0, false},
      {"f", NULL, 6, 'u', false},
      {"g", NULL, 7, 'v', false}},
     "uuid-differs uuid-differs uuid-differs",
     "a b c d e f g"},
    {"one against one",
     {{"a", NULL, 1, 'v', false}, {"b", NULL, 2, 'u', false}},
     "uuid-differs",
     "a b"},
};

static void
test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(problems_free) struct problems problems = {0};
        cleanup(free_ptr) char *order = NULL;
        struct domain domain;

        start(&domain, LAYOUT_LEGACY);
        for (size_t n = 0; n < GIVEN_MAX && cases[i].given[n].name; n++)
            add(&domain, &cases[i].given[n]);
        check_domain(&domain, NULL, &problems);
        assert_found(&problems, cases[i].ids, cases[i].what);
        order = ordered(&domain);
        if (cases[i].order)
            assert_string_equal(order, cases[i].order);
        domain_free(&domain);
    }
}

/* Who is outvoted, where and in which words. */
static void
test_places(void **state)
{
    static const struct given given[] = {
        {"odd", "no/such", 1, 'v', false},
        {"a", NULL, 2, 'u', false},
        {"b", NULL, 3, 'u', false},
    };
    cleanup(problems_free) struct problems problems = {0};
    const struct problem *problem;
    struct domain domain;

    (void)state;
    start(&domain, LAYOUT_LEGACY);
    for (size_t i = 0; i < LENGTH(given); i++)
        add(&domain, &given[i]);
    check_domain(&domain, NULL, &problems);
    problem = find_problem(&problems, PROBLEM_UUID_DIFFERS);
    assert_string_equal(problem ? problem->snapshot : NULL, "odd");
    problem = find_problem(&problems, PROBLEM_PARENT_MISSING);
    assert_string_equal(problem ? problem->file : NULL, "d/odd.xml");
    assert_string_equal(problem ? problem->domain : NULL, "d");
    assert_string_equal(problem ? problem->detail : NULL, "'no/such'");
    assert_int_equal(line_of(&problems, PROBLEM_PARENT_MISSING), 3);
    domain_free(&domain);
}

/* Those in or below a cycle come last; the others are in order. */
static void
test_cycle_last(void **state)
{
    static const struct given given[] = {
        {"below", "a", 0, 'u', false}, {"a", "b", 0, 'u', false},
        {"b", "a", 0, 'u', false},     {"child", "root", 1, 'u', false},
        {"root", NULL, 2, 'u', false},
    };
    cleanup(problems_free) struct problems problems = {0};
    bool seen[LENGTH(given)] = {false};
    struct domain domain;

    (void)state;
    start(&domain, LAYOUT_LEGACY);
    for (size_t i = 0; i < LENGTH(given); i++)
        add(&domain, &given[i]);
    check_domain(&domain, NULL, &problems);
    assert_int_equal(domain.order[0], 4);
    assert_int_equal(domain.order[1], 3);
    for (size_t i = 0; i < LENGTH(given); i++) {
        assert_false(seen[domain.order[i]]);
        seen[domain.order[i]] = true;
    }
    domain_free(&domain);
}

/* A parent that only the other layout has is not missing. */
static void
test_parent_in_other_layout(void **state)
{
    static const struct given given[] = {{"a", "other", 1, 'u', false},
                                         {"b", "gone", 2, 'u', false}};
    static const struct given held = {"other", NULL, 1, 'u', false};
    cleanup(problems_free) struct problems problems = {0};
    struct domain domain, other;

    (void)state;
    start(&domain, LAYOUT_LEGACY);
    start(&other, LAYOUT_BULK);
    add(&other, &held);
    for (size_t i = 0; i < LENGTH(given); i++)
        add(&domain, &given[i]);
    check_domain(&domain, &other, &problems);
    assert_found(&problems, "parent-missing", "other layout");
    assert_string_equal(problems.list[0].snapshot, "b");
    assert_int_equal(domain.count, 2);
    domain_free(&domain);
    domain_free(&other);
}

/* A bulk file says itself which one is current. */
static void
test_current_in_bulk(void **state)
{
    static const struct given given[] = {{"a", NULL, 1, 'u', true},
                                         {"b", NULL, 2, 'u', true}};
    cleanup(problems_free) struct problems problems = {0};
    struct domain domain;

    (void)state;
    start(&domain, LAYOUT_BULK);
    for (size_t i = 0; i < LENGTH(given); i++)
        add(&domain, &given[i]);
    check_domain(&domain, NULL, &problems);
    assert_found(&problems, "", "bulk");
    assert_true(domain.current == NO_SNAPSHOT);
    domain_free(&domain);
}

static void
test_find(void **state)
{
    static const struct given given[] = {{"b", NULL, 1, 'u', false},
                                         {"a", NULL, 2, 'u', false},
                                         {"", NULL, 3, 'u', false}};
    cleanup(problems_free) struct problems problems = {0};
    struct domain domain;

    (void)state;
    start(&domain, LAYOUT_LEGACY);
    for (size_t i = 0; i < LENGTH(given); i++)
        add(&domain, &given[i]);
    /* Before it was checked, by going through it, and after that. */
    for (int checked = 0; checked < 2; checked++) {
        assert_int_equal(domain_find(&domain, "a"), 1);
        assert_int_equal(domain_find(&domain, "b"), 0);
        assert_int_equal(domain_find(&domain, ""), 2);
        assert_true(domain_find(&domain, "c") == NO_SNAPSHOT);
        assert_true(domain_find(&domain, "A") == NO_SNAPSHOT);
        if (!checked)
            check_domain(&domain, NULL, &problems);
    }
    domain_free(&domain);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_cycle_last),
        cmocka_unit_test(test_parent_in_other_layout),
        cmocka_unit_test(test_current_in_bulk),
        cmocka_unit_test(test_find),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
