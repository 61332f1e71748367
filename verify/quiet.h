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

/* A callback for errors that matter to nobody. */
static inline void
quiet_ignore(void *data, quiet_error error)
{
    (void)data;
    (void)error;
}

#endif
