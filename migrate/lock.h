/*
 * lock.h - keep libvirt's QEMU driver from starting, for as long as we work.
 *
 * The daemons hold an fcntl() write lock on the first byte of driver.pid while
 * they run; whoever holds it keeps them from starting (virPidFileAcquirePath()
 * in libvirt). An idle host starts them on demand, so a test is not enough.
 *
 * This is the one place that writes outside of BASE, the backup and the output
 * directory: an empty driver.pid, and the directory it lies in, are made where
 * there is none yet, and the file is removed again.
 */
#ifndef LOCK_H
#define LOCK_H

#include <stdbool.h>

struct error;
struct paths;

struct driver_lock {
    int dir;
    int fd;
    bool created; /* by us: it is ours to remove */
};

/*
 * Take the lock. With PREFIX, a mounted system, a missing directory means that
 * nothing of it runs: then nothing is made. -1 with EXIT_BUSY: a daemon runs.
 */
int driver_lock(struct driver_lock *lock, const struct paths *paths,
                const char *prefix, struct error *error);
/* Release it, and remove the file if it is ours; also one never taken. */
void driver_unlock(struct driver_lock *lock);

#endif
