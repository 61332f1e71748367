/*
 * nearest.h - was another word meant?
 */
#ifndef NEAREST_H
#define NEAREST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * How many letters must be put in, left out, replaced or swapped with their
 * neighbour to make one word of the other (Damerau and Levenshtein, each place
 * touched once). More than two, or words of more than 64 bytes: 3.
 */
size_t nearest_distance(const char *a, const char *b);

/* Is it so near that it looks like a misspelling? */
bool nearest_is_near(const char *found, const char *meant);

#endif
