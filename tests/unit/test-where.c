/*
 * test-where.c - shows that a place is counted in the bytes of a document as an
 * editor counts it, and that each element is found at its own start tag,
 * whatever looks like one before it.
 */
#include "naive-position.h"
#include "random-xml.h"

#include "../../verify/parse.h"

static void
assert_position(struct position found, struct position expected,
                const char *text)
{
    if (found.line != expected.line || found.column != expected.column)
        print_error("found %lu:%lu, expected %lu:%lu in %.2000s\n", found.line,
                    found.column, expected.line, expected.column, text);
    assert_int_equal(found.line, expected.line);
    assert_int_equal(found.column, expected.column);
}

static void
test_behind(void **state)
{
    static const struct {
        struct position from;
        const char *bytes;
        struct position behind;
    } cases[] = {
        {{1, 1}, "", {1, 1}},
        {{3, 7}, "", {3, 7}},
        {{3, 7}, "abc", {3, 10}},
        {{3, 7}, "\t ", {3, 9}},
        {{3, 7}, "a\n", {4, 1}},
        {{3, 7}, "a\nbc", {4, 3}},
        {{3, 7}, "\n\n\nx\n", {7, 1}},
        {{3, 7}, "a\r\nb", {4, 2}},
        {{3, 7}, "a\r", {3, 9}},
        /* Characters of one to four bytes, and one that combines. */
        {{3, 7}, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", {3, 11}},
        {{3, 7}, "e\xcc\x81", {3, 9}},
        {{3, 7}, "\xc3\xa9\n\xc3\xa9", {4, 2}},
        /* Only at the front of a file it is a mark. */
        {{1, 1}, "\xef\xbb\xbf", {1, 1}},
        {{1, 1},
         "\xef\xbb\xbf"
         "a",
         {1, 2}},
        {{1, 1}, "\xef\xbb\xbf\n", {2, 1}},
        {{1, 2}, "\xef\xbb\xbf", {1, 3}},
        {{2, 1}, "\xef\xbb\xbf", {2, 2}},
        {{1, 1}, "\n\xef\xbb\xbf", {2, 2}},
        {{1, 1}, "\xef\xbb", {1, 2}},
        {{4000000000, 5000000000}, "aa", {4000000000, 5000000002}},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t len = strlen(cases[i].bytes);
        cleanup(free_ptr) char *bytes = exact_copy(cases[i].bytes, len);

        assert_position(position_behind(cases[i].from, bytes, len),
                        cases[i].behind, cases[i].bytes);
    }
}

static void
test_put(void **state)
{
    struct place place = {.file = "f", .line = 1, .column = 1};

    (void)state;
    position_put((struct position){7, 9}, &place);
    assert_int_equal(place.line, 7);
    assert_int_equal(place.column, 9);
    assert_string_equal(place.file, "f");
}

/* In any order, also past the end; and when the first byte is elsewhere. */
static void
test_bytes(void **state)
{
    static const char *const pieces[] = {"a", "\n", "\r\n", "é",
                                         "€", "\t", "😀"};
    struct prng prng = {4711};

    (void)state;
    for (int round = 0; round < 300; round++) {
        cleanup(buffer_free) struct buffer text = {0};
        struct where where, later;
        size_t starts[201], count = prng_below(&prng, LENGTH(starts));

        if (prng_below(&prng, 2))
            buffer_puts(&text, "\xef\xbb\xbf");
        for (size_t i = 0; i < count; i++) {
            starts[i] = text.len;
            buffer_puts(&text, random_of(&prng, pieces, LENGTH(pieces)));
        }
        starts[count++] = text.len;
        buffer_add(&text, "", 1);
        where = where_start(text.data, text.len - 1, POSITION_FIRST);
        later = where_start(text.data + starts[0], text.len - 1 - starts[0],
                            (struct position){10, 20});
        for (size_t i = 0; i < 50; i++) {
            size_t at = starts[prng_below(&prng, count)];
            struct position expected = naive_position(text.data, at);

            assert_position(where_byte(&where, at), expected, text.data);
            expected.column += expected.line == 1 ? 19 : 0;
            expected.line += 9;
            assert_position(where_byte(&later, at - starts[0]), expected,
                            text.data);
        }
        assert_position(where_byte(&where, text.len + 100),
                        naive_position(text.data, text.len - 1), text.data);
    }
}

/* A document, and where its elements were put, in the order of their tags. */
struct sample {
    struct buffer text;
    size_t *tags;
    size_t count;
};

static void
sample_free(struct sample *sample)
{
    buffer_free(&sample->text);
    free(sample->tags);
}

static void
sample_element(struct prng *prng, struct sample *sample, size_t depth)
{
    static const char *const names[] = {"name", "a", "é", "n:x", "snapshots"};
    struct buffer *text = &sample->text;
    const char *name = random_of(prng, names, LENGTH(names));
    size_t children = depth ? prng_below(prng, 5) : 0;

    sample->tags = xgrow(sample->tags, sample->count, sizeof(*sample->tags));
    sample->tags[sample->count++] = text->len;
    buffer_printf(text, "<%s", name);
    random_attributes(prng, text);
    if (!children && prng_below(prng, 2)) {
        buffer_puts(text, "/>");
        return;
    }
    buffer_puts(text, ">");
    for (size_t i = 0; i < children; i++) {
        random_piece(prng, text);
        if (!prng_below(prng, 5))
            buffer_puts(text, "\r\n");
        if (prng_below(prng, 3))
            sample_element(prng, sample, depth - 1);
        random_piece(prng, text);
    }
    buffer_printf(text, "</%s>", name);
}

static void
sample_make(struct prng *prng, struct sample *sample)
{
    static const char *const prologs[] = {
        "",
        "\xef\xbb\xbf",
        "<?xml version='1.0'?>",
        "\xef\xbb\xbf<?xml version='1.0'?>\r\n<!-- <é> -->\n",
        "\n\n<?p <a>?> <!--\n<name/>-->",
    };
    const char *prolog = random_of(prng, prologs, LENGTH(prologs));

    if (!strncmp(prolog, "\n", 1))
        prolog++;
    *sample = (struct sample){0};
    buffer_puts(&sample->text, prolog);
    sample_element(prng, sample, 5);
    buffer_puts(&sample->text, "\n<!-- <a> -->\n");
    buffer_add(&sample->text, "", 1);
}

/* The next element in the order of the document; an independent walk. */
static void
gather(const xmlNode *node, const xmlNode **list, size_t *count, size_t room)
{
    for (; node; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        assert_true(*count < room);
        list[(*count)++] = node;
        gather(node->children, list, count, room);
    }
}

static void
test_elements(void **state)
{
    struct prng prng = {815};
    size_t total = 0;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        cleanup(sample_free) struct sample sample;
        cleanup(parse_free_doc) xmlDoc *doc = NULL;
        cleanup(free_ptr) const xmlNode **list = NULL;
        struct where where;
        size_t count = 0;

        sample_make(&prng, &sample);
        doc = parse_document(sample.text.data, sample.text.len - 1, NULL, NULL);
        if (!doc)
            print_error("not well-formed: %s\n", sample.text.data);
        assert_non_null(doc);
        list = xcalloc(sample.count, sizeof(*list));
        gather(xmlDocGetRootElement(doc), list, &count, sample.count);
        assert_int_equal(count, sample.count);
        where =
            where_start(sample.text.data, sample.text.len - 1, POSITION_FIRST);
        for (size_t i = 0; i < count; i++) {
            /* Forwards in one round, in any order in the next. */
            size_t n = round % 2 ? prng_below(&prng, count) : i;

            assert_position(where_node(&where, list[n]),
                            naive_position(sample.text.data, sample.tags[n]),
                            sample.text.data);
        }
        total += count;
    }
    assert_true(total > 20000);
}

