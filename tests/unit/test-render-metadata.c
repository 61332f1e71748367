/*
 * test-render-metadata.c - shows that what render_snapshot() makes of random
 * metadata is what libvirt's bulk writer would have written.
 *
 * libvirt's virXMLFormatMetadata() has libxml2's xmlNodeDump() lay out a node
 * at the level of its indentation. So: lay a node out at level L, as in a
 * legacy file, and at level L + 1, as in a bulk file; the conversion of the
 * first must be the second. And that what is remembered changes nothing.
 */
#include "random-xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "../../migrate/render.h"
#include "../../verify/parse.h"
#include "../../verify/space.h"

/* Indentation stops growing there: libxml2's limit of 60 columns. */
#define LEVELS_MAX 30

/* libvirt keeps no blanks that libxml2 thinks ignorable. */
static xmlDoc *
parse_no_blanks(const char *bytes, size_t len)
{
    xmlDoc *doc = xmlReadMemory(bytes, (int)len, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOBLANKS |
                                    XML_PARSE_NOERROR | XML_PARSE_NOWARNING);

    assert_non_null(doc);
    return doc;
}

static xmlNode *
find_metadata(xmlNode *node)
{
    for (; node; node = node->next) {
        xmlNode *below;

        if (node->type != XML_ELEMENT_NODE)
            continue;
        if (!strcmp((const char *)node->name, "metadata"))
            return node;
        below = find_metadata(node->children);
        if (below)
            return below;
    }
    return NULL;
}

static char *
dump_at(xmlDoc *doc, size_t level)
{
    xmlNode *metadata = find_metadata(xmlDocGetRootElement(doc));
    xmlBuffer *buffer = xmlBufferCreate();
    char *text;

    assert_non_null(metadata);
    xmlIndentTreeOutput = 1;
    assert_true(xmlNodeDump(buffer, doc, metadata, (int)level, 1) >= 0);
    text = xstrdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return text;
}

static void
indent(struct buffer *out, size_t level)
{
    for (size_t i = 0; i < level; i++)
        buffer_puts(out, "  ");
}

/*
 * A <domainsnapshot> at level BASE that holds the metadata, laid out for level
 * BASE + LEVEL, in that many elements.
 */
static void
add_snapshot(struct buffer *out, const char *metadata, size_t base,
             size_t level, bool active)
{
    indent(out, base);
    buffer_puts(out, "<domainsnapshot>\n");
    indent(out, base + 1);
    buffer_puts(out, "<name>s</name>\n");
    for (size_t i = 1; i < level; i++) {
        indent(out, base + i);
        buffer_puts(out, "<domain>\n");
    }
    indent(out, base + level);
    buffer_puts(out, metadata);
    buffer_puts(out, "\n");
    for (size_t i = level - 1; i >= 1; i--) {
        indent(out, base + i);
        buffer_puts(out, "</domain>\n");
    }
    if (active)
        buffer_puts(out, "  <active>0</active>\n");
    indent(out, base);
    buffer_puts(out, "</domainsnapshot>\n");
    buffer_add(out, "", 1);
    out->len--;
}

/*
 * What libvirt writes for a tree, read again and written until nothing changes
 * any more: at first libxml2 may drop blanks, or lay out what it did not.
 */
static xmlDoc *
settle(struct buffer *legacy, const struct buffer *source, size_t level)
{
    xmlDoc *doc = parse_no_blanks(source->data, source->len);

    for (int tries = 0; tries < 6; tries++) {
        cleanup(free_ptr) char *text = dump_at(doc, level);
        cleanup(free_ptr) char *again = NULL;

        buffer_free(legacy);
        add_snapshot(legacy, text, 0, level, true);
        xmlFreeDoc(doc);
        doc = parse_no_blanks(legacy->data, legacy->len);
        again = dump_at(doc, level);
        if (!strcmp(text, again))
            return doc;
    }
    fail_msg("does not settle: %s", source->data);
    return NULL;
}

/* Returns how many lines moved. */
static size_t
compare_with_writer(const struct buffer *source, size_t level)
{
    struct buffer legacy = {0}, expected = {0}, bulk = {0}, back = {0};
    xmlDoc *doc = settle(&legacy, source, level);
    cleanup(free_ptr) char *text = dump_at(doc, level + 1);
    size_t moved;

    xmlFreeDoc(doc);
    add_snapshot(&expected, text, 1, level, false);
    render_snapshot(legacy.data, legacy.len - 1, LAYOUT_LEGACY, LAYOUT_BULK,
                    false, &bulk, NULL);
    buffer_add(&bulk, "", 1);
    assert_string_equal(bulk.data, expected.data);
    render_snapshot(bulk.data + 2, bulk.len - 4, LAYOUT_BULK, LAYOUT_LEGACY,
                    false, &back, NULL);
    buffer_add(&back, "", 1);
    assert_string_equal(back.data + strlen(WARNING_COMMENT), legacy.data);
    moved = bulk.len - legacy.len;
    buffer_free(&legacy);
    buffer_free(&expected);
    buffer_free(&bulk);
    buffer_free(&back);
    return moved;
}

