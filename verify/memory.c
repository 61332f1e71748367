/* memory.c - see memory.h. */
#include "memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
memory_exhausted(void)
{
    char line[128];
    /* One write, for a second thread may be here as well. */
    int len = snprintf(line, sizeof(line),
                       "%.60s: out of memory; run again when there is more\n",
                       program_invocation_short_name);

    if (len < 0 || write(STDERR_FILENO, line, (size_t)len) < 0)
        _exit(2);
    _exit(2);
}

void *
xcalloc(size_t count, size_t size)
{
    void *new = calloc(count ? count : 1, size ? size : 1);

    if (!new)
        memory_exhausted();
    return new;
}

void *
xrealloc(void *old, size_t count, size_t size)
{
    void *new = reallocarray(old, count ? count : 1, size ? size : 1);

    if (!new)
        memory_exhausted();
    return new;
}

char *
xstrdup(const char *text)
{
    return xstrndup(text, strlen(text));
}

char *
xstrndup(const char *bytes, size_t len)
{
    char *new = xcalloc(len + 1, 1);

    if (len)
        memcpy(new, bytes, len);
    return new;
}

char *
xvasprintf(const char *format, va_list args)
{
    char *text = NULL;

    if (vasprintf(&text, format, args) < 0 || !text)
        memory_exhausted();
    return text;
}

char *
xasprintf(const char *format, ...)
{
    char *text;
    va_list args;

    va_start(args, format);
    text = xvasprintf(format, args);
    va_end(args);
    return text;
}

void *
xgrow(void *items, size_t count, size_t size)
{
    if (count & (count - 1))
        return items;
    return xrealloc(items, count ? count * 2 : 1, size);
}

void
buffer_reserve(struct buffer *buffer, size_t more)
{
    size_t need = buffer->len + more;

    if (need <= buffer->room)
        return;
    if (need < buffer->room + buffer->room / 2)
        need = buffer->room + buffer->room / 2;
    buffer->data = xrealloc(buffer->data, need, 1);
    buffer->room = need;
}

void
buffer_add(struct buffer *buffer, const void *bytes, size_t len)
{
    if (!len)
        return;
    buffer_reserve(buffer, len);
    memcpy(buffer->data + buffer->len, bytes, len);
    buffer->len += len;
}

void
buffer_puts(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void
buffer_printf(struct buffer *buffer, const char *format, ...)
{
    char *text;
    va_list args;

    va_start(args, format);
    text = xvasprintf(format, args);
    va_end(args);
    buffer_puts(buffer, text);
    free(text);
}

void
buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}
