/*
 * relations.h - the snapshots of a domain, as they stand to each other, as a
 * small document for schemas/relations.rng. Its verdict and that of check.h and
 * frame.h, which explain, never differ: a test holds them to it.
 *
 * Nothing recurses: a chain of 16384 is ordinary.
 */
#ifndef RELATIONS_H
#define RELATIONS_H

#include <libxml/tree.h>

struct domain;
struct error;
struct schema;

/*
 * The document of DOMAIN, which check_domain() has put in order. OTHER, or
 * NULL, is the same domain in the other layout, where a parent counts as well.
 * The caller frees it with xmlFreeDoc().
 */
xmlDoc *relations_document(const struct domain *domain,
                           const struct domain *other);

/*
 * Are the relations what a bulk file needs? SCHEMA is that of "relations.rng".
 * 1: yes, 0: no, -1: could not be checked.
 */
int relations_valid(const struct schema *schema, const struct domain *domain,
                    const struct domain *other, struct error *error);

#endif
