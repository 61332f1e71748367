/*
 * test-span.c - shows that the scanner cuts tokens, finds children and
 * attributes, and tells structural white space from content; that it keeps
 * within its bytes and ends whatever these are; and that on well-formed
 * documents it finds the same elements as libxml2.
 */
#include "random-xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "../../verify/parse.h"
#include "../../verify/scan.h"

/* A document with a token of every kind but a DOCTYPE. */
#define RICH                                                                   \
    "\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>\n<!-- c -->\n"         \
    "<a x='>' y=\"'\">\n  <b/>\n  <!-- <b> -->\n  <c>t&amp;<![CDATA[</c>]]>"   \
    "</c>\n  <?p <b> ?>\n</a>\n<?q?>\n"

static void
test_token_kinds(void **state)
{
    static const struct {
        const char *bytes;
        enum token_kind kind;
        size_t len;
        const char *name;
    } cases[] = {
        {"text<a>", TOKEN_TEXT, 4, NULL},
        {" \n<a>", TOKEN_TEXT, 2, NULL},
        {"a > b", TOKEN_TEXT, 5, NULL},
        {"<a>x", TOKEN_START, 3, "a"},
        {"<a-b.c x='1'>", TOKEN_START, 13, "a-b.c"},
        {"<a\nx='>'>y", TOKEN_START, 9, "a"},
        {"<a x=\"'>/>\">y", TOKEN_START, 12, "a"},
        {"<a x='/'>", TOKEN_START, 9, "a"},
        {"<n:a>", TOKEN_START, 5, "n:a"},
        {"<a/>x", TOKEN_EMPTY, 4, "a"},
        {"<a />x", TOKEN_EMPTY, 5, "a"},
        {"<a x='>'/>x", TOKEN_EMPTY, 10, "a"},
        {"</a>x", TOKEN_END, 4, "a"},
        {"</a\n>x", TOKEN_END, 5, "a"},
        {"<!---->x", TOKEN_COMMENT, 7, NULL},
        {"<!--<a>'-->x", TOKEN_COMMENT, 11, NULL},
        {"<![CDATA[]]>x", TOKEN_CDATA, 12, NULL},
        {"<![CDATA[]]]]>x", TOKEN_CDATA, 14, NULL},
        {"<![CDATA[<a>-->]]>x", TOKEN_CDATA, 18, NULL},
        {"<?p?>x", TOKEN_PI, 5, NULL},
        {"<?p <a> '?>x", TOKEN_PI, 11, NULL},
        {"<!DOCTYPE a>x", TOKEN_DOCTYPE, 9, NULL},
        {"<!DOCTYPE a [<!ENTITY e 'x'>]>", TOKEN_DOCTYPE, 9, NULL},
        {"<a <b>", TOKEN_BAD, 0, NULL},
        {"<!ELEMENT a>", TOKEN_BAD, 0, NULL},
        {"<!-a", TOKEN_BAD, 0, NULL},
        {"", TOKEN_MORE, 0, NULL},
        {"<", TOKEN_MORE, 0, NULL},
        {"<!", TOKEN_MORE, 0, NULL},
        {"<!-", TOKEN_MORE, 0, NULL},
        {"<!-->", TOKEN_MORE, 0, NULL},
        {"<!--->", TOKEN_MORE, 0, NULL},
        {"<?>", TOKEN_MORE, 0, NULL},
        {"<![CDATA[]>", TOKEN_MORE, 0, NULL},
        {"<a x='>", TOKEN_MORE, 0, NULL},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t len = strlen(cases[i].bytes);
        cleanup(free_ptr) char *bytes = exact_copy(cases[i].bytes, len);
        struct token token = span_token(bytes, len, false);

        if (token.kind != cases[i].kind)
            print_error("of case: %s\n", cases[i].bytes);
        assert_int_equal(token.kind, cases[i].kind);
        if (token.kind < TOKEN_MORE)
            assert_int_equal(token.len, cases[i].len);
        if (!cases[i].name)
            continue;
        assert_int_equal(token.name.len, strlen(cases[i].name));
        assert_memory_equal(bytes + token.name.start, cases[i].name,
                            token.name.len);
    }
}

