/*
 * naive-position.h - line and column of a byte of a file, counted the plain
 * way.
 */
#ifndef NAIVE_POSITION_H
#define NAIVE_POSITION_H

#include "support.h"

#include "../../verify/where.h"

/* What where.h is held against: one character after the other. */
static inline struct position
naive_position(const char *bytes, size_t offset)
{
    struct position at = POSITION_FIRST;
    size_t i = strncmp(bytes, "\xef\xbb\xbf", 3) ? 0 : 3;

    while (i < offset) {
        unsigned char c = (unsigned char)bytes[i];

        i += c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        at.column++;
        if (c == '\n')
            at = (struct position){at.line + 1, 1};
    }
    return at;
}

#endif
