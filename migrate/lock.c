/* lock.c - see lock.h. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "../verify/paths.h"
#include "../verify/root.h"

#define PID_FILE "driver.pid"

static void
close_root(struct root *root)
{
    root_close(root);
}

/* mkdir -p; libvirt makes the same directories when it starts. */
static int
make_dirs(const char *path, struct error *error)
{
    cleanup(free_ptr) char *copy = xstrdup(path);
    mode_t mode = geteuid() == 0 ? 0755 : 0700;

    for (char *p = copy + 1;; p++) {
        char was = *p;

        if (was != '/' && was)
            continue;
        *p = '\0';
        if (mkdir(copy, mode) < 0 && errno != EEXIST)
            return error_set(error, errno,
                             "cannot make directory '%s' to "
                             "keep libvirt from starting",
                             copy);
        *p = was;
        if (!was)
            return 0;
    }
}

static struct flock
first_byte(void)
{
    return (struct flock){
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
}

static int
busy(struct error *error, const char *dir, const char *file)
{
    return error_busy(error,
                      "libvirt is running: it holds the lock on '%s/%s'; stop "
                      "libvirtd or virtqemud and their sockets, then run again",
                      dir, file);
}

static int
open_pid_file(struct driver_lock *lock, const char *dir, struct error *error)
{
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

    lock->fd = openat(lock->dir, PID_FILE, flags | O_CREAT | O_EXCL, 0644);
    lock->created = lock->fd >= 0;
    if (lock->fd < 0 && errno == EEXIST)
        lock->fd = openat(lock->dir, PID_FILE, flags);
    if (lock->fd < 0 && errno != ENOENT)
        return error_set(error, errno, "cannot open '%s/%s'", dir, PID_FILE);
    return 0;
}

/* Is the file that is open still the one of that name? */
static bool
stands(const struct driver_lock *lock)
{
    struct stat ours, theirs;

    return !fstat(lock->fd, &ours) &&
           !fstatat(lock->dir, PID_FILE, &theirs, AT_SYMLINK_NOFOLLOW) &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* 1: locked, 0: it was replaced meanwhile, -1: error or busy. */
static int
try_lock(struct driver_lock *lock, const char *dir, struct error *error)
{
    struct flock range = first_byte();

    if (open_pid_file(lock, dir, error) < 0)
        return -1;
    if (lock->fd < 0)
        return 0;
    if (fcntl(lock->fd, F_OFD_SETLK, &range) < 0) {
        if (errno == EAGAIN || errno == EACCES)
            return busy(error, dir, PID_FILE);
        return error_set(error, errno, "cannot lock '%s/%s'", dir, PID_FILE);
    }
    if (stands(lock))
        return 1;
    close_fd(&lock->fd);
    return 0;
}

/*
 * A guest called "driver" has its pid file in the place of the driver's, so see
 * whether a daemon holds its own.
 */
static int
check_daemon(int dir, const char *shown, const char *file, struct error *error)
{
    struct flock range = first_byte();
    cleanup(close_fd) int fd =
        openat(dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return error_set(error, errno, "cannot open '%s/%s'", shown, file);
    if (fcntl(fd, F_OFD_GETLK, &range) < 0)
        return error_set(error, errno, "cannot examine the lock on '%s/%s'",
                         shown, file);
    return range.l_type == F_UNLCK ? 0 : busy(error, shown, file);
}

static int
check_daemons(const char *path, const char *prefix, struct error *error)
{
    cleanup(close_root) struct root dir = {.fd = -1};

    if (root_open(&dir, path, prefix, error) < 0) {
        if (error->number != ENOENT)
            return -1;
        error_clear(error);
        return 0;
    }
    if (check_daemon(dir.fd, dir.path, "libvirtd.pid", error) < 0)
        return -1;
    return check_daemon(dir.fd, dir.path, "virtqemud.pid", error);
}

int
driver_lock(struct driver_lock *lock, const struct paths *paths,
            const char *prefix, struct error *error)
{
    cleanup(close_root) struct root run = {.fd = -1};
    int locked = 0;

    *lock = (struct driver_lock){.dir = -1, .fd = -1};
    if (!paths->run)
        return error_set(error, 0,
                         "neither XDG_RUNTIME_DIR nor HOME says where your "
                         "session's libvirt keeps its lock");
    if (!prefix && make_dirs(paths->run, error) < 0)
        return -1;
    if (root_open(&run, paths->run, prefix, error) < 0) {
        if (!prefix || error->number != ENOENT)
            return -1;
        error_clear(error);
        return 0;
    }
    lock->dir = steal_fd(&run.fd);
    for (int tries = 0; !locked && tries < 100; tries++)
        locked = try_lock(lock, run.path, error);
    if (!locked)
        (void)error_busy(error, "'%s/%s' keeps being replaced", run.path,
                         PID_FILE);
    if (locked <= 0 || check_daemons(paths->daemons, prefix, error) < 0) {
        if (locked <= 0)
            lock->created = false;
        driver_unlock(lock);
        return -1;
    }
    return 0;
}

void
driver_unlock(struct driver_lock *lock)
{
    /* A guest called "driver" may have put its own there. */
    if (lock->fd >= 0 && lock->created && stands(lock))
        (void)unlinkat(lock->dir, PID_FILE, 0);
    close_fd(&lock->fd);
    close_fd(&lock->dir);
}
