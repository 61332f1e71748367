/* tracer.c - see tracer.h. */
#define _GNU_SOURCE 1

#include "tracer.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/audit.h>

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#ifndef NT_ARM_SYSTEM_CALL
#define NT_ARM_SYSTEM_CALL 0x404
#endif
#else
#error "tracer: add this machine's AUDIT_ARCH_ value, and where its calls are"
#endif

/* What PTRACE_O_TRACESYSGOOD makes of the signal at a system call stop. */
#define SYSCALL_STOP (SIGTRAP | 0x80)

int
trouble(const struct tracer *tracer, const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", tracer->name, what, strerror(errno));
    return EXIT_TROUBLE;
}

#if defined(__x86_64__)

static int
get_registers(pid_t pid, struct user_regs_struct *registers)
{
    return ptrace(PTRACE_GETREGS, pid, NULL, registers) < 0 ? -1 : 0;
}

static int
set_registers(pid_t pid, struct user_regs_struct *registers)
{
    return ptrace(PTRACE_SETREGS, pid, NULL, registers) < 0 ? -1 : 0;
}

int
call_make_void(pid_t pid)
{
    struct user_regs_struct registers;

    if (get_registers(pid, &registers) < 0)
        return -1;
    registers.orig_rax = (unsigned long long)-1;
    return set_registers(pid, &registers);
}

int
call_is_void(pid_t pid, bool *is_void)
{
    struct user_regs_struct registers;

    if (get_registers(pid, &registers) < 0)
        return -1;
    *is_void = registers.orig_rax == (unsigned long long)-1;
    return 0;
}

int
call_set_result(pid_t pid, int64_t result)
{
    struct user_regs_struct registers;

    if (get_registers(pid, &registers) < 0)
        return -1;
    registers.rax = (unsigned long long)result;
    return set_registers(pid, &registers);
}

int
call_set_argument(pid_t pid, int which, uint64_t value)
{
    struct user_regs_struct registers;
    unsigned long long *arguments[] = {
        &registers.rdi, &registers.rsi, &registers.rdx,
        &registers.r10, &registers.r8,  &registers.r9,
    };

    if (get_registers(pid, &registers) < 0)
        return -1;
    *arguments[which] = value;
    return set_registers(pid, &registers);
}

#else /* aarch64 */

static int
get_registers(pid_t pid, struct user_regs_struct *registers)
{
    struct iovec room = {registers, sizeof *registers};

    return ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &room) < 0 ? -1
                                                                         : 0;
}

static int
set_registers(pid_t pid, struct user_regs_struct *registers)
{
    struct iovec room = {registers, sizeof *registers};

    return ptrace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &room) < 0 ? -1
                                                                         : 0;
}

int
call_make_void(pid_t pid)
{
    int number = -1;
    struct iovec room = {&number, sizeof number};

    return ptrace(PTRACE_SETREGSET, pid, (void *)NT_ARM_SYSTEM_CALL, &room) < 0
               ? -1
               : 0;
}

int
call_is_void(pid_t pid, bool *is_void)
{
    int number = 0;
    struct iovec room = {&number, sizeof number};

    if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_ARM_SYSTEM_CALL, &room) < 0)
        return -1;
    *is_void = number == -1;
    return 0;
}

int
call_set_result(pid_t pid, int64_t result)
{
    return call_set_argument(pid, 0, (uint64_t)result);
}

int
call_set_argument(pid_t pid, int which, uint64_t value)
{
    struct user_regs_struct registers;

    if (get_registers(pid, &registers) < 0)
        return -1;
    registers.regs[which] = value;
    return set_registers(pid, &registers);
}

#endif

void
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

/* Ask what the call is, or what came of it, and let the caller look at it. */
static int
at_syscall(struct tracer *tracer, pid_t pid)
{
    struct __ptrace_syscall_info info;
    uint64_t args[6];

    memset(&info, 0, sizeof info);
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof info, &info) < 0) {
        /* Somebody else killed it meanwhile: waitpid will tell. */
        return errno == ESRCH ? 0 : trouble(tracer, "PTRACE_GET_SYSCALL_INFO");
    }
    if (info.arch != NATIVE_ARCH) {
        errno = ENOTSUP;
        return trouble(tracer, "system call of another architecture");
    }
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        for (size_t i = 0; i < 6; i++)
            args[i] = info.entry.args[i];
        return tracer->entry(tracer, pid, info.entry.nr, args);
    }
    if (info.op == PTRACE_SYSCALL_INFO_EXIT && tracer->exit)
        return tracer->exit(tracer, pid, info.exit.rval);
    return 0;
}

