/*
 * test-backup.c - shows that a backup keeps every file that it is given, with
 * its mode, owner and times, and overwrites none: what is there already is
 * enough, and what differs gets a place beside it.
 */
#include "backup-scene.h"

#include <errno.h>
#include <sys/syscall.h>

/* The first of a run's temporary names; it must never be left behind. */
#define LEFT_BEHIND ".virt-snapshot-migrate.new"
#define MIB 1048576

/* Somebody puts a file of this name there just before a copy gets it. */
static const char *taken;

/* Takes the place of the C library's. */
int
renameat2(int from_dir, const char *from, int to_dir, const char *to,
          unsigned int flags)
{
    if (taken && !strcmp(to, taken))
        put_text(to_dir, to, "taken");
    return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

/* Keeps a file of the given text. DOMAIN as with backup_keep(). */
static void
keep_text(struct backup *backup, const struct scene *scene, const char *domain,
          const char *name, const char *text)
{
    struct error error = {0};

    put_text(scene->from, name, text);
    assert_int_equal(backup_keep(backup, domain ? LAYOUT_LEGACY : LAYOUT_BULK,
                                 domain, scene->from, name, &error),
                     0);
    assert_null(error.message);
    assert_false(entry_exists(scene->temp.fd, "kept/" LEFT_BEHIND));
}

static void
test_both_layouts_side_by_side(void **state)
{
    const struct scene *scene = *state;
    struct error error = {0};
    struct backup backup;

    open_kept(&backup, scene);
    keep_text(&backup, scene, NULL, "foo.xml", "bulk of foo");
    keep_text(&backup, scene, "foo", "a.xml", "a of foo");
    keep_text(&backup, scene, "foo.xml", "a.xml", "a of foo.xml");
    assert_int_equal(backup_sync(&backup, &error), 0);
    backup_close(&backup);
    assert_text(scene->temp.fd, "kept/bulk/foo.xml", "bulk of foo");
    assert_text(scene->temp.fd, "kept/legacy/foo/a.xml", "a of foo");
    assert_text(scene->temp.fd, "kept/legacy/foo.xml/a.xml", "a of foo.xml");
    /* The source is copied, not moved. */
    assert_text(scene->temp.fd, "from/foo.xml", "bulk of foo");
}

/* Another one of the same size must not pass for the same. */
static void
test_files_that_differ(void **state)
{
    static const char *const domains[] = {"vm", NULL};
    static const char *const kinds[] = {"legacy", "bulk"};
    const struct scene *scene = *state;
    struct backup backup;

    open_kept(&backup, scene);
    for (size_t i = 0; i < LENGTH(domains); i++) {
        const char *below = domains[i] ? "/vm" : "";
        static const char *const texts[] = {"one", "two", "three"};
        cleanup(free_ptr) char *more = xasprintf("kept/%s.~3~", kinds[i]);

        for (size_t j = 0; j < LENGTH(texts); j++)
            keep_text(&backup, scene, domains[i], "a.xml", texts[j]);
        /* All of these are there: nothing is written, in any order. */
        for (size_t j = LENGTH(texts); j-- > 0;)
            keep_text(&backup, scene, domains[i], "a.xml", texts[j]);
        for (size_t j = 0; j < LENGTH(texts); j++) {
            cleanup(free_ptr) char *numbered =
                j ? xasprintf("kept/%s.~%zu~%s/a.xml", kinds[i], j, below)
                  : xasprintf("kept/%s%s/a.xml", kinds[i], below);

            assert_text(scene->temp.fd, numbered, texts[j]);
        }
        assert_false(entry_exists(scene->temp.fd, more));
        /* Another name is at home in the first. */
        keep_text(&backup, scene, domains[i], "b.xml", "four");
    }
    assert_text(scene->temp.fd, "kept/legacy/vm/b.xml", "four");
    assert_text(scene->temp.fd, "kept/bulk/b.xml", "four");
    assert_false(entry_exists(scene->temp.fd, "kept/legacy.~1~/vm/b.xml"));
    backup_close(&backup);
}

/* They are compared piece by piece: no byte is left out. */
static void
test_large_files_that_differ(void **state)
{
    static const size_t sizes[] = {MIB - 1, MIB, MIB + 1, 2 * MIB + 17};
    const struct scene *scene = *state;
    cleanup(free_ptr) char *bytes = xcalloc(3, MIB);
    struct error error = {0};
    struct backup backup;

    open_kept(&backup, scene);
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        const size_t places[] = {0, MIB - 2, sizes[i] - 1};
        cleanup(free_ptr) char *domain = xasprintf("vm-%zu", i);

        put_file(scene->from, "large", bytes, sizes[i]);
        assert_int_equal(backup_keep(&backup, LAYOUT_LEGACY, domain,
                                     scene->from, "large", &error),
                         0);
        for (size_t j = 0; j < LENGTH(places); j++) {
            cleanup(free_ptr) char *numbered =
                xasprintf("kept/legacy.~%zu~/%s/large", j + 1, domain);
            struct stat stat;

            assert_false(entry_exists(scene->temp.fd, numbered));
            bytes[places[j]] ^= (char)(j + 1);
            put_file(scene->from, "large", bytes, sizes[i]);
            bytes[places[j]] ^= (char)(j + 1);
            assert_int_equal(backup_keep(&backup, LAYOUT_LEGACY, domain,
                                         scene->from, "large", &error),
                             0);
            stat = stat_of(scene->temp.fd, numbered);
            assert_int_equal(stat.st_size, (off_t)sizes[i]);
        }
    }
    backup_close(&backup);
}

