/*
 * test-staging.c - shows what is told of a staging directory that was left
 * behind: whether it is ours, what in it is an old copy, and whether that may
 * go. In all doubt it may not.
 */
#include "support.h"

#include <errno.h>

#include "../../verify/error.h"
#include "../../verify/root.h"
#include "../../verify/staging.h"
#include "../../verify/survey.h"

#define SNAPSHOT(name, more)                                                   \
    "<domainsnapshot><name>" name "</name><state>shutoff</state>"              \
    "<creationTime>1</creationTime>" GOOD_DOMAIN more "</domainsnapshot>\n"
#define PARENT(name) "<parent><name>" name "</name></parent>"
#define OFF "<active>0</active>"
#define BULK(members) "<snapshots>" members "</snapshots>\n"

static void
make_dir(int dir, const char *name, mode_t mode)
{
    assert_int_equal(mkdirat(dir, name, 0700), 0);
    assert_int_equal(fchmodat(dir, name, mode, 0), 0);
}

/* Opens the staging directory of TEMP; errno, or 0. */
static int
try_open(const struct temp *temp, bool *ours)
{
    struct error error = {0};
    cleanup(close_fd) int fd = staging_open(temp->fd, ours, &error);
    int number = error.number;

    assert_int_equal(fd >= 0, *ours);
    assert_false(error.message && *ours);
    error_clear(&error);
    return number;
}

static void
test_open(void **state)
{
    struct temp temp;
    bool ours = true;

    (void)state;
    temp_make(&temp);
    assert_int_equal(try_open(&temp, &ours), ENOENT);
    assert_false(ours);
    make_dir(temp.fd, STAGE_NAME, 0700);
    assert_int_equal(try_open(&temp, &ours), 0);
    assert_true(ours);
    make_dir(temp.fd, STAGE_NAME "/to-bulk", 0700);
    make_dir(temp.fd, STAGE_NAME "/to-legacy", 0700);
    assert_int_equal(try_open(&temp, &ours), 0);
    assert_true(ours);
    assert_int_equal(fchmodat(temp.fd, STAGE_NAME, 0750, 0), 0);
    assert_int_equal(try_open(&temp, &ours), 0);
    assert_false(ours);
    assert_int_equal(fchmodat(temp.fd, STAGE_NAME, 0700, 0), 0);
    put_text(temp.fd, STAGE_NAME "/s1.xml", "");
    assert_int_equal(try_open(&temp, &ours), 0);
    assert_false(ours);
    temp_remove(&temp);
}

static void
test_open_other(void **state)
{
    struct temp temp;
    bool ours = true;

    (void)state;
    temp_make(&temp);
    put_text(temp.fd, STAGE_NAME, "");
    assert_int_equal(try_open(&temp, &ours), 0);
    assert_false(ours);
    assert_int_equal(unlinkat(temp.fd, STAGE_NAME, 0), 0);
    make_dir(temp.fd, "elsewhere", 0700);
    assert_int_equal(symlinkat("elsewhere", temp.fd, STAGE_NAME), 0);
    ours = true;
    assert_int_equal(try_open(&temp, &ours), 0);
    assert_false(ours);
    temp_remove(&temp);
}

/* The opposite type of what is built there is an old copy. */
static void
test_old(void **state)
{
    struct error error = {0};
    struct entries old;
    struct temp temp;

    (void)state;
    temp_make(&temp);
    make_dir(temp.fd, "dir", 0700);
    put_text(temp.fd, "file", "");
    assert_int_equal(symlinkat("dir", temp.fd, "link"), 0);
    assert_int_equal(staging_old(temp.fd, LAYOUT_BULK, &old, &error), 0);
    assert_int_equal(old.count, 1);
    assert_string_equal(old.list[0].name, "dir");
    entries_free(&old);
    assert_int_equal(staging_old(temp.fd, LAYOUT_LEGACY, &old, &error), 0);
    assert_int_equal(old.count, 1);
    assert_string_equal(old.list[0].name, "file");
    entries_free(&old);
    temp_remove(&temp);
}

