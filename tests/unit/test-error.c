/*
 * test-error.c - shows what an error says, that context goes in front, and that
 * being busy stays being busy.
 */
#include "support.h"

#include <errno.h>

#include "../../verify/error.h"

static void
test_set(void **state)
{
    struct error error = {0};

    (void)state;
    assert_int_equal(error_set(&error, 0, "cannot %s", "x"), -1);
    assert_string_equal(error.message, "cannot x");
    assert_int_equal(error.number, 0);
    assert_int_equal(error.status, EXIT_TROUBLE);
    assert_int_equal(error_set(&error, ENOENT, "cannot %s", "y"), -1);
    assert_string_equal(error.message, "cannot y: No such file or directory");
    assert_int_equal(error.number, ENOENT);
    error_clear(&error);
    assert_null(error.message);
    assert_int_equal(error.number, 0);
    assert_int_equal(error.status, EXIT_CLEAN);
    error_clear(&error);
    error_clear(NULL);
}

static void
test_prefix(void **state)
{
    struct error error = {0};

    (void)state;
    (void)error_set(&error, EACCES, "cannot read");
    assert_int_equal(error_prefix(&error, "file '%s'", "f"), -1);
    assert_int_equal(error_prefix(&error, "domain"), -1);
    assert_string_equal(error.message,
                        "domain: file 'f': cannot read: Permission denied");
    assert_int_equal(error.number, EACCES);
    assert_int_equal(error.status, EXIT_TROUBLE);
    error_clear(&error);
}

static void
test_busy(void **state)
{
    struct error error = {0};

    (void)state;
    (void)error_set(&error, EIO, "x");
    assert_int_equal(error_busy(&error, "%d runs", 1), -1);
    assert_int_equal(error.status, EXIT_BUSY);
    assert_int_equal(error.number, 0);
    assert_int_equal(error_prefix(&error, "lock"), -1);
    assert_string_equal(error.message, "lock: 1 runs");
    assert_int_equal(error.status, EXIT_BUSY);
    (void)error_set(&error, 0, "other");
    assert_int_equal(error.status, EXIT_TROUBLE);
    error_clear(&error);
}

/* An error may be put together from the message it replaces. */
static void
test_set_from_itself(void **state)
{
    struct error error = {0};

    (void)state;
    (void)error_set(&error, 0, "first");
    (void)error_set(&error, 0, "%s, again", error.message);
    assert_string_equal(error.message, "first, again");
    (void)error_busy(&error, "%s!", error.message);
    assert_string_equal(error.message, "first, again!");
    error_clear(&error);
}

static void
test_messages(void **state)
{
    struct messages messages = {0};

    (void)state;
    for (int i = 0; i < 100; i++)
        messages_add(&messages, "message %d", i);
    assert_int_equal(messages.count, 100);
    assert_string_equal(messages.list[0], "message 0");
    assert_string_equal(messages.list[99], "message 99");
    messages_free(&messages);
    assert_int_equal(messages.count, 0);
    messages_free(&messages);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set),      cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_busy),     cmocka_unit_test(test_set_from_itself),
        cmocka_unit_test(test_messages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
