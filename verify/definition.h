/*
 * definition.h - the definitions of the domains, beside their snapshots: a bulk
 * file with a snapshot of another uuid than its domain's is hidden.
 *
 * Only for directories that a libvirt uses; a copy has no definitions.
 */
#ifndef DEFINITION_H
#define DEFINITION_H

#include "root.h"

struct base;
struct domain;
struct error;
struct problems;

/*
 * Open the directory of definitions that belongs to BASE. 1: open, 0: there is
 * none, -1: error. Close it with root_close().
 */
int definition_open(struct root *definitions, const struct base *base,
                    const char *prefix, struct error *error);

/*
 * Compare the uuid of a domain's snapshots with that of its definition, and add
 * a problem for each that differs. A domain without a definition, or with one
 * that cannot be read, is not compared: libvirt does not load it either.
 */
void definition_check(const struct root *definitions,
                      const struct domain *domain, struct problems *problems);

#endif
