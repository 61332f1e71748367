/*
 * test-clash.c - shows in which waves domains are converted that need each
 * other's names, which are refused because a name stays taken, and why.
 */
#include "support.h"

#include "../../migrate/clash.h"
#include "../../migrate/plan.h"
#include "../../verify/staging.h"

#define ITEMS_MAX 40
#define ENTRIES_MAX 40

/* A plan in memory: what BASE holds, and what was decided on its domains. */
struct made {
    struct plan plan;
    struct item items[ITEMS_MAX];
    struct entry entries[ENTRIES_MAX];
};

/* Items and entries both begin with their name. */
static int
compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void
add_entry(struct made *made, const char *name, mode_t type)
{
    struct entries *entries = &made->plan.survey.entries;

    assert_true(entries->count < ENTRIES_MAX);
    made->entries[entries->count++] =
        (struct entry){.name = xstrdup(name), .type = type};
}

/* What of a domain there is to convert: a directory for one layout, else a
 * bulk file. */
static struct item *
add_item(struct made *made, const char *name, enum layout to,
         enum action action)
{
    struct item *item = &made->items[made->plan.count++];

    assert_true(made->plan.count <= ITEMS_MAX);
    *item = (struct item){
        .name = xstrdup(name), .action = action, .selected = true};
    item->entry[!to] =
        to == LAYOUT_BULK ? xstrdup(name) : xasprintf("%s.xml", name);
    add_entry(made, item->entry[!to], to == LAYOUT_BULK ? S_IFDIR : S_IFREG);
    return item;
}

static void
resolve(struct made *made, const struct settings *settings)
{
    made->plan.items = made->items;
    made->plan.survey.entries.list = made->entries;
    qsort(made->items, made->plan.count, sizeof(*made->items), compare_names);
    qsort(made->entries, made->plan.survey.entries.count,
          sizeof(*made->entries), compare_names);
    clash_resolve(&made->plan, settings);
}

static void
made_free(struct made *made)
{
    for (size_t i = 0; i < made->plan.count; i++) {
        free((char *)(uintptr_t)made->items[i].name);
        free((char *)(uintptr_t)made->items[i].entry[LAYOUT_LEGACY]);
        free((char *)(uintptr_t)made->items[i].entry[LAYOUT_BULK]);
    }
    for (size_t i = 0; i < made->plan.survey.entries.count; i++)
        free(made->entries[i].name);
    problems_free(&made->plan.problems);
}

static struct item *
item_of(struct made *made, const char *name)
{
    struct item *item = plan_find(&made->plan, name);

    assert_non_null(item);
    return item;
}

/* The longest goes first to bulk files, the shortest back. */
static void
run_chain(enum layout to, size_t length)
{
    struct settings settings = {.to = to};
    struct made made = {0};
    char name[4 * ITEMS_MAX] = "foo";

    for (size_t i = 0; i < length; i++) {
        (void)add_item(&made, name, to, ACTION_CONVERT);
        (void)strncat(name, ".xml", sizeof(name) - strlen(name) - 1);
    }
    resolve(&made, &settings);
    assert_found(&made.plan.problems, "", "a chain");
    assert_int_equal(made.plan.waves, length);
    for (size_t i = 0; i < length; i++) {
        /* In the order of the names, which is that of their lengths. */
        struct item *item = &made.items[i];
        bool to_bulk = to == LAYOUT_BULK;
        bool first = i == (to_bulk ? length - 1 : 0);

        assert_int_equal(item->action, ACTION_CONVERT);
        assert_int_equal(item->wave, to_bulk ? length - 1 - i : i);
        assert_ptr_equal(item->waits_for, first     ? NULL
                                          : to_bulk ? item + 1
                                                    : item - 1);
    }
    made_free(&made);
}

static void
test_chains(void **state)
{
    (void)state;
    for (size_t length = 1; length <= 30; length++) {
        run_chain(LAYOUT_BULK, length);
        run_chain(LAYOUT_LEGACY, length);
    }
}

