/*
 * test-stage.c - shows that the staging directory is used only if nobody else
 * can have prepared it; and that a new copy has libvirt's mode whatever the
 * umask, and the owner, times and access list of its source.
 */
#include "support.h"

#include <errno.h>
#include <sys/xattr.h>

#include "../../migrate/stage.h"
#include "../../verify/error.h"
#include "../../verify/root.h"
#include "../../verify/staging.h"

#define ACL "system.posix_acl_access"

/* Opens the staging directory of TEMP, or says why not. */
static int
open_stage(struct stage *stage, const struct temp *temp, bool create,
           struct error *error)
{
    /* The stage borrows it. */
    static struct root base;

    base = (struct root){.fd = temp->fd, .path = temp->path};
    return stage_open(stage, &base, create, error);
}

/* It is refused, WHY is said, and what is there stays. */
static void
assert_refused(const struct temp *temp, const char *why)
{
    struct stage stage;
    struct error error = {0};

    for (int create = 0; create <= 1; create++) {
        assert_int_equal(open_stage(&stage, temp, create, &error), -1);
        assert_non_null(error.message);
        if (!strstr(error.message, why))
            print_error("%s\n", error.message);
        assert_non_null(strstr(error.message, why));
        assert_non_null(strstr(error.message, temp->path));
        error_clear(&error);
        (void)stage_close(&stage, &error);
        error_clear(&error);
    }
}

static void
make_stage_dir(const struct temp *temp, mode_t mode)
{
    assert_int_equal(mkdirat(temp->fd, STAGE_NAME, 0700), 0);
    assert_int_equal(fchmodat(temp->fd, STAGE_NAME, mode, 0), 0);
}

static void
test_open_and_close(void **state)
{
    static const char *const names[] = {STAGE_NAME, STAGE_NAME "/to-bulk",
                                        STAGE_NAME "/to-legacy"};
    const struct temp *temp = *state;
    struct error error = {0};
    struct stage stage;

    assert_int_equal(open_stage(&stage, temp, false, &error), 0);
    assert_null(error.message);
    assert_false(entry_exists(temp->fd, STAGE_NAME));
    assert_int_equal(stage_close(&stage, &error), 0);
    assert_int_equal(open_stage(&stage, temp, true, &error), 1);
    for (size_t i = 0; i < LENGTH(names); i++)
        assert_int_equal(stat_of(temp->fd, names[i]).st_mode, S_IFDIR | 0700);
    /* What is in it stays, and so do the directories around it. */
    put_text(stage.built[LAYOUT_BULK], "vm", "text");
    assert_int_equal(stage_close(&stage, &error), 0);
    assert_text(temp->fd, STAGE_NAME "/to-bulk/vm", "text");
    assert_int_equal(open_stage(&stage, temp, false, &error), 1);
    assert_int_equal(unlinkat(stage.built[LAYOUT_BULK], "vm", 0), 0);
    assert_int_equal(stage_close(&stage, &error), 0);
    assert_false(entry_exists(temp->fd, STAGE_NAME));
}

static void
test_refuses_link(void **state)
{
    const struct temp *temp = *state;

    assert_int_equal(mkdirat(temp->fd, "elsewhere", 0700), 0);
    assert_int_equal(symlinkat("elsewhere", temp->fd, STAGE_NAME), 0);
    assert_refused(temp, STAGE_NAME);
    assert_false(entry_exists(temp->fd, "elsewhere/to-bulk"));
    assert_true(S_ISLNK(stat_of(temp->fd, STAGE_NAME).st_mode));
}

static void
test_refuses_file(void **state)
{
    const struct temp *temp = *state;

    put_text(temp->fd, STAGE_NAME, "a user's");
    assert_refused(temp, STAGE_NAME);
    assert_text(temp->fd, STAGE_NAME, "a user's");
}

