/* where.c - see where.h. */
#include "where.h"

#include <stdint.h>
#include <string.h>

#include "problem.h"
#include "span.h"

/* All bytes but those that carry on a character. */
static unsigned long
count_characters(const char *bytes, size_t len)
{
    unsigned long count = 0;

    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)bytes[i] & 0xc0) != 0x80;
    return count;
}

struct position
position_behind(struct position from, const char *bytes, size_t len)
{
    const char *feed;

    if (from.line == 1 && from.column == 1 && len >= 3 &&
        !memcmp(bytes, "\xef\xbb\xbf", 3)) {
        bytes += 3;
        len -= 3;
    }
    feed = len ? memrchr(bytes, '\n', len) : NULL;
    if (feed) {
        size_t line = (size_t)(feed - bytes) + 1;

        from.line += span_lines(bytes, line);
        from.column = 1;
        bytes += line;
        len -= line;
    }
    from.column += count_characters(bytes, len);
    return from;
}

void
position_put(struct position position, struct place *place)
{
    place->line = position.line;
    place->column = position.column;
}

struct where
where_start(const char *bytes, size_t len, struct position start)
{
    return (struct where){
        .bytes = bytes,
        .len = len,
        .start = start,
        .last = start,
    };
}

struct position
where_byte(struct where *where, size_t offset)
{
    if (offset > where->len)
        offset = where->len;
    if (offset < where->known) {
        where->known = 0;
        where->last = where->start;
    }
    where->last = position_behind(where->last, where->bytes + where->known,
                                  offset - where->known);
    where->known = offset;
    return where->last;
}

/* The next node in the order of the document; it goes into elements only. */
static xmlNode *
next_node(xmlNode *node)
{
    if (node->type == XML_ELEMENT_NODE && node->children)
        return node->children;
    while (node && node->type != XML_DOCUMENT_NODE && !node->next)
        node = node->parent;
    return node && node->type != XML_DOCUMENT_NODE ? node->next : NULL;
}

/* The next element in the order of the start tags. */
static xmlNode *
next_element(xmlNode *node)
{
    do
        node = next_node(node);
    while (node && node->type != XML_ELEMENT_NODE);
    return node;
}

/* The n-th start tag of the bytes is that of the n-th element of the tree. */
static void
map_elements(struct where *where, const xmlDoc *doc)
{
    xmlNode *node = xmlDocGetRootElement(doc);
    size_t at = 0;

    while (node) {
        struct token token =
            span_token(where->bytes + at, where->len - at, false);

        if (!token.len)
            return;
        if (token.kind == TOKEN_START || token.kind == TOKEN_EMPTY) {
            /* 0 is for those that have not been found. */
            node->_private = (void *)(uintptr_t)(at + 1);
            node = next_element(node);
        }
        at += token.len;
    }
}

struct position
where_node(struct where *where, const xmlNode *node)
{
    uintptr_t at;

    while (node && node->type != XML_ELEMENT_NODE)
        node = node->parent;
    if (!node)
        return (struct position){0};
    if (!where->mapped)
        map_elements(where, node->doc);
    where->mapped = true;
    at = (uintptr_t)node->_private;
    return at ? where_byte(where, (size_t)at - 1) : (struct position){0};
}
