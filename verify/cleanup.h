/*
 * cleanup.h - release at the end of a scope, hand over on purpose.
 *
 * Lowest layer: may be used by everything, uses nothing of ours.
 *
 *     cleanup(free_ptr) char *copy = xstrdup(name);
 *     return steal_ptr(&copy);        the caller owns it now
 */
#ifndef CLEANUP_H
#define CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define cleanup(function) __attribute__((cleanup(function)))

static inline void
free_ptr(void *where)
{
    free(*(void **)where);
}

static inline void
close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static inline int
steal_fd(int *fd)
{
    int stolen = *fd;

    *fd = -1;
    return stolen;
}

#define steal_ptr(where)                                                       \
    ({                                                                         \
        __typeof__(*(where)) stolen_ = *(where);                               \
        *(where) = NULL;                                                       \
        stolen_;                                                               \
    })

#endif
