/*
 * test-span-space.c - shows that space_structural() tells structural white
 * space from content, that the whole scanner keeps within its bytes and ends
 * whatever these are, and that on well-formed documents it finds the same
 * elements as libxml2.
 */
#include "random-xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "../../verify/parse.h"
#include "../../verify/space.h"

/*
 * In each case every structural blank is written as '~' (a blank), '^' (a line
 * feed) or '`' (a carriage return); the real blanks are content.
 */
static void
test_structural(void **state)
{
    static const char *const cases[] = {
        "<a/>",
        "<a>x</a>",
        /* Leaves of blanks only are content. */
        "<a> </a>",
        "<a>\n</a>",
        "<a>^~~<b> </b>^</a>",
        "<a>^~~<b>\n  </b>~<c/>^</a>",
        /* Content is elements, comments or processing instructions. */
        "<a>^~~<b/>^</a>",
        "<a>`^~~<b>`^~~~~<c/>`^~~</b>`^</a>",
        "<a>^~~<!--c-->^</a>",
        "<a>^~~<!--\n  two\n-->^</a>",
        "<a>^~~<?p\n  x?>^</a>",
        "<a>~<b>^<c/>~</b>~</a>",
        "<a>~<b x='\n  '/>~</a>",
        "<a>~<b\n  x='1'\n>^<c/></b\n>~</a>",
        /* Other text keeps the whole subtree out, and nothing around it. */
        "<a> <b/> text</a>",
        "<a>text <b> <c/> </b> </a>",
        "<a>^~~<b>x <c> <d/> </c> </b>^~~<e>~<f/>~</e>^</a>",
        "<a>^~~<b> <c> <d/> </c> x</b>^</a>",
        "<a> <b/> &#32;</a>",
        "<a> <b/> &amp; </a>",
        /* So does CDATA, also an empty one. */
        "<a> <b/> <![CDATA[x]]></a>",
        "<a> <b/> <![CDATA[]]> </a>",
        "<a> <b> <c/> </b> <![CDATA[ ]]> </a>",
        "<a>^~~<b> <![CDATA[ ]]> <c/> </b>^</a>",
        /* And xml:space, whatever is below. */
        "<a>^~~<b xml:space='preserve'> <c> <d/> </c> </b>^</a>",
        "<a>^~~<b xml:space=\"preserve\"> <c/> </b>^</a>",
        "<a>^~~<b xml:space='default'>~<c/>~</b>^</a>",
        "<a>^~~<b space='preserve'>~<c/>~</b>^</a>",
        "<a>^~~<b x='xml:space=&quot;preserve&quot;'>~<c/>~</b>^</a>",
        "<a xml:space='preserve'> <c/> </a>",
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t len = strlen(cases[i]);
        cleanup(free_ptr) char *bytes = exact_copy(cases[i], len);
        cleanup(free_ptr) char *marked = xstrdup(cases[i]);
        struct spans spans;

        for (size_t at = 0; at < len; at++)
            bytes[at] = bytes[at] == '~'   ? ' '
                        : bytes[at] == '^' ? '\n'
                        : bytes[at] == '`' ? '\r'
                                           : bytes[at];
        space_structural(bytes, len, &spans, NULL, NULL, NULL);
        for (size_t at = 0; at < len; at++)
            marked[at] = bytes[at];
        for (size_t n = 0; n < spans.count; n++) {
            for (size_t at = spans.list[n].start; at < span_end(spans.list[n]);
                 at++)
                marked[at] = bytes[at] == ' '    ? '~'
                             : bytes[at] == '\n' ? '^'
                                                 : '`';
        }
        free(spans.list);
        assert_string_equal(marked, cases[i]);
    }
}

