/* rewrite.c - see rewrite.h. */
#include "rewrite.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../verify/cleanup.h"
#include "../verify/memory.h"
#include "render.h"
#include "splice.h"

/* The next child called NAME, its span relative to the excerpt. */
static bool
next_child(const struct excerpt *excerpt, struct span element,
           struct children *children, const char *name, struct span *whole,
           struct span *content)
{
    children->element = excerpt->bytes + element.start;
    children->len = element.len;
    if (!span_next_child(children, name, whole, content))
        return false;
    whole->start += element.start;
    content->start += element.start;
    return true;
}

static void
remove_lines(const struct excerpt *excerpt, struct span element,
             struct splices *splices)
{
    struct span lines = splice_lines(excerpt->bytes, excerpt->len, element);

    splice_add(splices, excerpt->at + lines.start, lines.len, "");
}

/* One that libvirt does not see: its name is in a namespace. */
static bool
is_hidden(const struct excerpt *excerpt, struct span whole, struct span content)
{
    struct span value;

    return span_attribute(excerpt->bytes + whole.start,
                          content.start - whole.start, "xmlns", &value) &&
           value.len;
}

void
rewrite_no_parent(const struct excerpt *excerpt, struct span element,
                  struct splices *splices)
{
    struct children children = {0};
    struct span whole, content;

    while (
        next_child(excerpt, element, &children, "parent", &whole, &content)) {
        if (!is_hidden(excerpt, whole, content))
            remove_lines(excerpt, whole, splices);
    }
}

/* Add it as the last child, indented as its sibling lines are. */
static void
add_active(const struct excerpt *excerpt, struct span element, bool active,
           struct splices *splices)
{
    const char *bytes = excerpt->bytes;
    size_t tag = span_end(element), line;
    cleanup(free_ptr) char *text = NULL;

    /* There is no '<' in an end tag but its first byte. */
    do
        tag--;
    while (bytes[tag] != '<');
    line = tag;
    while (line > element.start &&
           (bytes[line - 1] == ' ' || bytes[line - 1] == '\t'))
        line--;
    if (bytes[line - 1] != '\n')
        line = tag;
    text = line == tag && bytes[tag - 1] != '\n'
               ? xasprintf("<active>%d</active>", active)
               : xasprintf("%.*s  <active>%d</active>%s\n", (int)(tag - line),
                           bytes + line, active,
                           bytes[line - 2] == '\r' ? "\r" : "");
    splice_add(splices, excerpt->at + line, 0, text);
}

void
rewrite_active(const struct excerpt *excerpt, struct span element, bool active,
               struct splices *splices)
{
    struct children children = {0};
    struct span whole, content;
    bool written = false;

    while (
        next_child(excerpt, element, &children, "active", &whole, &content)) {
        if (written || is_hidden(excerpt, whole, content)) {
            remove_lines(excerpt, whole, splices);
        } else {
            splice_add(splices, excerpt->at + whole.start, whole.len,
                       active ? "<active>1</active>" : "<active>0</active>");
            written = true;
        }
    }
    if (!written)
        add_active(excerpt, element, active, splices);
}

int
rewrite_active_is(const struct excerpt *excerpt, struct span element)
{
    struct children children = {0};
    struct span whole, content;
    cleanup(free_ptr) char *text = NULL;
    char *end;
    long number;

    do {
        if (!next_child(excerpt, element, &children, "active", &whole,
                        &content))
            return -1;
    } while (is_hidden(excerpt, whole, content));
    text = span_decode(excerpt->bytes + content.start, content.len);
    errno = 0;
    number = text ? strtol(text, &end, 10) : 0;
    if (!text || errno || end == text || *end || number > INT_MAX ||
        number < INT_MIN)
        return -1;
    return number != 0;
}

/* The start tag of the root element. */
static bool
find_root_tag(const struct excerpt *excerpt, struct span *tag)
{
    size_t at =
        excerpt->len >= 3 && !memcmp(excerpt->bytes, "\xef\xbb\xbf", 3) ? 3 : 0;

    while (at < excerpt->len) {
        struct token token =
            span_token(excerpt->bytes + at, excerpt->len - at, true);

        if (token.kind == TOKEN_START || token.kind == TOKEN_EMPTY) {
            *tag = (struct span){at, token.len};
            return true;
        }
        if (token.kind == TOKEN_MORE || token.kind == TOKEN_BAD)
            return false;
        at += token.len;
    }
    return false;
}

bool
rewrite_current(const struct excerpt *excerpt, const char *current,
                struct splices *splices)
{
    cleanup(buffer_free) struct buffer text = {0};
    struct span tag, value;
    size_t start, end;

    if (!find_root_tag(excerpt, &tag) ||
        !span_attribute(excerpt->bytes + tag.start, tag.len, "current", &value))
        return false;
    /* With the quotes, and the blanks and the name in front of them. */
    start = tag.start + value.start - 1;
    end = tag.start + value.start + value.len + 1;
    while (excerpt->bytes[start - 1] != 't')
        start--;
    start -= strlen("current");
    if (current) {
        buffer_puts(&text, "current=");
        render_attribute(current, &text);
    } else {
        while (start > tag.start && span_blank(excerpt->bytes + start - 1, 1))
            start--;
    }
    buffer_add(&text, "", 1);
    splice_add(splices, excerpt->at + start, end - start, text.data);
    return true;
}
