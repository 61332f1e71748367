/*
 * test-restyle.c - shows that restyle() gives a line the bytes that the source
 * has for it, and never lets a document mean something else than it did.
 */
#include "support.h"

#include "../../migrate/restyle.h"
#include "../../verify/memory.h"
#include "../../verify/same.h"

#define ROOT(inside) "<domainsnapshot>\n" inside "\n</domainsnapshot>"

static const struct {
    const char *of;
    const char *source;
    const char *made;
    const char *wanted;
} cases[] = {
    {"quotes", ROOT("<a b='c'/>\n<d e='f'/>"),
     ROOT("<a b=\"c\"/>\n<d e=\"g\"/>"), ROOT("<a b='c'/>\n<d e='g'/>")},
    {"escapes", ROOT("<a>it&apos;s &quot;x&quot; &#39;</a>\n<b/>"),
     ROOT("<a>it's \"x\" '</a>\n<c/>"),
     ROOT("<a>it&apos;s &quot;x&quot; &#39;</a>\n<c/>")},
    {"moved", ROOT("<a b='1'/>\n<a b='2'/>"),
     ROOT("<a b=\"2\"/>\n<a b=\"1\"/>"), ROOT("<a b='2'/>\n<a b='1'/>")},
    {"other lines", ROOT("<a/>"), ROOT("<b x=\"1\"/>\n<c/>"),
     ROOT("<b x='1'/>\n<c/>")},
    {"an apostrophe", ROOT("<a/>"), ROOT("<b x=\"it's\">'\"</b>\n<c/>"),
     ROOT("<b x='it&apos;s'>'\"</b>\n<c/>")},
    /* A comment is no tag. */
    {"a comment", ROOT("<a y='1'/>"),
     ROOT("<!-- <a x=\"1\"> -->\n<a y=\"1\"/>"),
     ROOT("<!-- <a x=\"1\"> -->\n<a y='1'/>")},
    /* The same look, another meaning: nothing is touched then. */
    {"other quotes within", ROOT("<a b='&quot;'/>\n<c d='e'/>"),
     ROOT("<a b=\"&apos;\"/>\n<c d=\"e\"/>"),
     ROOT("<a b=\"&apos;\"/>\n<c d=\"e\"/>")},
};

static void
test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buffer made = {0};

        buffer_puts(&made, cases[i].made);
        restyle(&made, cases[i].source, strlen(cases[i].source));
        assert_true(same_snapshot(made.data, made.len, cases[i].made,
                                  strlen(cases[i].made)));
        buffer_add(&made, "", 1);
        if (strcmp(made.data, cases[i].wanted) != 0)
            print_error("of case: %s\n", cases[i].of);
        assert_string_equal(made.data, cases[i].wanted);
        buffer_free(&made);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
