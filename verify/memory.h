/*
 * memory.h - allocation that does not fail, and a growing byte buffer.
 *
 * Out of memory ends the process with status 2. That is safe: a crash of this
 * project's programs is safe at every instant (migrate/convert.c says why).
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdarg.h>
#include <stddef.h>

/* For a library that says so by returning NULL. */
void memory_exhausted(void) __attribute__((noreturn));

/* The caller owns what these return, and releases it with free(). */
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t count, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *bytes, size_t len);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *format, va_list args)
    __attribute__((format(printf, 1, 0)));

/*
 * Make room for one more item in an array that grows by doubling. ITEMS has
 * COUNT items of SIZE bytes and is full whenever COUNT is 0 or a power of two.
 */
void *xgrow(void *items, size_t count, size_t size);

/* A growing byte buffer; {0} is an empty one. */
struct buffer {
    char *data;
    size_t len;
    size_t room;
};

/* Room for at least MORE bytes behind the first len. */
void buffer_reserve(struct buffer *buffer, size_t more);
void buffer_add(struct buffer *buffer, const void *bytes, size_t len);
void buffer_puts(struct buffer *buffer, const char *text);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Release the bytes; the buffer is an empty one again. */
void buffer_free(struct buffer *buffer);

#endif