/* Cut short anywhere, a token is incomplete: neither another one nor bad. */
static void
test_token_truncated(void **state)
{
    static const char *const whole[] = {
        "<a x='1>' y=\"'>\" />", "<abc>",      "</abc >",   "<!-- a - -- b -->",
        "<![CDATA[ ]] ]>> ]]>",  "<?p a? >?>", "<!DOCTYPE",
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(whole); i++) {
        size_t full = strlen(whole[i]);

        for (size_t len = 0; len <= full; len++) {
            cleanup(free_ptr) char *bytes = exact_copy(whole[i], len);
            struct token token = span_token(bytes, len, true);

            assert_int_equal(token.kind == TOKEN_MORE, len < full);
            assert_int_equal(span_token(bytes, len, false).kind, token.kind);
            if (len == full)
                assert_int_equal(token.len, full);
        }
    }
}

/* A text that reaches the end is complete only when nothing follows. */
static void
test_token_text_at_end(void **state)
{
    (void)state;
    assert_int_equal(span_token("text", 4, true).kind, TOKEN_MORE);
    assert_int_equal(span_token("text", 4, false).kind, TOKEN_TEXT);
    assert_int_equal(span_token("text", 4, false).len, 4);
    assert_int_equal(span_token("text<", 5, true).kind, TOKEN_TEXT);
}

static void
test_warning(void **state)
{
    static const struct {
        const char *bytes;
        bool warning;
    } cases[] = {
        {WARNING_COMMENT, true},
        {"<!-- WARNING: THIS IS AN AUTO-GENERATED FILE. x\n"
         "or other application using the libvirt API. -->",
         true},
        {"<!-- WARNING: THIS IS AN AUTO-GENERATED FILE. x\n"
         "or other application using the libvirt API.\nmy notes -->",
         false},
        {"<!-- WARNING: THIS IS AN AUTO-GENERATED FILE. -->", false},
        {"<!-- WARNING -->", false},
        {"<!---->", false},
        {"<!-- note: WARNING: THIS IS AN AUTO-GENERATED FILE. -->", false},
        {"WARNING: THIS IS AN AUTO-GENERATED FILE.", false},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct token token =
            span_token(cases[i].bytes, strlen(cases[i].bytes), false);

        assert_int_equal(span_is_warning(cases[i].bytes, token),
                         cases[i].warning);
    }
}

static void
assert_span(const char *bytes, struct span span, const char *expected)
{
    cleanup(free_ptr) char *found = xstrndup(bytes + span.start, span.len);

    assert_string_equal(found, expected);
}

static void
test_document(void **state)
{
    static const struct {
        const char *bytes;
        int result;
        const char *root;
        const char *name;
        const char *outside;
        const char *encoding;
        size_t depth;
    } cases[] = {
        {"<a/>", 0, "<a/>", "a", "", "", 1},
        {"<a><b><c/></b><d/></a>\n", 0, "<a><b><c/></b><d/></a>", "a", "", "",
         3},
        {WARNING_COMMENT "<a></a>\n", 0, "<a></a>", "a", "", "", 1},
        {"<!-- note --><a/>", 0, "<a/>", "a", "<!-- note -->", "", 1},
        {"<a/><!-- x --><?y?>", 0, "<a/>", "a", "<!-- x -->", "", 1},
        {"<?xml version='1.0'?><a/>", 0, "<a/>", "a", "", "", 1},
        {"<?xml version='1.0' encoding = \"x\" ?><a/>", 0, "<a/>", "a", "", "x",
         1},
        {"<?xml-stylesheet a='b'?><a/>", 0, "<a/>", "a",
         "<?xml-stylesheet a='b'?>", "", 1},
        {"\xef\xbb\xbf<a/>", 0, "<a/>", "a", "", "", 1},
        {RICH, 0,
         "<a x='>' y=\"'\">\n  <b/>\n  <!-- <b> -->\n  <c>t&amp;<![CDATA[</c>"
         "]]></c>\n  <?p <b> ?>\n</a>",
         "a", "<!-- c -->", "UTF-8", 2},
        {"", -1, "", "", "", "", 0},
        {"text", -1, "", "", "text", "", 0},
        {"<a>", -1, "", NULL, "", "", 1},
        {"</a>", -1, "", "", "", "", 0},
        {"<a/><b/>", -1, "<a/>", "a", "", "", 1},
        {"<a/></a>", -1, "<a/>", "a", "", "", 1},
        {"<a/><", -1, "<a/>", "a", "", "", 1},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t len = strlen(cases[i].bytes);
        cleanup(free_ptr) char *bytes = exact_copy(cases[i].bytes, len);
        struct document map;

        assert_int_equal(scan_document(bytes, len, &map), cases[i].result);
        assert_span(bytes, map.root, cases[i].root);
        if (cases[i].name)
            assert_span(bytes, map.root_name, cases[i].name);
        assert_span(bytes, map.outside, cases[i].outside);
        assert_span(bytes, map.encoding, cases[i].encoding);
        assert_int_equal(map.depth, cases[i].depth);
        assert_false(map.has_doctype);
    }
}

