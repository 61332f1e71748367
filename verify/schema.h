/*
 * schema.h - RELAX NG: a schema is compiled once and judges many documents.
 *
 * The verdict is libxml2's; diagnose.h explains it. There are three: valid, not
 * valid, and could not be checked, which is neither. Any number of threads may
 * use a schema at once. What of it has to be compiled is when it is needed.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libxml/tree.h>

#include "diagnose.h"
#include "part.h"
#include "variant.h"

struct error;
struct schema;

/* One of this project's own, "domainsnapshot.rng". NULL: error. */
struct schema *schema_embedded(const char *name, struct error *error);

/*
 * The one in the file PATH, with what it includes from its directory. NULL:
 * error.
 */
struct schema *schema_open(const char *path, struct error *error);
/* What the one that libvirt installs is called, wherever it lies. */
#define SCHEMA_LIBVIRT "libvirt"
/* That one, at PATH. NULL: error. */
struct schema *schema_installed(const char *path, struct error *error);
/* As it was opened. */
const char *schema_name(const struct schema *schema);
void schema_free(struct schema *schema);

/*
 * Is DOC valid? 1: yes. 0: no, and MISMATCHES, unless it is NULL, has at least
 * one reason, to be released with mismatches_free(). -1: could not be checked.
 * The document is not changed but for what libxml2 notes in it for itself.
 */
int schema_judge(const struct schema *schema, xmlDoc *doc,
                 struct mismatches *mismatches, struct error *error);

/*
 * Judgement by parts, see split.h. The pattern of the schema that takes a part,
 * which fills its document, is its choice: 0 or more. -1: none does, or it
 * cannot be told.
 */
int schema_choice(const struct schema *schema, enum part_name part,
                  xmlDoc *doc);
/* Is a snapshot valid in which stubs stand for its parts? */
bool schema_takes_frame(const struct schema *schema, xmlDoc *doc);
/*
 * Is it known which values the schema allows? Then, which characters it tells
 * apart in them, and which of these values a text is.
 */
bool schema_has_values(const struct schema *schema);
void schema_fold(const struct schema *schema, enum variant_kind kind,
                 struct fold *fold);
uint64_t schema_value(const struct schema *schema, enum variant_kind kind,
                      const char *text);

#endif
