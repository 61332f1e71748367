/*
 * schemas.h - all the schemas that each snapshot is held against in this run
 * (schema.h is one of them), and what they complain about, as problems.
 */
#ifndef SCHEMAS_H
#define SCHEMAS_H

#include <stdbool.h>
#include <stddef.h>
#include <libxml/tree.h>

#include "kind.h"

struct error;
struct judge;
struct schema;

/* What every snapshot is held against; {0} is nothing. */
struct schemas {
    enum kind kind;
    struct schema *own;      /* or NULL */
    struct schema **further; /* --schema */
    size_t count;
};

/*
 * Open those that a KIND is to be held against: our own, if OWN says so, and
 * the NAMES of further ones: paths, or the word "libvirt" for the one that
 * libvirt installs; NULL-ended, or NULL. -1: error. Release
 * them with schemas_close() in both cases.
 */
int schemas_open(struct schemas *schemas, enum kind kind, bool own,
                 const char *const *names, struct error *error);
void schemas_close(struct schemas *schemas);

/* All of them in a row; SCHEMAS may be NULL. */
size_t schemas_count(const struct schemas *schemas);
const struct schema *schemas_get(const struct schemas *schemas, size_t index);

/*
 * Hold a snapshot against SCHEMAS (NULL: none) and add what they complain about
 * to the problems of JUDGE; the other checks of the document come before.
 * BEFORE is how many problems there were before them: where they have found an
 * error, nothing more is said.
 */
void schemas_check(const struct schemas *schemas, struct judge *judge,
                   xmlDoc *doc, size_t before);

#endif
