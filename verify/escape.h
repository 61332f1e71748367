/*
 * escape.h - untrusted bytes made fit for a terminal, a log and a parser.
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stddef.h>

/*
 * Length in bytes of the UTF-8 character at P (RFC 3629: no overlong forms, no
 * surrogates, at most U+10FFFF), at most LEN bytes are read. 0: not UTF-8. The
 * code point goes to *CODE where CODE is not NULL.
 */
size_t utf8_length(const char *p, size_t len, unsigned int *code);

/* Offset of the first byte that is not UTF-8, or LEN if there is none. */
size_t utf8_valid_prefix(const char *bytes, size_t len);

/*
 * A copy of TEXT that is one line of valid UTF-8 without control characters,
 * line separators or direction marks: those become \t \n \r, \xNN for a byte or
 * \u{NNNN} for a character; a backslash is doubled. The caller owns it.
 */
char *escape_text(const char *text);

#endif