/* What is no element is where the element around it is. */
static void
test_other_nodes(void **state)
{
    static const char text[] = "<a>\n <b x='1'>text<!--c--></b></a>";
    cleanup(parse_free_doc) xmlDoc *doc =
        parse_document(text, strlen(text), NULL, NULL);
    struct where where = where_start(text, strlen(text), POSITION_FIRST);
    const xmlNode *b = parse_child(xmlDocGetRootElement(doc), "b", NULL);
    const struct position at = {2, 2};

    (void)state;
    assert_position(where_node(&where, b->children), at, text);
    assert_position(where_node(&where, b->last), at, text);
    assert_position(where_node(&where, (const xmlNode *)b->properties), at,
                    text);
    assert_int_equal(where_node(&where, NULL).line, 0);
    assert_int_equal(where_node(&where, (const xmlNode *)doc).line, 0);
}

/* A tree of other bytes: nothing is known, and nothing is made up. */
static void
test_unknown(void **state)
{
    static const char text[] = "<a><b/><c/></a>";
    static const char *const others[] = {"", "<a", "<a><", "<a> <!-- <b> "};
    cleanup(parse_free_doc) xmlDoc *doc = NULL;

    (void)state;
    for (size_t i = 0; i < LENGTH(others); i++) {
        struct where where =
            where_start(others[i], strlen(others[i]), POSITION_FIRST);
        const xmlNode *root;

        parse_free_doc(&doc);
        doc = parse_document(text, strlen(text), NULL, NULL);
        root = xmlDocGetRootElement(doc);
        assert_int_equal(where_node(&where, root->last).line, 0);
        assert_int_equal(where_node(&where, root).line, i < 2 ? 0 : 1);
    }
}

