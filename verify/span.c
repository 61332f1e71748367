/* span.c - see span.h. */
#include "span.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "memory.h"

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool
span_blank(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_blank(bytes[i]))
            return false;
    }
    return true;
}

unsigned long
span_lines(const char *bytes, size_t len)
{
    unsigned long lines = 0;
    const char *at = bytes, *end = bytes + len;

    while (at && at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        lines++;
        at++;
    }
    return lines;
}

static bool
starts_with(const char *bytes, size_t len, const char *prefix)
{
    size_t need = strlen(prefix);

    return len >= need && !memcmp(bytes, prefix, need);
}

/* Could the bytes become PREFIX if more of them came? */
static bool
may_become(const char *bytes, size_t len, const char *prefix)
{
    return len < strlen(prefix) && !memcmp(bytes, prefix, len);
}

static struct token
token_until(const char *bytes, size_t len, size_t from, const char *terminator,
            enum token_kind kind)
{
    const char *end = NULL;
    size_t need = strlen(terminator);

    if (from < len)
        end = memmem(bytes + from, len - from, terminator, need);
    if (!end)
        return (struct token){.kind = TOKEN_MORE};
    return (struct token){.kind = kind, .len = (size_t)(end - bytes) + need};
}

/* What a byte is to the scanner of a tag. */
enum {
    BYTE_PLAIN,
    BYTE_SLASH, /* as above, but no part of the name of an element */
    BYTE_BLANK,
    BYTE_EQUALS,
    BYTE_MARKUP, /* quotes and angle brackets */
};

static const unsigned char byte_kinds[256] = {
    ['\0'] = BYTE_SLASH, ['/'] = BYTE_SLASH,  [' '] = BYTE_BLANK,
    ['\t'] = BYTE_BLANK, ['\n'] = BYTE_BLANK, ['\r'] = BYTE_BLANK,
    ['='] = BYTE_EQUALS, ['"'] = BYTE_MARKUP, ['\''] = BYTE_MARKUP,
    ['<'] = BYTE_MARKUP, ['>'] = BYTE_MARKUP,
};

static int
byte_kind(char c)
{
    return byte_kinds[(unsigned char)c];
}

/* Behind an attribute's name and its =, and not further than LEN. */
static size_t
skip_attribute_name(const char *bytes, size_t len, size_t at)
{
    while (at < len && byte_kind(bytes[at]) <= BYTE_SLASH)
        at++;
    while (at < len && (byte_kind(bytes[at]) == BYTE_BLANK ||
                        byte_kind(bytes[at]) == BYTE_EQUALS))
        at++;
    return at;
}

/* A tag ends at the first > outside of quotes. */
static struct token
token_tag(const char *bytes, size_t len, enum token_kind kind)
{
    struct token token = {.kind = kind};
    size_t at = kind == TOKEN_END ? 2 : 1;

    token.name.start = at;
    while (at < len && byte_kind(bytes[at]) == BYTE_PLAIN)
        at++;
    token.name.len = at - token.name.start;
    for (;;) {
        const char *name, *end;

        while (at < len && byte_kind(bytes[at]) == BYTE_BLANK)
            at++;
        name = bytes + at;
        at = skip_attribute_name(bytes, len, at);
        if (at == len)
            break;
        if (bytes[at] == '<')
            return (struct token){.kind = TOKEN_BAD};
        if (bytes[at] == '>') {
            token.len = at + 1;
            if (kind == TOKEN_START && bytes[at - 1] == '/')
                token.kind = TOKEN_EMPTY;
            return token;
        }
        if (byte_kind(bytes[at]) != BYTE_MARKUP)
            continue;
        token.attributes++;
        token.namespaces +=
            starts_with(name, (size_t)(bytes + at - name), "xmlns");
        end = memchr(bytes + at + 1, bytes[at], len - at - 1);
        if (!end)
            break;
        at = (size_t)(end - bytes) + 1;
    }
    return (struct token){.kind = TOKEN_MORE};
}

struct token
span_token(const char *bytes, size_t len, bool more)
{
    if (!len)
        return (struct token){.kind = TOKEN_MORE};
    if (bytes[0] != '<') {
        const char *end = memchr(bytes, '<', len);

        if (!end && more)
            return (struct token){.kind = TOKEN_MORE};
        return (struct token){.kind = TOKEN_TEXT,
                              .len = end ? (size_t)(end - bytes) : len};
    }
    if (starts_with(bytes, len, "<!--"))
        return token_until(bytes, len, 4, "-->", TOKEN_COMMENT);
    if (starts_with(bytes, len, "<![CDATA["))
        return token_until(bytes, len, 9, "]]>", TOKEN_CDATA);
    if (starts_with(bytes, len, "<?"))
        return token_until(bytes, len, 2, "?>", TOKEN_PI);
    if (starts_with(bytes, len, "<!DOCTYPE"))
        return (struct token){.kind = TOKEN_DOCTYPE, .len = 9};
    if (starts_with(bytes, len, "</"))
        return token_tag(bytes, len, TOKEN_END);
    if (may_become(bytes, len, "<!--") || may_become(bytes, len, "<![CDATA[") ||
        may_become(bytes, len, "<!DOCTYPE"))
        return (struct token){.kind = TOKEN_MORE};
    if (starts_with(bytes, len, "<!"))
        return (struct token){.kind = TOKEN_BAD};
    return token_tag(bytes, len, TOKEN_START);
}

