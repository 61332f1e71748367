/*
 * quiet.h - for the callbacks of libxml2, whose error became const in 2.12.
 */
#ifndef QUIET_H
#define QUIET_H

#include <libxml/xmlerror.h>
#include <libxml/xmlversion.h>

#if LIBXML_VERSION >= 21200
typedef const xmlError *quiet_error;
#else
typedef xmlError *quiet_error;
#endif

/* A callback that only keeps whether there was an error: DATA is a bool. */
static inline void
quiet_note(void *data, quiet_error error)
{
    (void)error;
    *(_Bool *)data = 1;
}

__attribute__((format(printf, 2, 3))) static inline void
quiet_print(void *data, const char *format, ...)
{
    (void)data;
    (void)format;
}

/* libxml2 is not to print by itself in this thread. */
static inline void
quiet_thread(void)
{
    xmlSetGenericErrorFunc(NULL, quiet_print);
}

/* A callback for errors that matter to nobody. */
static inline void
quiet_ignore(void *data, quiet_error error)
{
    (void)data;
    (void)error;
}

#endif
