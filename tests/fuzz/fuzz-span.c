/*
 * fuzz-span.c - on any bytes the scanner reads nothing that is not there; in
 * what libxml2 finds well-formed it finds each element where it is, with its
 * attributes, and its children.
 */
#include "fuzz.h"

#include "../../verify/scan.h"
#include "../../verify/space.h"
#include "../../verify/span.h"
#include "../../verify/where.h"
#include "view.h"

#define REPARSED 12 /* elements of a document that are parsed by themselves */

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    program_start_xml();
    (void)atexit(program_end_xml);
    return 0;
}

/* Whatever the bytes are: tokens lie in them, one behind the other. */
static void
scan_any(const char *bytes, size_t len, bool more)
{
    size_t at = 0;
    struct spans spans;

    while (at < len) {
        struct token token = span_token(bytes + at, len - at, more);

        if (token.kind == TOKEN_MORE || token.kind == TOKEN_BAD)
            break;
        FUZZ_CHECK(token.len && token.len <= len - at &&
                       span_end(token.name) <= token.len,
                   "a token of %zu bytes at %zu of %zu", token.len, at, len);
        at += token.len;
    }
    free(span_decode(bytes, len));
    space_structural(bytes, len, &spans, NULL, NULL, NULL);
    for (size_t i = 0; i < spans.count; i++)
        FUZZ_CHECK(
            span_end(spans.list[i]) <= len &&
                span_blank(bytes + spans.list[i].start, spans.list[i].len),
            "white space at %zu that is none", spans.list[i].start);
    free(spans.list);
}

/* The next element in the order of the document. */
static xmlNode *
next_element(xmlNode *node)
{
    xmlNode *next = view_element(node->children);

    while (node && !next) {
        next = view_element(node->next);
        node = node->parent;
    }
    return next;
}

static char *
qualified(const xmlNs *ns, const xmlChar *name)
{
    bool prefix = ns && ns->prefix;

    return xasprintf("%s%s%s", prefix ? (const char *)ns->prefix : "",
                     prefix ? ":" : "", (const char *)name);
}

/* A value as it is written, with its blanks as a parser makes them. */
static char *
normalised(const char *raw, size_t len)
{
    cleanup(buffer_free) struct buffer out = {0};
    char *text;

    for (size_t i = 0; i < len; i++) {
        if (raw[i] == '\r' && i + 1 < len && raw[i + 1] == '\n')
            continue;
        buffer_add(&out, raw[i] && strchr("\t\r\n", raw[i]) ? " " : raw + i, 1);
    }
    text = span_decode(out.data ? out.data : "", out.len);
    FUZZ_CHECK(text, "cannot be decoded: %.*s", (int)len, raw);
    return text;
}

static void
check_attributes(const char *tag, const struct token *token,
                 const xmlNode *node)
{
    size_t attributes = 0, namespaces = 0;

    for (const xmlNs *ns = node->nsDef; ns; ns = ns->next)
        namespaces++;
    for (const xmlAttr *attribute = node->properties; attribute;
         attribute = attribute->next) {
        cleanup(free_ptr) char *name =
            qualified(attribute->ns, attribute->name);
        cleanup(free_ptr) char *found = NULL;
        xmlChar *value = xmlNodeGetContent((const xmlNode *)attribute);
        struct span span;

        attributes++;
        FUZZ_CHECK(span_attribute(tag, token->len, name, &span),
                   "no %s in %.*s", name, (int)token->len, tag);
        found = normalised(tag + span.start, span.len);
        FUZZ_CHECK(!strcmp(found, (const char *)value), "%s is '%s', not '%s'",
                   name, found, (const char *)value);
        xmlFree(value);
    }
    /* xmlnsx= counts as a namespace, and x:xmlns= does not. */
    FUZZ_CHECK(token->namespaces >= namespaces &&
                   token->namespaces <= token->attributes &&
                   token->attributes >= attributes + namespaces,
               "%zu attributes, %zu namespaces in %.*s", token->attributes,
               token->namespaces, (int)token->len, tag);
}