/* Deal with one stop of a thread and let it go on, unless all are to die. */
static int
at_stop(struct tracer *tracer, pid_t pid, int status)
{
    int sig = WSTOPSIG(status);
    int event = status >> 16;
    int verdict = 0;
    long done;

    if (sig == SYSCALL_STOP)
        verdict = at_syscall(tracer, pid);
    if (verdict != 0)
        return verdict;
    if (event == PTRACE_EVENT_EXEC)
        tracer->started = true;
    if (event == PTRACE_EVENT_STOP && sig != SIGTRAP) {
        /* Stopped by job control: it stays stopped until SIGCONT. */
        done = ptrace(PTRACE_LISTEN, pid, NULL, NULL);
    } else {
        /* Only a stop that is none of ours has a signal to pass on. */
        if (event != 0 || sig == SYSCALL_STOP)
            sig = 0;
        done = ptrace(tracer->run_freely ? PTRACE_CONT : PTRACE_SYSCALL, pid,
                      NULL, (void *)(intptr_t)sig);
    }
    return done < 0 && errno != ESRCH ? trouble(tracer, "cannot resume") : 0;
}

/* Follow the command until all its processes have ended or are to die. */
static int
watch(struct tracer *tracer)
{
    int status;
    int verdict;
    pid_t pid;

    while ((pid = waitpid(-1, &status, __WALL)) > 0) {
        if (WIFSTOPPED(status)) {
            verdict = at_stop(tracer, pid, status);
            if (verdict != 0)
                return verdict;
        } else if (pid == tracer->main_pid) {
            tracer->main_pid = 0;
            tracer->main_status = status;
        }
    }
    return errno == ECHILD ? 0 : trouble(tracer, "waitpid");
}

/* The child: wait until the parent traces us, then become the command. */
static _Noreturn void
become(const struct tracer *tracer, const int *gate, char **argv)
{
    char byte;

    close(gate[1]);
    if (read(gate[0], &byte, 1) == 1) {
        execvp(argv[0], argv);
        trouble(tracer, argv[0]);
    }
    _exit(EXIT_TROUBLE);
}

static int
start(struct tracer *tracer, char **argv)
{
    uintptr_t options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL |
                        PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                        PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
    int verdict = 0;
    int gate[2];

    if (pipe2(gate, O_CLOEXEC) < 0)
        return trouble(tracer, "pipe2");
    tracer->main_pid = fork();
    if (tracer->main_pid == 0)
        become(tracer, gate, argv);
    close(gate[0]);
    /*
     * Once seized, the child runs freely up to its exec event; system calls
     * are reported from there on only, so that none of ours is counted.
     */
    if (tracer->main_pid < 0)
        verdict = trouble(tracer, "fork");
    else if (ptrace(PTRACE_SEIZE, tracer->main_pid, NULL, (void *)options) < 0)
        verdict = trouble(tracer, "PTRACE_SEIZE");
    else if (write(gate[1], "", 1) != 1)
        verdict = trouble(tracer, "pipe to the child");
    /* After trouble this is what ends the child: it reads end of file. */
    close(gate[1]);
    return verdict;
}

static int
follow(struct tracer *tracer, char **argv)
{
    int verdict = start(tracer, argv);
    int status;

    if (verdict == 0)
        verdict = watch(tracer);
    if (verdict != 0)
        return verdict;
    if (!tracer->started) {
        fprintf(stderr, "%s: the command did not start\n", tracer->name);
        return EXIT_TROUBLE;
    }
    status = WIFSIGNALED(tracer->main_status)
                 ? 128 + WTERMSIG(tracer->main_status)
                 : WEXITSTATUS(tracer->main_status);
    return tracer->end ? tracer->end(tracer, status) : status;
}

/*
 * Trace in a child process.  When it exits, the kernel sends SIGKILL to all
 * that it traces (PTRACE_O_EXITKILL), also to those just born; and a thread
 * that gets SIGKILL while stopped at the entry of a system call does not make
 * the call.  The dying all become children of this process, the subreaper,
 * which waits for the last.
 */
int
trace(struct tracer *tracer, char **argv)
{
    int result = EXIT_TROUBLE;
    int status;
    pid_t pid;
    pid_t child;

    if (prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L) < 0)
        return trouble(tracer, "PR_SET_CHILD_SUBREAPER");
    child = fork();
    if (child < 0)
        return trouble(tracer, "fork");
    if (child == 0) {
        /* Whoever kills this process kills the command with it. */
        prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
        exit(follow(tracer, argv));
    }
    while ((pid = waitpid(-1, &status, __WALL)) > 0) {
        if (pid == child && WIFEXITED(status))
            result = WEXITSTATUS(status);
        else if (pid == child)
            fprintf(stderr, "%s: the tracer itself was killed\n", tracer->name);
    }
    return result;
}
