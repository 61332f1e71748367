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

/* The text as a parser reads it. False: it is not plain. */
static bool
read_plain(enum variant_kind kind, const char *raw, size_t len,
           struct buffer *text)
{
    cleanup(free_ptr) char *decoded = NULL;

    text->len = 0;
    if (!len || len >= BYTES_MAX || memchr(raw, '<', len) ||
        memchr(raw, '\0', len) || raw[0] == ' ' ||
        (kind == VARIANT_PATH && raw[0] != '/') ||
        /* "]]>" may stand in an attribute, but not in a text. */
        (kind != VARIANT_PATH && memchr(raw, '>', len)) ||
        (kind == VARIANT_TIME && len > 18))
        return false;
    if (memchr(raw, '&', len)) {
        decoded = span_decode(raw, len);
        if (!decoded || !decoded[0] || decoded[0] == ' ')
            return false;
        buffer_puts(text, decoded);
    } else {
        buffer_add(text, raw, len);
    }
    for (size_t i = 0; i < text->len; i++) {
        char c = text->data[i];

        if (kind == VARIANT_TIME ? c < '0' || c > '9' : c < ' ' || c > '~')
            return false;
    }
    buffer_add(text, "", 1);
    return true;
}

static void
fill_tables(struct variants *variants, const struct schemas *schemas)
{
    for (int kind = 0; kind < VARIANT_COUNT; kind++) {
        struct fold fold = {0};

        for (size_t i = 0; i < schemas_count(schemas); i++)
            schema_fold(schemas_get(schemas, i), (enum variant_kind)kind,
                        &fold);
        fold_table(&fold, variants->tables[kind]);
    }
    variants->has_tables = true;
}

static void
fold_text(struct variants *variants, enum variant_kind kind)
{
    const struct buffer *text = &variants->text;

    variants->folded.len = 0;
    buffer_reserve(&variants->folded, text->len);
    for (size_t i = 0; i < text->len; i++)
        variants->folded.data[i] =
            variants->tables[kind][(unsigned char)text->data[i]];
    variants->folded.len = text->len;
}

static size_t
hash(enum variant_kind kind, const char *text)
{
    size_t sum = 2166136261u + (size_t)kind;

    for (; *text; text++)
        sum = (sum ^ (unsigned char)*text) * 16777619u;
    return (sum ^ sum >> 16) % VARIANTS;
}

static void
forget(struct known_text *known)
{
    free(known->text);
    free(known->classes);
    *known = (struct known_text){0};
}

static bool
are_told(const struct schemas *schemas)
{
    for (size_t i = 0; i < schemas_count(schemas); i++) {
        if (!schema_has_values(schemas_get(schemas, i)))
            return false;
    }
    return true;
}

/* What the schemas make of a text, which was not asked before. */
static void
ask(struct known_text *known, const struct schemas *schemas,
    enum variant_kind kind, const char *text, const char *folded)
{
    size_t count = schemas_count(schemas);

    forget(known);
    known->kind = kind;
    known->text = xstrdup(folded);
    known->classes = xcalloc(count + 1, sizeof(*known->classes));
    for (size_t i = 0; i < count; i++)
        known->classes[i] = schema_value(schemas_get(schemas, i), kind, text);
}

bool
variants_get(struct variants *variants, const struct schemas *schemas,
             enum variant_kind kind, const char *raw, size_t len,
             struct variant *variant)
{
    struct known_text *known;

    if (!read_plain(kind, raw, len, &variants->text))
        return false;
    if (!variants->has_tables) {
        if (!are_told(schemas))
            return false;
        fill_tables(variants, schemas);
    }
    fold_text(variants, kind);
    known = &variants->list[hash(kind, variants->folded.data)];
    if (!known->text || known->kind != kind ||
        strcmp(known->text, variants->folded.data) != 0)
        ask(known, schemas, kind, variants->text.data, variants->folded.data);
    *variant = (struct variant){variants->text.data, known->classes};
    return true;
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
        forget(&variants->list[i]);
    buffer_free(&variants->text);
    buffer_free(&variants->folded);
}
