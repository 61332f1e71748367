/*
 * test-base.c - shows which directory is meant where none is named, for root
 * and for others, and whose driver is said to use the one that is opened.
 *
 * Who is asking, and what the system's directory is, the test decides: it has
 * geteuid() and stat() of its own.
 */
#include "support.h"

#include <errno.h>

#include "../../verify/base.h"
#include "../../verify/error.h"

#define SYSTEM_BASE "/var/lib/libvirt/qemu/snapshot"

static uid_t user;
/* Stands for the system's directory; -1: there is none. */
static int system_fd = -1;
static bool stat_called;

uid_t
geteuid(void)
{
    return user;
}

int
stat(const char *restrict path, struct stat *restrict out)
{
    stat_called = true;
    if (strcmp(path, SYSTEM_BASE) != 0)
        return fstatat(AT_FDCWD, path, out, 0);
    if (system_fd >= 0)
        return fstat(system_fd, out);
    errno = ENOENT;
    return -1;
}

/* A scratch directory, and no session. */
static int
setup(void **state)
{
    user = 1000;
    system_fd = -1;
    session_clear();
    return group_temp_make(state);
}

static int
teardown(void **state)
{
    session_restore();
    return group_temp_remove(state);
}

/* Make a directory and those above it; where it is, to be freed. */
static char *
make_below(const struct temp *temp, const char *path)
{
    cleanup(free_ptr) char *partial = xstrdup(path);

    for (char *p = partial; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        (void)mkdirat(temp->fd, partial, 0700);
        *p = '/';
    }
    (void)mkdirat(temp->fd, partial, 0700);
    return xasprintf("%s/%s", temp->path, path);
}

static bool
is_path(const struct base *base, const char *path)
{
    struct stat stat_of;

    return !fstatat(AT_FDCWD, path, &stat_of, 0) &&
           root_is(&base->root, &stat_of);
}

/* Nobody's: a copy, say. */
static void
test_named(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *copy = make_below(temp, "copy");
    struct error error = {0};
    struct base base;

    session_put("HOME", temp->path);
    for (user = 0; user <= 1000; user += 1000) {
        assert_int_equal(base_open(&base, KIND_SNAPSHOT, copy, NULL, &error),
                         1);
        assert_string_equal(base.root.path, copy);
        assert_true(is_path(&base, copy));
        assert_null(base.driver.base);
        assert_null(base.driver.definitions);
        assert_null(base.driver.run);
        assert_null(base.driver.daemons);
        base_close(&base);
        assert_int_equal(base.root.fd, -1);
        assert_null(base.root.path);
    }
    /* Again does no harm. */
    base_close(&base);
}

/* What is named must be there, even if libvirt would make it. */
static void
test_named_fails(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *none = xasprintf("%s/none", temp->path);
    cleanup(free_ptr) char *file = xasprintf("%s/file", temp->path);
    struct error error = {0};
    struct base base;

    put_text(temp->fd, "file", "");
    assert_int_equal(base_open(&base, KIND_SNAPSHOT, none, NULL, &error), -1);
    assert_int_equal(error.number, ENOENT);
    assert_non_null(strstr(error.message, none));
    base_close(&base);
    assert_int_equal(base_open(&base, KIND_SNAPSHOT, file, NULL, &error), -1);
    assert_int_equal(error.number, ENOTDIR);
    base_close(&base);
    assert_int_equal(base.root.fd, -1);
    error_clear(&error);
}

/* A session's own directory is known by whatever name it is called. */
static void
test_named_of_session(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *config = xasprintf("%s/config", temp->path);
    cleanup(free_ptr) char *own =
        make_below(temp, "config/libvirt/qemu/snapshot");
    cleanup(free_ptr) char *below =
        make_below(temp, "config/libvirt/qemu/snapshot/d");
    cleanup(free_ptr) char *link = xasprintf("%s/link", temp->path);
    cleanup(free_ptr) char *dotted = xasprintf("%s/../snapshot/.", own);
    struct error error = {0};
    struct base base;

    assert_int_equal(symlinkat(own, temp->fd, "link"), 0);
    session_put("XDG_CONFIG_HOME", config);
    session_put("XDG_RUNTIME_DIR", "/nowhere");
    for (int i = 0; i < 3; i++) {
        const char *name = i == 0 ? own : i == 1 ? link : dotted;

        assert_int_equal(base_open(&base, KIND_SNAPSHOT, name, NULL, &error),
                         1);
        assert_string_equal(base.root.path, name);
        assert_non_null(base.driver.base);
        assert_string_equal(base.driver.base, own);
        assert_string_equal(base.driver.run, "/nowhere/libvirt/qemu/run");
        base_close(&base);
        assert_null(base.driver.base);
        assert_null(base.driver.run);
    }
    /* A domain's directory in it is not the driver's. */
    assert_int_equal(base_open(&base, KIND_SNAPSHOT, below, NULL, &error), 1);
    assert_null(base.driver.base);
    assert_null(base.driver.definitions);
    base_close(&base);
}

