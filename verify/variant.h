/*
 * variant.h - the values in which snapshots differ that are else the same:
 * paths, names, times.
 *
 * Where no schema sees a difference between two of them, one may stand where
 * the other does. Only such values are taken that are plainly well-formed.
 */
#ifndef VARIANT_H
#define VARIANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schemas;

enum variant_kind {
    VARIANT_PATH, /* file= or dev=, of whatever element */
    VARIANT_NAME, /* the text of a <name> */
    VARIANT_TIME, /* that of <creationTime> */
    VARIANT_COUNT,
};

struct variant {
    enum variant_kind kind;
    char *raw; /* as it is written */
    size_t len;
    char *text;        /* as a parser reads it */
    uint64_t *classes; /* what each schema takes it for */
};

#define VARIANTS 64

/* Those that were met last, by their hash. {0} is empty. */
struct variants {
    struct variant list[VARIANTS];
};

/*
 * The value that is written in LEN bytes; it lives until the next one is asked
 * for. NULL: it is not plain, or it is not known what the schemas make of it.
 */
const struct variant *variants_get(struct variants *variants,
                                   const struct schemas *schemas,
                                   enum variant_kind kind, const char *raw,
                                   size_t len);

/* Do all schemas take both, of the same kind, for the same? */
bool variant_same(const struct schemas *schemas, const uint64_t *classes,
                  const struct variant *variant);

/* A copy of its classes, which the caller owns. */
uint64_t *variant_classes(const struct schemas *schemas,
                          const struct variant *variant);

void variants_free(struct variants *variants);

#endif