static void
test_refuses_open_modes(void **state)
{
    static const mode_t modes[] = {0755, 0750, 0705, 0710, 0701, 0720, 0777};
    const struct temp *temp = *state;

    make_stage_dir(temp, 0700);
    for (size_t i = 0; i < LENGTH(modes); i++) {
        assert_int_equal(fchmodat(temp->fd, STAGE_NAME, modes[i], 0), 0);
        assert_refused(temp, "not this tool's own");
        assert_false(entry_exists(temp->fd, STAGE_NAME "/to-bulk"));
        assert_int_equal(stat_of(temp->fd, STAGE_NAME).st_mode & 07777,
                         modes[i]);
    }
}

/* The directories in it are judged the same way. */
static void
test_refuses_below(void **state)
{
    static const char *const names[] = {"to-bulk", "to-legacy"};
    const struct temp *temp = *state;

    assert_int_equal(mkdirat(temp->fd, "elsewhere", 0700), 0);
    put_text(temp->fd, "elsewhere/file", "text");
    for (size_t i = 0; i < LENGTH(names); i++) {
        cleanup(free_ptr) char *path = xasprintf(STAGE_NAME "/%s", names[i]);
        cleanup(free_ptr) char *file = xasprintf("%s/file", path);

        make_stage_dir(temp, 0700);
        assert_int_equal(mkdirat(temp->fd, path, 0700), 0);
        assert_int_equal(fchmodat(temp->fd, path, 0770, 0), 0);
        put_text(temp->fd, file, "text");
        assert_refused(temp, "not this tool's own");
        assert_text(temp->fd, file, "text");
        assert_int_equal(unlinkat(temp->fd, file, 0), 0);
        assert_int_equal(unlinkat(temp->fd, path, AT_REMOVEDIR), 0);
        assert_int_equal(symlinkat("../elsewhere", temp->fd, path), 0);
        assert_refused(temp, names[i]);
        assert_text(temp->fd, "elsewhere/file", "text");
        assert_int_equal(unlinkat(temp->fd, path, 0), 0);
        assert_int_equal(unlinkat(temp->fd, STAGE_NAME, AT_REMOVEDIR), 0);
    }
}

/* A domain may be called like the staging directory. */
static void
test_refuses_foreign(void **state)
{
    const struct temp *temp = *state;

    make_stage_dir(temp, 0700);
    put_text(temp->fd, STAGE_NAME "/snap.xml", "a user's");
    assert_refused(temp, "'snap.xml'");
    assert_text(temp->fd, STAGE_NAME "/snap.xml", "a user's");
    assert_false(entry_exists(temp->fd, STAGE_NAME "/to-bulk"));
}

static void
test_refuses_owner(void **state)
{
    const struct temp *temp = *state;

    if (geteuid() != 0) {
        print_message("skipped: only root can give a directory away\n");
        skip();
    }
    make_stage_dir(temp, 0700);
    assert_int_equal(fchownat(temp->fd, STAGE_NAME, 12345, 0, 0), 0);
    assert_refused(temp, "not this tool's own");
    assert_false(entry_exists(temp->fd, STAGE_NAME "/to-bulk"));
    /* The group has no say at mode 0700. */
    assert_int_equal(fchownat(temp->fd, STAGE_NAME, 0, 12345, 0), 0);
    assert_int_equal(fchmodat(temp->fd, STAGE_NAME, 0700, 0), 0);
    {
        struct error error = {0};
        struct stage stage;

        assert_int_equal(open_stage(&stage, temp, false, &error), 1);
        assert_int_equal(stage_close(&stage, &error), 0);
    }
}