static void
test_random_metadata(void **state)
{
    struct prng prng = {90210};
    size_t verbatim = 0;

    (void)state;
    for (int round = 0; round < 4000; round++) {
        size_t level = 1 + prng_below(&prng, 4);
        cleanup(buffer_free) struct buffer source = {0};

        random_element(&prng, &source, "metadata", 2 + prng_below(&prng, 4));
        buffer_add(&source, "", 1);
        source.len--;
        (void)compare_with_writer(&source, level);
        verbatim += strstr(source.data, "CDATA") != NULL;
    }
    /* The generator still makes what this is about. */
    assert_true(verbatim > 200);
}

/* A chain of elements, each in a line of its own. */
static void
compare_chain(size_t levels)
{
    cleanup(buffer_free) struct buffer source = {0};

    buffer_puts(&source, "<metadata>");
    for (size_t i = 0; i < levels; i++)
        buffer_puts(&source, "<a>");
    buffer_puts(&source, "<b/>");
    for (size_t i = 0; i < levels; i++)
        buffer_puts(&source, "</a>");
    buffer_puts(&source, "</metadata>");
    buffer_add(&source, "", 1);
    source.len--;
    (void)compare_with_writer(&source, 2);
}

static void
test_nested(void **state)
{
    (void)state;
    for (size_t levels = 0; levels + 4 < LEVELS_MAX; levels++)
        compare_chain(levels);
}

/* Deeper than that, libxml2 indents no further; its writer moves nothing. */
static void
test_nested_beyond_indentation(void **state)
{
    (void)state;
    compare_chain(LEVELS_MAX + 10);
}

#define POOL 9

/* A child that is large enough to be remembered. */
static char *
large_child(struct prng *prng)
{
    static const char *const names[] = {"domain", "cookie", "metadata"};
    struct buffer out = {0};
    const char *name = random_of(prng, names, LENGTH(names));

    buffer_printf(&out, "<%s>\n", name);
    while (out.len < 600) {
        buffer_puts(&out, "    ");
        random_element(prng, &out, NULL, 1 + prng_below(prng, 4));
        buffer_puts(&out, prng_below(prng, 20) ? "\n" : "\n text\n");
    }
    buffer_printf(&out, "  </%s>", name);
    buffer_add(&out, "", 1);
    return out.data;
}

static void
snapshot_of(struct prng *prng, struct buffer *out, char *const *pool)
{
    buffer_puts(out, "<domainsnapshot>");
    for (size_t n = prng_below(prng, 7); n > 0; n--) {
        buffer_puts(out, prng_below(prng, 12) ? "\n  " : "text\n  ");
        if (prng_below(prng, 5))
            buffer_puts(out, pool[prng_below(prng, POOL)]);
        else
            buffer_puts(out, "<active>1</active>");
    }
    buffer_puts(out, "\n</domainsnapshot>");
}

/* What comes out does not depend on what was rendered before. */
static void
test_memo(void **state)
{
    struct prng prng = {4711};
    struct space_memo memo = {0};
    char *pool[POOL];
    size_t met = 0;

    (void)state;
    for (size_t i = 0; i < POOL; i++)
        pool[i] = large_child(&prng);
    for (int round = 0; round < 20000; round++) {
        enum layout from = (enum layout)prng_below(&prng, 2);
        enum layout to = (enum layout)prng_below(&prng, 2);
        struct buffer text = {0}, plain = {0}, out = {0};
        cleanup(free_ptr) char *bytes = NULL;

        snapshot_of(&prng, &text, pool);
        bytes = exact_copy(text.data, text.len);
        render_snapshot(bytes, text.len, from, to, true, &plain, NULL);
        render_snapshot(bytes, text.len, from, to, true, &out, &memo);
        met += memo.met_count;
        assert_int_equal(out.len, plain.len);
        assert_memory_equal(out.data, plain.data, plain.len);
        buffer_free(&text);
        buffer_free(&plain);
        buffer_free(&out);
        if (!prng_below(&prng, 50)) {
            free(pool[0]);
            pool[0] = large_child(&prng);
        }
    }
    assert_true(met > 5000);
    for (size_t i = 0; i < POOL; i++)
        free(pool[i]);
    space_forget(&memo);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_metadata),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_nested_beyond_indentation),
        cmocka_unit_test(test_memo),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
