/*
 * test-reorder.c - shows that a schema means the same with its optional
 * attributes put last, and that a fault deep down is found without end.
 */
#include "schema-trial.h"

/* A <b> may have an index= and be in another. */
static const char grammar[] =
    GRAMMAR "<start><ref name='b'/></start><define name='b'><element name='b'>"
            "<optional><attribute name='index'><choice><value>1</value>"
            "<value>2</value></choice></attribute></optional>"
            "<optional><attribute name='a'/><attribute name='b'/></optional>"
            "<interleave><optional><ref name='b'/></optional>"
            "<optional><element name='c'><empty/></element></optional>"
            "</interleave></element></define></grammar>";

static void
test_meaning(void **state)
{
    static const struct {
        const char *text;
        const char *said;
    } cases[] = {
        {"<b/>", ""},
        {"<b index='1'/>", ""},
        {"<b index='2'><c/><b/></b>", ""},
        {"<b index='1' a='' b=''><b index='2' a='' b=''/><c/></b>", ""},
        {"<b index='3'/>", "found index='3' in <b>, expected 1 or 2"},
        {"<b x='1'/>", "found x= in <b>, expected index=, a= or b="},
        {"<b index='1'><x/></b>", "found <x> in <b>, expected <b> or <c>"},
        {"<b index='1'><c/><c/></b>",
         "found <c> again in <b>, expected it once"},
        {"<b><choice/></b>", "found <choice> in <b>, expected <b> or <c>"},
    };
    struct error error = {0};
    struct schema *schema = made_schema(*state, "b.rng", grammar, &error);

    assert_non_null(schema);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(free_ptr) char *said = judged(schema, cases[i].text);

        assert_string_equal(said, cases[i].said);
    }
    schema_free(schema);
}

/* Twice the work for each level would never end. */
static void
test_deep(void **state)
{
    struct error error = {0};
    struct schema *schema = made_schema(*state, "b.rng", grammar, &error);
    cleanup(buffer_free) struct buffer text = {0};
    cleanup(free_ptr) char *said = NULL;

    for (size_t i = 0; i < 100; i++)
        buffer_puts(&text, "<b index='1'>");
    buffer_puts(&text, "<x/>");
    for (size_t i = 0; i < 100; i++)
        buffer_puts(&text, "</b>");
    buffer_add(&text, "", 1);
    said = judged(schema, text.data);
    assert_string_equal(said, "found <x> in <b>, expected <b> or <c>");
    schema_free(schema);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meaning),
        cmocka_unit_test(test_deep),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
