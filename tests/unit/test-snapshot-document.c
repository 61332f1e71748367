/*
 * test-snapshot-document.c - shows what is made of a snapshot's document as a
 * whole: its encoding, its root element, its depth, what surrounds it, and the
 * lines of what is found in it.
 */
#include "snapshot-parts.h"

#include <libxml/xpath.h>

#include "../../verify/parse.h"

#define ELEMENT                                                                \
    "<domainsnapshot><name>s</name><state>shutoff</state>"                     \
    "<creationTime>1</creationTime>" GOOD_DOMAIN                               \
    "<active>0</active></domainsnapshot>"
#define NON_ASCII                                                              \
    "<domainsnapshot><name>\xc3\xa9</name><state>shutoff</state>"              \
    "<creationTime>1</creationTime>" GOOD_DOMAIN                               \
    "<active>0</active></domainsnapshot>"
#define DECLARED(name) "<?xml version='1.0' encoding='" name "'?>\n"

struct document_case {
    const char *text;
    const char *ids;
    enum snapshot_kind kind;
};

static void
run_documents(const struct document_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct judged judged;

        judge_text(&judged, cases[i].text);
        assert_found(&judged.problems, cases[i].ids, cases[i].text);
        assert_int_equal(judged.kind, cases[i].kind);
        judged_free(&judged);
    }
}

static void
test_encoding(void **state)
{
    static const struct document_case cases[] = {
        {ELEMENT, "", SNAPSHOT_SOUND},
        {NON_ASCII, "", SNAPSHOT_SOUND},
        {DECLARED("UTF-8") NON_ASCII, "", SNAPSHOT_SOUND},
        {DECLARED("utf-8") NON_ASCII, "", SNAPSHOT_SOUND},
        {DECLARED("UTF8") NON_ASCII, "", SNAPSHOT_SOUND},
        {DECLARED("US-ASCII") ELEMENT, "", SNAPSHOT_SOUND},
        {DECLARED("ISO-8859-1") ELEMENT, "", SNAPSHOT_SOUND},
        {"\xef\xbb\xbf" ELEMENT, "", SNAPSHOT_SOUND},
        {"\xef\xbb\xbf" DECLARED("UTF-8") ELEMENT, "", SNAPSHOT_SOUND},
        {"<?xml version='1.1'?>" ELEMENT, "", SNAPSHOT_SOUND},
        {"<?xml version='1.0' standalone='yes'?>" ELEMENT, "", SNAPSHOT_SOUND},
        {DECLARED("bogus") ELEMENT, "xml-not-utf8", SNAPSHOT_NO_XML},
        {DECLARED("UTF-16") ELEMENT, "xml-not-utf8", SNAPSHOT_NO_XML},
        /* libvirt takes these bytes for UTF-8, other readers do not. */
        {DECLARED("ISO-8859-1") NON_ASCII, "xml-not-utf8", SNAPSHOT_NO_XML},
        {DECLARED("ISO-8859-1") "<domainsnapshot>\xe9</domainsnapshot>",
         "xml-not-utf8", SNAPSHOT_NO_XML},
        {"<domainsnapshot>\xc0\x80</domainsnapshot>", "xml-not-utf8",
         SNAPSHOT_NO_XML},
        {"<domainsnapshot>\xed\xa0\x80</domainsnapshot>", "xml-not-utf8",
         SNAPSHOT_NO_XML},
        {"<domainsnapshot>\xef\xbf\xbe</domainsnapshot>", "xml-malformed",
         SNAPSHOT_NO_XML},
        {"<domainsnapshot>\x01</domainsnapshot>", "xml-malformed",
         SNAPSHOT_NO_XML},
        {"<domainsnapshot>&#1;</domainsnapshot>", "xml-malformed",
         SNAPSHOT_NO_XML},
        {"\xef\xbb\xbf\xef\xbb\xbf" ELEMENT, "xml-malformed", SNAPSHOT_NO_XML},
    };

    (void)state;
    run_documents(cases, LENGTH(cases));
}