/* Each span is one text, and they come in order without touching. */
static void
test_structural_order(void **state)
{
    const char *text =
        "<a>\n  <b>\n    <c/>\n  </b>\n  <d>x <e> </e></d>\n</a>";
    struct spans spans;

    (void)state;
    space_structural(text, strlen(text), &spans, NULL, NULL, NULL);
    assert_int_equal(spans.count, 5);
    for (size_t i = 0; i < spans.count; i++) {
        assert_true(span_blank(text + spans.list[i].start, spans.list[i].len));
        assert_int_equal(text[spans.list[i].start - 1], '>');
        assert_int_equal(text[span_end(spans.list[i])], '<');
        assert_true(!i || spans.list[i].start > span_end(spans.list[i - 1]));
    }
    free(spans.list);
}

static void
assert_inside(struct span span, size_t len)
{
    assert_true(span.start <= len && span.len <= len - span.start);
}

/* Call everything; a sanitizer sees what is read outside of the bytes. */
static void
scan_all(const char *bytes, size_t len)
{
    struct document map;
    struct spans spans;
    struct children children = {.element = bytes, .len = len};
    struct span whole = {0}, content = {0};
    size_t at = 0, end = 0;
    char *text;

    if (!scan_document(bytes, len, &map))
        assert_true(map.root.len > 0);
    assert_inside(map.root, len);
    assert_inside(map.root_name, len);
    assert_inside(map.outside, len);
    assert_inside(map.encoding, len);
    while (at < len) {
        struct token token = span_token(bytes + at, len - at, false);
        struct span value;

        (void)span_token(bytes + at, len - at, true);
        if (token.kind == TOKEN_MORE || token.kind == TOKEN_BAD)
            break;
        assert_true(token.len > 0 && token.len <= len - at);
        assert_inside(token.name, token.len);
        if (span_attribute(bytes + at, token.len, "a", &value))
            assert_inside(value, token.len);
        (void)span_is_warning(bytes + at, token);
        at += token.len;
    }
    while (span_next_child(&children, "name", &whole, &content)) {
        assert_inside(whole, len);
        assert_inside(content, len);
        assert_true(whole.len > 0);
    }
    space_structural(bytes, len, &spans, NULL, NULL, NULL);
    for (size_t i = 0; i < spans.count; i++) {
        assert_true(spans.list[i].start >= end);
        assert_inside(spans.list[i], len);
        end = span_end(spans.list[i]);
    }
    free(spans.list);
    text = span_decode(bytes, len);
    assert_true(!text || !memchr(bytes, '<', len));
    free(text);
}

static void
test_random_bytes(void **state)
{
    static const char *const words[] = {
        "<",
        ">",
        "/",
        "=",
        "'",
        "\"",
        "!",
        "-",
        "?",
        "[",
        "]",
        "&",
        "#",
        ";",
        " ",
        "\n",
        "a",
        "name",
        "x",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "?>",
        "<!DOCTYPE",
        "</",
        "/>",
        "<name",
        "</name>",
        "<?xml ",
        "&#x",
        "encoding=",
        "\xef\xbb\xbf",
        "\xff",
        "<!",
        "xml:space='preserve'",
    };
    struct prng prng = {20240229};

    (void)state;
    for (int round = 0; round < 40000; round++) {
        struct buffer out = {0};
        size_t count = prng_below(&prng, 24);
        char *bytes;

        for (size_t i = 0; i < count; i++) {
            char any = (char)prng_below(&prng, 256);

            if (prng_below(&prng, 16))
                buffer_puts(&out, random_of(&prng, words, LENGTH(words)));
            else
                buffer_add(&out, &any, 1);
        }
        bytes = exact_copy(out.data, out.len);
        scan_all(bytes, out.len);
        free(bytes);
        buffer_free(&out);
    }
}

static void
test_mutated_documents(void **state)
{
    struct prng prng = {7};

    (void)state;
    for (int round = 0; round < 10000; round++) {
        struct buffer out = {0};
        size_t changes = prng_below(&prng, 4);
        char *bytes;

        random_element(&prng, &out, NULL, 4);
        for (size_t i = 0; i < changes; i++) {
            static const char set[] = "<>/'\"=!-?[]& \n\0a";
            size_t at = prng_below(&prng, out.len);

            out.data[at] = set[prng_below(&prng, sizeof(set))];
        }
        if (!prng_below(&prng, 3))
            out.len = prng_below(&prng, out.len + 1);
        bytes = exact_copy(out.data, out.len);
        scan_all(bytes, out.len);
        free(bytes);
        buffer_free(&out);
    }
}

