/* space.c - see space.h. */
#include "space.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

static bool
is_text(const char *bytes, struct span span, const char *wanted)
{
    return span.len == strlen(wanted) &&
           !memcmp(bytes + span.start, wanted, span.len);
}

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* An element that is open while its structural white space is looked for. */
struct open_element {
    size_t first;  /* index of the first span found in its subtree */
    bool verbatim; /* other text, CDATA or xml:space="preserve" */
    bool parent;   /* has an element, a comment or a PI */
    bool dumped;   /* <metadata> or below: laid out by libxml2 */
};

/* libxml2 indents by two blanks a level, and no further than level 30. */
#define DEEPEST_LEVEL 30

/* Does this white space stay where it is, because it is as far as it gets? */
static bool
is_at_limit(const char *space, size_t len, size_t level)
{
    const char *newline = memrchr(space, '\n', len);

    return level >= DEEPEST_LEVEL && newline &&
           (size_t)(space + len - newline) == 1 + 2 * DEEPEST_LEVEL;
}

/* xml:space has a colon, and attributes of snapshots hardly ever do. */
static bool
is_preserving(const char *tag, const struct token *token)
{
    struct span space;

    return token->attributes && memchr(tag, ':', token->len) &&
           span_attribute(tag, token->len, "xml:space", &space) &&
           is_text(tag, space, "preserve");
}

static void
add_span(struct spans *spans, size_t start, size_t len)
{
    spans->list = xgrow(spans->list, spans->count, sizeof(*spans->list));
    spans->list[spans->count++] = (struct span){start, len};
}

/* A walk over an element. */
struct walk {
    const char *element;
    size_t len;
    struct open_element *open;
    size_t depth; /* how many are open */
    struct spans *spans;
    const char *child;
    struct spans *children;
    struct space_memo *memo;
    size_t child_at;    /* where the child of the element begins, */
    size_t child_first; /* index of the first span in it, */
    bool is_child;      /* and is it one that is looked for? */
};

/* Bytes of a child that is worth a place in the memo, and not too large. */
#define KNOWN_MIN 512
#define KNOWN_MAX 262144

/*
 * Is this a child that was walked before? A tag means the same wherever the
 * same bytes stand, and so does all in an element, at the same depth. Returns
 * its length, 0 if it is not known.
 */
static size_t
recall(struct walk *walk, size_t at)
{
    const size_t left = walk->len - at;

    if (!walk->memo || walk->open[0].dumped ||
        walk->memo->met_count == LENGTH(walk->memo->met))
        return 0;
    for (size_t i = 0; i < LENGTH(walk->memo->known); i++) {
        struct space_known *known = &walk->memo->known[i];

        if (!known->len || known->len > left ||
            memcmp(known->bytes, walk->element + at, known->len))
            continue;
        walk->memo->met[walk->memo->met_count++] =
            (struct space_met){at, known};
        walk->open[walk->depth - 1].parent = true;
        return known->len;
    }
    return 0;
}

static void
forget(struct space_known *known)
{
    free(known->bytes);
    free(known->spans.list);
    buffer_free(&known->moved);
    *known = (struct space_known){0};
}

void
space_forget(struct space_memo *memo)
{
    for (size_t i = 0; i < LENGTH(memo->known); i++)
        forget(&memo->known[i]);
}

static bool
is_met(const struct space_memo *memo, const struct space_known *known)
{
    for (size_t i = 0; i < memo->met_count; i++) {
        if (memo->met[i].child == known)
            return true;
    }
    return false;
}

/* The next in turn that is not in use; NULL: all are. */
static struct space_known *
to_forget(struct space_memo *memo)
{
    for (size_t i = 0; i < LENGTH(memo->known); i++) {
        struct space_known *known = &memo->known[memo->next];

        memo->next = (memo->next + 1) % LENGTH(memo->known);
        if (!is_met(memo, known))
            return known;
    }
    return NULL;
}