/* Whoever needs no name of another is in the first wave. */
static void
test_no_clash(void **state)
{
    static const char *const names[] = {"a",    "b",    "a.xm",     "xml",
                                        ".xml", "axml", "A.xml.xml"};

    (void)state;
    for (int to = LAYOUT_LEGACY; to <= LAYOUT_BULK; to++) {
        struct settings settings = {.to = (enum layout)to};
        struct made made = {0};

        for (size_t i = 0; i < LENGTH(names); i++)
            (void)add_item(&made, names[i], (enum layout)to, ACTION_CONVERT);
        resolve(&made, &settings);
        assert_found(&made.plan.problems, "", "no clash");
        assert_int_equal(made.plan.waves, 1);
        for (size_t i = 0; i < made.plan.count; i++) {
            assert_int_equal(made.items[i].action, ACTION_CONVERT);
            assert_int_equal(made.items[i].wave, 0);
            assert_null(made.items[i].waits_for);
        }
        made_free(&made);
    }
}

/* Two domains, of which foo needs the other's name to become a bulk file, and
 * foo.xml needs it to become a directory. */
static const struct {
    enum layout to;
    enum action action; /* of the one that has the name */
    bool unselected;
    size_t foreign;
    const char *why; /* NULL: it gives up the name */
} owners[] = {
    {LAYOUT_BULK, ACTION_CONVERT, false, 0, NULL},
    {LAYOUT_BULK, ACTION_FINISH, false, 0, NULL},
    {LAYOUT_BULK, ACTION_REMOVE_EMPTY, false, 0, NULL},
    {LAYOUT_BULK, ACTION_REFUSE, false, 0, "refused as well"},
    {LAYOUT_BULK, ACTION_NONE, false, 1, "no snapshots are in it"},
    {LAYOUT_BULK, ACTION_CONVERT, true, 0, "not selected"},
    {LAYOUT_BULK, ACTION_CONVERT, false, 1, "other entries are in it"},
    {LAYOUT_BULK, ACTION_FINISH, false, 2, "other entries are in it"},
    {LAYOUT_LEGACY, ACTION_CONVERT, false, 0, NULL},
    {LAYOUT_LEGACY, ACTION_FINISH, false, 0, NULL},
    {LAYOUT_LEGACY, ACTION_REFUSE, false, 0, "refused as well"},
    {LAYOUT_LEGACY, ACTION_CONVERT, true, 0, "not selected"},
    /* A bulk file goes, whatever else is in the directory. */
    {LAYOUT_LEGACY, ACTION_CONVERT, false, 1, NULL},
};

static void
test_owners(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(owners); i++) {
        enum layout to = owners[i].to;
        struct settings settings = {.to = to};
        const char *needs = to == LAYOUT_BULK ? "foo" : "foo.xml";
        const char *has = to == LAYOUT_BULK ? "foo.xml" : "foo";
        struct made made = {0};
        struct item *owner, *item;

        (void)add_item(&made, needs, to, ACTION_CONVERT);
        owner = add_item(&made, has, to, owners[i].action);
        owner->selected = !owners[i].unselected;
        owner->foreign = owners[i].foreign;
        resolve(&made, &settings);
        item = item_of(&made, needs);
        assert_int_equal(item_of(&made, has)->action, owners[i].action);
        if (!owners[i].why) {
            assert_found(&made.plan.problems, "", needs);
            assert_int_equal(item->action, ACTION_CONVERT);
            assert_int_equal(item->wave, 1);
            assert_int_equal(made.plan.waves, 2);
        } else {
            assert_found(&made.plan.problems, "name-clash", owners[i].why);
            assert_string_equal(made.plan.problems.list[0].domain, needs);
            assert_non_null(
                strstr(made.plan.problems.list[0].detail, owners[i].why));
            assert_non_null(strstr(made.plan.problems.list[0].detail,
                                   "'foo.xml' is in the way"));
            assert_int_equal(item->action, ACTION_REFUSE);
        }
        made_free(&made);
    }
}