static char *
dump(const xmlNode *node)
{
    xmlBuffer *buffer = xmlBufferCreate();
    char *text;

    assert_true(
        xmlNodeDump(buffer, node->doc, (xmlNode *)(uintptr_t)node, 0, 0) >= 0);
    text = xstrdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return text;
}

static char *
qualified(const xmlNode *node)
{
    if (node->ns && node->ns->prefix)
        return xasprintf("%s:%s", node->ns->prefix, node->name);
    return xstrdup((const char *)node->name);
}

/* The bytes of a range are the same element as a node of the whole tree. */
static void
assert_same_element(const char *bytes, size_t len, const xmlNode *node)
{
    cleanup(parse_free_doc) xmlDoc *doc =
        parse_document(bytes, len, NULL, NULL);
    cleanup(free_ptr) char *alone = NULL;
    cleanup(free_ptr) char *within = dump(node);

    assert_non_null(doc);
    assert_int_equal(bytes[0], '<');
    assert_int_equal(bytes[len - 1], '>');
    alone = dump(xmlDocGetRootElement(doc));
    assert_string_equal(alone, within);
}

static size_t
depth_of(const xmlNode *node)
{
    size_t deepest = 0;

    for (const xmlNode *child = node->children; child; child = child->next) {
        size_t depth = child->type == XML_ELEMENT_NODE ? depth_of(child) : 0;

        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

/* Every child element is found, once for its name, and recursively. */
static size_t
compare_children(const char *bytes, size_t len, const xmlNode *node)
{
    size_t compared = 0;

    for (const xmlNode *child = node->children; child; child = child->next) {
        cleanup(free_ptr) char *name = NULL;
        struct children walk = {.element = bytes, .len = len};
        struct span whole, content;

        if (child->type != XML_ELEMENT_NODE)
            continue;
        name = qualified(child);
        /* Skip those of the same name that come before it. */
        for (const xmlNode *before = node->children;; before = before->next) {
            cleanup(free_ptr) char *other = NULL;

            if (before->type != XML_ELEMENT_NODE)
                continue;
            other = qualified(before);
            if (strcmp(other, name))
                continue;
            assert_true(span_next_child(&walk, name, &whole, &content));
            if (before == child)
                break;
        }
        assert_same_element(bytes + whole.start, whole.len, child);
        compared += 1 + compare_children(bytes + whole.start, whole.len, child);
    }
    return compared;
}

static void
test_agrees_with_libxml2(void **state)
{
    struct prng prng = {4711};
    size_t compared = 0;

    (void)state;
    for (int round = 0; round < 1500; round++) {
        cleanup(parse_free_doc) xmlDoc *doc = NULL;
        struct buffer out = {0};
        struct document map;
        size_t before;

        buffer_puts(&out, prng_below(&prng, 2) ? "<!-- <a> -->\n" : "");
        before = out.len;
        random_element(&prng, &out, NULL, 5);
        buffer_puts(&out, "\n");
        doc = parse_document(out.data, out.len, NULL, NULL);
        assert_non_null(doc);
        assert_int_equal(scan_document(out.data, out.len, &map), 0);
        assert_int_equal(map.root.start, before);
        assert_int_equal(map.root.len, out.len - before - 1);
        assert_int_equal(map.depth, depth_of(xmlDocGetRootElement(doc)));
        compared += compare_children(out.data + map.root.start, map.root.len,
                                     xmlDocGetRootElement(doc));
        buffer_free(&out);
    }
    assert_true(compared > 5000);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_structural),
        cmocka_unit_test(test_structural_order),
        cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_mutated_documents),
        cmocka_unit_test(test_agrees_with_libxml2),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
