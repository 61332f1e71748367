/*
 * test-causes.c - shows that a cause of many failures is told once, with how
 * many domains it was and what there is left.
 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../migrate/causes.h"
#include "../../verify/error.h"
#include "../../verify/root.h"

static const struct {
    int number;
    const char *parts[3]; /* of the message, in this order */
} causes_told[] = {
    {ENOSPC, {"2 domains failed", "'/base': it has", "make room"}},
    {EDQUOT, {"2 domains failed", "quota", "'/base'"}},
    {EMFILE, {"2 domains failed", "limit of open files, which is 99;", "-n"}},
    {ENFILE, {"2 domains failed", "the system has too many", "run again"}},
};

static void
test_each(void **state)
{
    struct root root = {.path = (char *)"/base", .fd = open("/", O_RDONLY)};
    const struct rlimit limit = {99, 99};

    (void)state;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    for (size_t i = 0; i < LENGTH(causes_told); i++) {
        struct causes causes = {0};
        struct messages messages = {0};
        const char *at;

        causes_count(&causes, EIO);
        causes_count(&causes, 0);
        causes_tell(&causes, &root, &messages);
        assert_int_equal(messages.count, 0);
        causes_count(&causes, causes_told[i].number);
        causes_count(&causes, causes_told[i].number);
        causes_tell(&causes, &root, &messages);
        assert_int_equal(messages.count, 1);
        at = messages.list[0];
        for (size_t j = 0; j < LENGTH(causes_told[i].parts); j++) {
            at = at ? strstr(at, causes_told[i].parts[j]) : NULL;
            if (!at)
                print_error("%s\n", messages.list[0]);
            assert_non_null(at);
        }
        messages_free(&messages);
    }
    close(root.fd);
}

/* What is left cannot be told: the rest is. */
static void
test_no_room_known(void **state)
{
    struct root root = {.path = (char *)"/base", .fd = -1};
    struct causes causes = {0};
    struct messages messages = {0};

    (void)state;
    causes_count(&causes, ENOSPC);
    causes_count(&causes, EMFILE);
    causes_tell(&causes, &root, &messages);
    assert_int_equal(messages.count, 2);
    assert_string_equal(
        messages.list[0],
        "1 domain failed for want of room on the file system of "
        "'/base'; make room, then run again");
    messages_free(&messages);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each),
        cmocka_unit_test(test_no_room_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
