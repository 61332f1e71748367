/* The tree of a domain: its order, its depths, and how it is drawn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../verify/listing.h"
#include "../../verify/memory.h"
#include "../../verify/tree.h"
#include "support.h"

static struct listed_snapshot *
add(struct listing *listing, const char *name, const char *parent, int created)
{
    struct listed_snapshot *snapshot = listed_add(&listing->list[0], name);

    snapshot->parent = parent ? xstrdup(parent) : NULL;
    snapshot->created = created;
    snapshot->has_created = true;
    return snapshot;
}

static void
start(struct listing *listing)
{
    *listing = (struct listing){0};
    (void)listing_add(listing, "web");
}

/* "name:depth ..." in the order of the tree. */
static void
expect(struct listing *listing, const char *wanted)
{
    struct buffer text = {0};

    tree_arrange(&listing->list[0]);
    for (size_t i = 0; i < listing->list[0].count; i++)
        buffer_printf(&text, "%s%s:%zu", i ? " " : "",
                      listing->list[0].list[i].name,
                      listing->list[0].list[i].depth);
    buffer_add(&text, "", 1);
    assert_string_equal(text.data, wanted);
    buffer_free(&text);
    listing_free(listing);
}

static void
test_children_by_age_then_name(void **state)
{
    struct listing listing;

    (void)state;
    start(&listing);
    (void)add(&listing, "late", "root", 30);
    (void)add(&listing, "b", "root", 20);
    (void)add(&listing, "below", "b", 25);
    (void)add(&listing, "a", "root", 20);
    (void)add(&listing, "root", NULL, 10);
    (void)add(&listing, "other", NULL, 5);
    expect(&listing, "other:0 root:0 a:1 b:1 below:2 late:1");
}

static void
test_an_orphan_is_a_root(void **state)
{
    struct listing listing;

    (void)state;
    start(&listing);
    (void)add(&listing, "s2", "gone", 20);
    (void)add(&listing, "s3", "s2", 30);
    expect(&listing, "s2:0 s3:1");
}

static void
test_the_oldest_of_a_cycle_is_its_root(void **state)
{
    struct listing listing;

    (void)state;
    start(&listing);
    (void)add(&listing, "c", "b", 30);
    (void)add(&listing, "a", "c", 10);
    (void)add(&listing, "b", "a", 20);
    (void)add(&listing, "below", "c", 40);
    (void)add(&listing, "self", "self", 50);
    (void)add(&listing, "sound", NULL, 60);
    expect(&listing, "sound:0 a:0 b:1 c:2 below:3 self:0");
}

static void
test_twins_are_both_listed(void **state)
{
    struct listing listing;

    (void)state;
    start(&listing);
    (void)add(&listing, "one", NULL, 10);
    (void)add(&listing, "one", NULL, 10);
    (void)add(&listing, "child", "one", 20);
    expect(&listing, "one:0 child:1 one:0");
}

static void
test_an_empty_domain(void **state)
{
    struct listing listing;

    (void)state;
    start(&listing);
    expect(&listing, "");
}

#define LONG 16384

static void
test_a_long_chain(void **state)
{
    struct listing listing;
    char *drawn = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&drawn, &len);

    (void)state;
    start(&listing);
    for (int i = LONG - 1; i >= 0; i--) {
        char name[16], parent[16];

        (void)snprintf(name, sizeof(name), "s%d", i);
        (void)snprintf(parent, sizeof(parent), "s%d", i - 1);
        (void)add(&listing, name, i ? parent : NULL, i);
    }
    tree_arrange(&listing.list[0]);
    for (size_t i = 0; i < LONG; i++)
        assert_int_equal(listing.list[0].list[i].depth, i);
    tree_print(out, &listing.list[0]);
    assert_int_equal(fclose(out), 0);
    /* It is not drawn ever further to the right. */
    assert_true(len < LONG * 400);
    assert_non_null(strstr(drawn, "+- (depth 16383) s16383  1970-01-01"));
    free(drawn);
    listing_free(&listing);
}

static void
test_moments(void **state)
{
    (void)state;
    assert_string_equal(tree_moment(0).text, "1970-01-01 00:00:00 UTC");
    assert_string_equal(tree_moment(1700000000).text,
                        "2023-11-14 22:13:20 UTC");
    assert_string_equal(tree_moment(-5).text, "1969-12-31 23:59:55 UTC");
    assert_string_equal(tree_moment(9223372036854775807).text,
                        "9223372036854775807");
    assert_string_equal(tree_moment(253402300800).text, "253402300800");
}

static void
test_drawing(void **state)
{
    struct listing listing;
    struct listed_snapshot *hidden;
    char *drawn = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&drawn, &len);

    (void)state;
    start(&listing);
    (void)add(&listing, "base", NULL, 0);
    (void)add(&listing, "left", "base", 1);
    (void)add(&listing, "below", "left", 2);
    hidden = add(&listing, "right\x1b", "base", 3);
    hidden->showing[LAYOUT_LEGACY] = SHOWING_HIDDEN;
    hidden->reason[LAYOUT_LEGACY] = xstrdup("no \t");
    tree_arrange(&listing.list[0]);
    tree_print(out, &listing.list[0]);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(
        drawn, "web (legacy, 4 snapshots)\n"
               "  base  1970-01-01 00:00:00 UTC  stock: shown, bulk: shown\n"
               "    |\n"
               "    +- left  1970-01-01 00:00:01 UTC  stock: shown, bulk: "
               "shown\n"
               "    |   |\n"
               "    |   +- below  1970-01-01 00:00:02 UTC  stock: shown, bulk: "
               "shown\n"
               "    |\n"
               "    +- right\\x1b  1970-01-01 00:00:03 UTC  stock: hidden, "
               "bulk: shown\n"
               "            stock: no \\t\n");
    free(drawn);
    listing_free(&listing);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_children_by_age_then_name),
        cmocka_unit_test(test_an_orphan_is_a_root),
        cmocka_unit_test(test_the_oldest_of_a_cycle_is_its_root),
        cmocka_unit_test(test_twins_are_both_listed),
        cmocka_unit_test(test_an_empty_domain),
        cmocka_unit_test(test_a_long_chain),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_drawing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
