/*
 * shell.h - words of a command that a person can paste into any POSIX shell,
 * whatever bytes are in them.
 */
#ifndef SHELL_H
#define SHELL_H

struct buffer;

/*
 * Append WORD, quoted where it must be. Bytes that a terminal could act on, or
 * that are no UTF-8, are written as octal numbers for printf(1); so what comes
 * of it is one line of plain text. As a shell drops line feeds at the end of
 * what a command prints, a WORD with such bytes must not end in one.
 */
void shell_word(struct buffer *out, const char *word);

#endif
