/*
 * test-root.c - shows that whatever lies below the snapshot directory, nothing
 * but regular files and directories is opened, no link below it is followed,
 * and a read is exact or fails; and that a prefix holds links inside of it.
 */
#include "support.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../../verify/error.h"
#include "../../verify/root.h"

/*
 * What a swap puts in the place of the name that is looked at next: the moment
 * between the look and the opening cannot be met from outside, so this program
 * has an fstatat() of its own that does it behind its own back.
 */
static struct {
    int dir; /* -1: nothing is swapped */
    const char *by;
    bool done;
} swap = {.dir = -1};

int
fstatat(int dir, const char *restrict name, struct stat *restrict out,
        int flags)
{
    int how =
        O_PATH | O_CLOEXEC | (flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0);
    cleanup(close_fd) int fd = openat(dir, name, how);

    if (fd < 0 || fstat(fd, out) < 0)
        return -1;
    if (swap.dir >= 0) {
        assert_int_equal(swap.by ? renameat(swap.dir, swap.by, swap.dir, name)
                                 : unlinkat(swap.dir, name, 0),
                         0);
        swap.dir = -1;
        swap.done = true;
    }
    return 0;
}

static void
test_file_open_refuses(void **state)
{
    static const struct {
        const char *name;
        int number;
    } cases[] = {
        {"fifo", ENXIO},     {"dir", ENXIO},   {"link", ENXIO},
        {"dangling", ENXIO}, {"none", ENOENT}, {"file/x", ENOTDIR},
    };
    const struct temp *temp = *state;

    assert_int_equal(mkfifoat(temp->fd, "fifo", 0600), 0);
    assert_int_equal(mkdirat(temp->fd, "dir", 0700), 0);
    put_text(temp->fd, "file", "text");
    assert_int_equal(symlinkat("file", temp->fd, "link"), 0);
    assert_int_equal(symlinkat("nowhere", temp->fd, "dangling"), 0);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct error error = {0};
        struct stat stat;

        assert_int_equal(file_open(temp->fd, cases[i].name, &stat, &error), -1);
        assert_int_equal(error.number, cases[i].number);
        assert_int_equal(error.status, EXIT_TROUBLE);
        assert_non_null(error.message);
        assert_non_null(strstr(error.message, cases[i].name));
        error_clear(&error);
    }
}

/* What was looked at is what is opened; else nothing is. */
static void
test_file_open_of_swapped(void **state)
{
    static const struct {
        const char *by; /* NULL: it is gone */
        const char *says;
    } cases[] = {
        {"same-text", "replaced"}, {"hard-link", NULL},
        {"swap-fifo", "replaced"}, {"swap-link", "cannot open"},
        {NULL, "cannot open"},
    };
    const struct temp *temp = *state;

    put_text(temp->fd, "same-text", "text");
    assert_int_equal(mkfifoat(temp->fd, "swap-fifo", 0600), 0);
    assert_int_equal(symlinkat("file", temp->fd, "swap-link"), 0);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct error error = {0};
        struct stat stat;
        int fd;

        (void)unlinkat(temp->fd, "swapped", 0);
        put_text(temp->fd, "swapped", "text");
        if (!cases[i].says)
            assert_int_equal(
                linkat(temp->fd, "swapped", temp->fd, cases[i].by, 0), 0);
        swap.dir = temp->fd;
        swap.by = cases[i].by;
        swap.done = false;
        fd = file_open(temp->fd, "swapped", &stat, &error);
        swap.dir = -1;
        /* A C library may have fstatat() in its headers: no stand-in then. */
        if (!swap.done)
            skip();
        if (error.message && !cases[i].says)
            print_error("of case: %s\n", cases[i].by);
        assert_int_equal(fd >= 0, !cases[i].says);
        assert_int_equal(error.message != NULL, fd < 0);
        if (cases[i].says)
            assert_non_null(strstr(error.message, cases[i].says));
        error_clear(&error);
        close_fd(&fd);
    }
}

/* Nobody looks before, and still it is a regular file and no link. */
static void
test_file_open_known(void **state)
{
    static const char *const others[] = {"fifo", "link", "dangling", "dir",
                                         "none"};
    const struct temp *temp = *state;
    struct error error = {0};
    struct stat stat;
    int fd = file_open_known(temp->fd, "file", &stat, &error);

    assert_true(fd >= 0);
    assert_true(S_ISREG(stat.st_mode));
    close_fd(&fd);
    for (size_t i = 0; i < LENGTH(others); i++) {
        assert_int_equal(file_open_known(temp->fd, others[i], &stat, &error),
                         -1);
        assert_non_null(strstr(error.message, others[i]));
        error_clear(&error);
    }
}

static void
test_file_open_socket(void **state)
{
    const struct temp *temp = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    cleanup(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct error error = {0};
    struct stat stat;

    if (fd < 0 || strlen(temp->path) + 10 > sizeof(address.sun_path))
        skip();
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%.90s/socket",
                   temp->path);
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        skip();
    assert_int_equal(file_open(temp->fd, "socket", &stat, &error), -1);
    assert_int_equal(error.number, ENXIO);
    error_clear(&error);
    assert_int_equal(unlinkat(temp->fd, "socket", 0), 0);
}

