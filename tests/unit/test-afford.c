/*
 * test-afford.c - shows where a document becomes too dear for a schema, and
 * that attributes, elements and texts count, but not what is between them.
 */
#include "support.h"

#include "../../verify/afford.h"
#include "../../verify/parse.h"

/* TEXT so often; as an attribute when COUNTED. */
static void
add_many(struct buffer *out, size_t count, const char *text, bool counted)
{
    for (size_t i = 0; i < count; i++) {
        if (counted)
            buffer_printf(out, "%s%zu=''", text, i);
        else
            buffer_puts(out, text);
    }
}

static void
test_limit(void **state)
{
    static const struct {
        size_t elements;   /* so many elements ... */
        size_t attributes; /* with so many attributes ... */
        size_t children;   /* and children each ... */
        const char *child; /* which are these */
        size_t len;        /* of the document that is asked for */
        bool affordable;
    } cases[] = {
        {1, 0, 0, "", 1048576, true},
        {1, 0, 9999, "<b/>", 1048576, true},
        {1, 0, 10001, "<b/>", 1048576, false},
        {1, 1, 9999, "<b/>", 1048576, true},
        {1, 1, 10001, "<b/>", 1048576, false},
        {1, 100, 99, "<b/>", 1048576, true},
        {1, 100, 101, "<b/>", 1048576, false},
        {1, 1000, 9, "<b/>", 1048576, true},
        {1, 1000, 11, "<b/>", 1048576, false},
        {99, 100, 10, "<b/>", 1048576, true},
        {102, 100, 10, "<b/>", 1048576, false},
        {90, 1024, 0, "", 1048576, true},
        {100, 1024, 0, "", 1048576, false},
        {1, 0, 4999, "x<b/>", 1048576, true},
        {1, 0, 5001, "x<b/>", 1048576, false},
        {1, 0, 20000, "x", 1048576, true}, /* one text */
        {1, 0, 9999, "\n  <b/>", 1048576, true},
        {1, 0, 10001, "<![CDATA[x]]><!---->", 1048576, false},
        {1, 0, 9999, "<!-- c --><?p?><b/>\n", 1048576, true},
        /* A small one has less to spend. */
        {1, 0, 1000, "<b/>", 5011, true},
        {1, 0, 1000, "<b/>", 4999, false},
        {1, 32, 31, "<b/>", 5011, true},
        {1, 32, 32, "<b/>", 5011, false},
        {1, 0, 8000, "<vcpupin vcpu='1' cpuset='1'/>", 8000 * 40 + 2000, true},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(buffer_free) struct buffer text = {0};
        cleanup(parse_free_doc) xmlDoc *doc = NULL;

        buffer_puts(&text, "<a>");
        for (size_t j = 0; j < cases[i].elements; j++) {
            buffer_puts(&text, "<e");
            add_many(&text, cases[i].attributes, " a", true);
            buffer_puts(&text, ">");
            add_many(&text, cases[i].children, cases[i].child, false);
            buffer_puts(&text, "</e>");
        }
        buffer_puts(&text, "</a>");
        doc = parse_document(text.data, text.len, NULL, NULL);
        assert_non_null(doc);
        if ((afford_cost(doc) <= afford_limit(cases[i].len)) !=
            cases[i].affordable)
            fail_msg("case %zu", i);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
