/*
 * test-command.c - running a program: what it gets, what comes back, and that
 * one that hangs or floods is stopped.
 */
#include "support.h"

#include <errno.h>
#include <time.h>

#include "../../verify/command.h"
#include "../../verify/error.h"

/* A command that a shell executes; the shell is the program here. */
static int
run_shell(struct command *command, const char *script, struct error *error)
{
    const char *const arguments[] = {"/bin/sh", "-c", script, NULL};

    command->arguments = arguments;
    if (!command->timeout)
        command->timeout = 60;
    if (!command->most)
        command->most = 1000000;
    return command_run(command, error);
}

static void
assert_output(const struct command *command, const char *text)
{
    assert_int_equal(command->output.len, strlen(text));
    if (text[0])
        assert_memory_equal(command->output.data, text, strlen(text));
}

static void
test_results(void **state)
{
    static const struct {
        const char *script;
        const char *output;
        const char *complaint;
        int status;
    } cases[] = {
        {"echo a; echo b >&2", "a\n", "b\n", 0},
        {":", "", "", 0},
        {"exit 7", "", "", 7},
        {"kill -9 $$", "", "", -1},
        /* Nothing to read, and it is there. */
        {"cat; echo end", "end\n", "", 0},
        {"exec >&-; exec 2>&-; exit 3", "", "", 3},
        {"echo $LC_ALL-$HOME-$SECRET", "C--\n", "", 0},
    };

    (void)state;
    session_put("SECRET", "x");
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(command_free) struct command command = {.fd = -1};
        struct error error = {0};

        assert_int_equal(run_shell(&command, cases[i].script, &error), 0);
        assert_output(&command, cases[i].output);
        assert_int_equal(command.complaint.len, strlen(cases[i].complaint));
        assert_int_equal(command.status, cases[i].status);
    }
    session_put("SECRET", NULL);
}

/* The program has its file as 3, and nothing else of ours. */
static void
test_descriptors(void **state)
{
    static const char list[] = "i=3; while [ $i -lt 40 ]; do"
                               " [ ! -e /proc/$$/fd/$i ] || echo $i;"
                               " i=$((i + 1)); done";
    const struct temp *temp = *state;

    /* Not what whoever runs the tests has left open. */
    for (int fd = 3; fd < 40; fd++)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    put_text(temp->fd, "file", "content");
    for (int with = 0; with < 2; with++) {
        cleanup(command_free) struct command command = {.fd = -1};
        cleanup(close_fd) int fd =
            openat(temp->fd, "file", O_RDONLY | O_CLOEXEC);
        struct error error = {0};

        command.fd = with ? fd : -1;
        assert_int_equal(run_shell(&command, list, &error), 0);
        assert_output(&command, with ? "3\n" : "");
    }
}

/* Also where our own standard descriptors are not what they should be. */
static void
test_closed(void **state)
{
    const struct temp *temp = *state;
    int kept[3], fd;

    put_text(temp->fd, "file", "content");
    for (int i = 0; i < 3; i++) {
        kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 20);
        assert_true(kept[i] >= 0);
    }
    for (int closed = 0; closed < 3; closed++) {
        cleanup(command_free) struct command command = {.fd = -1};
        struct error error = {0};
        int result;

        for (int i = 0; i <= closed; i++)
            (void)close(i);
        fd = openat(temp->fd, "file", O_RDONLY | O_CLOEXEC);
        command.fd = fd;
        result = run_shell(&command, "cat <&3; cat; echo x >&2", &error);
        (void)close(fd);
        for (int i = 0; i < 3; i++)
            (void)dup2(kept[i], i);
        assert_int_equal(fd, 0);
        assert_int_equal(result, 0);
        assert_output(&command, "content");
        assert_int_equal(command.complaint.len, 2);
    }
    for (int i = 0; i < 3; i++)
        (void)close(kept[i]);
}

static void
test_limits(void **state)
{
    static const struct {
        const char *script;
        const char *said;
        size_t most;
        size_t len;
    } cases[] = {
        {"sleep 100", "in time", 100, 0},
        {"echo a; sleep 100", "in time", 100, 2},
        {"exec >&- 2>&-; sleep 100", "in time", 100, 0},
        {"while :; do echo aaaaaaaaa; done", "too long", 100, 100},
        {"while :; do echo aaaaaaaaa; done >&2", "in time", 100, 0},
        /* What it started may live on, and hold the pipe. */
        {"sleep 5 & echo a", "in time", 100, 2},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(command_free) struct command command = {
            .fd = -1, .timeout = 1, .most = cases[i].most};
        struct error error = {0};
        time_t start = time(NULL);

        assert_int_equal(run_shell(&command, cases[i].script, &error), -1);
        assert_true(time(NULL) - start < 30);
        if (!strstr(error.message, cases[i].said))
            print_error("of case: %s: %s\n", cases[i].script, error.message);
        assert_non_null(strstr(error.message, cases[i].said));
        assert_non_null(strstr(error.message, "'/bin/sh'"));
        assert_int_equal(command.output.len, cases[i].len);
        assert_true(command.complaint.len <= 4096);
        error_clear(&error);
    }
}

/* Exactly as much as is allowed. */
static void
test_most(void **state)
{
    (void)state;
    for (size_t most = 4; most <= 5; most++) {
        cleanup(command_free) struct command command = {.fd = -1, .most = most};
        struct error error = {0};

        assert_int_equal(run_shell(&command, "printf 12345", &error),
                         most < 5 ? -1 : 0);
        assert_int_equal(command.output.len, most);
        error_clear(&error);
    }
}

static void
test_not_run(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *path = xasprintf("%s/text", temp->path);
    const char *const arguments[] = {path, NULL};
    cleanup(command_free) struct command command = {
        .arguments = arguments, .fd = -1, .timeout = 1, .most = 1};
    struct error error = {0};

    assert_int_equal(command_run(&command, &error), -1);
    assert_int_equal(error.number, ENOENT);
    error_clear(&error);
    put_text(temp->fd, "text", "");
    assert_int_equal(command_run(&command, &error), -1);
    assert_int_equal(error.number, EACCES);
    assert_non_null(strstr(error.message, path));
    error_clear(&error);
}

static void
test_find(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *old = xstrdup(getenv("PATH"));
    cleanup(free_ptr) char *path =
        xasprintf("relative::/nowhere:%s:/bin", temp->path);
    cleanup(free_ptr) char *expected = xasprintf("%s/tool", temp->path);
    cleanup(free_ptr) char *found = NULL, *none = NULL, *again = NULL;

    session_put("PATH", path);
    assert_int_equal(mkdirat(temp->fd, "a-dir", 0755), 0);
    assert_null(command_find("a-dir"));
    put_text(temp->fd, "tool", "");
    none = command_find("tool");
    assert_int_equal(fchmodat(temp->fd, "tool", 0755, 0), 0);
    found = command_find("tool");
    session_put("PATH", NULL);
    again = command_find("sh");
    session_put("PATH", old);
    assert_null(none);
    assert_string_equal(found, expected);
    assert_non_null(again);
    assert_int_equal(again[0], '/');
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results), cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_closed),  cmocka_unit_test(test_limits),
        cmocka_unit_test(test_most),    cmocka_unit_test(test_not_run),
        cmocka_unit_test(test_find),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
