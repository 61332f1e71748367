/*
 * test-lock.c - shows that driver.pid is locked as libvirt locks it, and that
 * it is the file of that name which is locked; that a daemon is noticed by this
 * lock or by its own; and that a pid file which was there stays, while one that
 * was made is removed again.
 */
#include "support.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../../migrate/lock.h"
#include "../../verify/error.h"
#include "../../verify/paths.h"

/* A process that holds the lock which libvirt would hold. */
struct holder {
    pid_t pid;
    int end; /* closing this ends it */
};

/* What somebody who is quicker does before we lock the pid file we opened. */
static struct {
    int dir; /* that it lies in */
    int replacements;
    bool takes_it;
    struct holder holder;
} quicker;

/* A scratch directory that stands for /run. */
struct scene {
    struct temp temp;
    char *run;
    struct paths paths;
    int run_fd; /* of the directory of driver.pid, once it is there */
};

static int
scene_make(void **state)
{
    struct scene *scene = xcalloc(1, sizeof(*scene));

    temp_make(&scene->temp);
    scene->run = xasprintf("%s/run", scene->temp.path);
    scene->paths.daemons = xstrdup(scene->run);
    scene->paths.run = xasprintf("%s/libvirt/qemu", scene->run);
    scene->run_fd = -1;
    quicker.replacements = 0;
    quicker.takes_it = false;
    *state = scene;
    return 0;
}

static int
scene_remove(void **state)
{
    struct scene *scene = *state;

    close_fd(&scene->run_fd);
    temp_remove(&scene->temp);
    paths_free(&scene->paths);
    free(scene->run);
    free(scene);
    return 0;
}