static void
test_empty_file(void **state)
{
    const struct scene *scene = *state;
    struct backup backup;

    open_kept(&backup, scene);
    keep_text(&backup, scene, "vm", "a.xml", "");
    keep_text(&backup, scene, "vm", "a.xml", "");
    assert_false(entry_exists(scene->temp.fd, "kept/legacy.~1~"));
    keep_text(&backup, scene, "vm", "a.xml", "no more");
    assert_text(scene->temp.fd, "kept/legacy/vm/a.xml", "");
    assert_text(scene->temp.fd, "kept/legacy.~1~/vm/a.xml", "no more");
    backup_close(&backup);
}

/* Names can be as long as a file name gets: no room for anything behind. */
static void
test_longest_names(void **state)
{
    const struct scene *scene = *state;
    char domain[256] = "", name[256] = "";
    cleanup(free_ptr) char *path = NULL;
    cleanup(free_ptr) char *numbered = NULL;
    struct backup backup;

    memset(domain, 'd', 255);
    memset(name, 'n', 255);
    path = xasprintf("kept/legacy/%s/%s", domain, name);
    numbered = xasprintf("kept/legacy.~1~/%s/%s", domain, name);
    open_kept(&backup, scene);
    keep_text(&backup, scene, domain, name, "one");
    keep_text(&backup, scene, domain, name, "two");
    assert_text(scene->temp.fd, path, "one");
    assert_text(scene->temp.fd, numbered, "two");
    backup_close(&backup);
}

static void
test_mode_and_times(void **state)
{
    static const struct {
        mode_t before, after;
    } modes[] = {{0600, 0600}, {0644, 0600}, {0400, 0400}, {0755, 0700}};
    const struct timespec times[] = {{.tv_nsec = UTIME_NOW},
                                     {.tv_sec = 1234567890, .tv_nsec = 987}};
    const struct scene *scene = *state;
    struct error error = {0};
    struct backup backup;
    struct stat stat;

    open_kept(&backup, scene);
    for (size_t i = 0; i < LENGTH(modes); i++) {
        cleanup(free_ptr) char *name = xasprintf("%zu.xml", i);
        cleanup(free_ptr) char *kept = xasprintf("kept/bulk/%s", name);
        mode_t before;
        int result;

        put_text(scene->from, name, "text");
        assert_int_equal(fchmodat(scene->from, name, modes[i].before, 0), 0);
        assert_int_equal(utimensat(scene->from, name, times, 0), 0);
        before = umask(0077);
        result =
            backup_keep(&backup, LAYOUT_BULK, NULL, scene->from, name, &error);
        (void)umask(before);
        assert_int_equal(result, 0);
        stat = stat_of(scene->temp.fd, kept);
        assert_int_equal(stat.st_mode, S_IFREG | modes[i].after);
        assert_int_equal(stat.st_mtim.tv_sec, 1234567890);
        assert_int_equal(stat.st_mtim.tv_nsec, 987);
        assert_int_equal(stat.st_uid, geteuid());
    }
    stat = stat_of(scene->temp.fd, "kept");
    assert_int_equal(stat.st_mode, S_IFDIR | 0700);
    stat = stat_of(scene->temp.fd, "kept/bulk");
    assert_int_equal(stat.st_mode, S_IFDIR | 0700);
    backup_close(&backup);
}

static void
test_owner(void **state)
{
    const struct scene *scene = *state;
    struct error error = {0};
    struct backup backup;
    struct stat stat;

    if (geteuid() != 0) {
        print_message("skipped: only root can give files away\n");
        skip();
    }
    open_kept(&backup, scene);
    put_text(scene->from, "a.xml", "text");
    assert_int_equal(fchownat(scene->from, "a.xml", 12345, 54321, 0), 0);
    assert_int_equal(
        backup_keep(&backup, LAYOUT_LEGACY, "vm", scene->from, "a.xml", &error),
        0);
    stat = stat_of(scene->temp.fd, "kept/legacy/vm/a.xml");
    assert_int_equal(stat.st_uid, 12345);
    assert_int_equal(stat.st_gid, 54321);
    assert_int_equal(stat.st_mode, S_IFREG | 0600);
    backup_close(&backup);
}

