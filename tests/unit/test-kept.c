/*
 * test-kept.c - shows that what was read for a plan is used again only if
 * nothing of it has changed since, and that no more is kept than there is room
 * for.
 */
#include "planning.h"

/* Plan for a store with the domain "foo", and take what is kept of it. */
static bool
is_kept(const char *store, bool carry_out, const struct kept *full,
        void (*change)(int dir))
{
    struct settings settings = usual_settings(
        (struct settings){.to = LAYOUT_BULK, .carry_out = carry_out});
    struct item item = {.name = "foo", .entry = {"foo", NULL}};
    struct kept kept = full ? *full : (struct kept){0};
    struct reading reading, again = {.domain = {{.fd = -1}, {.fd = -1}}};
    struct error error = {0};
    struct temp temp;
    bool taken;

    temp_make(&temp);
    put_store(temp.fd, store);
    assert_int_equal(plan_read(&reading, &item, temp.fd, &settings, &error), 0);
    if (carry_out)
        kept_put(&kept, &item, &reading);
    reading_free(&reading);
    if (change)
        change(temp.fd);
    taken = kept_take(&item, temp.fd, NULL, &again);
    assert_null(item.kept);
    assert_int_equal(again.domain[LAYOUT_LEGACY].count, taken ? 2 : 0);
    assert_int_equal(again.domain[LAYOUT_LEGACY].fd >= 0, taken);
    reading_free(&again);
    temp_remove(&temp);
    return taken;
}

static void
rewrite(int dir)
{
    put_text(dir, "foo/a.xml", "changed");
}

static void
add(int dir)
{
    put_text(dir, "foo/n.xml", "new");
}

static void
take_away(int dir)
{
    assert_int_equal(unlinkat(dir, "foo/b.xml", 0), 0);
}

static void
replace_file(int dir)
{
    assert_int_equal(renameat(dir, "foo/a.xml", dir, "foo/b.xml"), 0);
}

static void
replace_all(int dir)
{
    assert_int_equal(renameat(dir, "foo", dir, "bar"), 0);
    assert_int_equal(mkdirat(dir, "foo", 0755), 0);
}

static void
change_mode(int dir)
{
    assert_int_equal(fchmodat(dir, "foo/a.xml", 0400, 0), 0);
}

static void
test_unchanged(void **state)
{
    (void)state;
    assert_true(is_kept("foo/a foo/b*", true, NULL, NULL));
    assert_false(is_kept("foo/a foo/b*", false, NULL, NULL));
    assert_false(is_kept("foo/a foo/b* foo/x?", true, NULL, NULL));
}

static void
test_changed(void **state)
{
    (void)state;
    assert_false(is_kept("foo/a foo/b*", true, NULL, rewrite));
    assert_false(is_kept("foo/a foo/b*", true, NULL, add));
    assert_false(is_kept("foo/a foo/b*", true, NULL, take_away));
    assert_false(is_kept("foo/a foo/b*", true, NULL, replace_file));
    assert_false(is_kept("foo/a foo/b*", true, NULL, replace_all));
    assert_false(is_kept("foo/a foo/b*", true, NULL, change_mode));
}

/* Memory and descriptors are bounded. */
static void
test_room(void **state)
{
    static const struct kept full = {.snapshots = SNAPSHOTS_MAX - 1};
    static const struct kept room = {.snapshots = SNAPSHOTS_MAX - 2};
    static const struct kept many = {.domains = 128};

    (void)state;
    assert_false(is_kept("foo/a foo/b*", true, &full, NULL));
    assert_true(is_kept("foo/a foo/b*", true, &room, NULL));
    assert_false(is_kept("foo/a foo/b*", true, &many, NULL));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unchanged),
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
