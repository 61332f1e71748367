/*
 * killbefore: run a command and kill it just before its Nth system call that
 * changes the file system; or do something else at that instant.
 *
 *     killbefore N COMMAND [ARG...]       kill before changing call N (from 1)
 *     killbefore 0 COMMAND [ARG...]       never kill; print how many there were
 *     killbefore --list COMMAND [ARG...]  never kill; print each as it happens:
 *                                         its number, its name and what it is
 *                                         done to
 *     killbefore --run SHELL-COMMAND N COMMAND [ARG...]
 *                                         never kill; all stands still before
 *                                         call N while the shell command runs,
 *                                         then it goes on. What --list prints
 *                                         of the call is printed, with "ran
 *                                         before" in front. The shell command
 *                                         must leave no process behind.
 *
 * Exit status:
 *     99     the command was killed by us: call N was not made
 *     98     trouble in the harness itself, explained on standard error; also
 *            if the shell command failed
 *     else   the command's own exit status, or 128 + S if signal S killed it
 *
 * Calls are counted from the exec of COMMAND on, over all its processes and
 * threads, whether or not they succeed.  The harness waits for every one of
 * these processes, also those that outlive COMMAND, and kills every one.
 *
 * It cannot see stores through a shared mapping, nor io_uring.  When several
 * threads or processes work at once, the order of their calls may differ
 * between runs, and a call counted before the Nth may still be at work in
 * another thread when the kill comes, and be lost or cut short.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/audit.h>

/* The table of calls below holds the numbers of this one ABI. */
#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "killbefore: add this machine's AUDIT_ARCH_ value"
#endif

#define EXIT_TROUBLE 98
#define EXIT_KILLED 99

/* What PTRACE_O_TRACESYSGOOD makes of the signal at a system call stop. */
#define SYSCALL_STOP (SIGTRAP | 0x80)

/* When a system call counts as one that changes the file system. */
enum rule {
    ALWAYS,
    OPEN_FLAGS, /* the argument is a set of open flags that may create */
    OPEN_HOW,   /* the argument points to a struct open_how with such flags */
    TO_FILE     /* the argument is a descriptor of a regular file */
};

struct call {
    const char *name;
    long number;
    enum rule rule;
    int arg;  /* the argument that the rule looks at, from 0 */
    int fd;   /* the one that says what it is done to: a descriptor, */
    int path; /* and a path below that; -1: it has no such argument */
};

struct tracer {
    unsigned long kill_at; /* 0: never */
    const char *command;   /* to be run at that call, instead of killing */
    bool ran;              /* it was: there is no call left to wait for */
    bool list;
    bool started; /* COMMAND's exec succeeded */
    unsigned long count;
    pid_t main_pid; /* 0 once it has ended: its number may come again */
    int main_status;
};

/* clang-format off */
#define IF(name, rule, arg, fd, path) {#name, SYS_##name, rule, arg, fd, path}
#define WRITE(name, fd) IF(name, TO_FILE, fd, fd, -1)
#define FD(name, fd) IF(name, ALWAYS, 0, fd, -1)
#define AT(name, fd) IF(name, ALWAYS, 0, fd, fd + 1)
#define PATH(name, path) IF(name, ALWAYS, 0, -1, path)

static const struct call calls[] = {
    IF(openat, OPEN_FLAGS, 2, 0, 1), IF(openat2, OPEN_HOW, 2, 0, 1),
    WRITE(write, 0), WRITE(pwrite64, 0), WRITE(writev, 0), WRITE(pwritev, 0),
    WRITE(pwritev2, 0), WRITE(sendfile, 0), WRITE(splice, 2),
    FD(copy_file_range, 2),
    PATH(truncate, 0), FD(ftruncate, 0), FD(fallocate, 0),
    AT(renameat, 2), AT(renameat2, 2), AT(linkat, 2), AT(symlinkat, 1),
    AT(unlinkat, 0), AT(mkdirat, 0), AT(mknodat, 0),
    FD(fchmod, 0), AT(fchmodat, 0), FD(fchown, 0), AT(fchownat, 0),
    AT(utimensat, 0),
    PATH(setxattr, 0), PATH(lsetxattr, 0), FD(fsetxattr, 0),
    PATH(removexattr, 0), PATH(lremovexattr, 0), FD(fremovexattr, 0),
    /* Syncs change nothing to see, but a death next to one is worth a test. */
    FD(fsync, 0), FD(fdatasync, 0), FD(syncfs, 0), PATH(sync, -1),
    FD(sync_file_range, 0),
#ifdef SYS_fchmodat2
    AT(fchmodat2, 0),
#endif
#ifdef SYS_open /* newer machines such as aarch64 never had any of these */
    IF(open, OPEN_FLAGS, 1, -1, 0), PATH(creat, 0), PATH(rename, 1),
    PATH(link, 1), PATH(symlink, 1), PATH(unlink, 0), PATH(rmdir, 0),
    PATH(mkdir, 0), PATH(mknod, 0), PATH(chmod, 0), PATH(chown, 0),
    PATH(lchown, 0), PATH(utime, 0), PATH(utimes, 0), AT(futimesat, 0),
#endif
};
/* clang-format on */