bool
span_is_warning(const char *bytes, struct token token)
{
    static const char last[] = "or other application using the libvirt API.";
    size_t at = 4, end = token.len - 3, len = sizeof(last) - 1;

    if (token.kind != TOKEN_COMMENT || token.len > 512)
        return false;
    while (at < end && is_blank(bytes[at]))
        at++;
    while (end > at && is_blank(bytes[end - 1]))
        end--;
    return starts_with(bytes + at, end - at,
                       "WARNING: THIS IS AN AUTO-GENERATED FILE.") &&
           end - at > len && !memcmp(bytes + end - len, last, len);
}

bool
span_is_declaration(const char *bytes, struct token token)
{
    return token.kind == TOKEN_PI && starts_with(bytes, token.len, "<?xml") &&
           is_blank(bytes[5]);
}

static bool
name_is(const char *bytes, struct span name, const char *wanted)
{
    return name.len == strlen(wanted) &&
           !memcmp(bytes + name.start, wanted, name.len);
}

bool
span_next_child(struct children *children, const char *name, struct span *whole,
                struct span *content)
{
    const char *element = children->element;
    size_t begin = 0, inner = 0;
    bool wanted = false;

    while (children->at < children->len) {
        size_t at = children->at;
        struct token token =
            span_token(element + at, children->len - at, false);
        size_t end = at + token.len;

        if (token.kind == TOKEN_MORE || token.kind == TOKEN_BAD)
            return false;
        if (token.kind == TOKEN_START || token.kind == TOKEN_EMPTY) {
            if (children->depth == 1) {
                wanted = name_is(element + at, token.name, name);
                begin = at;
                inner = end;
            }
            if (token.kind == TOKEN_START)
                children->depth++;
        } else if (token.kind == TOKEN_END) {
            if (!children->depth)
                return false;
            children->depth--;
        }
        children->at = end;
        if (children->depth == 1 && wanted) {
            *whole = (struct span){begin, end - begin};
            if (content)
                *content = (struct span){inner, at > inner ? at - inner : 0};
            return true;
        }
    }
    return false;
}

bool
span_child(const char *element, size_t len, const char *name,
           struct span *whole, struct span *content)
{
    struct children children = {.element = element, .len = len};

    return span_next_child(&children, name, whole, content);
}

bool
span_attribute(const char *tag, size_t len, const char *name,
               struct span *value)
{
    size_t at = 1;

    while (at < len && !is_blank(tag[at]))
        at++;
    while (at < len) {
        struct span key = {0};
        const char *end;

        while (at < len && is_blank(tag[at]))
            at++;
        key.start = at;
        while (at < len && !is_blank(tag[at]) && tag[at] != '=')
            at++;
        key.len = at - key.start;
        while (at < len && tag[at] != '"' && tag[at] != '\'')
            at++;
        if (at >= len)
            break;
        end = memchr(tag + at + 1, tag[at], len - at - 1);
        if (!end)
            break;
        if (name_is(tag, key, name)) {
            *value = (struct span){at + 1, (size_t)(end - tag) - at - 1};
            return true;
        }
        at = (size_t)(end - tag) + 1;
    }
    return false;
}

static void
add_character(struct buffer *out, unsigned long code)
{
    char bytes[4];
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    if (len == 1) {
        bytes[0] = (char)code;
    } else {
        for (size_t i = len - 1; i > 0; i--) {
            bytes[i] = (char)(0x80 | (code & 0x3f));
            code >>= 6;
        }
        bytes[0] = (char)((0xf00 >> len & 0xff) | code);
    }
    buffer_add(out, bytes, len);
}

/* One reference, at &; returns its length, 0 if it is none that we know. */
static size_t
add_reference(struct buffer *out, const char *bytes, size_t len)
{
    static const struct {
        const char *text;
        char is;
    } known[] = {{"&amp;", '&'},
                 {"&lt;", '<'},
                 {"&gt;", '>'},
                 {"&quot;", '"'},
                 {"&apos;", '\''}};
    unsigned long code = 0;
    size_t at = 2, digits = 0;
    bool hex;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (starts_with(bytes, len, known[i].text)) {
            buffer_add(out, &known[i].is, 1);
            return strlen(known[i].text);
        }
    }
    if (!starts_with(bytes, len, "&#"))
        return 0;
    hex = len > 2 && bytes[2] == 'x';
    at += hex;
    for (; at < len && bytes[at] != ';' && code <= 0x10ffff; at++, digits++) {
        const char *set = "0123456789abcdef";
        const char *digit;
        char c = bytes[at];

        if (hex && c >= 'A' && c <= 'F')
            c = (char)(c - 'A' + 'a');
        digit = c ? memchr(set, c, hex ? 16 : 10) : NULL;
        if (!digit)
            return 0;
        code = code * (hex ? 16 : 10) + (unsigned long)(digit - set);
    }
    if (at >= len || !digits || !code || code > 0x10ffff)
        return 0;
    add_character(out, code);
    return at + 1;
}

char *
span_decode(const char *bytes, size_t len)
{
    cleanup(buffer_free) struct buffer out = {0};
    size_t at = 0;

    while (at < len) {
        size_t step = 1;

        if (bytes[at] == '<')
            return NULL;
        if (bytes[at] == '&') {
            step = add_reference(&out, bytes + at, len - at);
            if (!step)
                return NULL;
        } else {
            buffer_add(&out, bytes + at, 1);
        }
        at += step;
    }
    buffer_add(&out, "", 1);
    return steal_ptr(&out.data);
}
