/*
 * test-backup-open.c - shows that a backup and the snapshot directory cannot
 * lie in each other, under whatever name; that a backup is made where it is
 * missing; and that two runs cannot have one at once.
 */
#include "backup-scene.h"

/* Is refused, WHY is said, and nothing is made. */
static void
assert_refused(const struct scene *scene, const char *name, const char *why)
{
    struct error error = {0};
    struct backup backup;
    bool before = entry_exists(scene->temp.fd, name);

    assert_int_equal(open_named(&backup, scene, name, &error), -1);
    assert_non_null(error.message);
    if (!strstr(error.message, why))
        print_error("%s: %s\n", name, error.message);
    assert_non_null(strstr(error.message, why));
    assert_int_equal(entry_exists(scene->temp.fd, name), before);
    error_clear(&error);
    backup_close(&backup);
}

static void
test_backup_in_base(void **state)
{
    static const char *const names[] = {
        /* there */
        "base", "base/", "base/.", "base/vm", "base/vm/deep", "from/../base/vm",
        "link", "link/vm", "deep-link", "from/upward/vm",
        /* to be made */
        "base/new", "base/new//", "base/vm/new", "base/vm/deep/new", "link/new",
        "deep-link/new", "from/upward/new"};
    const struct scene *scene = *state;
    int top = scene->temp.fd;

    assert_int_equal(mkdirat(top, "base/vm/deep", 0700), 0);
    assert_int_equal(symlinkat("base", top, "link"), 0);
    assert_int_equal(symlinkat("base/vm/deep", top, "deep-link"), 0);
    assert_int_equal(symlinkat("../base", top, "from/upward"), 0);
    for (size_t i = 0; i < LENGTH(names); i++)
        assert_refused(scene, names[i], "lies in the snapshot directory");
    /* A link to what is not there: nothing comes to be there either. */
    assert_int_equal(symlinkat("base/new", top, "dangling"), 0);
    assert_refused(scene, "dangling", "cannot open directory");
    assert_false(entry_exists(scene->temp.fd, "base/new"));
}

static void
test_base_in_backup(void **state)
{
    const struct scene *scene = *state;

    assert_refused(scene, "", "lies in the backup");
    assert_refused(scene, "base/..", "lies in the backup");
    assert_int_equal(symlinkat(".", scene->temp.fd, "around"), 0);
    assert_refused(scene, "around", "lies in the backup");
    assert_refused(scene, "../", "lies in the backup");
}

static void
test_cannot_be_made(void **state)
{
    const struct scene *scene = *state;

    put_text(scene->temp.fd, "file", "text");
    assert_refused(scene, "file", "cannot open directory");
    assert_refused(scene, "none/kept", "cannot make directory");
    assert_refused(scene, "file/kept", "cannot make directory");
}

/* Names that end in slashes, or begin in the working directory. */
static void
test_made_where_it_is_missing(void **state)
{
    const struct scene *scene = *state;
    cleanup(close_fd) int before =
        open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct error error = {0};
    struct backup backup;

    assert_int_equal(open_named(&backup, scene, "first///", &error), 0);
    backup_close(&backup);
    assert_true(entry_exists(scene->temp.fd, "first"));
    assert_int_equal(fchdir(scene->temp.fd), 0);
    assert_int_equal(backup_open(&backup, "second", &scene->base, &error), 0);
    backup_close(&backup);
    assert_int_equal(fchdir(before), 0);
    assert_true(entry_exists(scene->temp.fd, "second"));
    /* A neighbour whose name begins like BASE's does not lie in it. */
    assert_int_equal(open_named(&backup, scene, "base-kept", &error), 0);
    backup_close(&backup);
}

/* Two runs must not write into one at once. */
static void
test_locked(void **state)
{
    const struct scene *scene = *state;
    struct error error = {0};
    struct backup first, second;

    open_kept(&first, scene);
    assert_int_equal(open_named(&second, scene, "kept", &error), -1);
    assert_int_equal(error.status, EXIT_BUSY);
    error_clear(&error);
    backup_close(&second);
    backup_close(&first);
    open_kept(&second, scene);
    backup_close(&second);
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, scene_make, scene_remove)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_backup_in_base), TEST(test_base_in_backup),
        TEST(test_cannot_be_made), TEST(test_made_where_it_is_missing),
        TEST(test_locked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
