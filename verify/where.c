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

struct cut
cut_of(const char *bytes, struct span whole, size_t stub)
{
    const char *start = bytes + whole.start;
    const char *feed = memrchr(start, '\n', whole.len);
    size_t line = feed ? (size_t)(feed - start) + 1 : 0;

    return (struct cut){
        .whole = whole,
        .stub = stub,
        .lines = span_lines(start, line),
        .behind = count_characters(start + line, whole.len - line),
    };
}

struct position
position_leap(struct position from, const struct cut *cut)
{
    from.column = cut->behind + (cut->lines ? 1 : from.column);
    from.line += cut->lines;
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

static void
go_to(struct where *where, size_t offset)
{
    where->last = position_behind(where->last, where->bytes + where->known,
                                  offset - where->known);
    where->known = offset;
}

/*
 * Go back to OFFSET. False: that is on the first line, whose columns may not
 * begin with 1; a new start is needed.
 */
static bool
go_back(struct where *where, size_t offset)
{
    const char *bytes = where->bytes;
    size_t way = where->known - offset;
    unsigned long lines = span_lines(bytes + offset, way);
    const char *feed;

    if (offset < 3)
        return false;
    if (!lines) {
        where->last.column -= count_characters(bytes + offset, way);
    } else {
        feed = memrchr(bytes, '\n', offset);
        if (!feed)
            return false;
        where->last.line -= lines;
        where->last.column =
            1 + count_characters(feed + 1, (size_t)(bytes + offset - feed) - 1);
    }
    where->known = offset;
    return true;
}

struct position
where_byte(struct where *where, size_t offset)
{
    if (offset > where->len)
        offset = where->len;
    if (offset < where->known &&
        (where->known - offset > offset || !go_back(where, offset))) {
        where->known = 0;
        where->last = where->start;
    }
    for (size_t i = 0; i < where->cut_count; i++) {
        const struct cut *cut = &where->cuts[i];

        if (cut->whole.start < where->known || span_end(cut->whole) > offset)
            continue;
        go_to(where, cut->whole.start);
        where->last = position_leap(where->last, cut);
        where->known = span_end(cut->whole);
    }
    go_to(where, offset);
    return where->last;
}

struct position
where_rest(struct where *where, size_t offset)
{
    for (size_t i = 0; i < where->cut_count; i++) {
        const struct cut *cut = &where->cuts[i];

        if (cut->whole.start < offset)
            offset += cut->whole.len - cut->stub;
    }
    return where_byte(where, offset);
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
    const char *bytes = where->rest ? where->rest : where->bytes;
    size_t len = where->rest ? where->rest_len : where->len;
    xmlNode *node = xmlDocGetRootElement(doc);
    size_t at = 0, cut = 0, moved = 0;

    while (node) {
        struct token token = span_token(bytes + at, len - at, false);

        if (!token.len)
            return;
        if (token.kind == TOKEN_START || token.kind == TOKEN_EMPTY) {
            /* 0 is for those that have not been found. */
            node->_private = (void *)(uintptr_t)(at + moved + 1);
            node = next_element(node);
        }
        if (cut < where->cut_count &&
            at + moved == where->cuts[cut].whole.start) {
            moved += where->cuts[cut].whole.len - where->cuts[cut].stub;
            cut++;
        }
        at += token.len;
    }
}

bool
where_offset(struct where *where, const xmlNode *node, size_t *offset)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->parent;
    if (!node)
        return false;
    if (!where->mapped)
        map_elements(where, node->doc);
    where->mapped = true;
    if (!node->_private)
        return false;
    *offset = (size_t)(uintptr_t)node->_private - 1;
    return true;
}

struct position
where_node(struct where *where, const xmlNode *node)
{
    size_t offset;

    return where_offset(where, node, &offset) ? where_byte(where, offset)
                                              : (struct position){0};
}
