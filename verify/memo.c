/* memo.c - see memo.h. */
#include "memo.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "memory.h"
#include "schema.h"
#include "schemas.h"

#define PATH_BYTES 4096

/*
 * A path as a parser reads it. NULL: one that is not to differ, for it is not
 * plainly well-formed, or has characters that are not ASCII.
 */
static char *
read_path(const char *value, size_t len)
{
    char *text = NULL;

    if (!len || len >= PATH_BYTES || value[0] != '/' || memchr(value, '<', len))
        return NULL;
    text = memchr(value, '&', len) ? span_decode(value, len)
                                   : xstrndup(value, len);
    for (const char *at = text; text && *at; at++) {
        if (*at < ' ' || *at > '~') {
            free(text);
            return NULL;
        }
    }
    return text;
}

bool
memo_is_path(const char *value, size_t len)
{
    cleanup(free_ptr) char *text = read_path(value, len);

    return text != NULL;
}

static uint64_t *
classes_of(const struct schemas *schemas, const char *text)
{
    size_t count = schemas_count(schemas);
    uint64_t *classes = xcalloc(count + 1, sizeof(*classes));

    for (size_t i = 0; i < count; i++)
        classes[i] = schema_value(schemas_get(schemas, i), text);
    return classes;
}

/* What the schemas say of the part's own path, once it was asked. */
static const uint64_t *
own_classes(const struct schemas *schemas, const struct part *part,
            struct path *path)
{
    cleanup(free_ptr) char *text = NULL;

    if (!path->classes) {
        text = read_path(part->bytes + path->value.start, path->value.len);
        path->classes = classes_of(schemas, text);
    }
    return path->classes;
}

/* Is this value of a path as good as the one in the part? */
static bool
same_class(const struct schemas *schemas, const struct part *part,
           struct path *path, const char *value, size_t len)
{
    size_t count = schemas_count(schemas);
    const char *own = part->bytes + path->value.start;
    cleanup(free_ptr) uint64_t *classes = NULL;
    cleanup(free_ptr) char *text = NULL;

    if (len == path->value.len && !memcmp(value, own, len))
        return true;
    text = read_path(value, len);
    if (!text)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!schema_has_values(schemas_get(schemas, i)))
            return false;
    }
    if (!count)
        return true;
    classes = classes_of(schemas, text);
    return !memcmp(classes, own_classes(schemas, part, path),
                   count * sizeof(*classes));
}

/* Do the bytes begin with this part? */
static bool
begins_with(const struct schemas *schemas, const struct part *part,
            const char *bytes, size_t len, struct met *met)
{
    size_t from = 0, at = 0;
    size_t last_line = part->len - part->cut.behind;

    *met = memo_first(part);
    for (size_t i = 0; i <= part->path_count; i++) {
        struct path *path = i < part->path_count ? &part->paths[i] : NULL;
        size_t end = path ? path->value.start : part->len;
        const char *quote;
        size_t length;

        if (len - at < end - from ||
            memcmp(bytes + at, part->bytes + from, end - from) != 0)
            return false;
        at += end - from;
        from = end;
        if (!path)
            break;
        quote = memchr(bytes + at, part->bytes[end - 1],
                       len - at < PATH_BYTES ? len - at : PATH_BYTES);
        if (!quote)
            return false;
        length = (size_t)(quote - bytes) - at;
        if (!same_class(schemas, part, path, bytes + at, length))
            return false;
        if (from < part->uuid_at)
            met->uuid_at += length - path->value.len;
        if (from >= last_line)
            met->cut.behind += length - path->value.len;
        at += length;
        from += path->value.len;
    }
    met->len = at;
    met->cut.whole.len = at;
    return true;
}

struct met
memo_first(const struct part *part)
{
    return (struct met){
        .part = part,
        .len = part->len,
        .cut = part->cut,
        .uuid_at = part->uuid_at,
    };
}

/* Make the part at INDEX the first one. */
static void
put_first(struct memo *memo, size_t index)
{
    struct part *part = memo->list[index];

    memmove(memo->list + 1, memo->list, index * sizeof(*memo->list));
    memo->list[0] = part;
}

bool
memo_find(struct memo *memo, const struct schemas *schemas, const char *bytes,
          size_t len, struct met *met)
{
    for (size_t i = 0; i < memo->count; i++) {
        if (begins_with(schemas, memo->list[i], bytes, len, met)) {
            put_first(memo, i);
            return true;
        }
    }
    return false;
}

void
memo_add(struct memo *memo, struct part *part)
{
    while (memo->count > PART_COUNT && (memo->count == MEMO_PARTS ||
                                        memo->bytes + part->len > MEMO_BYTES)) {
        struct part *last = memo->list[--memo->count];

        memo->bytes -= last->len;
        part_free(last);
    }
    memo->bytes += part->len;
    memo->list[memo->count++] = part;
    put_first(memo, memo->count - 1);
}

void
part_free(struct part *part)
{
    for (size_t i = 0; i < part->path_count; i++)
        free(part->paths[i].classes);
    free(part->paths);
    free(part->bytes);
    free(part->choices);
    free(part->domain_name);
    free(part);
}

void
memo_free(struct memo *memo)
{
    for (size_t i = 0; i < memo->count; i++)
        part_free(memo->list[i]);
    *memo = (struct memo){0};
}
