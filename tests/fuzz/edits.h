/*
 * edits.h - small changes to the bytes of a snapshot: values, elements, tags.
 */
#ifndef EDITS_H
#define EDITS_H

#include "../../verify/span.h"
#include "sample.h"

static inline void
edit_replace(struct buffer *text, struct span gone, const char *with,
             size_t len)
{
    struct buffer out = {0};
    size_t end = span_end(gone);

    buffer_reserve(&out, text->len + len + 1);
    if (gone.start)
        buffer_add(&out, text->data, gone.start);
    buffer_add(&out, with, len);
    if (end < text->len)
        buffer_add(&out, text->data + end, text->len - end);
    buffer_free(text);
    *text = out;
}

static inline size_t
edit_somewhere(const struct buffer *text, struct dice *dice)
{
    return text->len ? (roll(dice, 256) * 256 + roll(dice, 256)) % text->len
                     : 0;
}

/* The next token of KIND from some place on, round the end; len 0: none. */
static inline struct span
edit_token(const struct buffer *text, struct dice *dice, enum token_kind kind,
           struct token *token)
{
    size_t from = edit_somewhere(text, dice), at = 0;
    struct span found = {0};

    while (at < text->len) {
        struct token here = span_token(text->data + at, text->len - at, false);

        if (!here.len)
            break;
        if (here.kind == kind ||
            (kind == TOKEN_START && here.kind == TOKEN_EMPTY)) {
            *token = here;
            found = (struct span){at, here.len};
            if (at >= from)
                break;
        }
        at += here.len;
    }
    return found;
}

/* The whole element of which the start tag is at AT. */
static inline struct span
edit_element(const struct buffer *text, size_t at)
{
    size_t start = at, depth = 0;

    do {
        struct token token = span_token(text->data + at, text->len - at, false);

        if (!token.len)
            break;
        depth += token.kind == TOKEN_START;
        depth -= token.kind == TOKEN_END && depth;
        at += token.len;
    } while (depth && at < text->len);
    return (struct span){start, at - start};
}

/* Some value: that of an attribute, or a text. */
static inline void
edit_value(struct buffer *text, struct dice *dice)
{
    cleanup(buffer_free) struct buffer value = {0};
    const char *tag, *quote, *end;
    struct token token;
    struct span at;

    if (!text->len)
        return;
    put_some_value(&value, dice);
    if (once_in(dice, 3)) {
        at = edit_token(text, dice, TOKEN_TEXT, &token);
        if (at.len)
            edit_replace(text, at, value.data, value.len);
        return;
    }
    at = edit_token(text, dice, TOKEN_START, &token);
    tag = text->data + at.start;
    if (!at.len || !token.attributes)
        return;
    for (size_t skip = roll(dice, token.attributes);; skip--) {
        quote = tag;
        while (quote < tag + at.len && *quote != '\'' && *quote != '"')
            quote++;
        if (quote == tag + at.len)
            return;
        end = memchr(quote + 1, *quote,
                     (size_t)(text->data + at.start + at.len - quote) - 1);
        if (!end)
            return;
        if (!skip)
            break;
        at.len -= (size_t)(end + 1 - tag);
        at.start += (size_t)(end + 1 - tag);
        tag = end + 1;
    }
    edit_replace(text,
                 (struct span){(size_t)(quote + 1 - text->data),
                               (size_t)(end - quote) - 1},
                 value.data, value.len);
}

/* Some element goes, comes twice, or changes places with the next. */
static inline void
edit_elements(struct buffer *text, struct dice *dice)
{
    struct token token;
    struct span tag = edit_token(text, dice, TOKEN_START, &token);
    struct span one = edit_element(text, tag.start), other;
    cleanup(free_ptr) char *copy = NULL;

    if (!tag.len || !tag.start)
        return;
    copy = fuzz_copy(text->data + one.start, one.len);
    switch (roll(dice, 3)) {
    case 0:
        edit_replace(text, one, "", 0);
        return;
    case 1:
        edit_replace(text, (struct span){one.start, 0}, copy, one.len);
        return;
    default:
        other = (struct span){span_end(one), 0};
        if (other.start < text->len && text->data[other.start] == '<' &&
            text->data[other.start + 1] != '/')
            other = edit_element(text, other.start);
        edit_replace(text, (struct span){span_end(other), 0}, copy, one.len);
        edit_replace(text, one, "", 0);
    }
}

/* Another name for an element, of the same or another one around it. */
static inline void
edit_markup(struct buffer *text, struct dice *dice)
{
    static const char *const pieces[] = {
        " a='1'",
        " file='/a'",
        " dev='/a' file='/b'",
        " xmlns:x='urn:x'",
        " xmlns='urn:y'",
        " xml:space='preserve'",
        " xml:id='a'",
        " ",
        "\n",
    };
    static const char *const between[] = {
        "text",
        " ",
        "\n",
        "<!-- c -->",
        "<?p i?>",
        "<![CDATA[x]]>",
        "<a/>",
        "<source file='/a'/>",
        "<x:a xmlns:x='urn:x'/>",
        "<name>n3</name>",
        "&#32;",
        "<active>1</active>",
        "virt-snapshot-part-disks-0",
    };
    struct token token;
    struct span tag = edit_token(text, dice, TOKEN_START, &token);
    const char *piece;

    if (!tag.len)
        return;
    if (once_in(dice, 2)) {
        piece = ANY_OF(dice, pieces);
        tag.start += span_end(token.name);
    } else {
        piece = ANY_OF(dice, between);
        tag.start = once_in(dice, 2) && tag.start ? tag.start : span_end(tag);
    }
    edit_replace(text, (struct span){tag.start, 0}, piece, strlen(piece));
}

/* One small change, whatever it leads to. */
static inline void
edit(struct buffer *text, struct dice *dice)
{
    size_t kind = roll(dice, 16);

    if (!text->len)
        return;
    if (kind < 10)
        edit_value(text, dice);
    else if (kind < 12)
        edit_elements(text, dice);
    else if (kind < 15)
        edit_markup(text, dice);
    else
        text->data[edit_somewhere(text, dice)] =
            "<>&'\"/= \n\0\xc3x"[roll(dice, 12)];
}

#endif
