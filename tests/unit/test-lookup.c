/*
 * test-lookup.c - shows that of any names each is found with the number that it
 * was given first, and no other is.
 */
#include "support.h"

#include "../../verify/lookup.h"

static void
test_lookup(void **state)
{
    struct lookup lookup = {0};
    char *names[2000];

    (void)state;
    assert_int_equal(lookup_find(&lookup, "1", 77), 77);
    for (size_t i = 0; i < LENGTH(names); i++) {
        names[i] = xasprintf("%zu", i * 7 % LENGTH(names));
        lookup_add(&lookup, names[i], i);
    }
    lookup_add(&lookup, "7", 5);
    for (size_t i = 0; i < LENGTH(names); i++) {
        cleanup(free_ptr) char *other = xasprintf("%s.", names[i]);

        assert_int_equal(lookup_find(&lookup, names[i], 7777), i);
        assert_int_equal(lookup_find(&lookup, other, 7777), 7777);
    }
    assert_int_equal(lookup_find(&lookup, "", 7777), 7777);
    lookup_free(&lookup);
    assert_int_equal(lookup_find(&lookup, "1", 77), 77);
    for (size_t i = 0; i < LENGTH(names); i++)
        free(names[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lookup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
