/* outline.c - see outline.h. */
#include "outline.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "afford.h"
#include "judge.h"
#include "memory.h"
#include "scan.h"
#include "schemas.h"

static enum variant_kind
variant_of(enum slot_kind kind)
{
    switch (kind) {
    case SLOT_TIME:
        return VARIANT_TIME;
    case SLOT_MEMORY:
        return VARIANT_PATH;
    case SLOT_NAME:
    case SLOT_PARENT:
    case SLOT_COUNT:
    default:
        return VARIANT_NAME;
    }
}

static void
free_outline(struct outline *outline)
{
    for (size_t i = 0; i < outline->slot_count; i++)
        free(outline->slots[i].classes);
    free(outline->bytes);
    free(outline->choices);
    free(outline);
}

void
outlines_free(struct outlines *outlines)
{
    for (size_t i = 0; i < outlines->count; i++)
        free_outline(outlines->list[i]);
    *outlines = (struct outlines){0};
}

/* The patterns that have taken the parts, all in a row. */
static size_t
list_choices(const struct shortcut *shortcut, unsigned char *choices)
{
    size_t schemas = schemas_count(shortcut->schemas);

    for (size_t i = 0; choices && i < shortcut->count; i++)
        memcpy(choices + i * schemas, shortcut->met[i].part->choices, schemas);
    return shortcut->count * schemas;
}

static bool
same_choices(const struct outline *outline, const struct shortcut *shortcut)
{
    size_t schemas = schemas_count(shortcut->schemas);

    if (outline->choice_count != shortcut->count * schemas)
        return false;
    for (size_t i = 0; i < shortcut->count; i++) {
        if (memcmp(outline->choices + i * schemas,
                   shortcut->met[i].part->choices, schemas) != 0)
            return false;
    }
    return true;
}

/* Is the tag at DEPTH called NAME? */
static bool
is_tag(const struct scan *scan, const char *name)
{
    const struct token *token = &scan->token;

    return (token->kind == TOKEN_START || token->kind == TOKEN_EMPTY) &&
           token->name.len == strlen(name) &&
           !memcmp(scan->bytes + scan->token_at + token->name.start, name,
                   token->name.len);
}

/* A value of the snapshot. False: there is a second one, or it is not plain. */
static bool
add_slot(struct outline *outline, struct variants *variants,
         const struct schemas *schemas, enum slot_kind kind, struct span text)
{
    struct variant variant;

    for (size_t i = 0; i < outline->slot_count; i++) {
        if (outline->slots[i].kind == kind)
            return false;
    }
    if (!variants_get(variants, schemas, variant_of(kind),
                      outline->bytes + text.start, text.len, &variant))
        return false;
    outline->slots[outline->slot_count++] =
        (struct slot){kind, text, variant_classes(schemas, &variant)};
    return true;
}

/* The text of an element, of which the start tag was the last token. */
static bool
add_text(struct outline *outline, struct variants *variants,
         const struct schemas *schemas, enum slot_kind kind,
         const struct scan *scan)
{
    const char *from = outline->bytes + scan->at;
    const char *end = memchr(from, '<', outline->len - scan->at);

    return scan->token.kind == TOKEN_START && end && end[1] == '/' &&
           add_slot(outline, variants, schemas, kind,
                    (struct span){scan->at, (size_t)(end - from)});
}

/* What there is to note at a start tag, which is in DEPTH elements. */
static bool
note_tag(struct outline *outline, struct variants *variants,
         const struct schemas *schemas, const struct scan *scan, size_t depth,
         bool *in_parent)
{
    size_t at = scan->token_at;
    struct span value;

    if (depth == 1)
        *in_parent = is_tag(scan, "parent");
    if (!depth) {
        outline->at.root = at;
    } else if (depth == 1 && is_tag(scan, "name")) {
        outline->at.name = at;
        return add_text(outline, variants, schemas, SLOT_NAME, scan);
    } else if (depth == 2 && *in_parent && is_tag(scan, "name")) {
        outline->at.parent = at;
        return add_text(outline, variants, schemas, SLOT_PARENT, scan);
    } else if (depth == 1 && is_tag(scan, "creationTime")) {
        return add_text(outline, variants, schemas, SLOT_TIME, scan);
    } else if (depth == 1 && is_tag(scan, "active")) {
        if (outline->at.active)
            return false;
        outline->at.active = at;
    } else if (depth == 1 && is_tag(scan, "memory") &&
               span_attribute(scan->bytes + at, scan->token.len, "file",
                              &value)) {
        value.start += at;
        return add_slot(outline, variants, schemas, SLOT_MEMORY, value);
    }
    return true;
}

static bool
find_slots(struct outline *outline, struct variants *variants,
           const struct schemas *schemas)
{
    struct scan scan;
    struct document map;
    bool in_parent = false;
    size_t depth = 0;

    scan_start(&scan, outline->bytes, outline->len, &map);
    while (scan.at < scan.len && scan_step(&scan, &map)) {
        if ((scan.token.kind == TOKEN_START ||
             scan.token.kind == TOKEN_EMPTY) &&
            !note_tag(outline, variants, schemas, &scan, depth, &in_parent))
            return false;
        depth = scan.depth;
    }
    /* In a namespace, a <parent> would be none. */
    return scan_is_whole(&scan) && outline->at.name && !map.namespaces;
}

static void
put_first(struct outlines *outlines, size_t index)
{
    struct outline *outline = outlines->list[index];

    memmove(outlines->list + 1, outlines->list,
            index * sizeof(struct outline *));
    outlines->list[0] = outline;
}

