/*
 * definition.h - the definitions of the domains, beside their snapshots: whose
 * snapshots does libvirt look for, and of which uuid? A bulk file with a
 * snapshot of another uuid than its domain's is hidden; the directory of a
 * domain that is not defined is deleted when one of that name is.
 *
 * Only for directories that a libvirt uses, or with a directory of definitions
 * that was named; a copy has none.
 *
 * What makes a file a definition is what libvirt demands of it
 * (virDomainObjListLoadAllConfigs(), src/conf/virdomainobjlist.c): it is called
 * *.xml, and its <name>, not that of the file, says whose it is. Definitions
 * are read once and kept as name and uuid; errors are those of the directory,
 * of single files only that they could not be read.
 */
#ifndef DEFINITION_H
#define DEFINITION_H

#include <stdbool.h>
#include <stddef.h>
#include <libxml/tree.h>

#include "root.h"

struct base;
struct domain;
struct error;
struct problems;

struct definition {
    char *name; /* its <name> */
    char *file; /* in its directory */
    unsigned char uuid[16];
    bool transient; /* of a running domain, among what libvirt keeps of it */
};

/* A file that should be a definition, and yields none. */
struct undefined {
    char *name; /* the file's, without .xml */
    char *why;
    bool libvirt_too; /* false: it is only not read here */
};

/* {.persistent = {.fd = -1}, .transient = {.fd = -1}}: nothing is known. */
struct definitions {
    struct root persistent; /* the directories; fd -1: there is none */
    struct root transient;
    bool follow;             /* links, as libvirt does */
    bool forbidden;          /* there is one, but not for this user */
    struct definition *list; /* sorted by name; a name may occur twice */
    size_t count;
    struct undefined *unread; /* sorted by name; of persistent ones */
    size_t unread_count;
};

/*
 * Read the definitions that belong to BASE, or those in the directory NAMED. No
 * such directory is no error, unless it was named. Close them with
 * definitions_close() in every case. With PREFIX those of a mounted system.
 */
int definitions_read(struct definitions *definitions, const struct base *base,
                     const char *named, const char *prefix,
                     struct error *error);
void definitions_close(struct definitions *definitions);

/* Is it known which domains are defined? */
bool definitions_known(const struct definitions *definitions);

/* The first definition called NAME; those behind it may be too. NULL: none. */
const struct definition *definitions_find(const struct definitions *definitions,
                                          const char *name);

/*
 * The <domain> of a definition, read again; DOC holds it. NULL: it could not
 * be read again.
 */
const xmlNode *definition_load(const struct definitions *definitions,
                               const struct definition *definition,
                               xmlDoc **doc);

/*
 * Compare the uuid of a domain's snapshots with that of its definition, and add
 * a problem for each that differs. A domain without a definition, or with one
 * that cannot be read, is not compared: libvirt does not load it either.
 */
void definition_check(const struct definitions *definitions,
                      const struct domain *domain, struct problems *problems);

#endif