/* The system's: its driver is meant, though the session says the same. */
static void
test_named_of_system(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *dir = make_below(temp, "libvirt/qemu/snapshot");
    struct error error = {0};
    struct base base;

    session_put("XDG_CONFIG_HOME", temp->path);
    system_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(system_fd >= 0);
    stat_called = false;
    assert_int_equal(base_open(&base, KIND_SNAPSHOT, dir, NULL, &error), 1);
    close_fd(&system_fd);
    /* A C library may have stat() in its headers: no stand-in then. */
    if (!stat_called)
        skip();
    assert_non_null(base.driver.base);
    assert_string_equal(base.driver.base, SYSTEM_BASE);
    assert_string_equal(base.driver.definitions, "/etc/libvirt/qemu");
    base_close(&base);
}

/* The system's for root, whatever his session says. */
static void
test_default_of_root(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *own = make_below(temp, "libvirt/qemu/snapshot");
    cleanup(close_fd) int there =
        open(SYSTEM_BASE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int expected = there >= 0 ? 1 : errno == ENOENT ? 0 : -1;
    struct error error = {0};
    struct base base;

    session_put("XDG_CONFIG_HOME", temp->path);
    user = 0;
    assert_int_equal(base_open(&base, KIND_SNAPSHOT, NULL, NULL, &error),
                     expected);
    assert_non_null(base.driver.base);
    assert_string_equal(base.driver.base, SYSTEM_BASE);
    assert_false(is_path(&base, own));
    assert_int_equal(error.message != NULL, expected < 0);
    error_clear(&error);
    base_close(&base);
}

static void
test_default_of_session(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *own = NULL;
    struct error error = {0};
    struct base base;

    /* There is none yet: nothing to do, and no error. */
    session_put("HOME", temp->path);
    assert_int_equal(base_open(&base, KIND_SNAPSHOT, NULL, NULL, &error), 0);
    assert_null(error.message);
    assert_int_equal(error.number, 0);
    assert_int_equal(base.root.fd, -1);
    base_close(&base);
    own = make_below(temp, ".config/libvirt/qemu/snapshot");
    assert_int_equal(base_open(&base, KIND_SNAPSHOT, NULL, NULL, &error), 1);
    assert_string_equal(base.root.path, own);
    assert_string_equal(base.driver.base, own);
    assert_true(is_path(&base, own));
    base_close(&base);
    /* Something else is in its place. */
    assert_int_equal(rmdir(own), 0);
    put_text(temp->fd, ".config/libvirt/qemu/snapshot", "");
    assert_int_equal(base_open(&base, KIND_SNAPSHOT, NULL, NULL, &error), -1);
    assert_int_equal(error.number, ENOTDIR);
    base_close(&base);
    error_clear(&error);
}

/* Nobody knows where: that is no empty directory. */
static void
test_default_unknown(void **state)
{
    struct error error = {0};
    struct base base;

    (void)state;
    session_put("XDG_RUNTIME_DIR", "/run/user/1000");
    session_put("HOME", "not/absolute");
    assert_int_equal(base_open(&base, KIND_SNAPSHOT, NULL, NULL, &error), -1);
    assert_int_equal(error.status, EXIT_TROUBLE);
    assert_non_null(strstr(error.message, "HOME"));
    assert_int_equal(base.root.fd, -1);
    base_close(&base);
    error_clear(&error);
}

/* Of a mounted system it is the system's directory, for anybody. */
static void
test_prefix(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *prefix = make_below(temp, "mnt");
    cleanup(free_ptr) char *none = xasprintf("%s/none", temp->path);
    cleanup(free_ptr) char *own = xasprintf("%s" SYSTEM_BASE, prefix);
    struct error error = {0};
    struct base base;

    session_put("HOME", prefix);
    /* Mounted, but without libvirt. */
    assert_int_equal(base_open(&base, KIND_SNAPSHOT, NULL, prefix, &error), 0);
    assert_null(error.message);
    base_close(&base);
    /* Not mounted. */
    assert_int_equal(base_open(&base, KIND_SNAPSHOT, NULL, none, &error), -1);
    assert_int_equal(error.number, ENOENT);
    assert_non_null(strstr(error.message, none));
    base_close(&base);
    error_clear(&error);
    free(make_below(temp, "mnt" SYSTEM_BASE));
    for (user = 0; user <= 1000; user += 1000) {
        assert_int_equal(base_open(&base, KIND_SNAPSHOT, NULL, prefix, &error),
                         1);
        assert_string_equal(base.root.path, own);
        assert_true(is_path(&base, own));
        /* As that system calls it. */
        assert_string_equal(base.driver.base, SYSTEM_BASE);
        base_close(&base);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_named),
        TEST(test_named_fails),
        TEST(test_named_of_session),
        TEST(test_named_of_system),
        TEST(test_default_of_root),
        TEST(test_default_of_session),
        TEST(test_default_unknown),
        TEST(test_prefix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
