/* render.c - see render.h. */
#include "render.h"

#include <stdlib.h>
#include <string.h>

#include "../verify/cleanup.h"
#include "../verify/memory.h"
#include "../verify/space.h"

static const char warning[] =
    "<!--\n"
    "WARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE\n"
    "OVERWRITTEN AND LOST. Changes to this xml configuration should be made "
    "using:\n"
    "  virsh snapshot-edit\n"
    "or other application using the libvirt API.\n"
    "-->\n"
    "\n";

/* An element on its way from one layout to the other. */
struct rendering {
    const char *element;
    size_t len;
    int shift;          /* 1: two columns right, -1: left, 0: stay */
    struct spans spans; /* structural white space; the next is spans[next] */
    size_t next;
    struct buffer *out;
};

/* White space that moves: after each newline two blanks more, or fewer. */
static void
copy_space(struct rendering *rendering, const char *bytes, size_t len)
{
    for (size_t at = 0; at < len; at++) {
        buffer_add(rendering->out, bytes + at, 1);
        if (bytes[at] != '\n')
            continue;
        if (rendering->shift > 0)
            buffer_puts(rendering->out, "  ");
        if (rendering->shift < 0 && at + 2 < len && bytes[at + 1] == ' ' &&
            bytes[at + 2] == ' ')
            at += 2;
    }
}

/* Copy from offset FROM up to TO. */
static void
copy_range(struct rendering *rendering, size_t from, size_t to)
{
    const struct spans *spans = &rendering->spans;

    for (; rendering->next < spans->count; rendering->next++) {
        struct span space = spans->list[rendering->next];

        if (space.start < from)
            continue;
        if (space.start >= to)
            break;
        buffer_add(rendering->out, rendering->element + from,
                   space.start - from);
        copy_space(rendering, rendering->element + space.start, space.len);
        from = span_end(space);
    }
    buffer_add(rendering->out, rendering->element + from, to - from);
}

/* The structural white space that ends at offset END; empty if there is none.
 */
static struct span
space_before(const struct spans *spans, size_t end)
{
    size_t low = 0, high = spans->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (span_end(spans->list[middle]) < end)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < spans->count && span_end(spans->list[low]) == end)
        return spans->list[low];
    return (struct span){end, 0};
}

/* Copy all but the <active> children and the lines they are on. */
static void
copy_without_active(struct rendering *rendering, size_t end)
{
    struct children children = {.element = rendering->element,
                                .len = rendering->len};
    struct span whole;
    size_t done = 0;

    while (span_next_child(&children, "active", &whole, NULL)) {
        copy_range(rendering, done,
                   space_before(&rendering->spans, whole.start).start);
        done = span_end(whole);
    }
    copy_range(rendering, done, end);
}

static void
render_element(struct rendering *rendering, const char *active)
{
    const char *element = rendering->element;
    const char *end_tag = memrchr(element, '<', rendering->len);
    size_t end = end_tag ? (size_t)(end_tag - element) : rendering->len;
    struct span last;

    space_structural(element, rendering->len, &rendering->spans);
    last = space_before(&rendering->spans, end);
    copy_without_active(rendering, last.start);
    if (active && last.len)
        buffer_puts(rendering->out, "\n  ");
    if (active)
        buffer_printf(rendering->out, "<active>%s</active>", active);
    copy_range(rendering, last.start, rendering->len);
    free(rendering->spans.list);
}

void
render_snapshot(const char *element, size_t len, enum layout from,
                enum layout to, bool active, struct buffer *out)
{
    struct rendering rendering = {
        .element = element,
        .len = len,
        .shift = (to == LAYOUT_BULK) - (from == LAYOUT_BULK),
        .out = out,
    };

    buffer_puts(out, to == LAYOUT_BULK ? "  " : warning);
    render_element(&rendering, to == LAYOUT_BULK ? NULL : active ? "1" : "0");
    buffer_puts(out, "\n");
}

/*
 * An attribute value in libvirt's quotes and escapes. White space but blanks is
 * written as a reference, or a parser would read it as a blank
 * (XML 1.0, 3.3.3).
 */
void
render_attribute(const char *value, struct buffer *out)
{
    buffer_puts(out, "'");
    for (; *value; value++) {
        const char *reference = *value == '&'    ? "&amp;"
                                : *value == '<'  ? "&lt;"
                                : *value == '>'  ? "&gt;"
                                : *value == '\'' ? "&apos;"
                                : *value == '"'  ? "&quot;"
                                : *value == '\t' ? "&#9;"
                                : *value == '\n' ? "&#10;"
                                : *value == '\r' ? "&#13;"
                                                 : NULL;

        if (reference)
            buffer_puts(out, reference);
        else
            buffer_add(out, value, 1);
    }
    buffer_puts(out, "'");
}

void
render_bulk_head(const char *current, struct buffer *out)
{
    buffer_puts(out, warning);
    buffer_puts(out, "<snapshots");
    if (current) {
        buffer_puts(out, " current=");
        render_attribute(current, out);
    }
    buffer_puts(out, ">\n");
}

void
render_bulk_tail(struct buffer *out)
{
    buffer_puts(out, "</snapshots>\n");
}
