/* memo.c - see memo.h. */
#include "memo.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* Is this value of a path as good as the one in the part? */
static bool
is_same(struct memo *memo, const struct schemas *schemas,
        const struct part *part, struct path *path, const char *value,
        size_t len)
{
    const char *own = part->bytes + path->value.start;
    struct variant variant;

    if (len == path->value.len && !memcmp(value, own, len))
        return true;
    if (!path->classes) {
        if (!variants_get(&memo->variants, schemas, VARIANT_PATH, own,
                          path->value.len, &variant))
            return false;
        path->classes = variant_classes(schemas, &variant);
    }
    return variants_get(&memo->variants, schemas, VARIANT_PATH, value, len,
                        &variant) &&
           variant_same(schemas, path->classes, &variant);
}

/* Do the bytes begin with this part? */
static bool
begins_with(struct memo *memo, const struct schemas *schemas,
            const struct part *part, const char *bytes, size_t len,
            struct met *met)
{
    size_t from = 0, at = 0;

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
                       len - at < PATH_MAX ? len - at : PATH_MAX);
        if (!quote)
            return false;
        length = (size_t)(quote - bytes) - at;
        if (!is_same(memo, schemas, part, path, bytes + at, length))
            return false;
        if (from < part->uuid_at)
            met->uuid_at += length - path->value.len;
        if (from >= part->last_line)
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

    memmove(memo->list + 1, memo->list, index * sizeof(struct part *));
    memo->list[0] = part;
}

bool
memo_find(struct memo *memo, const struct schemas *schemas, const char *bytes,
          size_t len, struct met *met)
{
    for (size_t i = 0; i < memo->count; i++) {
        if (begins_with(memo, schemas, memo->list[i], bytes, len, met)) {
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
    variants_free(&memo->variants);
    *memo = (struct memo){0};
}
