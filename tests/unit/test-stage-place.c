/*
 * test-stage-place.c - shows that a new copy is renamed over nothing that it
 * should not replace, also where the file system knows no flags; and that a
 * file which is no longer the one that was read is not removed.
 */
#include "support.h"

#include <errno.h>
#include <sys/syscall.h>

#include "../../migrate/stage.h"
#include "../../verify/error.h"

/* What the next renames with flags fail with; 0: they are made. */
static int rename_fails;

/* Takes the place of the C library's, to be a file system without flags. */
int
renameat2(int from_dir, const char *from, int to_dir, const char *to,
          unsigned int flags)
{
    if (rename_fails && flags) {
        errno = rename_fails;
        return -1;
    }
    return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

static int
temp_setup(void **state)
{
    rename_fails = 0;
    return group_temp_make(state);
}

/* Nothing is replaced, and what is not placed stays where it was. */
static void
check_noreplace(const struct temp *temp)
{
    struct error error = {0};

    put_text(temp->fd, "new", "new");
    put_text(temp->fd, "old", "old");
    assert_int_equal(
        stage_place(temp->fd, "new", temp->fd, "old", RENAME_NOREPLACE, &error),
        -1);
    assert_int_equal(error.number, EEXIST);
    assert_non_null(strstr(error.message, "'old'"));
    assert_text(temp->fd, "old", "old");
    assert_text(temp->fd, "new", "new");
    /* Not over a link either, and not through it. */
    assert_int_equal(symlinkat("nowhere", temp->fd, "dangling"), 0);
    assert_int_equal(stage_place(temp->fd, "new", temp->fd, "dangling",
                                 RENAME_NOREPLACE, &error),
                     -1);
    assert_int_equal(error.number, EEXIST);
    assert_false(entry_exists(temp->fd, "nowhere"));
    error_clear(&error);
    assert_int_equal(stage_place(temp->fd, "new", temp->fd, "free",
                                 RENAME_NOREPLACE, &error),
                     0);
    assert_text(temp->fd, "free", "new");
    assert_int_equal(stat_of(temp->fd, "free").st_nlink, 1);
    assert_false(entry_exists(temp->fd, "new"));
    assert_int_equal(stage_place(temp->fd, "missing", temp->fd, "free-too",
                                 RENAME_NOREPLACE, &error),
                     -1);
    assert_int_equal(error.number, ENOENT);
    error_clear(&error);
    /* Directories. */
    assert_int_equal(mkdirat(temp->fd, "full", 0700), 0);
    put_text(temp->fd, "full/file", "kept");
    assert_int_equal(mkdirat(temp->fd, "new-dir", 0700), 0);
    put_text(temp->fd, "new-dir/file", "new");
    assert_int_equal(stage_place(temp->fd, "new-dir", temp->fd, "full",
                                 RENAME_NOREPLACE, &error),
                     -1);
    assert_text(temp->fd, "full/file", "kept");
    assert_int_equal(stage_place(temp->fd, "new-dir", temp->fd, "old",
                                 RENAME_NOREPLACE, &error),
                     -1);
    assert_text(temp->fd, "old", "old");
    error_clear(&error);
    assert_int_equal(stage_place(temp->fd, "new-dir", temp->fd, "free-dir",
                                 RENAME_NOREPLACE, &error),
                     0);
    assert_text(temp->fd, "free-dir/file", "new");
    assert_false(entry_exists(temp->fd, "new-dir"));
}

static void
test_place_noreplace(void **state)
{
    check_noreplace(*state);
}

/* A file system that knows no flags: the same without them. */
static void
test_place_without_flags(void **state)
{
    rename_fails = EINVAL;
    check_noreplace(*state);
}

static void
test_place_without_call(void **state)
{
    rename_fails = ENOSYS;
    check_noreplace(*state);
}

/* Other failures are no reason to try it another way; nor is a swap. */
static void
test_place_fails(void **state)
{
    const struct temp *temp = *state;
    struct error error = {0};

    put_text(temp->fd, "new", "new");
    rename_fails = EIO;
    assert_int_equal(stage_place(temp->fd, "new", temp->fd, "free",
                                 RENAME_NOREPLACE, &error),
                     -1);
    assert_int_equal(error.number, EIO);
    assert_false(entry_exists(temp->fd, "free"));
    put_text(temp->fd, "old", "old");
    rename_fails = EINVAL;
    assert_int_equal(
        stage_place(temp->fd, "new", temp->fd, "old", RENAME_EXCHANGE, &error),
        -1);
    assert_int_equal(error.number, EINVAL);
    error_clear(&error);
    assert_text(temp->fd, "old", "old");
    assert_text(temp->fd, "new", "new");
}

static void
test_place_replaces_and_swaps(void **state)
{
    const struct temp *temp = *state;
    struct error error = {0};

    put_text(temp->fd, "new", "new");
    put_text(temp->fd, "old", "old");
    assert_int_equal(stage_place(temp->fd, "new", temp->fd, "old", 0, &error),
                     0);
    assert_text(temp->fd, "old", "new");
    assert_false(entry_exists(temp->fd, "new"));
    assert_int_equal(mkdirat(temp->fd, "dir", 0700), 0);
    put_text(temp->fd, "dir/inside", "inside");
    if (stage_place(temp->fd, "old", temp->fd, "dir", RENAME_EXCHANGE, &error) <
        0) {
        assert_int_equal(error.number, EINVAL);
        error_clear(&error);
        print_message("skipped: this file system cannot swap two names\n");
        skip();
    }
    assert_text(temp->fd, "dir", "new");
    assert_text(temp->fd, "old/inside", "inside");
}

static struct file_id
id_of(int dir, const char *name)
{
    struct stat stat = stat_of(dir, name);

    return file_id(&stat);
}

static void
assert_not_removed(const struct temp *temp, const char *name,
                   const struct file_id *id)
{
    struct error error = {0};

    assert_int_equal(stage_remove(temp->fd, name, id, &error), -1);
    assert_non_null(error.message);
    assert_non_null(strstr(error.message, name));
    error_clear(&error);
}

/* Each with the size and the times that it had. */
static void
test_remove_only_what_was_read(void **state)
{
    const struct timespec times[] = {{.tv_sec = 1234567890},
                                     {.tv_sec = 1234567890}};
    const struct temp *temp = *state;
    struct error error = {0};
    struct file_id id;

    put_text(temp->fd, "file", "read");
    assert_int_equal(utimensat(temp->fd, "file", times, 0), 0);
    id = id_of(temp->fd, "file");
    /* Another one has its name. */
    put_text(temp->fd, "other", "new!");
    assert_int_equal(utimensat(temp->fd, "other", times, 0), 0);
    assert_int_equal(renameat(temp->fd, "file", temp->fd, "moved"), 0);
    assert_int_equal(renameat(temp->fd, "other", temp->fd, "file"), 0);
    assert_not_removed(temp, "file", &id);
    assert_text(temp->fd, "file", "new!");
    /* A link to it, and a fifo. */
    assert_int_equal(unlinkat(temp->fd, "file", 0), 0);
    assert_int_equal(symlinkat("moved", temp->fd, "file"), 0);
    assert_not_removed(temp, "file", &id);
    assert_true(S_ISLNK(stat_of(temp->fd, "file").st_mode));
    assert_int_equal(unlinkat(temp->fd, "file", 0), 0);
    assert_int_equal(mkfifoat(temp->fd, "file", 0600), 0);
    assert_not_removed(temp, "file", &id);
    assert_true(S_ISFIFO(stat_of(temp->fd, "file").st_mode));
    assert_int_equal(unlinkat(temp->fd, "file", 0), 0);
    /* It is missing. */
    assert_not_removed(temp, "file", &id);
    /* The very file: written to since. */
    id = id_of(temp->fd, "moved");
    put_text(temp->fd, "moved", "newer");
    assert_not_removed(temp, "moved", &id);
    assert_text(temp->fd, "moved", "newer");
    id = id_of(temp->fd, "moved");
    assert_int_equal(stage_remove(temp->fd, "moved", &id, &error), 0);
    assert_null(error.message);
    assert_false(entry_exists(temp->fd, "moved"));
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, temp_setup, group_temp_remove)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_place_noreplace),
        TEST(test_place_without_flags),
        TEST(test_place_without_call),
        TEST(test_place_fails),
        TEST(test_place_replaces_and_swaps),
        TEST(test_remove_only_what_was_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
