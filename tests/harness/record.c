/*
 * record: run a command and write down what it does to the file system.
 *
 *     record FILE COMMAND [ARG...]
 *
 * FILE gets one line for each system call that changed something, in their
 * order, with these fields, separated by tabs:
 *
 *     name of the call
 *     path of what it was done to, in hexadecimal digits
 *     path of what it was taken from (rename, link), the same; else empty
 *     flags of an open or a rename, offset of a write, length of a truncate,
 *     mode of a mkdir or a chmod, time of modification in nanoseconds
 *     the bytes that a write wrote, in hexadecimal digits
 *
 * Calls that failed are left out. The command must have one thread only, or
 * the order could not be told: a second one is trouble.
 *
 * Exit status: 98 for trouble in the harness itself, explained on standard
 * error; else the command's own, or 128 + S if signal S killed it.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trace/calls.h"
#include "trace/tracer.h"

struct recorder {
    FILE *out;
    pid_t pid;               /* the only thread */
    const struct call *call; /* that it is in, or NULL */
    char path[8192];
    char from[8192];
    uint64_t number; /* flags, offset or length */
    int fd;          /* that is written to */
};

/* Where a write will begin. */
static uint64_t
position(pid_t pid, int fd)
{
    char path[64];
    unsigned long long at = 0;
    FILE *info;

    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)pid, fd);
    info = fopen(path, "re");
    if (!info || fscanf(info, "pos: %llu", &at) != 1)
        at = 0;
    if (info)
        fclose(info);
    return at;
}

/* The second of two struct timespec; the kernel's has two words. */
static uint64_t
modified(pid_t pid, uint64_t at)
{
    long seconds =
        ptrace(PTRACE_PEEKDATA, pid, (void *)(uintptr_t)(at + 16), NULL);
    long fraction =
        ptrace(PTRACE_PEEKDATA, pid, (void *)(uintptr_t)(at + 24), NULL);

    return (uint64_t)seconds * 1000000000 + (uint64_t)fraction;
}

static uint64_t
number_of(pid_t pid, const struct call *call, const uint64_t *args)
{
    switch (call->number) {
    case SYS_openat:
        return args[2];
    case SYS_openat2:
        return (uint64_t)ptrace(PTRACE_PEEKDATA, pid,
                                (void *)(uintptr_t)args[2], NULL);
    case SYS_renameat2:
        return args[4];
    case SYS_pwrite64:
        return args[3];
    case SYS_write:
    case SYS_writev:
        return position(pid, (int)args[0]);
    case SYS_ftruncate:
    case SYS_truncate:
    case SYS_fchmod:
        return args[1];
    case SYS_mkdirat:
        return args[2];
    case SYS_utimensat:
        return modified(pid, args[2]);
    default:
        return 0;
    }
}

static int
at_entry(struct tracer *tracer, pid_t pid, uint64_t number,
         const uint64_t *args)
{
    struct recorder *recorder = tracer->data;
    const struct call *call = call_find(number);

    if (recorder->pid && recorder->pid != pid) {
        fprintf(stderr, "record: the command has a second thread\n");
        return EXIT_TROUBLE;
    }
    recorder->pid = pid;
    recorder->call = NULL;
    if (!call || !call_changes(pid, call, args))
        return 0;
    recorder->call = call;
    recorder->fd = call->fd < 0 ? -1 : (int)args[call->fd];
    recorder->number = number_of(pid, call, args);
    call_path(pid, call->fd, call->path, args, recorder->path,
              sizeof recorder->path);
    recorder->from[0] = '\0';
    if (number == SYS_renameat || number == SYS_renameat2 ||
        number == SYS_linkat)
        call_path(pid, 0, 1, args, recorder->from, sizeof recorder->from);
    return 0;
}

static void
put_hex(FILE *out, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        fprintf(out, "%02x", bytes[i]);
}

/* What was written is read from the file itself. */
static int
put_written(const struct recorder *recorder, uint64_t len)
{
    unsigned char bytes[4096];
    char path[64];
    uint64_t done = 0;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)recorder->pid,
             recorder->fd);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    while (done < len) {
        uint64_t want = len - done < sizeof bytes ? len - done : sizeof bytes;
        ssize_t got = pread(fd, bytes, want, (off_t)(recorder->number + done));

        if (got <= 0) {
            close(fd);
            return -1;
        }
        put_hex(recorder->out, bytes, (size_t)got);
        done += (uint64_t)got;
    }
    return close(fd);
}

static int
at_exit(struct tracer *tracer, pid_t pid, int64_t result)
{
    struct recorder *recorder = tracer->data;
    const struct call *call = recorder->call;
    FILE *out = recorder->out;

    (void)pid;
    if (!call || result < 0)
        return 0;
    fprintf(out, "%s\t", call->name);
    put_hex(out, (const unsigned char *)recorder->path, strlen(recorder->path));
    fputc('\t', out);
    put_hex(out, (const unsigned char *)recorder->from, strlen(recorder->from));
    fprintf(out, "\t%llu\t", (unsigned long long)recorder->number);
    if (call->rule == TO_FILE && put_written(recorder, (uint64_t)result) < 0)
        return trouble(tracer, "cannot read what was written");
    fputc('\n', out);
    recorder->call = NULL;
    return 0;
}

static int
at_end(struct tracer *tracer, int status)
{
    struct recorder *recorder = tracer->data;

    return fclose(recorder->out) ? trouble(tracer, "cannot write") : status;
}

int
main(int argc, char **argv)
{
    static struct recorder recorder;
    struct tracer tracer = {.name = "record",
                            .entry = at_entry,
                            .exit = at_exit,
                            .end = at_end,
                            .data = &recorder};

    if (argc < 3) {
        fprintf(stderr, "usage: record FILE COMMAND [ARG...]\n");
        return EXIT_TROUBLE;
    }
    recorder.out = fopen(argv[1], "we");
    if (!recorder.out)
        return trouble(&tracer, argv[1]);
    return trace(&tracer, argv + 2);
}