/* Behind the element of which the start tag is at AT; it has to end. */
static size_t
element_end(const char *bytes, size_t len, size_t at)
{
    size_t depth = 0;

    do {
        struct token token = span_token(bytes + at, len - at, false);

        FUZZ_CHECK(token.kind != TOKEN_MORE && token.kind != TOKEN_BAD,
                   "at a loss at %zu", at);
        depth += token.kind == TOKEN_START;
        depth -= token.kind == TOKEN_END;
        at += token.len;
    } while (depth);
    return at;
}

/* By itself it is an element of that name with that in it. */
static void
check_range(const char *bytes, size_t len, const xmlNode *node)
{
    xmlDoc *doc = view_parse(bytes, len);
    const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    xmlChar *one, *other;

    FUZZ_CHECK(doc, "not well-formed: %.*s", (int)len, bytes);
    one = xmlNodeGetContent(node);
    other = xmlNodeGetContent(root);
    FUZZ_CHECK(xmlStrEqual(one, other) &&
                   view_children(node) == view_children(root),
               "another element: %.*s", (int)len, bytes);
    xmlFree(one);
    xmlFree(other);
    xmlFreeDoc(doc);
}

/* The children called as the first one is, in order and no others. */
static void
check_children(const char *bytes, size_t len, const xmlNode *node)
{
    const xmlNode *first = view_element(node->children);
    struct children children = {.element = bytes, .len = len};
    struct span whole, content;
    cleanup(free_ptr) char *name = NULL;
    size_t expected = 0, found = 0;

    if (!first)
        return;
    name = qualified(first->ns, first->name);
    for (xmlNode *child = view_element(node->children); child;
         child = view_element(child->next)) {
        cleanup(free_ptr) char *other = qualified(child->ns, child->name);

        expected += !strcmp(name, other);
    }
    while (span_next_child(&children, name, &whole, &content)) {
        FUZZ_CHECK(span_end(whole) <= len && content.start >= whole.start &&
                       span_end(content) <= span_end(whole),
                   "a child outside of its parent");
        found++;
    }
    FUZZ_CHECK(found == expected, "%zu <%s> in %.*s, not %zu", found, name,
               (int)len, bytes, expected);
}

static void
check_tree(const char *bytes, size_t len, xmlDoc *doc)
{
    struct where where = where_start(bytes, len, POSITION_FIRST);
    xmlNode *node = xmlDocGetRootElement(doc);
    struct document map;
    size_t at = len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
    size_t reparsed = 0, offset = 0;

    FUZZ_CHECK(!scan_document(bytes, len, &map), "it has no end");
    while (at < len) {
        struct token token = span_token(bytes + at, len - at, false);

        FUZZ_CHECK(token.kind != TOKEN_MORE && token.kind != TOKEN_BAD,
                   "at a loss at %zu", at);
        if (token.kind == TOKEN_START || token.kind == TOKEN_EMPTY) {
            cleanup(free_ptr) char *name =
                node ? qualified(node->ns, node->name) : xstrdup("");
            size_t end = element_end(bytes, len, at);

            FUZZ_CHECK(token.name.len == strlen(name) &&
                           !memcmp(bytes + at + 1, name, token.name.len),
                       "<%.*s> where <%s> is", (int)token.name.len,
                       bytes + at + 1, name);
            FUZZ_CHECK(where_offset(&where, node, &offset) && offset == at,
                       "<%s> at %zu, not %zu", name, offset, at);
            FUZZ_CHECK(node != xmlDocGetRootElement(doc) ||
                           (map.root.start == at && span_end(map.root) == end),
                       "the root is elsewhere");
            check_attributes(bytes + at, &token, node);
            if (reparsed++ < REPARSED) {
                check_range(bytes + at, end - at, node);
                check_children(bytes + at, end - at, node);
            }
            node = next_element(node);
        }
        at += token.len;
    }
    FUZZ_CHECK(!node, "<%s> was not found", (const char *)node->name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    struct document map;
    xmlDoc *doc;

    scan_any(bytes, size, false);
    scan_any(bytes, size, true);
    (void)scan_document(bytes, size, &map);
    doc = view_parse(bytes, size);
    /* Names with a prefix that stands for nothing, libxml2 cuts up. */
    if (doc && !doc->intSubset &&
        (!doc->encoding || !strcmp((const char *)doc->encoding, "UTF-8")))
        check_tree(bytes, size, doc);
    if (doc)
        xmlFreeDoc(doc);
    return 0;
}
