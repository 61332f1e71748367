/*
 * lookup.h - numbers by name, found in logarithmic time. Memory only. The names
 * are borrowed.
 */
#ifndef LOOKUP_H
#define LOOKUP_H

#include <stddef.h>

/* {0} is empty. */
struct lookup {
    void *tree;
};

/* A name that is there already keeps its number. */
void lookup_add(struct lookup *lookup, const char *name, size_t number);
/* Its number, or MISSING. */
size_t lookup_find(const struct lookup *lookup, const char *name,
                   size_t missing);
void lookup_free(struct lookup *lookup);

#endif
