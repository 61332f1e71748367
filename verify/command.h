/*
 * command.h - run a program and take what it says; without a shell, with
 * nothing to read, for so long and no longer.
 *
 * It gets PATH and LC_ALL=C as its environment, and one file that is open here,
 * if any, as descriptor 3. Errors are that it could not be run, was killed, or
 * said too much; its exit status is the caller's to judge.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include "memory.h"

struct error;

struct command {
    const char *const *arguments; /* NULL-ended; the first: path of the file */
    int fd;                       /* its descriptor 3; -1: none */
    unsigned int timeout;         /* in seconds; then it is killed */
    size_t most;                  /* bytes of its output; then it is killed */
    struct buffer output;         /* what it wrote to standard output, */
    struct buffer complaint;      /* and the first 4 KiB of standard error */
    int status;                   /* exit status; -1: a signal ended it */
};

/* Run and wait. -1: error. Release with command_free() in every case. */
int command_run(struct command *command, struct error *error);
void command_free(struct command *command);

/*
 * The file that NAME is in one of the directories of $PATH, of which relative
 * ones are ignored. NULL: there is none. The caller owns it.
 */
char *command_find(const char *name);

#endif