/* An old directory in "old", and the bulk file "d" that took its place. */
static const struct {
    const char *a; /* files of the directory; NULL: none of that name */
    const char *b;
    const char *bulk; /* NULL: nothing took its place */
    const char *why;  /* part of the reason; NULL: it may go */
} directories[] = {
    {SNAPSHOT("a", OFF), NULL, BULK(SNAPSHOT("a", "")), NULL},
    {SNAPSHOT("a", OFF), NULL, BULK(SNAPSHOT("a", "") SNAPSHOT("b", "")), NULL},
    /* A part of it was removed already, the parent for instance. */
    {NULL, SNAPSHOT("b", PARENT("a") OFF),
     BULK(SNAPSHOT("a", "") SNAPSHOT("b", PARENT("a"))), NULL},
    {NULL, NULL, BULK(SNAPSHOT("a", "")), NULL},
    {SNAPSHOT("a", OFF), SNAPSHOT("b", OFF), BULK(SNAPSHOT("a", "")), "'b'"},
    {SNAPSHOT("a", "<x/>" OFF), NULL, BULK(SNAPSHOT("a", "")), "'a'"},
    {SNAPSHOT("a", "<active>1</active>"), NULL, BULK(SNAPSHOT("a", "")), "'a'"},
    {SNAPSHOT("a", OFF), "<torn", BULK(SNAPSHOT("a", "")), "not sound"},
    {SNAPSHOT("a", OFF), NULL, BULK(SNAPSHOT("a", "") "<x/>"), "damaged"},
    {SNAPSHOT("a", OFF), NULL, "<snapshots>", "damaged"},
    {SNAPSHOT("a", OFF), NULL, NULL, "cannot be read"},
};

/* 1: it may go; else WHY must hold the reason that is given. */
static void
assert_verdict(const struct temp *temp, enum layout to,
               const struct terms *terms, const char *why)
{
    cleanup(close_fd) int stage =
        openat(temp->fd, "stage", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleanup(free_ptr) char *reason = NULL;
    struct swapped swapped;
    struct error error = {0};
    int goes = swapped_read(&swapped, temp->fd, stage, to, "d", terms, &reason,
                            &error);

    if (why && (!reason || !strstr(reason, why)))
        print_error("'%s' for '%s'\n", reason ? reason : "", why);
    assert_int_equal(goes, !why);
    assert_int_equal(!reason, !why);
    assert_true(!why || strstr(reason, why));
    swapped_free(&swapped);
}

static void
test_swapped_directory(void **state)
{
    const struct terms terms = {.no_suffix = true, .max_bulk = BULK_FILE_MAX};

    (void)state;
    for (size_t i = 0; i < LENGTH(directories); i++) {
        struct temp temp;

        temp_make(&temp);
        make_dir(temp.fd, "stage", 0700);
        make_dir(temp.fd, "stage/d", 0700);
        if (directories[i].a)
            put_text(temp.fd, "stage/d/a.xml", directories[i].a);
        if (directories[i].b)
            put_text(temp.fd, "stage/d/b.xml", directories[i].b);
        if (directories[i].bulk)
            put_text(temp.fd, "d", directories[i].bulk);
        assert_verdict(&temp, LAYOUT_BULK, &terms, directories[i].why);
        temp_remove(&temp);
    }
}

/* An old bulk file, and the directory with a.xml that took its place. */
static const struct {
    const char *bulk;
    bool kept;       /* there is a backup */
    size_t max_bulk; /* bytes, as the rerun says; the old one may be larger */
    const char *why;
} files[] = {
    {BULK(SNAPSHOT("a", "")), false, BULK_FILE_MAX, NULL},
    {BULK(SNAPSHOT("a", "")), false, 10, NULL},
    {BULK(SNAPSHOT("a", "") SNAPSHOT("b", "")), false, BULK_FILE_MAX, "'b'"},
    {BULK(SNAPSHOT("a", "") SNAPSHOT("b", "")), false, 10, "'b'"},
    {"<snapshots>" SNAPSHOT("a", "") "<domainsnap", false, BULK_FILE_MAX,
     "not sound"},
    {"", false, BULK_FILE_MAX, "not sound"},
    {BULK(SNAPSHOT("a", "")) "<!-- note -->", false, BULK_FILE_MAX,
     "not sound"},
    {BULK(SNAPSHOT("a", "")) "<!-- note -->", true, BULK_FILE_MAX, NULL},
};

static void
test_swapped_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(files); i++) {
        const struct terms terms = {.no_suffix = true,
                                    .kept = files[i].kept,
                                    .max_bulk = files[i].max_bulk};
        struct temp temp;

        temp_make(&temp);
        make_dir(temp.fd, "stage", 0700);
        make_dir(temp.fd, "d", 0700);
        put_text(temp.fd, "stage/d", files[i].bulk);
        put_text(temp.fd, "d/a.xml", SNAPSHOT("a", OFF));
        assert_verdict(&temp, LAYOUT_LEGACY, &terms, files[i].why);
        temp_remove(&temp);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_open_other),
        cmocka_unit_test(test_old),
        cmocka_unit_test(test_swapped_directory),
        cmocka_unit_test(test_swapped_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