/* A child that ends at END. */
static void
remember(struct walk *walk, size_t end)
{
    size_t len = end - walk->child_at;
    struct space_known *known;

    if (!walk->memo || walk->open[0].dumped || len < KNOWN_MIN ||
        len > KNOWN_MAX)
        return;
    known = to_forget(walk->memo);
    if (!known)
        return;
    forget(known);
    known->bytes = xstrndup(walk->element + walk->child_at, len);
    known->len = len;
    for (size_t n = walk->child_first; n < walk->spans->count; n++)
        add_span(&known->spans, walk->spans->list[n].start - walk->child_at,
                 walk->spans->list[n].len);
}

/* Blanks between tags, from AT up to END. */
static void
meet_blanks(struct walk *walk, size_t at, size_t end)
{
    bool closing = end + 1 < walk->len && walk->element[end + 1] == '/';

    if (!walk->open[walk->depth - 1].dumped ||
        !is_at_limit(walk->element + at, end - at, walk->depth - closing))
        add_span(walk->spans, at, end - at);
}

static void
enter(struct walk *walk, size_t at, const struct token *token)
{
    const char *tag = walk->element + at;
    bool dumped = false;

    assert(!walk->depth || walk->open);
    if (walk->depth)
        dumped = walk->open[walk->depth - 1].dumped;

    if (walk->depth == 1) {
        walk->child_at = at;
        walk->child_first = walk->spans->count;
        walk->is_child =
            walk->children && is_text(tag, token->name, walk->child);
    }
    if (token->kind == TOKEN_EMPTY)
        return;
    walk->open = xgrow(walk->open, walk->depth, sizeof(*walk->open));
    walk->open[walk->depth++] = (struct open_element){
        .first = walk->spans->count,
        .verbatim = is_preserving(tag, token),
        .dumped = dumped || is_text(tag, token->name, "metadata"),
    };
}

static void
leave(struct walk *walk)
{
    const struct open_element *top = &walk->open[--walk->depth];

    /* The whole subtree stays as it is: forget what was found in it. */
    if (!top->verbatim && top->parent)
        return;
    walk->spans->count = top->first;
    if (walk->memo && !walk->depth)
        walk->memo->met_count = 0;
}

static void
end_child(struct walk *walk, size_t end)
{
    if (walk->is_child)
        add_span(walk->children, walk->child_at, end - walk->child_at);
    else
        remember(walk, end);
    walk->is_child = false;
}

void
space_structural(const char *element, size_t len, struct spans *spans,
                 const char *child, struct spans *children,
                 struct space_memo *memo)
{
    struct walk walk = {.element = element,
                        .len = len,
                        .spans = spans,
                        .child = child,
                        .children = children,
                        .memo = memo};
    size_t at = 0;

    *spans = (struct spans){0};
    if (memo)
        memo->met_count = 0;
    if (children)
        *children = (struct spans){0};
    while (at < len) {
        const char *here = element + at;
        size_t known = walk.depth == 1 && *here == '<' ? recall(&walk, at) : 0;
        struct token token;
        struct open_element *top =
            walk.depth ? &walk.open[walk.depth - 1] : NULL;
        bool tag;

        if (known) {
            at += known;
            continue;
        }
        token = span_token(here, len - at, false);
        tag = token.kind == TOKEN_START || token.kind == TOKEN_EMPTY;
        if (token.kind == TOKEN_MORE || token.kind == TOKEN_BAD ||
            (token.kind == TOKEN_END && !top))
            break;
        if (token.kind == TOKEN_END)
            leave(&walk);
        else if (token.kind == TOKEN_TEXT && top && span_blank(here, token.len))
            meet_blanks(&walk, at, at + token.len);
        else if (top && (token.kind == TOKEN_TEXT || token.kind == TOKEN_CDATA))
            top->verbatim = true;
        else if (top)
            top->parent = true;
        if (tag)
            enter(&walk, at, &token);
        at += token.len;
        if (walk.depth == 1 &&
            (token.kind == TOKEN_EMPTY || token.kind == TOKEN_END))
            end_child(&walk, at);
    }
    free(walk.open);
}