void
outlines_add(struct outlines *outlines, struct variants *variants,
             const struct shortcut *shortcut, const struct buffer *rest,
             const struct judge *judge)
{
    struct outline *outline = xcalloc(1, sizeof(*outline));

    outline->bytes = xstrndup(rest->data, rest->len);
    outline->len = rest->len;
    if (!find_slots(outline, variants, shortcut->schemas)) {
        free_outline(outline);
        return;
    }
    outline->choice_count = list_choices(shortcut, NULL);
    outline->choices = xcalloc(outline->choice_count + 1, 1);
    (void)list_choices(shortcut, outline->choices);
    outline->cost = afford_cost(shortcut->doc);
    outline->layout = judge->layout;
    outline->state = judge->snapshot->state;
    outline->active = judge->snapshot->active;
    if (outlines->count == OUTLINES)
        free_outline(outlines->list[--outlines->count]);
    outlines->list[outlines->count++] = outline;
    put_first(outlines, outlines->count - 1);
}

/* A snapshot that is compared with an outline. */
struct comparison {
    const struct outline *outline;
    const struct buffer *rest;
    struct span texts[SLOT_COUNT]; /* in the rest, for each slot */
    struct landmarks at;
};

/* Move a landmark behind a slot whose text is longer or shorter here. */
static void
move(size_t *at, size_t landmark, const struct slot *slot, size_t len)
{
    if (landmark > slot->text.start)
        *at += len - slot->text.len;
}

static void
move_all(struct comparison *comparison, const struct slot *slot, size_t len)
{
    const struct landmarks *at = &comparison->outline->at;

    move(&comparison->at.name, at->name, slot, len);
    move(&comparison->at.parent, at->parent, slot, len);
    move(&comparison->at.active, at->active, slot, len);
}

/* The same markup, with some text or other in each slot? */
static bool
same_markup(struct comparison *comparison)
{
    const struct outline *outline = comparison->outline;
    const char *bytes = comparison->rest->data;
    size_t len = comparison->rest->len, from = 0, at = 0;

    comparison->at = outline->at;
    for (size_t i = 0; i <= outline->slot_count; i++) {
        const struct slot *slot =
            i < outline->slot_count ? &outline->slots[i] : NULL;
        size_t end = slot ? slot->text.start : outline->len;
        const char *stop;

        if (len - at < end - from ||
            memcmp(bytes + at, outline->bytes + from, end - from) != 0)
            return false;
        at += end - from;
        if (!slot)
            break;
        from = span_end(slot->text);
        stop = memchr(bytes + at, outline->bytes[from], len - at);
        if (!stop)
            return false;
        comparison->texts[i] = (struct span){at, (size_t)(stop - bytes) - at};
        move_all(comparison, slot, comparison->texts[i].len);
        at += comparison->texts[i].len;
    }
    return at == len;
}

/* Take a value over. False: it is one that has to be judged. */
static bool
fill_in(struct snapshot *snapshot, enum slot_kind kind, const char *text)
{
    switch (kind) {
    case SLOT_NAME:
        snapshot->name = xstrdup(text);
        snapshot->stem = xstrdup(text);
        return !snapshot_name_unsafe(text);
    case SLOT_PARENT:
        snapshot->parent = xstrdup(text);
        return true;
    case SLOT_TIME:
        snapshot->has_created = judge_integer(text, &snapshot->created);
        return snapshot->has_created;
    case SLOT_MEMORY:
    case SLOT_COUNT:
    default:
        return true;
    }
}

static bool
same_values(const struct comparison *comparison, struct variants *variants,
            const struct schemas *schemas, struct snapshot *snapshot)
{
    const struct outline *outline = comparison->outline;

    for (size_t i = 0; i < outline->slot_count; i++) {
        const struct slot *slot = &outline->slots[i];
        const struct span text = comparison->texts[i];
        struct variant variant;

        if (!variants_get(variants, schemas, variant_of(slot->kind),
                          comparison->rest->data + text.start, text.len,
                          &variant) ||
            !variant_same(schemas, slot->classes, &variant) ||
            !fill_in(snapshot, slot->kind, variant.text))
            return false;
    }
    return true;
}

static void
locate(const struct comparison *comparison, struct judge *judge)
{
    struct snapshot *snapshot = judge->snapshot;
    const struct landmarks *at = &comparison->at;

    snapshot->at = where_rest(&judge->where, at->root);
    snapshot->name_at = where_rest(&judge->where, at->name);
    if (at->parent)
        snapshot->parent_at = where_rest(&judge->where, at->parent);
    snapshot->active_at =
        at->active ? where_rest(&judge->where, at->active) : snapshot->at;
}

bool
outlines_know(struct outlines *outlines, struct variants *variants,
              const struct shortcut *shortcut, const struct buffer *rest,
              struct judge *judge)
{
    for (size_t i = 0; i < outlines->count; i++) {
        struct comparison comparison = {.outline = outlines->list[i],
                                        .rest = rest};

        if (outlines->list[i]->layout != judge->layout ||
            !same_choices(outlines->list[i], shortcut) ||
            !shortcut_affordable(shortcut, outlines->list[i]->cost) ||
            !same_markup(&comparison))
            continue;
        if (!same_values(&comparison, variants, shortcut->schemas,
                         judge->snapshot)) {
            snapshot_free(judge->snapshot);
            continue;
        }
        judge->snapshot->state = comparison.outline->state;
        judge->snapshot->active = comparison.outline->active;
        locate(&comparison, judge);
        put_first(outlines, i);
        return true;
    }
    return false;
}
