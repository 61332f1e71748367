/* calls.c - see calls.h. */
#define _GNU_SOURCE 1

#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tracer.h"

/* clang-format off */
#define IF(name, rule, arg, fd, path, failures) \
    {#name, SYS_##name, rule, arg, fd, path, failures}
#define WRITE(name, fd) IF(name, TO_FILE, fd, fd, -1, \
    NO_SPACE | BAD_DISK | INTERRUPTED | SHORT)
#define FD(name, fd) IF(name, ALWAYS, 0, fd, -1, BAD_DISK)
#define SYNC(name) IF(name, ALWAYS, 0, 0, -1, NO_SPACE | BAD_DISK | INTERRUPTED)
#define AT(name, fd) IF(name, ALWAYS, 0, fd, fd + 1, BAD_DISK)
#define NEW(name, fd, more) IF(name, ALWAYS, 0, fd, fd + 1, \
    NO_SPACE | BAD_DISK | (more))
#define PATH(name, path) IF(name, ALWAYS, 0, -1, path, BAD_DISK)
#define READ(name, fd, path, failures) IF(name, READS, 0, fd, path, failures)
#define OPEN BAD_DISK | NO_SPACE | INTERRUPTED | NO_DESCRIPTOR

static const struct call calls[] = {
    IF(openat, OPEN_FLAGS, 2, 0, 1, OPEN), IF(openat2, OPEN_HOW, 2, 0, 1, OPEN),
    WRITE(write, 0), WRITE(pwrite64, 0), WRITE(writev, 0), WRITE(pwritev, 0),
    WRITE(pwritev2, 0), WRITE(sendfile, 0), WRITE(splice, 2),
    IF(copy_file_range, ALWAYS, 0, 2, -1, NO_SPACE | BAD_DISK | OTHER_DEVICE),
    PATH(truncate, 0), FD(ftruncate, 0), FD(fallocate, 0),
    NEW(renameat, 2, OTHER_DEVICE), NEW(renameat2, 2, OTHER_DEVICE),
    NEW(linkat, 2, OTHER_DEVICE), NEW(symlinkat, 1, 0),
    AT(unlinkat, 0), NEW(mkdirat, 0, 0), NEW(mknodat, 0, 0),
    FD(fchmod, 0), AT(fchmodat, 0), FD(fchown, 0), AT(fchownat, 0),
    AT(utimensat, 0),
    PATH(setxattr, 0), PATH(lsetxattr, 0),
    IF(fsetxattr, ALWAYS, 0, 0, -1, NO_SPACE | BAD_DISK),
    PATH(removexattr, 0), PATH(lremovexattr, 0), FD(fremovexattr, 0),
    /* Syncs change nothing to see, but a death next to one is worth a test. */
    SYNC(fsync), SYNC(fdatasync), SYNC(syncfs), PATH(sync, -1),
    FD(sync_file_range, 0),
    READ(read, 0, -1, BAD_DISK | INTERRUPTED | SHORT),
    READ(pread64, 0, -1, BAD_DISK | INTERRUPTED | SHORT),
    READ(getdents64, 0, -1, BAD_DISK), READ(newfstatat, 0, 1, BAD_DISK),
    READ(statx, 0, 1, BAD_DISK), READ(fstat, 0, -1, BAD_DISK),
    READ(readlinkat, 0, 1, BAD_DISK), READ(fgetxattr, 0, -1, BAD_DISK),
    READ(faccessat2, 0, 1, BAD_DISK), READ(fstatfs, 0, -1, BAD_DISK),
    READ(flock, 0, -1, BAD_DISK | INTERRUPTED),
    READ(close, 0, -1, BAD_DISK),
    IF(fcntl, DUPLICATES, 1, 0, -1, NO_DESCRIPTOR),
    READ(dup, 0, -1, NO_DESCRIPTOR),
#ifdef SYS_fchmodat2
    AT(fchmodat2, 0),
#endif
#ifdef SYS_open /* newer machines such as aarch64 never had any of these */
    IF(open, OPEN_FLAGS, 1, -1, 0, OPEN), PATH(creat, 0), PATH(rename, 1),
    PATH(link, 1), PATH(symlink, 1), PATH(unlink, 0), PATH(rmdir, 0),
    PATH(mkdir, 0), PATH(mknod, 0), PATH(chmod, 0), PATH(chown, 0),
    PATH(lchown, 0), PATH(utime, 0), PATH(utimes, 0), AT(futimesat, 0),
    READ(stat, -1, 0, BAD_DISK), READ(lstat, -1, 0, BAD_DISK),
    READ(access, -1, 0, BAD_DISK), READ(readlink, -1, 0, BAD_DISK),
#endif
};
/* clang-format on */

const struct call *
call_find(uint64_t number)
{
    const struct call *end = calls + sizeof calls / sizeof calls[0];

    for (const struct call *call = calls; call < end; call++) {
        if (number == (uint64_t)call->number)
            return call;
    }
    return NULL;
}

static bool
flags_change(uint64_t flags)
{
    /* O_TMPFILE contains O_DIRECTORY, so that all of its bits must be there. */
    return (flags & (O_CREAT | O_TRUNC)) != 0 ||
           (flags & O_TMPFILE) == O_TMPFILE;
}

static bool
is_regular(pid_t pid, int fd)
{
    char path[64];
    struct stat st;

    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool
call_changes(pid_t pid, const struct call *call, const uint64_t *args)
{
    uint64_t arg = args[call->arg];
    long word;

    switch (call->rule) {
    case READS:
    case DUPLICATES:
        return false;
    case ALWAYS:
        return true;
    case OPEN_FLAGS:
        /* The kernel takes an int; the upper half of the word is noise. */
        return flags_change((uint32_t)arg);
    case OPEN_HOW:
        /* The flags come first.  A bad pointer makes the call fail: no. */
        errno = 0;
        word = ptrace(PTRACE_PEEKDATA, pid, (void *)(uintptr_t)arg, NULL);
        return errno == 0 && flags_change((uint64_t)word);
    case TO_FILE:
        return is_regular(pid, (int)(uint32_t)arg);
    }
    return false;
}

bool
call_can_fail(pid_t pid, const struct call *call, const uint64_t *args,
              enum failure failure)
{
    uint32_t command = (uint32_t)args[call->arg];

    if (!(call->failures & failure))
        return false;
    if (call->rule == DUPLICATES)
        return command == F_DUPFD || command == F_DUPFD_CLOEXEC;
    return failure != NO_SPACE || call->rule == READS ||
           call->rule == TO_FILE || call_changes(pid, call, args);
}

void
call_path(pid_t pid, int fd, int path, const uint64_t *args, char *out,
          size_t room)
{
    char link[64];
    char name[4096] = "";
    ssize_t len = 0;
    size_t used;

    if (path >= 0)
        read_string(pid, args[path], name, sizeof name);
    if (fd >= 0 && name[0] != '/') {
        snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)pid,
                 (int)(uint32_t)args[fd]);
        len = readlink(link, out, room - 1);
    }
    out[len > 0 ? len : 0] = '\0';
    used = len > 0 ? (size_t)len : 0;
    snprintf(out + used, room - used, "%s%s", used && name[0] ? "/" : "", name);
}

void
call_describe(unsigned long number, pid_t pid, const struct call *call,
              const uint64_t *args)
{
    char path[8192];

    call_path(pid, call->fd, call->path, args, path, sizeof path);
    fprintf(stderr, "%lu %s %s\n", number, call->name, path);
}
