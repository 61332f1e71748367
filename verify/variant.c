/* variant.c - see variant.h. */
#include "variant.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "memory.h"
#include "schema.h"
#include "schemas.h"
#include "span.h"

#define BYTES_MAX 4096

/* As a parser reads it. NULL: it is not plain, or no value of this kind. */
static char *
read_plain(enum variant_kind kind, const char *raw, size_t len)
{
    char *text = NULL;

    if (!len || len >= BYTES_MAX || memchr(raw, '<', len) ||
        (kind == VARIANT_PATH && raw[0] != '/') ||
        (kind == VARIANT_TIME && len > 18))
        return NULL;
    text = memchr(raw, '&', len) ? span_decode(raw, len) : xstrndup(raw, len);
    for (const char *at = text; text && *at; at++) {
        bool plain = kind == VARIANT_TIME ? *at >= '0' && *at <= '9'
                                          : *at >= ' ' && *at <= '~';

        if (!plain || (at == text && *at == ' ')) {
            free(text);
            return NULL;
        }
    }
    return text;
}

static size_t
hash(enum variant_kind kind, const char *raw, size_t len)
{
    size_t sum = 2166136261u + (size_t)kind;

    for (size_t i = 0; i < len; i++)
        sum = (sum ^ (unsigned char)raw[i]) * 16777619u;
    return (sum ^ sum >> 16) % VARIANTS;
}

static void
free_variant(struct variant *variant)
{
    free(variant->raw);
    free(variant->text);
    free(variant->classes);
    *variant = (struct variant){0};
}

static bool
are_told(const struct schemas *schemas, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!schema_has_values(schemas_get(schemas, i)))
            return false;
    }
    return true;
}

const struct variant *
variants_get(struct variants *variants, const struct schemas *schemas,
             enum variant_kind kind, const char *raw, size_t len)
{
    struct variant *variant = &variants->list[hash(kind, raw, len)];
    size_t count = schemas_count(schemas);
    char *text;

    if (variant->raw && variant->kind == kind && variant->len == len &&
        !memcmp(variant->raw, raw, len))
        return variant;
    text = read_plain(kind, raw, len);
    if (!text || !are_told(schemas, count)) {
        free(text);
        return NULL;
    }
    free_variant(variant);
    variant->kind = kind;
    variant->raw = xstrndup(raw, len);
    variant->len = len;
    variant->text = text;
    variant->classes = xcalloc(count + 1, sizeof(*variant->classes));
    for (size_t i = 0; i < count; i++)
        variant->classes[i] = schema_value(schemas_get(schemas, i), kind, text);
    return variant;
}

bool
variant_same(const struct schemas *schemas, const uint64_t *classes,
             const struct variant *variant)
{
    return !memcmp(classes, variant->classes,
                   schemas_count(schemas) * sizeof(*classes));
}

uint64_t *
variant_classes(const struct schemas *schemas, const struct variant *variant)
{
    size_t count = schemas_count(schemas);
    uint64_t *classes = xcalloc(count + 1, sizeof(*classes));

    memcpy(classes, variant->classes, count * sizeof(*classes));
    return classes;
}

void
variants_free(struct variants *variants)
{
    for (size_t i = 0; i < VARIANTS; i++)
        free_variant(&variants->list[i]);
}
