/* scan.c - see scan.h. */
#include "scan.h"

#include <string.h>

static struct span
moved(struct span span, size_t by)
{
    return (struct span){span.start + by, span.len};
}

/* A token in the prolog or behind the root element. */
static void
note_outside(const char *bytes, size_t at, struct token token,
             struct document *map)
{
    if (span_is_declaration(bytes + at, token)) {
        struct span value;

        if (span_attribute(bytes + at, token.len, "encoding", &value))
            map->encoding = moved(value, at);
        return;
    }
    if (token.kind == TOKEN_DOCTYPE) {
        map->has_doctype = true;
        map->doctype = at;
        return;
    }
    if (token.kind == TOKEN_TEXT && span_blank(bytes + at, token.len))
        return;
    if (!map->outside.len && !span_is_warning(bytes + at, token))
        map->outside = (struct span){at, token.len};
}

static void
note_depth(struct document *map, size_t depth, size_t at)
{
    if (depth > map->depth) {
        map->depth = depth;
        map->deepest = at;
    }
}

static void
note_attributes(struct document *map, size_t attributes, size_t at)
{
    if (attributes > map->attributes) {
        map->attributes = attributes;
        map->widest = at;
    }
}

static void
note_namespaces(struct document *map, size_t namespaces, size_t at)
{
    if (namespaces > map->namespaces) {
        map->namespaces = namespaces;
        map->crowded = at;
    }
}

void
scan_start(struct scan *scan, const char *bytes, size_t len,
           struct document *map)
{
    scan->bytes = bytes;
    scan->len = len;
    scan->at = len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
    scan->depth = 0;
    scan->found = false;
    scan->scope = 0;
    *map = (struct document){0};
}

/* A start tag. False: it would be that of a second root. */
static bool
enter(struct scan *scan, const struct token *token, struct document *map)
{
    if (!scan->depth) {
        if (scan->found)
            return false;
        map->root.start = scan->at;
        map->root_name = moved(token->name, scan->at);
    }
    note_depth(map, scan->depth + 1, scan->at);
    note_attributes(map, token->attributes, scan->at);
    note_namespaces(map, scan->scope + token->namespaces, scan->at);
    if (token->kind == TOKEN_EMPTY)
        return true;
    if (scan->depth < SCOPES) {
        scan->declared[scan->depth] = token->namespaces;
        scan->scope += token->namespaces;
    }
    scan->depth++;
    return true;
}

static void
go_behind(struct scan *scan, size_t len, struct document *map)
{
    scan->at += len;
    if (!scan->depth) {
        scan->found = true;
        map->root.len = scan->at - map->root.start;
    }
}

bool
scan_step(struct scan *scan, struct document *map)
{
    size_t at = scan->at;
    struct token token = span_token(scan->bytes + at, scan->len - at, false);

    scan->token = token;
    scan->token_at = at;
    if (token.kind == TOKEN_MORE || token.kind == TOKEN_BAD)
        return false;
    if (token.kind == TOKEN_START || token.kind == TOKEN_EMPTY) {
        if (!enter(scan, &token, map))
            return false;
    } else if (token.kind == TOKEN_END) {
        if (!scan->depth)
            return false;
        if (--scan->depth < SCOPES)
            scan->scope -= scan->declared[scan->depth];
    } else if (!scan->depth) {
        note_outside(scan->bytes, at, token, map);
        scan->at += token.len;
        return token.kind != TOKEN_DOCTYPE;
    }
    go_behind(scan, token.len, map);
    return true;
}

void
scan_skip(struct scan *scan, size_t len, const struct document *inner,
          struct document *map)
{
    size_t at = scan->at;

    note_depth(map, scan->depth + inner->depth, at + inner->deepest);
    note_attributes(map, inner->attributes, at + inner->widest);
    note_namespaces(map, scan->scope + inner->namespaces, at + inner->crowded);
    go_behind(scan, len, map);
}

bool
scan_is_whole(const struct scan *scan)
{
    return scan->found && scan->at == scan->len && !scan->depth;
}

int
scan_document(const char *bytes, size_t len, struct document *map)
{
    struct scan scan;

    scan_start(&scan, bytes, len, map);
    while (scan.at < len && scan_step(&scan, map))
        ;
    return scan_is_whole(&scan) ? 0 : -1;
}
