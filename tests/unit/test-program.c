/*
 * test-program.c - shows which texts are sizes, and that lists of names end as
 * they should.
 */
#include "support.h"

#include "../../verify/program.h"

static void
test_size(void **state)
{
    static const struct {
        const char *text;
        size_t size; /* 0: none */
    } cases[] = {
        {"1", 1},
        {"1000", 1000},
        {"007", 7},
        {"1K", 1024},
        {"1k", 1024},
        {"128M", 134217728},
        {"128m", 134217728},
        {"2G", (size_t)2 << 30},
        {"2g", (size_t)2 << 30},
        {"134217728", 134217728},
        {"", 0},
        {"0", 0},
        {"0M", 0},
        {"-1", 0},
        {"+1", 0},
        {" 1", 0},
        {"1 ", 0},
        {"K", 0},
        {"1KB", 0},
        {"1KK", 0},
        {"1T", 0},
        {"1.5M", 0},
        {"0x10", 0},
        {"1e3", 0},
        {"99999999999999999999", 0},
        {"18446744073709551615", 0},
        {"9223372036854775807K", 0},
        {"8589934592G", 0},
        {"18446744073709551616G", 0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t size = 4711;
        int result = program_size(cases[i].text, &size);

        if (result != (cases[i].size ? 0 : -1))
            print_error("of case: %s\n", cases[i].text);
        assert_int_equal(result, cases[i].size ? 0 : -1);
        assert_int_equal(size, cases[i].size ? cases[i].size : 4711);
    }
}

static void
test_names(void **state)
{
    struct names names = {0};

    (void)state;
    for (int i = 0; i < 20; i++) {
        names_add(&names, xasprintf("name %d", i));
        assert_int_equal(names.count, i + 1);
        assert_null(names.list[names.count]);
    }
    assert_string_equal(names.list[0], "name 0");
    assert_string_equal(names.list[19], "name 19");
    names_free(&names);
    assert_int_equal(names.count, 0);
    assert_null(names.list);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
