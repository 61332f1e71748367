/* render.c - see render.h. */
#include "render.h"

#include <stdint.h>
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

/* More than an <active> and its line take. */
#define ACTIVE_ROOM 64

/* An element on its way from one layout to the other. */
struct rendering {
    const char *element;
    size_t len;
    int shift;           /* 1: two columns right, -1: left, 0: stay */
    struct spans spans;  /* structural white space; the next is spans[next] */
    struct spans active; /* its <active> children */
    size_t next;
    const struct space_met *met; /* children that were moved before */
    size_t met_count;
    struct buffer *out; /* with room for all that is copied */
};

static void
copy(struct rendering *rendering, size_t from, size_t to)
{
    struct buffer *out = rendering->out;

    if (from >= to)
        return;
    memcpy(out->data + out->len, rendering->element + from, to - from);
    out->len += to - from;
}

/*
 * Copy from offset FROM up to the end of SPACE, which moves: after each newline
 * two blanks more, or fewer. Returns how far that came.
 */
static size_t
copy_moved(struct rendering *rendering, size_t from, struct span space)
{
    const char *element = rendering->element;
    const size_t end = span_end(space);
    size_t at = space.start;
    const char *feed;

    while ((feed = memchr(element + at, '\n', end - at))) {
        at = (size_t)(feed - element) + 1;
        copy(rendering, from, at);
        from = at;
        if (rendering->shift > 0) {
            memcpy(rendering->out->data + rendering->out->len, "  ", 2);
            rendering->out->len += 2;
        } else if (end - at >= 2 && element[at] == ' ' &&
                   element[at + 1] == ' ') {
            from = at += 2;
        }
    }
    return from;
}

/* Copy from offset FROM on, and what has become of the child that is next. */
static size_t
copy_met(struct rendering *rendering, size_t from)
{
    const struct space_met *met = rendering->met++;
    const struct buffer *moved = &met->child->moved;
    struct buffer *out = rendering->out;

    rendering->met_count--;
    copy(rendering, from, met->at);
    memcpy(out->data + out->len, moved->data, moved->len);
    out->len += moved->len;
    return met->at + met->child->len;
}

/* At most: each blank a newline that becomes three bytes. */
static size_t
room_needed(const struct rendering *rendering)
{
    size_t room = rendering->len + ACTIVE_ROOM;

    for (size_t i = 0; i < rendering->spans.count; i++)
        room += 2 * rendering->spans.list[i].len;
    for (size_t i = 0; i < rendering->met_count; i++)
        room += rendering->met[i].child->moved.len;
    return room;
}

/* Copy from offset FROM up to TO. */
static void
copy_range(struct rendering *rendering, size_t from, size_t to)
{
    const struct spans *spans = &rendering->spans;

    while (rendering->shift) {
        const struct space_met *met =
            rendering->met_count ? rendering->met : NULL;
        struct span space = {SIZE_MAX, 0};

        if (rendering->next < spans->count)
            space = spans->list[rendering->next];
        if ((met && met->at < space.start ? met->at : space.start) >= to)
            break;
        if (met && met->at < space.start) {
            from = copy_met(rendering, from);
            continue;
        }
        if (space.start >= from)
            from = copy_moved(rendering, from, space);
        rendering->next++;
    }
    copy(rendering, from, to);
}

/* What becomes of a child that is known, where that is not known yet. */
static void
move_child(struct space_known *child, int shift)
{
    struct rendering rendering = {
        .element = child->bytes,
        .len = child->len,
        .shift = shift,
        .spans = child->spans,
        .out = &child->moved,
    };

    if (child->moved.len && child->shift == shift)
        return;
    child->moved.len = 0;
    child->shift = shift;
    buffer_reserve(&child->moved, room_needed(&rendering));
    copy_range(&rendering, 0, child->len);
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
    size_t done = 0;

    for (size_t i = 0; i < rendering->active.count; i++) {
        struct span whole = rendering->active.list[i];

        copy_range(rendering, done,
                   space_before(&rendering->spans, whole.start).start);
        done = span_end(whole);
    }
    copy_range(rendering, done, end);
}

static void
render_element(struct rendering *rendering, const char *active,
               struct space_memo *memo)
{
    const char *element = rendering->element;
    const char *end_tag = memrchr(element, '<', rendering->len);
    size_t end = end_tag ? (size_t)(end_tag - element) : rendering->len;
    struct span last;

    space_structural(element, rendering->len, &rendering->spans, "active",
                     &rendering->active, memo);
    if (memo) {
        rendering->met = memo->met;
        rendering->met_count = memo->met_count;
    }
    for (size_t i = 0; i < rendering->met_count; i++)
        move_child(rendering->met[i].child, rendering->shift);
    buffer_reserve(rendering->out, room_needed(rendering));
    last = space_before(&rendering->spans, end);
    copy_without_active(rendering, last.start);
    if (active && last.len)
        buffer_puts(rendering->out, "\n  ");
    if (active)
        buffer_printf(rendering->out, "<active>%s</active>", active);
    copy_range(rendering, last.start, rendering->len);
    free(rendering->spans.list);
    free(rendering->active.list);
}

void
render_snapshot(const char *element, size_t len, enum layout from,
                enum layout to, bool active, struct buffer *out,
                struct space_memo *memo)
{
    struct rendering rendering = {
        .element = element,
        .len = len,
        .shift = (to == LAYOUT_BULK) - (from == LAYOUT_BULK),
        .out = out,
    };

    buffer_puts(out, to == LAYOUT_BULK ? "  " : warning);
    render_element(&rendering,
                   to == LAYOUT_BULK ? NULL
                   : active          ? "1"
                                     : "0",
                   memo);
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