static void
test_create_whatever_the_umask(void **state)
{
    static const mode_t masks[] = {0000, 0022, 0077, 0277, 0777};
    const struct temp *temp = *state;
    const struct attributes attributes = {
        .mode = 0600, .owner = geteuid(), .group = getegid()};

    for (size_t i = 0; i < LENGTH(masks); i++) {
        cleanup(free_ptr) char *file = xasprintf("file-%zu", i);
        cleanup(free_ptr) char *dir = xasprintf("dir-%zu", i);
        struct error error = {0};
        mode_t before = umask(masks[i]);
        int fd = stage_create(temp->fd, file, &error);
        /* Nobody but root could open a directory made without its read bit. */
        int dir_fd = masks[i] & 0400 && geteuid() != 0
                         ? -2
                         : stage_create_dir(temp->fd, dir, &attributes, &error);

        (void)umask(before);
        assert_true(fd >= 0);
        assert_int_equal(stat_of(temp->fd, file).st_mode & 07177, 0);
        assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_WRONLY);
        assert_int_equal(stage_finish(&fd, &attributes, &error), 0);
        assert_int_equal(stat_of(temp->fd, file).st_mode, S_IFREG | 0600);
        if (dir_fd == -2)
            continue;
        assert_true(dir_fd >= 0);
        assert_int_equal(stat_of(temp->fd, dir).st_mode, S_IFDIR | 0755);
        (void)close(dir_fd);
    }
}

/* Nothing that has the name already is opened. */
static void
test_create_is_exclusive(void **state)
{
    const struct temp *temp = *state;
    const struct attributes attributes = {0};
    struct error error = {0};

    put_text(temp->fd, "there", "text");
    assert_int_equal(symlinkat("nowhere", temp->fd, "link"), 0);
    assert_int_equal(stage_create(temp->fd, "there", &error), -1);
    assert_int_equal(error.number, EEXIST);
    assert_int_equal(stage_create(temp->fd, "link", &error), -1);
    assert_int_equal(error.number, EEXIST);
    assert_int_equal(stage_create_dir(temp->fd, "link", &attributes, &error),
                     -1);
    assert_int_equal(error.number, EEXIST);
    error_clear(&error);
    assert_text(temp->fd, "there", "text");
    assert_false(entry_exists(temp->fd, "nowhere"));
}