/* What a killed run had begun to write is no copy of anything. */
static void
test_left_behind(void **state)
{
    const struct scene *scene = *state;
    struct backup backup;

    open_kept(&backup, scene);
    put_text(backup.root.fd, LEFT_BEHIND, "half a");
    keep_text(&backup, scene, "vm", "a.xml", "whole");
    assert_text(scene->temp.fd, "kept/legacy/vm/a.xml", "whole");
    backup_close(&backup);
}

/* Keeping it fails; nothing is written for it. */
static void
assert_not_kept(struct backup *backup, const struct scene *scene,
                const char *name)
{
    struct error error = {0};

    assert_int_equal(
        backup_keep(backup, LAYOUT_LEGACY, "vm", scene->from, name, &error),
        -1);
    assert_non_null(error.message);
    assert_non_null(strstr(error.message, name));
    error_clear(&error);
}

static void
test_sources_that_are_no_files(void **state)
{
    const struct scene *scene = *state;
    struct backup backup;

    open_kept(&backup, scene);
    put_text(scene->from, "file", "text");
    assert_int_equal(symlinkat("file", scene->from, "link"), 0);
    assert_int_equal(mkfifoat(scene->from, "fifo", 0600), 0);
    assert_int_equal(mkdirat(scene->from, "dir", 0700), 0);
    assert_not_kept(&backup, scene, "link");
    assert_not_kept(&backup, scene, "fifo");
    assert_not_kept(&backup, scene, "dir");
    assert_not_kept(&backup, scene, "missing");
    assert_false(entry_exists(scene->temp.fd, "kept/legacy/vm/link"));
    backup_close(&backup);
}

/* Links, and other things, where the copies are to go. */
static void
test_strange_backup(void **state)
{
    const struct scene *scene = *state;
    struct backup backup;

    open_kept(&backup, scene);
    put_text(scene->from, "a.xml", "text");
    assert_int_equal(symlinkat("../base", backup.root.fd, "legacy"), 0);
    assert_not_kept(&backup, scene, "a.xml");
    assert_int_equal(unlinkat(backup.root.fd, "legacy", 0), 0);
    assert_int_equal(mkdirat(backup.root.fd, "legacy", 0700), 0);
    assert_int_equal(symlinkat("../../base/vm", backup.root.fd, "legacy/vm"),
                     0);
    assert_not_kept(&backup, scene, "a.xml");
    assert_false(entry_exists(scene->temp.fd, "base/vm/a.xml"));
    assert_int_equal(unlinkat(backup.root.fd, "legacy/vm", 0), 0);
    assert_int_equal(mkdirat(backup.root.fd, "legacy/vm", 0700), 0);
    assert_int_equal(
        symlinkat("../../../base/new", backup.root.fd, "legacy/vm/a.xml"), 0);
    assert_not_kept(&backup, scene, "a.xml");
    assert_false(entry_exists(scene->temp.fd, "base/new"));
    assert_int_equal(unlinkat(backup.root.fd, "legacy/vm/a.xml", 0), 0);
    assert_int_equal(mkfifoat(backup.root.fd, "legacy/vm/a.xml", 0600), 0);
    assert_not_kept(&backup, scene, "a.xml");
    assert_int_equal(unlinkat(backup.root.fd, "legacy/vm/a.xml", 0), 0);
    /* Not a copy, but the file itself: it would go with the source. */
    assert_int_equal(
        linkat(scene->from, "a.xml", backup.root.fd, "legacy/vm/a.xml", 0), 0);
    assert_not_kept(&backup, scene, "a.xml");
    assert_false(entry_exists(scene->temp.fd, "kept/legacy.~1~"));
    backup_close(&backup);
}

static void
test_name_taken_meanwhile(void **state)
{
    const struct scene *scene = *state;
    struct backup backup;

    open_kept(&backup, scene);
    put_text(scene->from, "a.xml", "text");
    taken = "a.xml";
    assert_not_kept(&backup, scene, "a.xml");
    taken = NULL;
    assert_text(scene->temp.fd, "kept/legacy/vm/a.xml", "taken");
    keep_text(&backup, scene, "vm", "a.xml", "text");
    assert_text(scene->temp.fd, "kept/legacy.~1~/vm/a.xml", "text");
    backup_close(&backup);
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, scene_make, scene_remove)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_both_layouts_side_by_side),
        TEST(test_files_that_differ),
        TEST(test_large_files_that_differ),
        TEST(test_empty_file),
        TEST(test_longest_names),
        TEST(test_mode_and_times),
        TEST(test_owner),
        TEST(test_left_behind),
        TEST(test_sources_that_are_no_files),
        TEST(test_strange_backup),
        TEST(test_name_taken_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
