/*
 * test-image.c - is an image there, and what does qemu-img say is in it; with
 * a script in its place, and with the real one where there is one.
 */
#include "support.h"

#include "../../verify/command.h"
#include "../../verify/error.h"
#include "../../verify/image.h"

#define RUNNING                                                                \
    {                                                                          \
        .root = -1                                                             \
    }

static void
test_find(void **state)
{
    static const struct {
        const char *path;
        enum image_state state;
        const char *why;
    } cases[] = {
        {"/file", IMAGE_PRESENT, NULL},
        {"/link", IMAGE_PRESENT, NULL},
        {"/dir/../file", IMAGE_PRESENT, NULL},
        {"/none", IMAGE_MISSING, NULL},
        {"/file/none", IMAGE_MISSING, NULL},
        {"/dangling", IMAGE_MISSING, NULL},
        {"/dir", IMAGE_MISSING, "a directory"},
        {"/fifo", IMAGE_MISSING, "a fifo"},
        {"/loop", IMAGE_UNCERTAIN, "symbolic links"},
        {"file", IMAGE_UNCERTAIN, "absolute"},
        {"", IMAGE_UNCERTAIN, "absolute"},
    };
    const struct temp *temp = *state;
    struct images_from below = {.root = temp->fd}, running = RUNNING;

    put_text(temp->fd, "file", "");
    assert_int_equal(mkdirat(temp->fd, "dir", 0700), 0);
    assert_int_equal(mkfifoat(temp->fd, "fifo", 0600), 0);
    assert_int_equal(symlinkat("file", temp->fd, "link"), 0);
    assert_int_equal(symlinkat("none", temp->fd, "dangling"), 0);
    assert_int_equal(symlinkat("loop", temp->fd, "loop"), 0);
    for (size_t i = 0; i < 2 * LENGTH(cases); i++) {
        const char *path = cases[i / 2].path;
        cleanup(free_ptr) char *whole =
            path[0] == '/' && i % 2 ? xasprintf("%s%s", temp->path, path)
                                    : xstrdup(path);
        cleanup(free_ptr) char *why = NULL;
        enum image_state found =
            image_find(i % 2 ? &running : &below, whole, &why);

        if (found != cases[i / 2].state)
            print_error("of case: %s\n", whole);
        assert_int_equal(found, cases[i / 2].state);
        assert_int_equal(!why, !cases[i / 2].why);
        if (why)
            assert_non_null(strstr(why, cases[i / 2].why));
    }
}

