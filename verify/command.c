/* command.c - see command.h. */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "error.h"

#define COMPLAINT_MAX 4096
#define USUAL_PATH "/usr/sbin:/usr/bin:/sbin:/bin"

/* The descriptor that the program gets its file as. */
#define FILE_FD 3

static const char *
search_path(void)
{
    const char *path = secure_getenv("PATH");

    return path && path[0] ? path : USUAL_PATH;
}

char *
command_find(const char *name)
{
    const char *at = search_path();

    for (;;) {
        size_t len = strcspn(at, ":");
        cleanup(free_ptr) char *file = xasprintf("%.*s/%s", (int)len, at, name);
        struct stat stat_of;

        if (at[0] == '/' && !stat(file, &stat_of) && S_ISREG(stat_of.st_mode) &&
            !access(file, X_OK))
            return steal_ptr(&file);
        if (!at[len])
            return NULL;
        at += len + 1;
    }
}

void
command_free(struct command *command)
{
    buffer_free(&command->output);
    buffer_free(&command->complaint);
}

static void
destroy_actions(posix_spawn_file_actions_t *actions)
{
    (void)posix_spawn_file_actions_destroy(actions);
}

/* Our ends of the pipes are closed in the program: O_CLOEXEC. */
static int
start(const char *const *arguments, int file, int out, int err, pid_t *pid)
{
    cleanup(free_ptr) char *path = xasprintf("PATH=%s", search_path());
    char locale[] = "LC_ALL=C";
    char *environment[] = {path, locale, NULL};
    cleanup(destroy_actions) posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);

    if (failed)
        memory_exhausted();
    failed = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
                                              "/dev/null", O_RDONLY, 0);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    if (!failed && file >= 0)
        failed = posix_spawn_file_actions_adddup2(&actions, file, FILE_FD);
    if (!failed)
        failed = posix_spawn(pid, arguments[0], &actions, NULL,
                             (char *const *)(uintptr_t)arguments, environment);
    return failed;
}

static long long
milliseconds(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Take what is there; what is over MOST is dropped, and told by true. */
static bool
drain(int *fd, struct buffer *buffer, size_t most)
{
    char bytes[16384];
    ssize_t got = read(*fd, bytes, sizeof(bytes));

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return false;
    if (got <= 0) {
        close_fd(fd);
        return false;
    }
    if ((size_t)got > most - buffer->len) {
        buffer_add(buffer, bytes, most - buffer->len);
        return true;
    }
    buffer_add(buffer, bytes, (size_t)got);
    return false;
}

/* Read both pipes to their end. Why not; or NULL. */
static const char *
read_all(struct command *command, int *out, int *err)
{
    long long end = milliseconds() + 1000LL * command->timeout;

    while (*out >= 0 || *err >= 0) {
        struct pollfd fds[] = {{.fd = *out, .events = POLLIN},
                               {.fd = *err, .events = POLLIN}};
        long long left = end - milliseconds();

        if (left <= 0)
            return "it did not end in time and was stopped";
        if (poll(fds, 2, left < 1000 ? (int)left : 1000) < 0 && errno != EINTR)
            return "its output could not be waited for";
        if (fds[0].revents && drain(out, &command->output, command->most))
            return "its output is too long";
        if (fds[1].revents)
            (void)drain(err, &command->complaint, COMPLAINT_MAX);
    }
    return NULL;
}

/* It has closed its output, so it is about to end; or it never will. */
static const char *
wait_for(pid_t pid, int *status, long long patience)
{
    const struct timespec nap = {.tv_nsec = 2000000};
    long long end = milliseconds() + patience;
    pid_t got;

    while (!(got = waitpid(pid, status, WNOHANG)) && milliseconds() < end)
        (void)nanosleep(&nap, NULL);
    if (got)
        return got < 0 ? "what became of it is not known" : NULL;
    return "it did not end in time and was stopped";
}

/* Put a copy of FD where the program's own descriptors are not in its way. */
static int
move_up(int fd, int *copy, struct error *error)
{
    *copy = fcntl(fd, F_DUPFD_CLOEXEC, FILE_FD + 1);
    return *copy < 0 ? error_set(error, errno, "cannot copy a descriptor") : 0;
}

static int
make_pipe(int *ours, int *theirs, struct error *error)
{
    int ends[2], result;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_set(error, errno, "cannot make a pipe");
    *ours = ends[0];
    result = move_up(ends[1], theirs, error);
    close_fd(&ends[1]);
    return result;
}

/* Start it, and close what only it needs. */
static int
launch(struct command *command, int *out, int *err, pid_t *pid,
       struct error *error)
{
    cleanup(close_fd) int to_out = -1, to_err = -1, file = -1;
    int failed;

    if (make_pipe(out, &to_out, error) < 0 ||
        make_pipe(err, &to_err, error) < 0 ||
        (command->fd >= 0 && move_up(command->fd, &file, error) < 0))
        return -1;
    failed = start(command->arguments, file, to_out, to_err, pid);
    if (failed)
        return error_set(error, failed, "cannot run '%s'",
                         command->arguments[0]);
    return 0;
}

int
command_run(struct command *command, struct error *error)
{
    cleanup(close_fd) int out = -1, err = -1;
    const char *wrong;
    int status = 0;
    pid_t pid = 0;

    command->status = -1;
    if (launch(command, &out, &err, &pid, error) < 0)
        return -1;
    wrong = read_all(command, &out, &err);
    if (!wrong)
        wrong = wait_for(pid, &status, 1000LL * command->timeout);
    if (wrong) {
        if (pid > 0)
            (void)kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
        return error_set(error, 0, "'%s': %s", command->arguments[0], wrong);
    }
    if (WIFEXITED(status))
        command->status = WEXITSTATUS(status);
    return 0;
}
