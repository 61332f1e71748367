/* Severities: those of the table, and those that the command line asks for. */
#include <stdlib.h>
#include <string.h>

#include "../../verify/memory.h"
#include "../../verify/policy.h"
#include "support.h"

static void
accepted(struct policy *policy, const char *text)
{
    char *why = policy_set(policy, text);

    assert_null(why);
}

static void
refused(const char *text, const char *word)
{
    struct policy policy = policy_default(), before = policy;
    char *why = policy_set(&policy, text);

    assert_non_null(why);
    assert_non_null(strstr(why, word));
    assert_memory_equal(&policy, &before, sizeof(policy));
    free(why);
}

static void
test_the_table_is_the_default(void **state)
{
    struct policy policy = policy_default();

    (void)state;
    for (int i = 0; i < PROBLEM_COUNT; i++)
        assert_int_equal(policy.severity[i],
                         problem_info((enum problem_id)i)->severity);
}

static void
test_one_is_changed_and_no_other(void **state)
{
    struct policy policy = policy_default(), before = policy;

    (void)state;
    accepted(&policy, "hard-link=ignore");
    assert_int_equal(policy.severity[PROBLEM_HARD_LINK], SEVERITY_IGNORE);
    accepted(&policy, "hard-link=error");
    assert_int_equal(policy.severity[PROBLEM_HARD_LINK], SEVERITY_ERROR);
    accepted(&policy, "hard-link=warning");
    assert_memory_equal(&policy, &before, sizeof(policy));
}

static void
test_what_is_refused(void **state)
{
    (void)state;
    refused("hard-link", "ID=error");
    refused("hard-link=", "none of");
    refused("hard-link=fatal", "'fatal'");
    refused("hard-lin=error", "no problem 'hard-lin'");
    refused("hard-links=error", "no problem");
    refused("=error", "no problem");
    refused("", "ID=error");
}

/* Whatever hinders a conversion, in either direction, stays an error. */
static void
test_what_is_unsafe_stays(void **state)
{
    size_t unsafe = 0;

    (void)state;
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        const struct problem_info *info = problem_info((enum problem_id)i);
        char *ignore = xasprintf("%s=ignore", info->id);
        char *warning = xasprintf("%s=warning", info->id);
        struct policy policy = policy_default();

        if (info->hinders == HINDERS_NOTHING) {
            accepted(&policy, ignore);
        } else {
            unsafe++;
            refused(ignore, "stays an error");
            refused(warning, "stays an error");
        }
        free(ignore);
        free(warning);
    }
    assert_true(unsafe > 20);
}

static void
test_strict_spares_what_is_ignored(void **state)
{
    struct policy policy = policy_default();

    (void)state;
    accepted(&policy, "hard-link=ignore");
    policy_be_strict(&policy);
    assert_int_equal(policy.severity[PROBLEM_HARD_LINK], SEVERITY_IGNORE);
    assert_int_equal(policy.severity[PROBLEM_EMPTY_DIRECTORY], SEVERITY_ERROR);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_is_the_default),
        cmocka_unit_test(test_one_is_changed_and_no_other),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_what_is_unsafe_stays),
        cmocka_unit_test(test_strict_spares_what_is_ignored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
