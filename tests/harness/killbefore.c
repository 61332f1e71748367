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
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace/calls.h"
#include "trace/tracer.h"

#define EXIT_KILLED 99

struct killer {
    unsigned long kill_at; /* 0: never */
    const char *command;   /* to be run at that call, instead of killing */
    bool list;
    unsigned long count;
};

/* Run the shell command while all that is traced stands still. */
static int
run_command(struct tracer *tracer, const char *command)
{
    int status;
    pid_t pid = fork();

    if (pid < 0)
        return trouble(tracer, "fork");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return trouble(tracer, "waitpid");
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    fprintf(stderr, "killbefore: the shell command failed, wait status %d\n",
            status);
    return EXIT_TROUBLE;
}

static int
at_entry(struct tracer *tracer, pid_t pid, uint64_t number,
         const uint64_t *args)
{
    struct killer *killer = tracer->data;
    const struct call *call = call_find(number);

    if (!call || !call_changes(pid, call, args))
        return 0;
    killer->count++;
    if (killer->list)
        call_describe(killer->count, pid, call, args);
    if (killer->count != killer->kill_at)
        return 0;
    if (!killer->command)
        return EXIT_KILLED;
    /* There is no call left to wait for. */
    tracer->run_freely = true;
    fprintf(stderr, "ran before ");
    call_describe(killer->count, pid, call, args);
    return run_command(tracer, killer->command);
}

static int
at_end(struct tracer *tracer, int status)
{
    const struct killer *killer = tracer->data;

    if (killer->kill_at == 0 && !killer->list)
        fprintf(stderr, "killbefore: %lu changing calls\n", killer->count);
    return status;
}

int
main(int argc, char **argv)
{
    struct killer killer = {0};
    struct tracer tracer = {.name = "killbefore",
                            .entry = at_entry,
                            .end = at_end,
                            .data = &killer};
    char *end = NULL;
    int at = 1;

    if (argc >= 3 && strcmp(argv[1], "--list") == 0) {
        killer.list = true;
    } else {
        if (argc >= 5 && strcmp(argv[1], "--run") == 0) {
            killer.command = argv[2];
            at = 3;
        }
        errno = 0;
        if (argc >= at + 2 && argv[at][0] >= '0' && argv[at][0] <= '9')
            killer.kill_at = strtoul(argv[at], &end, 10);
        if (end == NULL || *end != '\0' || errno != 0) {
            fprintf(stderr, "usage: killbefore --list COMMAND [ARG...]\n"
                            "       killbefore [--run SHELL-COMMAND] N COMMAND "
                            "[ARG...]\n");
            return EXIT_TROUBLE;
        }
    }
    return trace(&tracer, argv + at + 1);
}
