/*
 * hold-lock: hold a lock, as somebody else who is at work would.
 *
 *     hold-lock FILE    libvirt's: a write lock on the first byte of FILE,
 *                       which is made if it is missing
 *     hold-lock DIR     another run's: flock() on the directory
 *
 * Returns when the lock is held, and prints the id of the process that holds
 * it until it is killed, or for five minutes at most. Exit status 98: trouble
 * in the harness itself, explained on standard error.
 */
#define _GNU_SOURCE 1

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define TROUBLE 98
#define LIFETIME 300

static int
take_lock(const char *path)
{
    struct flock first_byte = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    struct stat stat_of;
    int fd = open(path, O_RDONLY | O_DIRECTORY);

    if (fd >= 0)
        return flock(fd, LOCK_EX | LOCK_NB);
    fd = open(path, O_RDWR | O_CREAT, 0644);
    if (fd < 0 || fstat(fd, &stat_of) < 0)
        return -1;
    return fcntl(fd, F_SETLK, &first_byte);
}

/* In the process that stays: report through READY, then wait to be killed. */
static int
hold(const char *path, int ready)
{
    if (take_lock(path) < 0) {
        perror(path);
        return TROUBLE;
    }
    (void)alarm(LIFETIME);
    /* Whoever waits for our output is not to wait for our end. */
    if (!freopen("/dev/null", "w", stdout) ||
        !freopen("/dev/null", "w", stderr) || write(ready, "", 1) != 1)
        return TROUBLE;
    for (;;)
        (void)pause();
}

int
main(int argc, char **argv)
{
    int ready[2];
    char byte;
    pid_t holder;

    if (argc != 2) {
        fprintf(stderr, "Usage: hold-lock FILE|DIR\n");
        return TROUBLE;
    }
    if (pipe(ready) < 0 || (holder = fork()) < 0) {
        perror("hold-lock");
        return TROUBLE;
    }
    if (!holder) {
        (void)close(ready[0]);
        return hold(argv[1], ready[1]);
    }
    (void)close(ready[1]);
    /* End of file: it could not lock, said why, and ended. */
    if (read(ready[0], &byte, 1) != 1)
        return TROUBLE;
    printf("%ld\n", (long)holder);
    return 0;
}
