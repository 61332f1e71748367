/*
 * test-beneath.c - shows that following a path by hand ends where the kernel's
 * openat2() ends, with the same error, and never above the root.
 */
#include "support.h"

#include <errno.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include "../../verify/beneath.h"

static int
kernel_open(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned int)flags,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };

    return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

static void
make_tree(int dir)
{
    static const struct {
        const char *name, *target;
    } links[] = {
        {"absolute", "/a/b"},
        {"relative", "a/b"},
        {"a/up", "../file"},
        {"a/b/far-up", "../../../../../file"},
        {"dangling", "nowhere"},
        {"self", "self"},
        {"ping", "pong"},
        {"pong", "/ping"},
        {"root", "/"},
        {"above", ".."},
        {"chain", "/chain2/b"},
        {"chain2", "relative/.."},
        {"slash", "a/b/"},
        {"to-file", "/a/../file"},
        {"file-slash", "file/"},
        {"a/b/back", "/absolute/../b/../../file"},
        {"etc", "/proc/self/fd"},
        {"dot", "./a/./b/."},
    };
    char name[32], target[32];

    assert_int_equal(mkdirat(dir, "a", 0700), 0);
    assert_int_equal(mkdirat(dir, "a/b", 0700), 0);
    assert_int_equal(mkfifoat(dir, "a/fifo", 0600), 0);
    put_text(dir, "file", "text");
    for (size_t i = 0; i < LENGTH(links); i++)
        assert_int_equal(symlinkat(links[i].target, dir, links[i].name), 0);
    /* As many as may be followed, and one more. */
    assert_int_equal(symlinkat("file", dir, "many0"), 0);
    for (int i = 1; i < 42; i++) {
        (void)snprintf(name, sizeof(name), "many%d", i);
        (void)snprintf(target, sizeof(target), "many%d", i - 1);
        assert_int_equal(symlinkat(target, dir, name), 0);
    }
}

static void
compare(int dir, const char *path, int flags)
{
    cleanup(close_fd) int kernel = kernel_open(dir, path, flags);
    int number = kernel < 0 ? errno : 0;
    cleanup(close_fd) int hand = beneath_walk(dir, path, flags);
    int other = hand < 0 ? errno : 0;
    struct stat one, two;

    if (number != other)
        fail_msg("'%s': %s, and by hand %s", path, strerror(number),
                 strerror(other));
    if (kernel < 0)
        return;
    assert_int_equal(fstat(kernel, &one), 0);
    assert_int_equal(fstat(hand, &two), 0);
    if (one.st_ino != two.st_ino || one.st_dev != two.st_dev)
        fail_msg("'%s' is another one by hand", path);
    assert_int_equal(fcntl(kernel, F_GETFL),
                     fcntl(hand, F_GETFL) & ~O_NOFOLLOW);
    assert_int_equal(fcntl(hand, F_GETFD), FD_CLOEXEC);
}

static void
test_same_as_kernel(void **state)
{
    static const char *const names[] = {
        "",         "a",          "b",      "file",     "absolute", "far-up",
        "relative", "up",         "fifo",   "dangling", "self",     "ping",
        "root",     "above",      "chain",  "chain2",   "slash",    "to-file",
        "dot",      "file-slash", "..",     ".",        "none",     "back",
        "many39",   "many40",     "many41", "etc",
    };
    static const int flags[] = {O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                                O_PATH | O_CLOEXEC};
    const struct temp *temp = *state;
    cleanup(close_fd) int probe =
        kernel_open(temp->fd, ".", O_PATH | O_CLOEXEC);
    char path[128];

    if (probe < 0)
        skip();
    make_tree(temp->fd);
    for (size_t i = 0; i < LENGTH(names); i++) {
        for (size_t j = 0; j < LENGTH(names); j++) {
            for (size_t k = 0; k < 2 * LENGTH(flags); k++) {
                (void)snprintf(path, sizeof(path), "%s%s/%s", k & 2 ? "/" : "",
                               names[i], names[j]);
                compare(temp->fd, path, flags[k & 1]);
                (void)snprintf(path, sizeof(path), "a//b/../%s/%s/", names[i],
                               names[j]);
                compare(temp->fd, path, flags[k & 1]);
            }
        }
        compare(temp->fd, names[i], flags[0]);
        compare(temp->fd, names[i], flags[1]);
    }
}

/* Nothing stays open, whatever the end. */
static void
test_closes(void **state)
{
    const struct temp *temp = *state;
    cleanup(close_fd) int before = dup(temp->fd);
    int fd;

    assert_int_equal(beneath_walk(temp->fd, "a/b/none", O_PATH), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(beneath_walk(temp->fd, "a/b/far-up/x", O_PATH), -1);
    assert_int_equal(errno, ENOTDIR);
    fd = beneath_open(temp->fd, "a/b/far-up", O_PATH | O_CLOEXEC);
    assert_int_equal(fd, before + 1);
    close_fd(&fd);
    fd = beneath_walk(temp->fd, "/absolute/back", O_PATH | O_CLOEXEC);
    assert_true(fd >= 0);
    close_fd(&fd);
    fd = dup(temp->fd);
    assert_int_equal(fd, before + 1);
    close_fd(&fd);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_kernel),
        cmocka_unit_test(test_closes),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