/* In a mounted system, a link leads nowhere else. */
static void
test_find_below(void **state)
{
    const struct temp *temp = *state;
    cleanup(close_fd) int inner = -1;
    cleanup(free_ptr) char *why = NULL;
    cleanup(free_ptr) char *target = xasprintf("%s/out", temp->path);
    struct images_from from;

    put_text(temp->fd, "out", "");
    assert_int_equal(mkdirat(temp->fd, "inner", 0700), 0);
    inner = openat(temp->fd, "inner", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(symlinkat("../out", inner, "up"), 0);
    assert_int_equal(symlinkat(target, inner, "absolute"), 0);
    from = (struct images_from){.root = inner};
    assert_int_equal(image_find(&from, "/up", &why), IMAGE_MISSING);
    assert_int_equal(image_find(&from, "/absolute", &why), IMAGE_MISSING);
    assert_int_equal(image_find(&from, "/../out", &why), IMAGE_MISSING);
    assert_null(why);
    put_text(inner, "out", "");
    assert_int_equal(image_find(&from, "/up", &why), IMAGE_PRESENT);
}

#define INFO(more) "{\"format\": \"qcow2\", " more "\"dirty-flag\": false}\n"

static void
test_tags(void **state)
{
    static const struct {
        const char *text;
        const char *tags; /* NULL: it is not understood */
    } cases[] = {
        {INFO(""), ""},
        {INFO("\"snapshots\": [],"), ""},
        {INFO("\"snapshots\": [{\"id\": \"1\", \"name\": \"b\"},"
              "{\"name\": \"a\\n\", \"vm-state-size\": 0}],"),
         "a\n|b|"},
        /* Snapshots of other things, and names of others. */
        {INFO("\"children\": [{\"info\": {\"snapshots\": [{\"name\": \"x\"}],"
              "\"format\": \"file\"}}],"),
         ""},
        {INFO("\"snapshots\": [{\"x\": {\"name\": \"x\"}, \"name\": \"a\"}],"),
         "a|"},
        {INFO("\"name\": \"x\","), ""},
        {INFO("\"snapshots\": {},"), NULL},
        {INFO("\"snapshots\": null,"), NULL},
        {INFO("\"snapshots\": [\"a\"],"), NULL},
        {INFO("\"snapshots\": [{}],"), NULL},
        {INFO("\"snapshots\": [{\"name\": 1}],"), NULL},
        {INFO("\"snapshots\": [{\"name\": \"a\"},],"), NULL},
        {INFO("") INFO(""), NULL},
        {"{}", NULL},
        {"{\"format\": \"raw\"}", NULL},
        {"{\"format\": 1}", NULL},
        {"{\"format\": \"qcow2\"", NULL},
        {"[]", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(tags_free) struct tags tags = {0};
        cleanup(buffer_free) struct buffer found = {0};
        int result =
            tags_read(&tags, cases[i].text, strlen(cases[i].text), "qcow2");

        if (result != (cases[i].tags ? 0 : -1))
            print_error("of case: %s\n", cases[i].text);
        assert_int_equal(result, cases[i].tags ? 0 : -1);
        for (size_t j = 0; !result && j < tags.count; j++) {
            buffer_printf(&found, "%s|", tags.list[j]);
            assert_int_equal(tags_find(&tags, tags.list[j]), j);
        }
        buffer_add(&found, "", 1);
        if (!result)
            assert_string_equal(found.data, cases[i].tags);
        assert_int_equal(tags_find(&tags, "zz"), NO_TAG);
        assert_int_equal(tags_find(&tags, ""), NO_TAG);
    }
}

/* What image_ask() makes of a program that says this and that. */
static void
test_ask(void **state)
{
    static const struct {
        const char *script;
        const char *said; /* NULL: it is answered */
    } cases[] = {
        {"cat <&3", NULL},
        {"[ \"$6\" = driver=qcow2,file.driver=file,file.filename=/proc/self/"
         "fd/3 ] && [ $# = 6 ] || exit 1; cat /proc/self/fd/3",
         "without a word"},
        {"[ \"$5\" = driver=qcow2,file.driver=file,file.filename=/proc/self/"
         "fd/3 ] && [ $# = 5 ] || exit 1; cat /proc/self/fd/3",
         NULL},
        {"echo '{}'", "not understood"},
        {"echo \"qemu-img: Could not open 'x': It is broken\" >&2; exit 1",
         "It is broken"},
        {"printf 'one\\ntwo\\n' >&2; exit 1", "one"},
        {"exit 1", "without a word"},
        {"kill -9 $$", "without a word"},
    };
    const struct temp *temp = *state;
    cleanup(free_ptr) char *path = xasprintf("%s/image", temp->path);
    cleanup(free_ptr) char *tool = xasprintf("%s/tool", temp->path);
    struct images_from from = {.root = -1, .tool = tool};

    put_text(temp->fd, "image", INFO("\"snapshots\": [{\"name\": \"a\"}],"));
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(free_ptr) char *script =
            xasprintf("#!/bin/sh\n%s\n", cases[i].script);
        cleanup(tags_free) struct tags tags;
        struct error error = {0};
        int result;

        put_text(temp->fd, "tool", script);
        assert_int_equal(fchmodat(temp->fd, "tool", 0700, 0), 0);
        result = image_ask(&from, path, &tags, &error);
        if (error.message && !cases[i].said)
            print_error("of case: %s: %s\n", cases[i].script, error.message);
        assert_int_equal(result, cases[i].said ? -1 : 0);
        if (cases[i].said)
            assert_non_null(strstr(error.message, cases[i].said));
        assert_int_equal(tags.count, !cases[i].said);
        error_clear(&error);
    }
}

/* What is no file is not opened: a fifo would wait. */
static void
test_ask_others(void **state)
{
    static const char *const names[] = {"fifo", "dir", "none"};
    static const char *const said[] = {"a fifo", "a directory", "No such"};
    struct temp temp;
    char tool[] = "/bin/false";
    struct images_from from = {.tool = tool};

    (void)state;
    temp_make(&temp);
    assert_int_equal(mkfifoat(temp.fd, "fifo", 0600), 0);
    assert_int_equal(mkdirat(temp.fd, "dir", 0700), 0);
    for (size_t i = 0; i < LENGTH(names); i++) {
        cleanup(free_ptr) char *path = xasprintf("/%s", names[i]);
        cleanup(tags_free) struct tags tags;
        struct error error = {0};

        from.root = temp.fd;
        assert_int_equal(image_ask(&from, path, &tags, &error), -1);
        assert_non_null(strstr(error.message, said[i]));
        error_clear(&error);
    }
    temp_remove(&temp);
}

/* In the directory DIR. */
static void
run(const char *tool, const char *dir, const char *arguments)
{
    cleanup(free_ptr) char *line =
        xasprintf("cd %s && %s %s", dir, tool, arguments);
    const char *const shell[] = {"/bin/sh", "-c", line, NULL};
    cleanup(command_free) struct command command = {
        .arguments = shell, .fd = -1, .timeout = 60, .most = 100000};
    struct error error = {0};

    assert_int_equal(command_run(&command, &error), 0);
    if (command.status)
        print_error("%.*s\n", (int)command.complaint.len,
                    command.complaint.data);
    assert_int_equal(command.status, 0);
}

/*
 * The real one. A fifo behind the image, as backing file, is not opened: that
 * would never end.
 */
static void
test_real(void **state)
{
    cleanup(free_ptr) char *tool = command_find("qemu-img");
    cleanup(free_ptr) char *path = NULL;
    cleanup(tags_free) struct tags tags = {0};
    cleanup(tags_free) struct tags none = {0};
    struct images_from from = {.root = -1, .tool = tool};
    struct error error = {0};
    struct temp temp;

    (void)state;
    if (!tool)
        skip();
    temp_make(&temp);
    path = xasprintf("%s/image", temp.path);
    run(tool, temp.path, "create -q -f qcow2 image 1M");
    run(tool, temp.path, "snapshot -c 'b, \"x\"' image");
    run(tool, temp.path, "snapshot -c a image");
    assert_int_equal(mkfifoat(temp.fd, "fifo", 0600), 0);
    run(tool, temp.path, "rebase -q -u -F raw -b fifo image");
    assert_int_equal(image_ask(&from, path, &tags, &error), 0);
    assert_int_equal(tags.count, 2);
    assert_string_equal(tags.list[0], "a");
    assert_string_equal(tags.list[1], "b, \"x\"");
    /* It is not what it is said to be. */
    put_text(temp.fd, "image", "plain text");
    assert_int_equal(image_ask(&from, path, &none, &error), -1);
    assert_non_null(error.message);
    assert_null(strstr(error.message, "/proc"));
    error_clear(&error);
    temp_remove(&temp);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),       cmocka_unit_test(test_find_below),
        cmocka_unit_test(test_tags),       cmocka_unit_test(test_ask),
        cmocka_unit_test(test_ask_others), cmocka_unit_test(test_real),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