/*
 * Below, a function that returns int returns 0 to go on, else the exit status
 * that the harness is to end with.
 */

static int
trouble(const char *what)
{
    fprintf(stderr, "killbefore: %s: %s\n", what, strerror(errno));
    return EXIT_TROUBLE;
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

static bool
changes(pid_t pid, const struct call *call, const uint64_t *args)
{
    uint64_t arg = args[call->arg];
    long word;

    switch (call->rule) {
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

/* A string of the traced process; what cannot be read is left out. */
static void
read_string(pid_t pid, uint64_t at, char *out, size_t room)
{
    char path[64];
    size_t len = 0;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && at && len + 1 < room &&
           pread(fd, out + len, 1, (off_t)(at + len)) == 1 && out[len])
        len++;
    out[len] = '\0';
    if (fd >= 0)
        close(fd);
}

/* Number and name of a call, and the path of what it is done to. */
static void
describe(const struct tracer *t, pid_t pid, const struct call *call,
         const uint64_t *args)
{
    char link[64];
    char dir[4096] = "";
    char name[4096] = "";
    ssize_t len;

    if (call->fd >= 0) {
        snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)pid,
                 (int)(uint32_t)args[call->fd]);
        len = readlink(link, dir, sizeof dir - 1);
        dir[len > 0 ? len : 0] = '\0';
    }
    if (call->path >= 0)
        read_string(pid, args[call->path], name, sizeof name);
    if (name[0] == '/')
        dir[0] = '\0';
    fprintf(stderr, "%lu %s %s%s%s\n", t->count, call->name, dir,
            dir[0] && name[0] ? "/" : "", name);
}

/* Run the shell command while all that is traced stands still. */
static int
run_command(struct tracer *t)
{
    int status;
    pid_t pid = fork();

    if (pid < 0)
        return trouble("fork");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
        execl("/bin/sh", "sh", "-c", t->command, (char *)NULL);
        _exit(127);
    }
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return trouble("waitpid");
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    fprintf(stderr, "killbefore: the shell command failed, wait status %d\n",
            status);
    return EXIT_TROUBLE;
}

static int
at_syscall(struct tracer *t, pid_t pid)
{
    const struct call *call = calls;
    const struct call *end = calls + sizeof calls / sizeof calls[0];
    struct __ptrace_syscall_info info;

    memset(&info, 0, sizeof info);
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof info, &info) < 0) {
        /* Somebody else killed it meanwhile: waitpid will tell. */
        return errno == ESRCH ? 0 : trouble("PTRACE_GET_SYSCALL_INFO");
    }
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return 0;
    if (info.arch != NATIVE_ARCH) {
        errno = ENOTSUP;
        return trouble("system call of another architecture");
    }
    while (call < end && info.entry.nr != (uint64_t)call->number)
        call++;
    if (call == end || !changes(pid, call, info.entry.args))
        return 0;
    t->count++;
    if (t->list)
        describe(t, pid, call, info.entry.args);
    if (t->count != t->kill_at)
        return 0;
    if (!t->command)
        return EXIT_KILLED;
    t->ran = true;
    fprintf(stderr, "ran before ");
    describe(t, pid, call, info.entry.args);
    return run_command(t);
}

/* Deal with one stop of a thread and let it go on, unless all are to die. */
static int
at_stop(struct tracer *t, pid_t pid, int status)
{
    int sig = WSTOPSIG(status);
    int event = status >> 16;
    int verdict = 0;
    long done;

    if (sig == SYSCALL_STOP)
        verdict = at_syscall(t, pid);
    if (verdict != 0)
        return verdict;
    if (event == PTRACE_EVENT_EXEC)
        t->started = true;
    if (event == PTRACE_EVENT_STOP && sig != SIGTRAP) {
        /* Stopped by job control: it stays stopped until SIGCONT. */
        done = ptrace(PTRACE_LISTEN, pid, NULL, NULL);
    } else {
        /* Only a stop that is none of ours has a signal to pass on. */
        if (event != 0 || sig == SYSCALL_STOP)
            sig = 0;
        done = ptrace(t->ran ? PTRACE_CONT : PTRACE_SYSCALL, pid, NULL,
                      (void *)(intptr_t)sig);
    }
    return done < 0 && errno != ESRCH ? trouble("cannot resume") : 0;
}

