/*
 * calls.h - the system calls that a harness looks at: which of them change the
 * file system, what they are done to, and how they can fail.
 */
#ifndef CALLS_H
#define CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* What an argument has to be for the call to count. */
enum rule {
    READS,      /* it never changes the file system */
    DUPLICATES, /* nor does this; and only with the argument F_DUPFD... */
    ALWAYS,     /* it always does */
    OPEN_FLAGS, /* if the argument is a set of open flags that may create */
    OPEN_HOW,   /* if it points to a struct open_how with such flags */
    TO_FILE     /* if it is a descriptor of a regular file */
};

/* How a call can fail. */
enum failure {
    NO_SPACE = 1,      /* ENOSPC, EDQUOT; only when it changes something */
    BAD_DISK = 2,      /* EIO */
    INTERRUPTED = 4,   /* EINTR */
    NO_DESCRIPTOR = 8, /* EMFILE, ENFILE */
    OTHER_DEVICE = 16, /* EXDEV */
    SHORT = 32         /* it does less than it was asked to */
};

struct call {
    const char *name;
    long number;
    enum rule rule;
    int arg;           /* the argument that the rule looks at, from 0 */
    int fd;            /* the one that says what it is done to: a descriptor, */
    int path;          /* and a path below that; -1: it has no such argument */
    unsigned failures; /* set of enum failure */
};

/* The call of this number, or NULL if none of ours. */
const struct call *call_find(uint64_t number);

/* Does it change the file system, or does its rule at least not rule it out? */
bool call_changes(pid_t pid, const struct call *call, const uint64_t *args);

/* Can it fail in this way, as it is called here? */
bool call_can_fail(pid_t pid, const struct call *call, const uint64_t *args,
                   enum failure failure);

/* The path that the arguments FD and PATH stand for; -1: there is none. */
void call_path(pid_t pid, int fd, int path, const uint64_t *args, char *out,
               size_t room);

/* Print number, name of a call and the path of what it is done to, a line. */
void call_describe(unsigned long number, pid_t pid, const struct call *call,
                   const uint64_t *args);

#endif
