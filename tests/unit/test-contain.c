/*
 * test-contain.c - shows when one layout holds all that the other holds: then,
 * and only then, an old copy may go.
 */
#include "reading.h"

#include "../../verify/contain.h"
#include "../../verify/error.h"
#include "../../verify/survey.h"

#define MEMBER(name, more)                                                     \
    "<domainsnapshot><name>" name "</name><state>shutoff</state>"              \
    "<creationTime>1</creationTime>" GOOD_DOMAIN more "</domainsnapshot>\n"

/* Is legacy file A.xml of that text contained in that bulk file; and back? */
static const struct {
    const char *what;
    const char *legacy; /* NULL: there is no file */
    const char *bulk;
    bool legacy_in_bulk;
    bool bulk_in_legacy;
} pairs[] = {
    {"the same", MEMBER("a", "<active>0</active>"),
     "<snapshots>" MEMBER("a", "") "</snapshots>", true, true},
    {"other white space", MEMBER("a", "\n  <active>0</active>\n"),
     "<snapshots>\n\n" MEMBER("a", "\t") "</snapshots>", true, true},
    {"current in both", MEMBER("a", "<active>1</active>"),
     "<snapshots current='a'>" MEMBER("a", "") "</snapshots>", true, true},
    {"current in one", MEMBER("a", "<active>1</active>"),
     "<snapshots>" MEMBER("a", "") "</snapshots>", false, false},
    {"other content", MEMBER("a", "<x/><active>0</active>"),
     "<snapshots>" MEMBER("a", "<y/>") "</snapshots>", false, false},
    {"one more", MEMBER("a", "<active>0</active>"),
     "<snapshots>" MEMBER("b", "") MEMBER("a", "") "</snapshots>", true, false},
    {"another one", MEMBER("a", "<active>0</active>"),
     "<snapshots>" MEMBER("b", "") "</snapshots>", false, false},
    {"none", NULL, "<snapshots>" MEMBER("b", "") "</snapshots>", true, false},
};

static void
test_contained(void **state)
{
    static const char *const entry[] = {"d", "d.xml"};

    (void)state;
    for (size_t i = 0; i < LENGTH(pairs); i++) {
        struct error error = {0};
        struct reading reading;
        struct temp temp;
        const struct domain *legacy = &reading.domain[LAYOUT_LEGACY];
        const struct domain *bulk = &reading.domain[LAYOUT_BULK];
        const char *which = "none";

        temp_make(&temp);
        assert_int_equal(mkdirat(temp.fd, "d", 0700), 0);
        if (pairs[i].legacy)
            put_text(temp.fd, "d/a.xml", pairs[i].legacy);
        put_text(temp.fd, "d.xml", pairs[i].bulk);
        read_both(&reading, &temp, entry);
        if (domain_contained(legacy, bulk, NULL, &error) !=
            pairs[i].legacy_in_bulk)
            print_error("of case: %s\n", pairs[i].what);
        assert_int_equal(domain_contained(legacy, bulk, &which, &error),
                         pairs[i].legacy_in_bulk);
        assert_string_equal(which, pairs[i].legacy_in_bulk ? "none" : "a");
        assert_int_equal(domain_contained(bulk, legacy, &which, &error),
                         pairs[i].bulk_in_legacy);
        reading_free(&reading);
        temp_remove(&temp);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contained),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