/* Follow the command until all its processes have ended or are to die. */
static int
watch(struct tracer *t)
{
    int status;
    int verdict;
    pid_t pid;

    while ((pid = waitpid(-1, &status, __WALL)) > 0) {
        if (WIFSTOPPED(status)) {
            verdict = at_stop(t, pid, status);
            if (verdict != 0)
                return verdict;
        } else if (pid == t->main_pid) {
            t->main_pid = 0;
            t->main_status = status;
        }
    }
    return errno == ECHILD ? 0 : trouble("waitpid");
}

/* The child: wait until the parent traces us, then become the command. */
static _Noreturn void
become(const int *gate, char **argv)
{
    char byte;

    close(gate[1]);
    if (read(gate[0], &byte, 1) == 1) {
        execvp(argv[0], argv);
        trouble(argv[0]);
    }
    _exit(EXIT_TROUBLE);
}

static int
start(struct tracer *t, char **argv)
{
    uintptr_t options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL |
                        PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                        PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
    int verdict = 0;
    int gate[2];

    if (pipe2(gate, O_CLOEXEC) < 0)
        return trouble("pipe2");
    t->main_pid = fork();
    if (t->main_pid == 0)
        become(gate, argv);
    close(gate[0]);
    /*
     * Once seized, the child runs freely up to its exec event; system calls
     * are reported from there on only, so that none of ours is counted.
     */
    if (t->main_pid < 0)
        verdict = trouble("fork");
    else if (ptrace(PTRACE_SEIZE, t->main_pid, NULL, (void *)options) < 0)
        verdict = trouble("PTRACE_SEIZE");
    else if (write(gate[1], "", 1) != 1)
        verdict = trouble("pipe to the child");
    /* After trouble this is what ends the child: it reads end of file. */
    close(gate[1]);
    return verdict;
}

static int
trace(struct tracer *t, char **argv)
{
    int verdict = start(t, argv);

    if (verdict == 0)
        verdict = watch(t);
    if (verdict != 0)
        return verdict;
    if (!t->started) {
        fprintf(stderr, "killbefore: the command did not start\n");
        return EXIT_TROUBLE;
    }
    if (t->kill_at == 0 && !t->list)
        fprintf(stderr, "killbefore: %lu changing calls\n", t->count);
    if (WIFSIGNALED(t->main_status))
        return 128 + WTERMSIG(t->main_status);
    return WEXITSTATUS(t->main_status);
}

/*
 * Trace in a child process.  When it exits, the kernel sends SIGKILL to all
 * that it traces (PTRACE_O_EXITKILL), also to those just born; and a thread
 * that gets SIGKILL while stopped at the entry of a system call does not make
 * the call.  The dying all become children of this process, the subreaper,
 * which waits for the last: nothing is at work any more when it returns.
 */
static int
supervise(struct tracer *t, char **argv)
{
    int result = EXIT_TROUBLE;
    int status;
    pid_t pid;
    pid_t child;

    if (prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L) < 0)
        return trouble("PR_SET_CHILD_SUBREAPER");
    child = fork();
    if (child < 0)
        return trouble("fork");
    if (child == 0) {
        /* Whoever kills this process kills the command with it. */
        prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
        _exit(trace(t, argv));
    }
    while ((pid = waitpid(-1, &status, __WALL)) > 0) {
        if (pid == child && WIFEXITED(status))
            result = WEXITSTATUS(status);
        else if (pid == child)
            fprintf(stderr, "killbefore: the tracer itself was killed\n");
    }
    return result;
}

int
main(int argc, char **argv)
{
    struct tracer t = {0};
    char *end = NULL;
    int at = 1;

    if (argc >= 3 && strcmp(argv[1], "--list") == 0) {
        t.list = true;
    } else {
        if (argc >= 5 && strcmp(argv[1], "--run") == 0) {
            t.command = argv[2];
            at = 3;
        }
        errno = 0;
        if (argc >= at + 2 && argv[at][0] >= '0' && argv[at][0] <= '9')
            t.kill_at = strtoul(argv[at], &end, 10);
        if (end == NULL || *end != '\0' || errno != 0) {
            fprintf(stderr, "usage: killbefore --list COMMAND [ARG...]\n"
                            "       killbefore [--run SHELL-COMMAND] N COMMAND "
                            "[ARG...]\n");
            return EXIT_TROUBLE;
        }
    }
    return supervise(&t, argv + at + 1);
}