static void
make_run(struct scene *scene)
{
    assert_int_equal(mkdirat(scene->temp.fd, "run", 0700), 0);
    assert_int_equal(mkdirat(scene->temp.fd, "run/libvirt", 0700), 0);
    assert_int_equal(mkdirat(scene->temp.fd, "run/libvirt/qemu", 0700), 0);
    scene->run_fd = openat(scene->temp.fd, "run/libvirt/qemu",
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(scene->run_fd >= 0);
}

/* In the child: libvirt's own way of locking, in virPidFileAcquirePath(). */
static _Noreturn void
hold(int dir, const char *name, int ready, int wait_for)
{
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    char byte = 0;
    int fd;

    (void)prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
    fd = openat(dir, name, O_RDWR | O_CLOEXEC);
    if (fd < 0 || syscall(SYS_fcntl, fd, F_SETLK, &range) < 0)
        byte = fd >= 0 && (errno == EAGAIN || errno == EACCES) ? 1 : 2;
    if (write(ready, &byte, 1) == 1 && !byte)
        (void)!read(wait_for, &byte, 1);
    _exit(0);
}

/* 0: it holds the lock until it is let go; 1: somebody else has it. */
static int
try_to_hold(struct holder *holder, int dir, const char *name)
{
    int ready[2], end[2];
    char byte = 2;

    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    assert_int_equal(pipe2(end, O_CLOEXEC), 0);
    holder->pid = fork();
    assert_true(holder->pid >= 0);
    if (!holder->pid) {
        (void)close(end[1]);
        hold(dir, name, ready[1], end[0]);
    }
    (void)close(ready[1]);
    (void)close(end[0]);
    holder->end = end[1];
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    assert_in_range(byte, 0, 1);
    return byte;
}

static void
let_go(struct holder *holder)
{
    close_fd(&holder->end);
    assert_int_equal(waitpid(holder->pid, NULL, 0), holder->pid);
}

/* Takes the place of the C library's. */
int
fcntl(int fd, int command, ...)
{
    va_list args;
    void *argument;

    va_start(args, command);
    argument = va_arg(args, void *);
    va_end(args);
    if (command == F_OFD_SETLK && quicker.takes_it)
        assert_int_equal(
            try_to_hold(&quicker.holder, quicker.dir, "driver.pid"), 0);
    if (command == F_OFD_SETLK && quicker.replacements > 0) {
        quicker.replacements--;
        put_text(quicker.dir, "new.pid", "4711\n");
        assert_int_equal(
            renameat(quicker.dir, "new.pid", quicker.dir, "driver.pid"), 0);
    }
    return (int)syscall(SYS_fcntl, fd, command, argument);
}

/* Could a daemon start now? */
static bool
could_start(const struct scene *scene, const char *name)
{
    struct holder holder;
    int held = try_to_hold(&holder, scene->temp.fd, name);

    let_go(&holder);
    return !held;
}

#define PID_FILE "run/libvirt/qemu/driver.pid"

static void
test_keeps_libvirt_from_starting(void **state)
{
    const struct scene *scene = *state;
    struct driver_lock lock;
    struct error error = {0};

    /* The directories are made, as libvirt would. */
    assert_int_equal(driver_lock(&lock, &scene->paths, NULL, &error), 0);
    assert_null(error.message);
    assert_true(entry_exists(scene->temp.fd, PID_FILE));
    assert_false(could_start(scene, PID_FILE));
    driver_unlock(&lock);
    assert_int_equal(lock.fd, -1);
    assert_int_equal(lock.dir, -1);
    assert_false(entry_exists(scene->temp.fd, PID_FILE));
    assert_true(entry_exists(scene->temp.fd, "run/libvirt/qemu"));
    driver_unlock(&lock);
}

/* Closing another descriptor of the file must not give up the lock. */
static void
test_lock_survives_a_close(void **state)
{
    struct scene *scene = *state;
    struct driver_lock lock;
    struct error error = {0};
    int fd;

    make_run(scene);
    assert_int_equal(driver_lock(&lock, &scene->paths, NULL, &error), 0);
    fd = openat(scene->run_fd, "driver.pid", O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_false(could_start(scene, PID_FILE));
    driver_unlock(&lock);
}

static void
test_file_that_was_there_stays(void **state)
{
    struct scene *scene = *state;
    struct driver_lock lock;
    struct error error = {0};
    struct stat before, after;

    make_run(scene);
    put_text(scene->run_fd, "driver.pid", "4711\n");
    before = stat_of(scene->run_fd, "driver.pid");
    assert_int_equal(driver_lock(&lock, &scene->paths, NULL, &error), 0);
    assert_false(could_start(scene, PID_FILE));
    driver_unlock(&lock);
    after = stat_of(scene->run_fd, "driver.pid");
    assert_int_equal(before.st_ino, after.st_ino);
    assert_text(scene->run_fd, "driver.pid", "4711\n");
    assert_true(could_start(scene, PID_FILE));
}

/* Busy, and what is there stays; OF is what the message names. */
static void
assert_busy(const struct scene *scene, const char *of)
{
    struct driver_lock lock;
    struct error error = {0};

    assert_int_equal(driver_lock(&lock, &scene->paths, NULL, &error), -1);
    assert_int_equal(error.status, EXIT_BUSY);
    assert_non_null(strstr(error.message, of));
    assert_int_equal(lock.fd, -1);
    assert_int_equal(lock.dir, -1);
    error_clear(&error);
}

static void
test_daemon_runs(void **state)
{
    struct scene *scene = *state;
    struct holder holder;
    struct driver_lock lock;
    struct error error = {0};

    make_run(scene);
    put_text(scene->run_fd, "driver.pid", "");
    assert_int_equal(try_to_hold(&holder, scene->run_fd, "driver.pid"), 0);
    assert_busy(scene, "driver.pid");
    assert_true(entry_exists(scene->temp.fd, PID_FILE));
    let_go(&holder);
    assert_int_equal(driver_lock(&lock, &scene->paths, NULL, &error), 0);
    driver_unlock(&lock);
    assert_true(entry_exists(scene->temp.fd, PID_FILE));
}

/* Another run of our own has made the file, and still holds it. */
static void
test_two_runs(void **state)
{
    const struct scene *scene = *state;
    struct driver_lock lock;
    struct error error = {0};

    assert_int_equal(driver_lock(&lock, &scene->paths, NULL, &error), 0);
    assert_busy(scene, "driver.pid");
    assert_true(entry_exists(scene->temp.fd, PID_FILE));
    assert_false(could_start(scene, PID_FILE));
    driver_unlock(&lock);
    assert_false(entry_exists(scene->temp.fd, PID_FILE));
}

static void
test_daemons_own_files(void **state)
{
    static const char *const names[] = {"libvirtd.pid", "virtqemud.pid"};
    struct scene *scene = *state;
    cleanup(close_fd) int daemons = -1;

    make_run(scene);
    daemons = openat(scene->temp.fd, "run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < LENGTH(names); i++) {
        struct holder holder;
        struct driver_lock lock;
        struct error error = {0};

        put_text(daemons, names[i], "4711\n");
        /* As after a crash: nobody holds it. */
        assert_int_equal(driver_lock(&lock, &scene->paths, NULL, &error), 0);
        driver_unlock(&lock);
        assert_int_equal(try_to_hold(&holder, daemons, names[i]), 0);
        assert_busy(scene, names[i]);
        /* Ours, which was locked already, is not left behind. */
        assert_false(entry_exists(scene->temp.fd, PID_FILE));
        /* One that was there is. */
        put_text(scene->run_fd, "driver.pid", "");
        assert_busy(scene, names[i]);
        assert_true(could_start(scene, PID_FILE));
        assert_int_equal(unlinkat(scene->run_fd, "driver.pid", 0), 0);
        let_go(&holder);
    }
}

/* A lock on a file that lost its name would keep nobody from anything. */
static void
test_replaced_before_it_is_locked(void **state)
{
    static const int counts[] = {1, 2, 50};
    struct scene *scene = *state;

    make_run(scene);
    for (size_t i = 0; i < LENGTH(counts); i++) {
        struct driver_lock lock;
        struct error error = {0};

        (void)unlinkat(scene->run_fd, "driver.pid", 0);
        quicker.dir = scene->run_fd;
        quicker.replacements = counts[i];
        assert_int_equal(driver_lock(&lock, &scene->paths, NULL, &error), 0);
        assert_int_equal(quicker.replacements, 0);
        assert_false(could_start(scene, PID_FILE));
        driver_unlock(&lock);
        /* The one that stands there now is somebody else's. */
        assert_true(entry_exists(scene->temp.fd, PID_FILE));
        assert_true(could_start(scene, PID_FILE));
    }
}

/* A guest called "driver" starts while we hold the lock: its file stays. */
static void
test_replaced_while_it_is_held(void **state)
{
    struct scene *scene = *state;
    struct driver_lock lock;
    struct error error = {0};

    make_run(scene);
    assert_int_equal(driver_lock(&lock, &scene->paths, NULL, &error), 0);
    put_text(scene->run_fd, "new.pid", "4711\n");
    assert_int_equal(
        renameat(scene->run_fd, "new.pid", scene->run_fd, "driver.pid"), 0);
    driver_unlock(&lock);
    assert_text(scene->run_fd, "driver.pid", "4711\n");
}

static void
test_replaced_for_ever(void **state)
{
    struct scene *scene = *state;

    make_run(scene);
    quicker.dir = scene->run_fd;
    quicker.replacements = 1000000;
    assert_busy(scene, "keeps being replaced");
    quicker.replacements = 0;
    assert_true(entry_exists(scene->temp.fd, PID_FILE));
}

/* A daemon starts between our making of the file and our locking it. */
static void
test_taken_before_it_is_locked(void **state)
{
    struct scene *scene = *state;

    make_run(scene);
    quicker.dir = scene->run_fd;
    quicker.takes_it = true;
    assert_busy(scene, "driver.pid");
    quicker.takes_it = false;
    assert_true(entry_exists(scene->temp.fd, PID_FILE));
    assert_false(could_start(scene, PID_FILE));
    let_go(&quicker.holder);
}

static void
test_strange_files(void **state)
{
    struct scene *scene = *state;
    struct driver_lock lock;
    struct error error = {0};

    make_run(scene);
    put_text(scene->temp.fd, "victim", "text");
    assert_int_equal(symlinkat("../../../victim", scene->run_fd, "driver.pid"),
                     0);
    assert_int_equal(driver_lock(&lock, &scene->paths, NULL, &error), -1);
    assert_int_equal(error.number, ELOOP);
    assert_int_equal(error.status, EXIT_TROUBLE);
    assert_true(entry_exists(scene->temp.fd, PID_FILE));
    assert_true(could_start(scene, "victim"));
    assert_int_equal(unlinkat(scene->run_fd, "driver.pid", 0), 0);
    assert_int_equal(mkdirat(scene->run_fd, "driver.pid", 0700), 0);
    assert_int_equal(driver_lock(&lock, &scene->paths, NULL, &error), -1);
    assert_int_equal(error.number, EISDIR);
    assert_true(entry_exists(scene->temp.fd, PID_FILE));
    error_clear(&error);
}

/* Of a mounted system nothing runs where its directory is missing. */
static void
test_prefix(void **state)
{
    struct scene *scene = *state;
    struct paths paths = {.run = (char[]){"/run/libvirt/qemu"},
                          .daemons = (char[]){"/run"}};
    struct driver_lock lock;
    struct error error = {0};

    assert_int_equal(
        driver_lock(&lock, &scene->paths, scene->temp.path, &error), 0);
    assert_int_equal(lock.fd, -1);
    assert_false(entry_exists(scene->temp.fd, "run"));
    driver_unlock(&lock);
    make_run(scene);
    assert_int_equal(driver_lock(&lock, &paths, scene->temp.path, &error), 0);
    assert_true(entry_exists(scene->temp.fd, PID_FILE));
    assert_false(could_start(scene, PID_FILE));
    driver_unlock(&lock);
    assert_false(entry_exists(scene->temp.fd, PID_FILE));
}

static void
test_no_place_for_it(void **state)
{
    const struct scene *scene = *state;
    const struct paths nowhere = {0};
    struct driver_lock lock;
    struct error error = {0};

    assert_int_equal(driver_lock(&lock, &nowhere, NULL, &error), -1);
    assert_non_null(strstr(error.message, "XDG_RUNTIME_DIR"));
    assert_int_equal(lock.fd, -1);
    put_text(scene->temp.fd, "run", "a file");
    assert_int_equal(driver_lock(&lock, &scene->paths, NULL, &error), -1);
    assert_non_null(strstr(error.message, "cannot make directory"));
    assert_int_equal(lock.fd, -1);
    error_clear(&error);
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, scene_make, scene_remove)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_keeps_libvirt_from_starting),
        TEST(test_lock_survives_a_close),
        TEST(test_file_that_was_there_stays),
        TEST(test_daemon_runs),
        TEST(test_two_runs),
        TEST(test_daemons_own_files),
        TEST(test_replaced_before_it_is_locked),
        TEST(test_replaced_while_it_is_held),
        TEST(test_replaced_for_ever),
        TEST(test_taken_before_it_is_locked),
        TEST(test_strange_files),
        TEST(test_prefix),
        TEST(test_no_place_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