/* A parser ends at a NUL; what stands behind it confuses nobody. */
static void
test_behind_nul(void **state)
{
    static const char text[] = "<a>\n<b/></a>\n\0<c></d>&&&";
    cleanup(parse_free_doc) xmlDoc *doc =
        parse_document(text, sizeof(text) - 1, NULL, NULL);
    struct where where = where_start(text, sizeof(text) - 1, POSITION_FIRST);
    const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;

    (void)state;
    /* Some versions of libxml2 refuse it. */
    if (!root)
        return;
    assert_position(where_node(&where, root), POSITION_FIRST, text);
    assert_position(where_node(&where, parse_child(root, "b", NULL)),
                    (struct position){2, 1}, text);
}

/* Where libxml2 has no line any more. */
static void
test_past_65535(void **state)
{
    static const char *const kinds[] = {"\n", "<!--\n-->", "<?p\n?>",
                                        "<![CDATA[\n]]>", "<x a='\n'/>"};

    (void)state;
    for (size_t i = 0; i < LENGTH(kinds); i++) {
        cleanup(buffer_free) struct buffer text = {0};
        cleanup(parse_free_doc) xmlDoc *doc = NULL;
        struct where where;
        const xmlNode *root;

        buffer_puts(&text, "<a>");
        for (int n = 0; n < 140000; n++)
            buffer_puts(&text, kinds[i]);
        buffer_puts(&text, "  <b/></a>");
        doc = parse_document(text.data, text.len, NULL, NULL);
        where = where_start(text.data, text.len, POSITION_FIRST);
        root = xmlDocGetRootElement(doc);
        assert_non_null(root);
        assert_position(
            where_node(&where, parse_child(root, "b", NULL)),
            naive_position(text.data, text.len - strlen("<b/></a>")), "");
        assert_int_equal(where_node(&where, parse_child(root, "b", NULL)).line,
                         140001);
    }
}

/* In a second or never: each costs what lies between it and the last one. */
static void
test_many(void **state)
{
    const size_t count = 400000;
    cleanup(buffer_free) struct buffer text = {0};
    cleanup(parse_free_doc) xmlDoc *doc = NULL;
    struct where where;
    const xmlNode *node;
    unsigned long column = 4;

    (void)state;
    buffer_puts(&text, "<a>");
    for (size_t i = 0; i < count; i++)
        buffer_puts(&text, "<b/>é");
    buffer_puts(&text, "</a>");
    doc = parse_document(text.data, text.len, NULL, NULL);
    assert_non_null(doc);
    where = where_start(text.data, text.len, POSITION_FIRST);
    node = xmlDocGetRootElement(doc)->children;
    for (; node; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        assert_int_equal(where_node(&where, node).column, column);
        column += 5;
    }
    assert_int_equal(column, 4 + 5 * count);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_behind),      cmocka_unit_test(test_put),
        cmocka_unit_test(test_bytes),       cmocka_unit_test(test_elements),
        cmocka_unit_test(test_other_nodes), cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_behind_nul),  cmocka_unit_test(test_past_65535),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
