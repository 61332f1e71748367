/*
 * test-same.c - shows which differences between two snapshots count: all but
 * <active>, white space between elements, and what canonical XML levels out.
 */
#include "support.h"

#include "../../verify/same.h"

#define IN(content) "<domainsnapshot>" content "</domainsnapshot>"

static const struct {
    const char *a;
    const char *b;
    bool same;
} cases[] = {
    {IN("<name>s</name>"), IN("<name>s</name>"), true},
    {IN("\n  <name>s</name>\n"), IN("<name>s</name>"), true},
    {IN("\n  <m>\n    <a/>\n  </m>\n"), IN("<m><a/></m>"), true},
    {IN("<name>s</name><active>1</active>"), IN("<name>s</name>"), true},
    {IN("<active/><name>s</name><active>1</active>"), IN("<name>s</name>"),
     true},
    {IN("<a/>"), IN("<a></a>"), true},
    {IN("<a x='1' y='2'/>"), IN("<a y=\"2\"  x=\"1\" />"), true},
    {IN("<a>&#65;&lt;</a>"), IN("<a>A&#60;</a>"), true},
    {IN("<a><![CDATA[x]]></a>"), IN("<a>x</a>"), true},
    {IN("<a>\r\n</a>"), IN("<a>\n</a>"), true},
    {"<?xml version='1.0'?><domainsnapshot/>\n", "<domainsnapshot/>", true},
    /* And what does count. */
    {IN("<name>s</name>"), IN("<name>t</name>"), false},
    {IN("<name>s</name>"), IN("<name>s </name>"), false},
    {IN("<name> </name>"), IN("<name></name>"), false},
    {IN("<name>\n</name>"), IN("<name> </name>"), false},
    {IN("<a/><b/>"), IN("<b/><a/>"), false},
    {IN("<a/>"), IN(""), false},
    {IN("<a x='1'/>"), IN("<a x='2'/>"), false},
    {IN("<a x='1 '/>"), IN("<a x='1'/>"), false},
    {IN("<a x='&#10;'/>"), IN("<a x=' '/>"), false},
    {IN("<a>&#13;</a>"), IN("<a>\n</a>"), false},
    {IN("<!--c--><a/>"), IN("<a/>"), false},
    {IN("<!--c-->"), IN("<!-- c-->"), false},
    {IN("<?p?><a/>"), IN("<a/>"), false},
    {IN("<m>x <a/></m>"), IN("<m>x<a/></m>"), false},
    {IN("<m>x<a> <b/></a></m>"), IN("<m>x<a><b/></a></m>"), false},
    {IN("<m><a> <b/></a><![CDATA[]]></m>"),
     IN("<m><a><b/></a><![CDATA[]]></m>"), false},
    {IN("<m xml:space='preserve'> <a/></m>"),
     IN("<m xml:space='preserve'><a/></m>"), false},
    {IN("<m><active>1</active></m>"), IN("<m/>"), false},
    {IN("<active xmlns='urn:x'>1</active>"), IN(""), false},
    {IN("<m><a xmlns='urn:x'/></m>"), IN("<m><a/></m>"), false},
    {IN("<m><p:a xmlns:p='urn:x'/></m>"), IN("<m><p:a xmlns:p='urn:y'/></m>"),
     false},
    /* What has no canonical form is the same as nothing, even itself. */
    {IN("<a>"), IN("<a>"), false},
    {"", "", false},
};

static void
test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(free_ptr) char *a = exact_copy(cases[i].a, strlen(cases[i].a));
        cleanup(free_ptr) char *b = exact_copy(cases[i].b, strlen(cases[i].b));
        bool same = same_snapshot(a, strlen(cases[i].a), b, strlen(cases[i].b));

        if (same != cases[i].same)
            print_error("of case: %s and %s\n", cases[i].a, cases[i].b);
        assert_int_equal(same, cases[i].same);
        /* Whichever comes first. */
        assert_int_equal(
            same_snapshot(b, strlen(cases[i].b), a, strlen(cases[i].a)), same);
    }
}

/* As deep as libxml2 goes. */
static void
test_deep(void **state)
{
    cleanup(buffer_free) struct buffer a = {0};
    cleanup(buffer_free) struct buffer b = {0};

    (void)state;
    for (int i = 0; i < 250; i++) {
        buffer_puts(&a, "<a>\n");
        buffer_puts(&b, "<a>");
    }
    buffer_puts(&a, "<b/>");
    buffer_puts(&b, "<b/>");
    for (int i = 0; i < 250; i++) {
        buffer_puts(&a, "\n</a>");
        buffer_puts(&b, "</a>");
    }
    assert_true(same_snapshot(a.data, a.len, b.data, b.len));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_deep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
