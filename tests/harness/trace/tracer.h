/*
 * tracer.h - follow a command and all its processes from one system call to the
 * next, and change what they do there.
 *
 * The program that uses it fills a struct tracer and calls trace(). At the
 * entry and the exit of each call one of its functions is called, while the
 * thread stands still; there it may change the call, or what came of it.
 *
 * Every process of the command is killed when the tracer ends, and waited for:
 * nothing is at work any more when trace() returns.
 */
#ifndef TRACER_H
#define TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Trouble in the harness itself, explained on standard error. */
#define EXIT_TROUBLE 98

/* Both functions return 0 to go on, else the exit status to end with. */
struct tracer {
    const char *name; /* of the harness, for messages */

    /* A thread is about to make a call: its number and arguments. */
    int (*entry)(struct tracer *tracer, pid_t pid, uint64_t number,
                 const uint64_t *args);

    /* It has been made; may be NULL. RESULT is negative for an error. */
    int (*exit)(struct tracer *tracer, pid_t pid, int64_t result);

    /* What becomes of the harness when all went its way; may be NULL. */
    int (*end)(struct tracer *tracer, int status);

    void *data;      /* the caller's own */
    bool run_freely; /* set it: no call is of interest any more */
    bool started;    /* the command's exec succeeded */
    pid_t main_pid;  /* 0 once it has ended: its number may come again */
    int main_status;
};

/*
 * Run a command under the tracer. Returns the exit status for the harness: what
 * one of the functions asked for, EXIT_TROUBLE, or the command's own, or
 * 128 + S if signal S killed it.
 */
int trace(struct tracer *tracer, char **argv);

/* Print "HARNESS: WHAT: reason of errno"; returns EXIT_TROUBLE. */
int trouble(const struct tracer *tracer, const char *what);

/*
 * At the entry of a call: do not make it. At its exit call_is_void() says that
 * it is one of these, and call_set_result() gives what it is to return: a
 * negative number is an error. All three return 0, or -1 with errno.
 */
int call_make_void(pid_t pid);
int call_is_void(pid_t pid, bool *is_void);
int call_set_result(pid_t pid, int64_t result);

/* At the entry of a call: change one argument, counted from 0. */
int call_set_argument(pid_t pid, int which, uint64_t value);

/* A string of the traced process; what cannot be read is left out. */
void read_string(pid_t pid, uint64_t at, char *out, size_t room);

#endif