static void
test_file_open_and_read(void **state)
{
    const struct temp *temp = *state;
    cleanup(buffer_free) struct buffer buffer = {0};
    struct error error = {0};
    struct stat stat;
    int fd;

    put_text(temp->fd, "plain", "0123456789");
    fd = file_open(temp->fd, "plain", &stat, &error);
    assert_true(fd >= 0);
    assert_int_equal(stat.st_size, 10);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
    /* It is appended, from the offset on. */
    buffer_puts(&buffer, "x");
    assert_int_equal(file_read(fd, 3, 4, &buffer, &error), 0);
    assert_int_equal(buffer.len, 5);
    assert_memory_equal(buffer.data, "x3456", 5);
    assert_int_equal(file_read(fd, 10, 0, &buffer, &error), 0);
    assert_int_equal(buffer.len, 5);
    (void)close(fd);
}

/* A file that became shorter is an error, not a short read. */
static void
test_file_read_of_shrunk(void **state)
{
    const struct temp *temp = *state;
    cleanup(buffer_free) struct buffer buffer = {0};
    struct error error = {0};
    struct stat stat;
    int fd;

    put_text(temp->fd, "shrinks", "0123456789");
    fd = file_open(temp->fd, "shrinks", &stat, &error);
    assert_true(fd >= 0);
    put_text(temp->fd, "shrinks", "01234");
    assert_int_equal(file_read(fd, 0, 10, &buffer, &error), -1);
    assert_non_null(error.message);
    assert_int_equal(file_read(fd, 20, 1, &buffer, &error), -1);
    error_clear(&error);
    (void)close(fd);
}

static void
test_dir_open(void **state)
{
    const struct temp *temp = *state;
    struct error error = {0};
    int fd;

    put_text(temp->fd, "no-dir", "");
    assert_int_equal(mkdirat(temp->fd, "below", 0700), 0);
    assert_int_equal(symlinkat("below", temp->fd, "below-link"), 0);
    fd = dir_open(temp->fd, "below", &error);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(dir_open(temp->fd, "below-link", &error), -1);
    assert_int_equal(dir_open(temp->fd, "no-dir", &error), -1);
    assert_int_equal(error.number, ENOTDIR);
    assert_int_equal(dir_open(temp->fd, "nothing", &error), -1);
    assert_int_equal(error.number, ENOENT);
    error_clear(&error);
}

static void
test_entries(void **state)
{
    static const char *const names[] = {
        " ", "--help", ".hidden", "A",        "B.xml",
        "a", "a b",    "a\nb",    "\xc3\xa9", "\xff\xfe",
    };
    struct entries entries;
    struct error error = {0};
    struct temp temp;

    (void)state;
    temp_make(&temp);
    assert_int_equal(entries_read(temp.fd, &entries, &error), 0);
    assert_int_equal(entries.count, 0);
    assert_null(entries_find(&entries, "a"));
    entries_free(&entries);
    for (size_t i = LENGTH(names); i-- > 0;)
        put_text(temp.fd, names[i], "");
    assert_int_equal(mkdirat(temp.fd, "~dir", 0700), 0);
    assert_int_equal(mkfifoat(temp.fd, "~fifo", 0600), 0);
    assert_int_equal(symlinkat("~dir", temp.fd, "~link"), 0);
    /* Twice: the offset of the descriptor must not matter. */
    for (int round = 0; round < 2; round++) {
        const struct entry *found;

        assert_int_equal(entries_read(temp.fd, &entries, &error), 0);
        assert_int_equal(entries.count, LENGTH(names) + 3);
        for (size_t i = 1; i < entries.count; i++)
            assert_true(strcmp(entries.list[i - 1].name, entries.list[i].name) <
                        0);
        for (size_t i = 0; i < LENGTH(names); i++) {
            found = entries_find(&entries, names[i]);
            assert_true(found && found->type == S_IFREG);
        }
        found = entries_find(&entries, "~dir");
        assert_true(found && found->type == S_IFDIR);
        found = entries_find(&entries, "~fifo");
        assert_true(found && found->type == S_IFIFO);
        found = entries_find(&entries, "~link");
        assert_true(found && found->type == S_IFLNK);
        assert_null(entries_find(&entries, "."));
        assert_null(entries_find(&entries, "b"));
        entries_free(&entries);
    }
    temp_remove(&temp);
}