/* More than a pipe takes at once, so that a write comes to be cut short. */
static void
test_write_all(void **state)
{
    const struct temp *temp = *state;
    struct error error = {0};
    struct buffer bytes = {0};
    int fd = stage_create(temp->fd, "large", &error);
    int ends[2];

    assert_true(fd >= 0);
    for (int i = 0; i < 100000; i++)
        buffer_puts(&bytes, "0123456789");
    assert_int_equal(stage_write(fd, &bytes, &error), 0);
    assert_int_equal(bytes.len, 0);
    buffer_puts(&bytes, "end");
    assert_int_equal(stage_write(fd, &bytes, &error), 0);
    (void)close(fd);
    assert_int_equal(stat_of(temp->fd, "large").st_size, 1000003);
    /* A full pipe that does not block takes a part, and then is an error. */
    assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    for (int i = 0; i < 100000; i++)
        buffer_puts(&bytes, "0123456789");
    assert_int_equal(stage_write(ends[1], &bytes, &error), -1);
    assert_int_equal(error.number, EAGAIN);
    error_clear(&error);
    buffer_free(&bytes);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* Makes COPY like the file SOURCE in TEMP, as the programs do. */
static void
copy_attributes(const struct temp *temp, const char *source, const char *copy)
{
    cleanup(attributes_free) struct attributes attributes = {0};
    cleanup(close_fd) int from = openat(temp->fd, source, O_RDONLY | O_CLOEXEC);
    struct error error = {0};
    int fd = stage_create(temp->fd, copy, &error);

    assert_true(from >= 0 && fd >= 0);
    assert_int_equal(attributes_read(&attributes, from, &error), 0);
    assert_int_equal(stage_finish(&fd, &attributes, &error), 0);
    assert_int_equal(fd, -1);
    assert_null(error.message);
}

static void
test_takes_over_times(void **state)
{
    const struct timespec times[] = {{.tv_sec = 1000000001, .tv_nsec = 1},
                                     {.tv_sec = 1234567890, .tv_nsec = 12345}};
    const struct temp *temp = *state;
    struct stat copy;

    put_text(temp->fd, "source", "");
    assert_int_equal(utimensat(temp->fd, "source", times, 0), 0);
    copy_attributes(temp, "source", "copy");
    copy = stat_of(temp->fd, "copy");
    assert_int_equal(copy.st_mtim.tv_sec, 1234567890);
    assert_int_equal(copy.st_mtim.tv_nsec, 12345);
    assert_int_not_equal(copy.st_atim.tv_sec, 1000000001);
    assert_int_equal(copy.st_mode, S_IFREG | 0600);
}

static void
test_takes_over_owner(void **state)
{
    const struct temp *temp = *state;
    const struct attributes of_dir = {.owner = 321, .group = 123};
    struct error error = {0};
    struct stat copy;
    int fd;

    if (geteuid() != 0) {
        print_message("skipped: only root can give files away\n");
        skip();
    }
    put_text(temp->fd, "owned", "");
    assert_int_equal(fchownat(temp->fd, "owned", 12345, 54321, 0), 0);
    copy_attributes(temp, "owned", "owned-copy");
    copy = stat_of(temp->fd, "owned-copy");
    assert_int_equal(copy.st_uid, 12345);
    assert_int_equal(copy.st_gid, 54321);
    assert_int_equal(copy.st_mode, S_IFREG | 0600);
    /* The group alone differs. */
    assert_int_equal(fchownat(temp->fd, "owned", 0, 54321, 0), 0);
    copy_attributes(temp, "owned", "group-copy");
    assert_int_equal(stat_of(temp->fd, "group-copy").st_gid, 54321);
    fd = stage_create_dir(temp->fd, "owned-dir", &of_dir, &error);
    assert_true(fd >= 0);
    (void)close(fd);
    copy = stat_of(temp->fd, "owned-dir");
    assert_int_equal(copy.st_uid, 321);
    assert_int_equal(copy.st_gid, 123);
    assert_int_equal(copy.st_mode, S_IFDIR | 0755);
}

/* An access list as the kernel takes it: little-endian, version 2. */
static const unsigned char acl[] = {
    2,  0, 0, 0,                         /* version */
    1,  0, 6, 0, 0xff, 0xff, 0xff, 0xff, /* owner rw- */
    2,  0, 4, 0, 0xd2, 4,    0,    0,    /* user 1234 r-- */
    4,  0, 0, 0, 0xff, 0xff, 0xff, 0xff, /* group --- */
    16, 0, 4, 0, 0xff, 0xff, 0xff, 0xff, /* mask r-- */
    32, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, /* others --- */
};

static void
test_takes_over_acl(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *source = xasprintf("%s/acl", temp->path);
    cleanup(free_ptr) char *copy = xasprintf("%s/acl-copy", temp->path);
    cleanup(free_ptr) char *plain = xasprintf("%s/no-acl-copy", temp->path);
    unsigned char found[2 * sizeof(acl)];

    put_text(temp->fd, "no-acl", "");
    copy_attributes(temp, "no-acl", "no-acl-copy");
    assert_true(getxattr(plain, ACL, found, sizeof(found)) < 0);
    put_text(temp->fd, "acl", "");
    if (setxattr(source, ACL, acl, sizeof(acl), 0) < 0) {
        assert_true(errno == ENOTSUP || errno == EPERM || errno == ENOSYS);
        print_message("skipped: this file system has no access lists\n");
        skip();
    }
    copy_attributes(temp, "acl", "acl-copy");
    assert_int_equal(getxattr(copy, ACL, found, sizeof(found)), sizeof(acl));
    assert_memory_equal(found, acl, sizeof(acl));
    assert_int_equal(stat_of(temp->fd, "acl-copy").st_mode, S_IFREG | 0640);
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, group_temp_make,                 \
                                    group_temp_remove)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_open_and_close),      TEST(test_refuses_link),
        TEST(test_refuses_file),        TEST(test_refuses_open_modes),
        TEST(test_refuses_below),       TEST(test_refuses_foreign),
        TEST(test_refuses_owner),       TEST(test_create_whatever_the_umask),
        TEST(test_create_is_exclusive), TEST(test_write_all),
        TEST(test_takes_over_times),    TEST(test_takes_over_owner),
        TEST(test_takes_over_acl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