/* A name that stays taken refuses all that wait for it, one after another. */
static void
test_chain_refused(void **state)
{
    static const char *const names[] = {"x", "x.xml", "x.xml.xml",
                                        "x.xml.xml.xml"};

    (void)state;
    for (int to = LAYOUT_LEGACY; to <= LAYOUT_BULK; to++) {
        struct settings settings = {.to = (enum layout)to};
        struct made made = {0};

        for (size_t i = 0; i < LENGTH(names); i++)
            (void)add_item(&made, names[i], (enum layout)to, ACTION_CONVERT);
        (void)add_item(&made, "y", (enum layout)to, ACTION_CONVERT);
        made.items[to == LAYOUT_BULK ? 2 : 1].action = ACTION_REFUSE;
        resolve(&made, &settings);
        assert_found(&made.plan.problems, "name-clash name-clash", "a chain");
        for (size_t i = 0; i < LENGTH(names); i++) {
            bool goes = to == LAYOUT_BULK ? i == 3 : i == 0;

            assert_int_equal(item_of(&made, names[i])->action,
                             goes ? ACTION_CONVERT : ACTION_REFUSE);
        }
        assert_int_equal(item_of(&made, "y")->action, ACTION_CONVERT);
        made_free(&made);
    }
}

/* What is in the way and belongs to no domain, by its type. */
static void
test_strangers(void **state)
{
    static const struct {
        enum layout to;
        const char *entry;
        mode_t type;
        const char *detail;
    } cases[] = {
        {LAYOUT_BULK, "foo.xml", S_IFIFO,
         "'foo.xml' is in the way, a fifo: it belongs to no domain"},
        {LAYOUT_BULK, "foo.xml", S_IFLNK,
         "'foo.xml' is in the way, a symbolic link: it belongs to no domain"},
        {LAYOUT_LEGACY, "foo", S_IFREG,
         "'foo' is in the way, a file: it belongs to no domain"},
        {LAYOUT_LEGACY, "foo", S_IFLNK,
         "'foo' is in the way, a symbolic link: it belongs to no domain"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct settings settings = {.to = cases[i].to};
        struct made made = {0};

        (void)add_item(&made, "foo", cases[i].to, ACTION_CONVERT);
        add_entry(&made, cases[i].entry, cases[i].type);
        resolve(&made, &settings);
        assert_found(&made.plan.problems, "name-clash", cases[i].detail);
        assert_string_equal(made.plan.problems.list[0].detail, cases[i].detail);
        assert_string_equal(made.plan.problems.list[0].file,
                            made.items[0].entry[!cases[i].to]);
        assert_int_equal(made.items[0].action, ACTION_REFUSE);
        made_free(&made);
    }
}

/* Who takes no new name in BASE is not in anybody's way. */
static void
test_no_name_needed(void **state)
{
    static const struct settings cases[] = {
        {.to = LAYOUT_BULK, .elsewhere = true},
        {.to = LAYOUT_LEGACY, .elsewhere = true},
        {.to = LAYOUT_BULK, .no_suffix = true},
        {.to = LAYOUT_LEGACY, .no_suffix = true},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct made made = {0};

        (void)add_item(&made, "foo", cases[i].to, ACTION_CONVERT);
        (void)add_item(&made, "foo.xml", cases[i].to, ACTION_REFUSE);
        resolve(&made, &cases[i]);
        assert_found(&made.plan.problems, "", "no name is needed");
        assert_int_equal(made.plan.waves, 1);
        assert_int_equal(item_of(&made, "foo")->action, ACTION_CONVERT);
        made_free(&made);
    }
}

/* Nor who is not converted, not selected, or has the name already. */
static void
test_not_in_need(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct settings settings = {.to = LAYOUT_BULK};
        struct made made = {0};
        struct item *item = add_item(&made, "foo", LAYOUT_BULK, ACTION_CONVERT);
        static const enum action actions[] = {ACTION_NONE, ACTION_FINISH,
                                              ACTION_REMOVE_EMPTY};

        (void)add_item(&made, "foo.xml", LAYOUT_BULK, ACTION_REFUSE);
        if (i < 3)
            item->action = actions[i];
        else if (i == 3)
            item->selected = false;
        else
            item->entry[LAYOUT_BULK] = xstrdup("foo.xml");
        resolve(&made, &settings);
        assert_found(&made.plan.problems, "", "no name is needed");
        assert_int_equal(item_of(&made, "foo")->action,
                         i < 3 ? actions[i] : ACTION_CONVERT);
        made_free(&made);
    }
}

