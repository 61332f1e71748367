/* error.c - see error.h. */
#include "error.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

int
error_set(struct error *error, int number, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = xvasprintf(format, args);
    va_end(args);
    error_clear(error);
    error->number = number;
    error->status = EXIT_TROUBLE;
    error->message = text;
    if (number) {
        /* Of strerror_r() there are two; this one is as safe in threads. */
        error->message = xasprintf("%s: %s", text, strerror(number));
        free(text);
    }
    return -1;
}

int
error_busy(struct error *error, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = xvasprintf(format, args);
    va_end(args);
    error_clear(error);
    error->status = EXIT_BUSY;
    error->message = text;
    return -1;
}

int
error_prefix(struct error *error, const char *format, ...)
{
    va_list args;
    char *context, *whole;

    va_start(args, format);
    context = xvasprintf(format, args);
    va_end(args);
    whole = xasprintf("%s: %s", context, error->message ? error->message : "");
    free(context);
    free(error->message);
    error->message = whole;
    return -1;
}

int
error_append(struct error *error, const char *text)
{
    char *whole = xasprintf("%s%s", error->message ? error->message : "", text);

    free(error->message);
    error->message = whole;
    return -1;
}

int
error_take(struct error *error, struct error *other)
{
    error_clear(error);
    *error = *other;
    *other = (struct error){0};
    return -1;
}

void
error_clear(struct error *error)
{
    if (!error)
        return;
    free(error->message);
    *error = (struct error){0};
}

void
messages_add(struct messages *messages, const char *format, ...)
{
    va_list args;

    messages->list =
        xgrow(messages->list, messages->count, sizeof(*messages->list));
    va_start(args, format);
    messages->list[messages->count++] = xvasprintf(format, args);
    va_end(args);
}

void
messages_free(struct messages *messages)
{
    for (size_t i = 0; i < messages->count; i++)
        free(messages->list[i]);
    free(messages->list);
    *messages = (struct messages){0};
}
