/* lookup.c - see lookup.h. */
#include "lookup.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

struct numbered {
    const char *name;
    size_t number;
};

static int
compare(const void *left, const void *right)
{
    const struct numbered *a = left, *b = right;

    return strcmp(a->name, b->name);
}

void
lookup_add(struct lookup *lookup, const char *name, size_t number)
{
    struct numbered *new = xcalloc(1, sizeof(*new));
    struct numbered **found;

    *new = (struct numbered){name, number};
    found = tsearch(new, &lookup->tree, compare);
    if (!found)
        memory_exhausted();
    if (*found != new)
        free(new);
}

size_t
lookup_find(const struct lookup *lookup, const char *name, size_t missing)
{
    const struct numbered key = {.name = name};
    struct numbered *const *found = tfind(&key, &lookup->tree, compare);

    return found ? (*found)->number : missing;
}

void
lookup_free(struct lookup *lookup)
{
    tdestroy(lookup->tree, free);
    lookup->tree = NULL;
}
