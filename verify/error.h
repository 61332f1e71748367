/*
 * error.h - "we could not do the job": an operation failed.
 *
 * Not to be mixed with problem.h, which holds facts about the user's data.
 * Functions that can fail take a `struct error *` last, set it and return -1;
 * the callee says what failed, a caller may put its context in front. Only main
 * prints. Messages may hold untrusted names: they are escaped when printed.
 */
#ifndef ERROR_H
#define ERROR_H

#include <stddef.h>

/* Exit status of both programs, as in their manual pages. */
enum exit_status {
    EXIT_CLEAN = 0,
    EXIT_PROBLEMS = 1,
    EXIT_TROUBLE = 2,
    EXIT_BUSY = 3,
};

struct error {
    char *message; /* owned; NULL while nothing failed */
    int number;    /* errno of the failure, 0 where there is none */
    enum exit_status status;
};

/*
 * Set the error from a format, with ": strerror" behind it where NUMBER is not
 * 0. Whatever was set before is dropped. Returns -1, to be returned at once.
 */
int error_set(struct error *error, int number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, with EXIT_BUSY as the status. */
int error_busy(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Put context in front of what is set. Returns -1. */
int error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Put something behind what is set. Returns -1. */
int error_append(struct error *error, const char *text);
/* Take over what another one says, which is unset then. Returns -1. */
int error_take(struct error *error, struct error *other);
/* Release the message; the error is unset again. NULL-safe. */
void error_clear(struct error *error);

/* Messages that are gathered to be printed by main; {0} when empty. */
struct messages {
    char **list;
    size_t count;
};

void messages_add(struct messages *messages, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void messages_free(struct messages *messages);

#endif