static void
test_well_formed(void **state)
{
    static const struct document_case cases[] = {
        {WARNING_COMMENT ELEMENT "\n", "", SNAPSHOT_SOUND},
        {"\n<!--c--><?p?>\n" ELEMENT "<!--c--><?p?>", "", SNAPSHOT_SOUND},
        {"<?xml version='2.0'?>" ELEMENT, "xml-malformed", SNAPSHOT_NO_XML},
        {"", "xml-malformed", SNAPSHOT_NO_XML},
        {"\n", "xml-malformed", SNAPSHOT_NO_XML},
        {" " DECLARED("UTF-8") ELEMENT, "xml-malformed", SNAPSHOT_NO_XML},
        {"<!--c-->" DECLARED("UTF-8") ELEMENT, "xml-malformed",
         SNAPSHOT_NO_XML},
        {ELEMENT "x", "xml-malformed", SNAPSHOT_NO_XML},
        {ELEMENT "<![CDATA[x]]>", "xml-malformed", SNAPSHOT_NO_XML},
        {ELEMENT ELEMENT, "xml-malformed", SNAPSHOT_NO_XML},
        {ELEMENT "<!-- c", "xml-malformed", SNAPSHOT_NO_XML},
        {"<domainsnapshot>", "xml-malformed", SNAPSHOT_NO_XML},
        {"<domainsnapshot><!-- -- --></domainsnapshot>", "xml-malformed",
         SNAPSHOT_NO_XML},
        {"<domainsnapshot>]]></domainsnapshot>", "xml-malformed",
         SNAPSHOT_NO_XML},
        {"<domainsnapshot>&</domainsnapshot>", "xml-malformed",
         SNAPSHOT_NO_XML},
        {"<domainsnapshot>&bogus;</domainsnapshot>", "xml-malformed",
         SNAPSHOT_NO_XML},
        {"<domainsnapshot a='<'/>", "xml-malformed", SNAPSHOT_NO_XML},
        {"<domainsnapshot a=x/>", "xml-malformed", SNAPSHOT_NO_XML},
        {"<domainsnapshot a='1' a='2'/>", "xml-malformed", SNAPSHOT_NO_XML},
    };

    (void)state;
    run_documents(cases, LENGTH(cases));
}

static void
test_root(void **state)
{
    static const struct document_case cases[] = {
        {"<domaincheckpoint/>", "root-wrong", SNAPSHOT_OTHER},
        {"<DomainSnapshot/>", "root-wrong", SNAPSHOT_OTHER},
        {"<x>" ELEMENT "</x>", "root-wrong", SNAPSHOT_OTHER},
        {"<domainsnapshot xmlns='urn:x'/>", "root-wrong", SNAPSHOT_OTHER},
        {"<x:domainsnapshot xmlns:x='urn:x'/>", "root-wrong", SNAPSHOT_OTHER},
        {"<domainsnapshot/>",
         "active-missing domain-missing name-missing state-missing "
         "time-missing",
         SNAPSHOT_DAMAGED},
    };

    (void)state;
    run_documents(cases, LENGTH(cases));
}

static void
test_doctype(void **state)
{
    static const struct document_case cases[] = {
        {"<!DOCTYPE domainsnapshot>" ELEMENT, "xml-doctype", SNAPSHOT_NO_XML},
        {"<!DOCTYPE x SYSTEM 'missing'>" ELEMENT, "xml-doctype",
         SNAPSHOT_NO_XML},
    };

    (void)state;
    run_documents(cases, LENGTH(cases));
}

static void
test_doctype_with_subset(void **state)
{
    static const struct document_case cases[] = {
        {"<!DOCTYPE domainsnapshot [<!ENTITY e 'x'>]>" ELEMENT, "xml-doctype",
         SNAPSHOT_NO_XML},
        {"<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]>" ELEMENT, "xml-doctype",
         SNAPSHOT_NO_XML},
    };

    (void)state;
    run_documents(cases, LENGTH(cases));
}

/* libxml2 reads 257 levels, and a bulk file adds one. */
static void
test_depth(void **state)
{
    static const size_t levels[] = {256, 257, 258};

    (void)state;
    for (size_t i = 0; i < LENGTH(levels); i++) {
        struct buffer nested = {0};
        cleanup(free_ptr) char *text = NULL;
        struct judged judged;

        for (size_t n = 1; n < levels[i]; n++)
            buffer_puts(&nested, "<a>");
        for (size_t n = 1; n < levels[i]; n++)
            buffer_puts(&nested, "</a>");
        buffer_add(&nested, "", 1);
        text = part_document(PART_EXTRA, nested.data, NULL);
        judge_text(&judged, text);
        assert_found(&judged.problems, levels[i] > 257 ? "too-deep" : "",
                     "legacy");
        if (levels[i] <= 257)
            assert_int_equal(judged.snapshot.depth, levels[i]);
        judged_free(&judged);
        judge_bytes(&judged, LAYOUT_BULK, text, strlen(text));
        assert_found(&judged.problems,
                     levels[i] > 256 ? "too-deep" : "active-in-bulk", "bulk");
        judged_free(&judged);
        buffer_free(&nested);
    }
}

