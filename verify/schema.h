/*
 * schema.h - RELAX NG: a schema is compiled once and judges many documents.
 *
 * The verdict is libxml2's; diagnose.h explains it. There are three: valid, not
 * valid, and could not be checked, which is neither. A schema is only read once
 * it is there, by any number of threads.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdbool.h>
#include <libxml/tree.h>

#include "diagnose.h"

struct error;
struct judge;
struct schema;

/* One of this project's own, "domainsnapshot.rng". NULL: error. */
struct schema *schema_embedded(const char *name, struct error *error);

/*
 * The one in the file PATH, with what it includes from its directory; the word
 * "libvirt" is the one that libvirt installs. NULL: error.
 */
struct schema *schema_open(const char *path, struct error *error);
void schema_free(struct schema *schema);

/*
 * Is DOC valid? 1: yes. 0: no, and MISMATCHES, unless it is NULL, has at least
 * one reason, to be released with mismatches_free(). -1: could not be checked.
 * The document is not changed but for what libxml2 notes in it for itself.
 */
int schema_judge(const struct schema *schema, xmlDoc *doc,
                 struct mismatches *mismatches, struct error *error);

/*
 * Where a schema allows anything, libxml2 takes the square of the number of
 * siblings. Is that less than a second? The limit is this many children in one
 * element, or less in each of several.
 */
#define SCHEMA_SIBLINGS_MAX 10000
bool schema_affordable(const xmlDoc *doc);

/* What every <domainsnapshot> is held against; {0} is nothing. */
struct schemas {
    struct schema *own;      /* or NULL */
    struct schema **further; /* --schema */
    size_t count;
};

/*
 * Open those to be held against: our own, if OWN says so, and the NAMES of
 * further ones, as in schema_open(); NULL-ended, or NULL. -1: error. Release
 * them with schemas_close() in both cases.
 */
int schemas_open(struct schemas *schemas, bool own, const char *const *names,
                 struct error *error);
void schemas_close(struct schemas *schemas);

/*
 * Hold a snapshot against SCHEMAS (NULL: none) and add what they complain about
 * to the problems of JUDGE; the other checks of the document come before.
 * BEFORE is how many problems there were before them: where they have found an
 * error, nothing more is said.
 */
void schemas_check(const struct schemas *schemas, struct judge *judge,
                   xmlDoc *doc, size_t before);

#endif
