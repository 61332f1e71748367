/*
 * test-memory.c - shows that buffers and growing arrays keep what is in them,
 * and that running out of memory ends the process with status 2.
 */
#include "support.h"

#include <sys/wait.h>

static void
test_buffer(void **state)
{
    struct buffer buffer = {0};

    (void)state;
    buffer_add(&buffer, NULL, 0);
    assert_int_equal(buffer.len, 0);
    buffer_puts(&buffer, "ab");
    buffer_add(&buffer, "c\0d", 3);
    buffer_printf(&buffer, "%d%s", 42, "%");
    assert_int_equal(buffer.len, 8);
    assert_memory_equal(buffer.data, "abc\0d42%", 8);
    buffer_reserve(&buffer, 1000);
    assert_true(buffer.room >= buffer.len + 1000);
    assert_int_equal(buffer.len, 8);
    assert_memory_equal(buffer.data, "abc\0d42%", 8);
    buffer_free(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.len + buffer.room, 0);
    buffer_puts(&buffer, "again");
    assert_int_equal(buffer.len, 5);
    buffer_free(&buffer);
}

static void
test_buffer_many(void **state)
{
    cleanup(buffer_free) struct buffer buffer = {0};

    (void)state;
    for (size_t i = 0; i < 100000; i++) {
        char byte = (char)(i % 251);

        buffer_add(&buffer, &byte, 1);
    }
    assert_int_equal(buffer.len, 100000);
    for (size_t i = 0; i < buffer.len; i++)
        assert_int_equal((unsigned char)buffer.data[i], i % 251);
}

static void
test_grow(void **state)
{
    size_t *items = NULL;

    (void)state;
    for (size_t count = 0; count < 1025; count++) {
        items = xgrow(items, count, sizeof(*items));
        items[count] = count;
    }
    for (size_t i = 0; i < 1025; i++)
        assert_int_equal(items[i], i);
    free(items);
}

static void
test_strings(void **state)
{
    cleanup(free_ptr) char *copy = xstrdup("text");
    cleanup(free_ptr) char *part = xstrndup("text", 2);
    cleanup(free_ptr) char *none = xstrndup(NULL, 0);
    cleanup(free_ptr) char *printed = xasprintf("%s-%zu", "x", (size_t)7);
    cleanup(free_ptr) char *zeroed = xcalloc(3, 2);

    (void)state;
    assert_string_equal(copy, "text");
    assert_string_equal(part, "te");
    assert_string_equal(none, "");
    assert_string_equal(printed, "x-7");
    assert_memory_equal(zeroed, "\0\0\0\0\0\0", 6);
}

/* Also where the product of count and size does not fit. */
static void
test_out_of_memory(void **state)
{
    pid_t child = fork();
    int status;

    (void)state;
    assert_true(child >= 0);
    if (!child) {
        volatile size_t half = SIZE_MAX / 2;

        (void)close(STDERR_FILENO);
        free(xrealloc(NULL, half, 3));
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    /* A sanitizer's own allocator ends the process in its own way. */
#ifndef __SANITIZE_ADDRESS__
    assert_int_equal(WEXITSTATUS(status), 2);
#else
    assert_int_not_equal(WEXITSTATUS(status), 0);
#endif
}

static void
test_steal(void **state)
{
    char *text = xstrdup("x");
    char *stolen = steal_ptr(&text);
    int fd = 7;

    (void)state;
    assert_null(text);
    assert_string_equal(stolen, "x");
    free(stolen);
    assert_int_equal(steal_fd(&fd), 7);
    assert_int_equal(fd, -1);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffer),
        cmocka_unit_test(test_buffer_many),
        cmocka_unit_test(test_grow),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_steal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