static void
test_file_id(void **state)
{
    const struct temp *temp = *state;
    struct file_id before, now;
    struct stat stat;

    put_text(temp->fd, "id", "0123");
    assert_int_equal(fstatat(temp->fd, "id", &stat, 0), 0);
    before = file_id(&stat);
    now = file_id(&stat);
    assert_true(file_id_equal(&before, &now));
    stat.st_mtim.tv_nsec ^= 1;
    now = file_id(&stat);
    assert_false(file_id_equal(&before, &now));
    stat.st_mtim.tv_nsec ^= 1;
    stat.st_size++;
    now = file_id(&stat);
    assert_false(file_id_equal(&before, &now));
    stat.st_size--;
    stat.st_ino++;
    now = file_id(&stat);
    assert_false(file_id_equal(&before, &now));
    stat.st_ino--;
    stat.st_ctim.tv_sec++;
    now = file_id(&stat);
    assert_false(file_id_equal(&before, &now));
}

/* BASE itself may be a link; it must be there and be a directory. */
static void
test_root_open(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *dir = xasprintf("%s/base", temp->path);
    cleanup(free_ptr) char *link = xasprintf("%s/base-link", temp->path);
    cleanup(free_ptr) char *file = xasprintf("%s/base-file", temp->path);
    cleanup(free_ptr) char *none = xasprintf("%s/base-none", temp->path);
    struct error error = {0};
    struct root root, other;
    struct stat stat;

    assert_int_equal(mkdirat(temp->fd, "base", 0700), 0);
    assert_int_equal(symlinkat("base", temp->fd, "base-link"), 0);
    put_text(temp->fd, "base-file", "");
    assert_int_equal(root_open(&root, dir, NULL, &error), 0);
    assert_int_equal(root_open(&other, link, NULL, &error), 0);
    assert_string_equal(other.path, link);
    assert_int_equal(fstat(other.fd, &stat), 0);
    assert_true(root_is(&root, &stat));
    assert_int_equal(fstat(temp->fd, &stat), 0);
    assert_false(root_is(&root, &stat));
    root_close(&other);
    root_close(&root);
    assert_int_equal(root_open(&root, file, NULL, &error), -1);
    assert_int_equal(error.number, ENOTDIR);
    assert_int_equal(root_open(&root, none, NULL, &error), -1);
    assert_int_equal(error.number, ENOENT);
    assert_int_equal(root.fd, -1);
    error_clear(&error);
}

/* In a mounted system a link to /var stays inside of that system. */
static void
test_root_open_prefix(void **state)
{
    const struct temp *temp = *state;
    struct error error = {0};
    struct root root;
    struct stat there;

    assert_int_equal(mkdirat(temp->fd, "real", 0700), 0);
    assert_int_equal(fstatat(temp->fd, "real", &there, 0), 0);
    assert_int_equal(symlinkat("/real", temp->fd, "absolute"), 0);
    assert_int_equal(symlinkat("../../../real", temp->fd, "upward"), 0);
    assert_int_equal(symlinkat("/etc", temp->fd, "outside"), 0);
    assert_int_equal(root_open(&root, "/real", temp->path, &error), 0);
    assert_true(root_is(&root, &there));
    root_close(&root);
    assert_int_equal(root_open(&root, "/absolute", temp->path, &error), 0);
    assert_true(root_is(&root, &there));
    root_close(&root);
    assert_int_equal(root_open(&root, "/upward", temp->path, &error), 0);
    assert_true(root_is(&root, &there));
    root_close(&root);
    assert_int_equal(root_open(&root, "/outside", temp->path, &error), -1);
    assert_int_equal(error.number, ENOENT);
    error_clear(&error);
}

/* Readers share, a writer is alone; another description is another run. */
static void
test_root_lock(void **state)
{
    const struct temp *temp = *state;
    struct error error = {0};
    struct root first, second;

    assert_int_equal(root_open(&first, temp->path, NULL, &error), 0);
    assert_int_equal(root_open(&second, temp->path, NULL, &error), 0);
    assert_int_equal(root_lock(&first, false, &error), 0);
    assert_int_equal(root_lock(&second, false, &error), 0);
    assert_int_equal(root_lock(&second, true, &error), -1);
    assert_int_equal(error.status, EXIT_BUSY);
    error_clear(&error);
    root_close(&first);
    assert_int_equal(root_lock(&second, true, &error), 0);
    root_close(&second);
}

static void
test_type_name(void **state)
{
    (void)state;
    assert_string_equal(type_name(S_IFIFO | 0600), "a fifo");
    assert_string_equal(type_name(S_IFDIR), "a directory");
    assert_string_equal(type_name(S_IFLNK), "a symbolic link");
    assert_string_equal(type_name(S_IFBLK), type_name(S_IFCHR));
    assert_non_null(type_name(0));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_open_refuses),
        cmocka_unit_test(test_file_open_known),
        cmocka_unit_test(test_file_open_of_swapped),
        cmocka_unit_test(test_file_open_socket),
        cmocka_unit_test(test_file_open_and_read),
        cmocka_unit_test(test_file_read_of_shrunk),
        cmocka_unit_test(test_dir_open),
        cmocka_unit_test(test_entries),
        cmocka_unit_test(test_file_id),
        cmocka_unit_test(test_root_open),
        cmocka_unit_test(test_root_open_prefix),
        cmocka_unit_test(test_root_lock),
        cmocka_unit_test(test_type_name),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