static void
test_document_doctype(void **state)
{
    static const char *const cases[] = {
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
        "<!DOCTYPE a SYSTEM \"a.dtd\"><a/>",
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(free_ptr) char *text =
            xasprintf("<?xml version='1.0'?>\n%s", cases[i]);
        struct document map;

        (void)scan_document(text, strlen(text), &map);
        assert_true(map.has_doctype);
        assert_int_equal(map.doctype, 22);
    }
}

/* No true prefix of a document passes for a document, blanks at its end apart.
 */
static void
test_document_truncated(void **state)
{
    struct document map;
    size_t full = strlen(RICH);

    (void)state;
    for (size_t len = 0; len < full; len++) {
        cleanup(free_ptr) char *bytes = exact_copy(RICH, len);
        int result = scan_document(bytes, len, &map);
        struct parse_failure failure = {0};
        cleanup(parse_free_doc) xmlDoc *doc =
            parse_document(bytes, len, NULL, &failure);

        free(failure.message);
        assert_int_equal(result, doc ? 0 : -1);
    }
}

static void
test_child(void **state)
{
    static const struct {
        const char *element;
        const char *name;
        size_t skip;
        const char *whole; /* NULL: none */
        const char *content;
    } cases[] = {
        {"<a><b>x</b></a>", "b", 0, "<b>x</b>", "x"},
        {"<a><b/></a>", "b", 0, "<b/>", ""},
        {"<a><b></b></a>", "b", 0, "<b></b>", ""},
        {"<a><c><b>1</b></c><b>2</b></a>", "b", 0, "<b>2</b>", "2"},
        {"<a><b>1</b><b>2</b></a>", "b", 0, "<b>1</b>", "1"},
        {"<a><b>1</b><b>2</b></a>", "b", 1, "<b>2</b>", "2"},
        {"<a><b>1</b><b>2</b></a>", "b", 2, NULL, NULL},
        {"<a><b><b>1</b></b></a>", "b", 0, "<b><b>1</b></b>", "<b>1</b>"},
        {"<a><!--<b/>--><![CDATA[<b/>]]><?p <b/>?></a>", "b", 0, NULL, NULL},
        {"<a x='<b/>'/>", "b", 0, NULL, NULL},
        {"<a><bb/><b-/><n:b/></a>", "b", 0, NULL, NULL},
        {"<b/>", "b", 0, NULL, NULL},
        {"<b></b>", "b", 0, NULL, NULL},
        {"<a><b x='>'>1</b\n></a>", "b", 0, "<b x='>'>1</b\n>", "1"},
        {"<a><b>1", "b", 0, NULL, NULL},
        {"</a><b/>", "b", 0, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t len = strlen(cases[i].element);
        cleanup(free_ptr) char *bytes = exact_copy(cases[i].element, len);
        struct children children = {.element = bytes, .len = len};
        struct span whole, content;
        bool found = true;

        for (size_t n = 0; found && n <= cases[i].skip; n++)
            found = span_next_child(&children, cases[i].name, &whole, &content);
        if (found != (cases[i].whole != NULL))
            print_error("of case: %s\n", cases[i].element);
        assert_int_equal(found, cases[i].whole != NULL);
        if (!found)
            continue;
        assert_span(bytes, whole, cases[i].whole);
        assert_span(bytes, content, cases[i].content);
        if (!cases[i].skip)
            assert_true(span_child(bytes, len, cases[i].name, &whole, NULL));
    }
}

static void
test_attribute(void **state)
{
    static const struct {
        const char *tag;
        const char *value; /* of "a"; NULL: none */
    } cases[] = {
        {"<t a='1'>", "1"},
        {"<t a=\"1\"/>", "1"},
        {"<t a=''>", ""},
        {"<t b='2' a='1'>", "1"},
        {"<t b='a=2' a='1'>", "1"},
        {"<t b=\" a='3' \" a='1'>", "1"},
        {"<t a = '1'>", "1"},
        {"<t\n\ta\n=\n'1'\n>", "1"},
        {"<t a='\"'>", "\""},
        {"<t a='&#10;x'>", "&#10;x"},
        {"<t a='x\ty'>", "x\ty"},
        {"<t>", NULL},
        {"<t/>", NULL},
        {"<a>", NULL},
        {"<t aa='1' n:a='2' A='3'>", NULL},
        {"<t b='a'>", NULL},
        {"<t a", NULL},
        {"<t a=", NULL},
        {"<t a='1", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t len = strlen(cases[i].tag);
        cleanup(free_ptr) char *tag = exact_copy(cases[i].tag, len);
        struct span value;
        bool found = span_attribute(tag, len, "a", &value);

        if (found != (cases[i].value != NULL))
            print_error("of case: %s\n", cases[i].tag);
        assert_int_equal(found, cases[i].value != NULL);
        if (found)
            assert_span(tag, value, cases[i].value);
    }
}

static void
test_decode(void **state)
{
    static const struct {
        const char *bytes;
        const char *text; /* NULL: cannot be decoded */
    } cases[] = {
        {"", ""},
        {"plain \t\r\n", "plain \t\r\n"},
        {"&amp;&lt;&gt;&quot;&apos;", "&<>\"'"},
        {"&amp;lt;", "&lt;"},
        {"&#9;&#10;&#13;&#32;", "\t\n\r "},
        {"&#x41;&#x6a;&#x6A;", "Ajj"},
        {"&#233;&#x20AC;&#x1F600;", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"&#x10ffff;", "\xf4\x8f\xbf\xbf"},
        {"&#x7f;&#x80;&#x7ff;&#x800;&#xffff;&#x10000;",
         "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80"},
        {"&#0065;", "A"},
        {"&nbsp;", NULL},
        {"a&b", NULL},
        {"&", NULL},
        {"&;", NULL},
        {"&#;", NULL},
        {"&#x;", NULL},
        {"&#1a;", NULL},
        {"&#65", NULL},
        {"&#0;", NULL},
        {"&#x110000;", NULL},
        {"&#99999999999999999999999999;", NULL},
        {"a<b/>", NULL},
        {"<![CDATA[x]]>", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t len = strlen(cases[i].bytes);
        cleanup(free_ptr) char *bytes = exact_copy(cases[i].bytes, len);
        cleanup(free_ptr) char *text = span_decode(bytes, len);

        if (!text != !cases[i].text)
            print_error("of case: %s\n", cases[i].bytes);
        assert_int_equal(text != NULL, cases[i].text != NULL);
        if (text)
            assert_string_equal(text, cases[i].text);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_token_kinds),
        cmocka_unit_test(test_token_truncated),
        cmocka_unit_test(test_token_text_at_end),
        cmocka_unit_test(test_warning),
        cmocka_unit_test(test_document),
        cmocka_unit_test(test_document_doctype),
        cmocka_unit_test(test_document_truncated),
        cmocka_unit_test(test_child),
        cmocka_unit_test(test_attribute),
        cmocka_unit_test(test_decode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
