/* nearest.c - see nearest.h. */
#include "nearest.h"

#include <string.h>
#include <strings.h>

#define WORD_MAX 64
#define FAR 3

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t
nearest_distance(const char *a, const char *b)
{
    size_t rows = strlen(a), columns = strlen(b);
    size_t cost[3][WORD_MAX + 1] = {{0}};

    if (rows > WORD_MAX || columns > WORD_MAX)
        return FAR;
    for (size_t j = 0; j <= columns; j++)
        cost[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        size_t *row = cost[i % 3], *above = cost[(i - 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            row[j] = least(above[j - 1] + (a[i - 1] != b[j - 1]),
                           least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], cost[(i - 2) % 3][j - 2] + 1);
        }
    }
    return least(cost[rows % 3][columns], FAR);
}

bool
nearest_is_near(const char *found, const char *meant)
{
    size_t distance = nearest_distance(found, meant);
    size_t len = strlen(found);

    if (len < strlen(meant))
        len = strlen(meant);
    /* A short word has many neighbours. */
    return !strcasecmp(found, meant) || (distance < FAR && distance * 3 <= len);
}