/* Lines count from that of the place. */
static void
test_lines(void **state)
{
    static const char text[] =
        "<domainsnapshot>\n"
        "<parent>\n"
        "<name>p</name></parent>\n"
        "<name>s</name>\n"
        "<creationTime>x</creationTime>\n"
        "<active>0</active>" GOOD_DOMAIN "</domainsnapshot>\n";
    struct place place = {.domain = "d", .file = "d.xml", .line = 100};
    struct snapshot snapshot;
    cleanup(problems_free) struct problems problems = {0};
    struct document map;

    (void)state;
    assert_int_equal(scan_document(text, strlen(text), &map), 0);
    (void)snapshot_parse(&snapshot, LAYOUT_LEGACY, text, strlen(text), &map,
                         NULL, NULL, &place, &problems);
    assert_int_equal(snapshot.at.line, 100);
    assert_int_equal(snapshot.parent_at.line, 102);
    assert_int_equal(snapshot.name_at.line, 103);
    assert_int_equal(line_of(&problems, PROBLEM_TIME_BAD), 104);
    assert_int_equal(line_of(&problems, PROBLEM_STATE_MISSING), 100);
    snapshot_free(&snapshot);
}

/* Where it is not well-formed, the line is that of the parser's message. */
static void
test_line_of_malformed(void **state)
{
    static const char text[] = "<domainsnapshot>\n<a>\n</b>\n</domainsnapshot>";
    struct judged judged;

    (void)state;
    judge_text(&judged, text);
    assert_found(&judged.problems, "xml-malformed", text);
    assert_int_equal(judged.problems.list[0].line, 3);
    assert_true(judged.problems.list[0].column > 0);
    assert_non_null(judged.problems.list[0].detail);
    judged_free(&judged);
}

/* Whatever is in the file, the reader ends and keeps within it. */
static void
test_mutated(void **state)
{
    static const char set[] = "<>/'\"=!-?[]& \n\0ax\xff";
    cleanup(free_ptr) char *text = part_document(
        PART_EXTRA, "<x a='>'><![CDATA[x]]>&amp;<!-- c --></x>", NULL);
    struct prng prng = {31337};

    (void)state;
    for (int round = 0; round < 10000; round++) {
        cleanup(free_ptr) char *bytes = xstrdup(text);
        size_t len = strlen(text), changes = prng_below(&prng, 4);
        struct judged judged;

        for (size_t i = 0; i < changes; i++)
            bytes[prng_below(&prng, len)] =
                set[prng_below(&prng, sizeof(set) - 1)];
        if (!prng_below(&prng, 4))
            len = prng_below(&prng, len);
        judge_bytes(&judged, LAYOUT_LEGACY, bytes, len);
        assert_int_equal(judged.kind != SNAPSHOT_SOUND,
                         problems_errors(&judged.problems, 0) > 0);
        judged_free(&judged);
    }
}

/* The names are what XPath makes of them, which is what libvirt asks. */
static void
test_as_xpath(void **state)
{
    static const char *const parts[] = {
        "<name>s</name><parent><name>p</name></parent>",
        "<name> s\n</name><parent>\n <name>\tp </name></parent>",
        "<name>a<!-- b -->c</name>"
        "<parent><name><!--x-->p<?q r?></name></parent>",
        "<name><![CDATA[<a>]]>&amp;b&#99;</name>",
        "<name>a<b>c</b>d</name><parent>x<name>p<!----><q/>r</name></parent>",
        "<name>one</name><name>two</name>",
        "<name>s</name><parent/><parent><name>p</name><name>q</name></parent>",
        "<name>s</name><parent><x><name>no</name></x></parent>",
        "<x:name xmlns:x='u'>no</x:name><name>s</name>",
        "<name>s</name><parent><x:name xmlns:x='u'>no</x:name></parent>",
        "<parent><name/></parent><parent><name>p</name></parent><name>s</name>",
        "<x><name>no</name></x><name>s</name>",
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(parts); i++) {
        cleanup(free_ptr) char *text = xasprintf(
            "<domainsnapshot>%s<state>shutoff</state></domainsnapshot>",
            parts[i]);
        cleanup(parse_free_doc) xmlDoc *doc =
            parse_document(text, strlen(text), NULL, NULL);
        xmlXPathContext *context = xmlXPathNewContext(doc);
        xmlXPathObject *name = NULL, *parent = NULL;
        struct judged judged;

        assert_non_null(context);
        context->node = xmlDocGetRootElement(doc);
        name = xmlXPathEval((const xmlChar *)"string(./name)", context);
        parent =
            xmlXPathEval((const xmlChar *)"string(./parent/name)", context);
        judge_text(&judged, text);
        assert_string_equal(judged.snapshot.name,
                            (const char *)name->stringval);
        assert_string_equal(judged.snapshot.parent ? judged.snapshot.parent
                                                   : "",
                            (const char *)parent->stringval);
        judged_free(&judged);
        xmlXPathFreeObject(name);
        xmlXPathFreeObject(parent);
        xmlXPathFreeContext(context);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encoding),
        cmocka_unit_test(test_well_formed),
        cmocka_unit_test(test_root),
        cmocka_unit_test(test_doctype),
        cmocka_unit_test(test_doctype_with_subset),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_line_of_malformed),
        cmocka_unit_test(test_mutated),
        cmocka_unit_test(test_as_xpath),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
