/* escape.c - see escape.h. */
#include "escape.h"

#include <stdbool.h>
#include <string.h>

#include "memory.h"

size_t
utf8_length(const char *p, size_t len, unsigned int *code)
{
    const unsigned char *s = (const unsigned char *)p;
    size_t need, i;
    unsigned int c, least;

    if (!len)
        return 0;
    c = s[0];
    if (c < 0x80) {
        need = 1;
        least = 0;
    } else if (c >= 0xc2 && c < 0xe0) {
        need = 2;
        least = 0x80;
        c &= 0x1f;
    } else if (c >= 0xe0 && c < 0xf0) {
        need = 3;
        least = 0x800;
        c &= 0x0f;
    } else if (c >= 0xf0 && c < 0xf5) {
        need = 4;
        least = 0x10000;
        c &= 0x07;
    } else {
        return 0;
    }
    if (need > len)
        return 0;
    for (i = 1; i < need; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return 0;
    if (code)
        *code = c;
    return need;
}

size_t
utf8_valid_prefix(const char *bytes, size_t len)
{
    size_t at = 0;

    while (at < len) {
        size_t step;

        if ((unsigned char)bytes[at] < 0x80) {
            at++;
            continue;
        }
        step = utf8_length(bytes + at, len - at, NULL);
        if (!step)
            break;
        at += step;
    }
    return at;
}

/* Does a terminal or a log act on this character instead of showing it? */
static bool
is_steering(unsigned int c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

char *
escape_text(const char *text)
{
    struct buffer out = {0};
    size_t len = strlen(text), at = 0;

    while (at < len) {
        unsigned int c = 0;
        size_t step = utf8_length(text + at, len - at, &c);

        if (!step) {
            buffer_printf(&out, "\\x%02x", (unsigned char)text[at]);
            step = 1;
        } else if (c == '\n') {
            buffer_puts(&out, "\\n");
        } else if (c == '\t') {
            buffer_puts(&out, "\\t");
        } else if (c == '\r') {
            buffer_puts(&out, "\\r");
        } else if (c == '\\') {
            buffer_puts(&out, "\\\\");
        } else if (is_steering(c)) {
            buffer_printf(&out, c < 0x80 ? "\\x%02x" : "\\u{%04x}", c);
        } else {
            buffer_add(&out, text + at, step);
        }
        at += step;
    }
    buffer_add(&out, "", 1);
    return out.data;
}
