/*
 * failalloc: a library to be loaded before all others (LD_PRELOAD), that lets
 * the Nth allocation of memory fail, or that one and all after it.
 *
 *     FAILALLOC=N or FAILALLOC=N+      N from 1; 0: never
 *
 * When it happens, "failed" is written to standard error, in a line of its own;
 * with 0, at the end, how many allocations there were. It rests on glibc, which
 * has its own functions under these other names.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static atomic_ulong count;
static unsigned long fail_at;
static bool for_ever;

__attribute__((constructor)) static void
start(void)
{
    const char *how = getenv("FAILALLOC");
    char *end = NULL;

    if (!how)
        return;
    fail_at = strtoul(how, &end, 10);
    for_ever = *end == '+';
    atomic_store(&count, 0);
}

__attribute__((destructor)) static void
end(void)
{
    if (!fail_at)
        (void)fprintf(stderr, "allocations: %lu\n", atomic_load(&count));
}

static bool
is_due(void)
{
    static const char line[] = "failed\n";
    unsigned long number = atomic_fetch_add(&count, 1) + 1;

    if (!fail_at || number < fail_at || (number > fail_at && !for_ever))
        return false;
    if (number == fail_at && write(STDERR_FILENO, line, sizeof line - 1) < 0)
        _exit(98);
    errno = ENOMEM;
    return true;
}

void *
malloc(size_t size)
{
    return is_due() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t members, size_t size)
{
    return is_due() ? NULL : __libc_calloc(members, size);
}

void *
realloc(void *old, size_t size)
{
    return is_due() ? NULL : __libc_realloc(old, size);
}
