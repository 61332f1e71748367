/*
 * failcall: run a command and let its Nth system call that can fail in some way
 * fail in that way.
 *
 *     failcall DIR HOW N COMMAND [ARG...]   once
 *     failcall DIR HOW N+ COMMAND [ARG...]  that call and all after it; of
 * EINTR every second: it is tried again failcall DIR HOW N! COMMAND [ARG...]
 * once, but the call is made all the same: the answer got lost
 *
 * HOW is ENOSPC, EDQUOT, EIO, EINTR, EMFILE or EXDEV: the call is not made and
 * returns this. Or "short": it is made for half as many bytes. Calls are
 * counted from the exec of COMMAND on, over all its processes and threads, N
 * from 1; those only to which HOW can happen, and that are made on DIR, on what
 * is below it, or on standard output.
 *
 * The first that fails is printed on standard error: "failed", its number, its
 * name, and the path of what it was to be done to. If there is no such line,
 * the command passed untouched.
 *
 * Exit status: 98 for trouble in the harness itself, explained on standard
 * error; else the command's own, or 128 + S if signal S killed it.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trace/calls.h"
#include "trace/tracer.h"

struct way {
    const char *name;
    int error; /* 0: it is made, but short */
    enum failure failure;
};

static const struct way ways[] = {
    {"ENOSPC", ENOSPC, NO_SPACE},
    {"EDQUOT", EDQUOT, NO_SPACE},
    {"EIO", EIO, BAD_DISK},
    {"EINTR", EINTR, INTERRUPTED},
    {"EMFILE", EMFILE, NO_DESCRIPTOR},
    {"EXDEV", EXDEV, OTHER_DEVICE},
    {"short", 0, SHORT},
};

struct failer {
    const struct way *way;
    const char *dir;
    unsigned long at;
    char how_often; /* '\0', '+' or '!' */
    unsigned long count;
    pid_t made; /* this thread is in a call that is made all the same */
};

/* What no process can do after it: the descriptor is gone in any case. */
static bool
is_made(const struct failer *failer, const struct call *call)
{
    return failer->how_often == '!' || call->number == SYS_close;
}

static bool
is_due(const struct failer *failer)
{
    if (failer->count < failer->at)
        return false;
    if (failer->how_often != '+')
        return failer->count == failer->at;
    return failer->way->error != EINTR || (failer->count - failer->at) % 2 == 0;
}

/* The length is the third argument of every call that can be short. */
static int
shorten(pid_t pid, const uint64_t *args)
{
    return args[2] < 2 ? 0 : call_set_argument(pid, 2, args[2] / 2);
}

static bool
is_below(const struct failer *failer, pid_t pid, const struct call *call,
         const uint64_t *args)
{
    size_t len = strlen(failer->dir);
    char path[8192];

    if (call->rule == TO_FILE && args[call->fd] == STDOUT_FILENO)
        return true;
    call_path(pid, call->fd, call->path, args, path, sizeof path);
    return strncmp(path, failer->dir, len) == 0 &&
           (path[len] == '\0' || path[len] == '/');
}

static int
at_entry(struct tracer *tracer, pid_t pid, uint64_t number,
         const uint64_t *args)
{
    struct failer *failer = tracer->data;
    const struct call *call = call_find(number);
    int done;

    if (!call || !call_can_fail(pid, call, args, failer->way->failure) ||
        !is_below(failer, pid, call, args))
        return 0;
    failer->count++;
    if (failer->count == failer->at) {
        fprintf(stderr, "failed ");
        call_describe(failer->count, pid, call, args);
    }
    if (!is_due(failer))
        return 0;
    if (!failer->way->error) {
        done = shorten(pid, args);
        tracer->run_freely = failer->how_often != '+';
    } else if (is_made(failer, call)) {
        failer->made = pid;
        done = 0;
    } else {
        done = call_make_void(pid);
    }
    return done < 0 ? trouble(tracer, "cannot change the call") : 0;
}

static int
at_exit(struct tracer *tracer, pid_t pid, int64_t result)
{
    struct failer *failer = tracer->data;
    bool is_void = false;

    (void)result;
    if (call_is_void(pid, &is_void) < 0)
        return errno == ESRCH ? 0 : trouble(tracer, "cannot look at the call");
    if (!is_void && failer->made != pid)
        return 0;
    failer->made = 0;
    if (call_set_result(pid, -failer->way->error) < 0)
        return trouble(tracer, "cannot change the result");
    tracer->run_freely = failer->how_often != '+';
    return 0;
}

static const struct way *
find_way(const char *name)
{
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (strcmp(ways[i].name, name) == 0)
            return &ways[i];
    }
    return NULL;
}

int
main(int argc, char **argv)
{
    struct failer failer = {0};
    struct tracer tracer = {.name = "failcall",
                            .entry = at_entry,
                            .exit = at_exit,
                            .data = &failer};
    char *end = NULL;

    if (argc >= 5 && argv[3][0] >= '1' && argv[3][0] <= '9') {
        failer.dir = argv[1];
        failer.way = find_way(argv[2]);
        failer.at = strtoul(argv[3], &end, 10);
        failer.how_often = *end;
        if (*end)
            end++;
    }
    if (!failer.way || *end || !strchr("+!", failer.how_often)) {
        fprintf(stderr,
                "usage: failcall DIR ENOSPC|EDQUOT|EIO|EINTR|EMFILE|EXDEV|"
                "short N[+|!] COMMAND [ARG...]\n");
        return EXIT_TROUBLE;
    }
    return trace(&tracer, argv + 4);
}
