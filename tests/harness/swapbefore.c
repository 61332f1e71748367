/*
 * swapbefore: run a command while somebody swaps two names under its feet.
 *
 *     swapbefore A B N[-M] COMMAND [ARG...]   A and B change places before call
 *                                             N (from 1), and back before M
 *     swapbefore A B N+ COMMAND [ARG...]      before N, and before each after
 * it swapbefore A B 0 COMMAND [ARG...]       never
 *
 * Counted is every call of the command that has a path, or lists a directory,
 * whether it changes something or not. Where one of the names is missing at
 * that moment nothing is swapped. Prints "swapped S times in C calls" to
 * standard error. Exit status: the command's own, or 128 + S if signal S killed
 * it, or 98: trouble in the harness itself.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "trace/calls.h"
#include "trace/tracer.h"

struct swapper {
    const char *names[2];
    unsigned long from;
    unsigned long back; /* 0: never */
    bool always;
    unsigned long calls;
    unsigned long swaps;
};

static int
at_entry(struct tracer *tracer, pid_t pid, uint64_t number,
         const uint64_t *args)
{
    struct swapper *swapper = tracer->data;
    const struct call *call = call_find(number);

    (void)pid;
    (void)args;
    if (!call || (call->path < 0 && number != SYS_getdents64))
        return 0;
    swapper->calls++;
    if (!swapper->from || swapper->calls < swapper->from ||
        (!swapper->always && swapper->calls != swapper->from &&
         swapper->calls != swapper->back))
        return 0;
    if (!renameat2(AT_FDCWD, swapper->names[0], AT_FDCWD, swapper->names[1],
                   RENAME_EXCHANGE))
        swapper->swaps++;
    else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
        return trouble(tracer, "renameat2");
    return 0;
}

static int
at_end(struct tracer *tracer, int status)
{
    const struct swapper *swapper = tracer->data;

    fprintf(stderr, "swapped %lu times in %lu calls\n", swapper->swaps,
            swapper->calls);
    return status;
}

int
main(int argc, char **argv)
{
    struct swapper swapper = {0};
    struct tracer tracer = {.name = "swapbefore",
                            .entry = at_entry,
                            .end = at_end,
                            .data = &swapper};
    char *end = NULL;

    errno = 0;
    if (argc >= 5) {
        swapper.names[0] = argv[1];
        swapper.names[1] = argv[2];
        swapper.from = strtoul(argv[3], &end, 10);
        if (*end == '-')
            swapper.back = strtoul(end + 1, &end, 10);
        else if (*end == '+' && swapper.from)
            swapper.always = *end++ == '+';
    }
    if (!end || *end || errno) {
        fprintf(stderr, "usage: swapbefore A B N[-M]|N+ COMMAND [ARG...]\n");
        return EXIT_TROUBLE;
    }
    return trace(&tracer, argv + 4);
}