/* DOMAIN.xml has at most 255 bytes; without suffix the name fits anyway. */
static void
test_long_names(void **state)
{
    static const struct {
        size_t len;
        struct settings settings;
        enum action action;
        enum action expected;
    } cases[] = {
        {251, {.to = LAYOUT_BULK}, ACTION_CONVERT, ACTION_CONVERT},
        {252, {.to = LAYOUT_BULK}, ACTION_CONVERT, ACTION_REFUSE},
        {252,
         {.to = LAYOUT_BULK, .elsewhere = true},
         ACTION_CONVERT,
         ACTION_REFUSE},
        {252,
         {.to = LAYOUT_BULK, .no_suffix = true},
         ACTION_CONVERT,
         ACTION_CONVERT},
        {252, {.to = LAYOUT_LEGACY}, ACTION_CONVERT, ACTION_CONVERT},
        {252, {.to = LAYOUT_BULK}, ACTION_NONE, ACTION_NONE},
        {252, {.to = LAYOUT_BULK}, ACTION_REMOVE_EMPTY, ACTION_REMOVE_EMPTY},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(free_ptr) char *name = xcalloc(cases[i].len + 1, 1);
        struct made made = {0};
        bool refused = cases[i].action != cases[i].expected;

        memset(name, 'n', cases[i].len);
        (void)add_item(&made, name, cases[i].settings.to, cases[i].action);
        resolve(&made, &cases[i].settings);
        assert_int_equal(made.items[0].action, cases[i].expected);
        assert_found(&made.plan.problems, refused ? "domain-name-unsafe" : "",
                     "a long name");
        made_free(&made);
    }
}

/* Nor may the result have the name under which copies are built. */
static void
test_staging_name(void **state)
{
    cleanup(free_ptr) char *shorter =
        xstrndup(STAGE_NAME, strlen(STAGE_NAME) - 1);

    (void)state;
    for (int i = 0; i < 4; i++) {
        const char *name = i & 1 ? shorter : STAGE_NAME;
        struct settings settings = {.to = LAYOUT_LEGACY,
                                    .elsewhere = (i & 2) != 0};
        struct made made = {0};

        (void)add_item(&made, name, LAYOUT_LEGACY, ACTION_CONVERT);
        resolve(&made, &settings);
        assert_int_equal(made.items[0].action,
                         i & 1 ? ACTION_CONVERT : ACTION_REFUSE);
        assert_found(&made.plan.problems, i & 1 ? "" : "name-clash", name);
        made_free(&made);
    }
}

/* A plan of nothing. */
static void
test_empty(void **state)
{
    struct settings settings = {.to = LAYOUT_BULK};
    struct made made = {0};

    (void)state;
    resolve(&made, &settings);
    assert_int_equal(made.plan.waves, 1);
    assert_found(&made.plan.problems, "", "nothing");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chains),
        cmocka_unit_test(test_no_clash),
        cmocka_unit_test(test_owners),
        cmocka_unit_test(test_chain_refused),
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_no_name_needed),
        cmocka_unit_test(test_not_in_need),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_staging_name),
        cmocka_unit_test(test_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
