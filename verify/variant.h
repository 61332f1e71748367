/*
 * variant.h - the values in which snapshots differ that are the same otherwise:
 * paths, names, times.
 *
 * Where no schema sees a difference between two of them, one may stand where
 * the other does. Only values that are plainly well-formed are taken.
 */
#ifndef VARIANT_H
#define VARIANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fold.h"
#include "memory.h"

struct schemas;

enum variant_kind {
    VARIANT_PATH, /* file= or dev=, of whatever element */
    VARIANT_NAME, /* the text of a <name> */
    VARIANT_TIME, /* that of <creationTime> */
    VARIANT_COUNT,
};

/* A value, until the next one is asked for. */
struct variant {
    const char *text;        /* as a parser reads it */
    const uint64_t *classes; /* what each schema takes it for */
};

#define VARIANTS 256

/* Texts of which it is known, by their hash, with equal characters folded. */
struct known_text {
    enum variant_kind kind;
    char *text;
    uint64_t *classes;
};

/* {0} is empty. */
struct variants {
    struct known_text list[VARIANTS];
    struct buffer text;
    struct buffer folded;
    bool has_tables;
    char tables[VARIANT_COUNT][FOLD_CHARACTERS];
};

/*
 * The value that is written in LEN bytes. False: it is not plain, or it is not
 * known what the schemas make of it.
 */
bool variants_get(struct variants *variants, const struct schemas *schemas,
                  enum variant_kind kind, const char *raw, size_t len,
                  struct variant *variant);

/* Do all schemas take both, of the same kind, for the same? */
bool variant_same(const struct schemas *schemas, const uint64_t *classes,
                  const struct variant *variant);

/* A copy of its classes, which the caller owns. */
uint64_t *variant_classes(const struct schemas *schemas,
                          const struct variant *variant);

void variants_free(struct variants *variants);

#endif
