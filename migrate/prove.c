/* prove.c - see prove.h. */
#include "prove.h"

#include <string.h>

#include "../verify/memory.h"
#include "../verify/same.h"
#include "render.h"

void
prover_free(struct prover *prover)
{
    buffer_free(&prover->back);
    space_forget(&prover->memo);
}

/* The bytes, made into the source's layout: are they the source's? */
static bool
same_bytes(struct prover *prover, const struct original *source,
           enum layout from, const char *bytes, size_t len)
{
    const struct buffer *wanted = &source->bytes;
    struct buffer *back = &prover->back;
    struct span part = {0};

    back->len = 0;
    render_snapshot(bytes, len, from, source->layout, source->active, back,
                    &prover->memo);
    part.len = back->len;
    if (source->layout == LAYOUT_BULK) {
        /* A member without the blanks and the newline of its line. */
        part.start = 2;
        part.len -= 3;
    }
    return part.len == wanted->len &&
           !memcmp(back->data + part.start, wanted->data, wanted->len);
}

static bool
is_active(const char *line, size_t len)
{
    static const char start[] = "<active>", end[] = "</active>";
    const size_t first = sizeof(start) - 1, last = sizeof(end) - 1;

    return len >= first + last && !memcmp(line, start, first) &&
           !memcmp(line + len - last, end, last);
}

/*
 * The first line from AT on that is no <active>, without the blanks in front.
 * END: there is none.
 */
static const char *
find_line(const char *at, const char *end, size_t *len)
{
    while (at < end) {
        const char *feed;

        while (at < end && *at == ' ')
            at++;
        feed = memchr(at, '\n', (size_t)(end - at));
        *len = (size_t)((feed ? feed : end) - at);
        if (!is_active(at, *len))
            return at;
        at += *len + (feed != NULL);
    }
    *len = 0;
    return end;
}

/*
 * Are the lines the same, but for indentation and <active>? What render.c does
 * wrong in both directions in the same way, it cannot find itself.
 */
static bool
same_lines(const char *a, size_t a_size, const char *b, size_t b_size)
{
    const char *a_end = a + a_size, *b_end = b + b_size;

    while (a < a_end && b < b_end) {
        size_t a_len, b_len;

        a = find_line(a, a_end, &a_len);
        b = find_line(b, b_end, &b_len);
        if (a_len != b_len || memcmp(a, b, a_len) != 0)
            return false;
        a += a_len + (a + a_len < a_end);
        b += b_len + (b + b_len < b_end);
    }
    return a == a_end && b == b_end;
}

bool
prove_snapshot(struct prover *prover, const struct original *source,
               enum layout from, const char *bytes, size_t len)
{
    const char *element = source->bytes.data + source->element.start;

    return (same_bytes(prover, source, from, bytes, len) &&
            same_lines(element, source->element.len, bytes, len)) ||
           same_snapshot(element, source->element.len, bytes, len);
}
