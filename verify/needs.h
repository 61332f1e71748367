/*
 * needs.h - which disk and memory images a snapshot, or a domain, names.
 *
 * Facts from parsed XML, and no judgement; no I/O. What they mean is libvirt's:
 * virDomainSnapshotDefParse() for defaults, virDomainSnapshotAlignDisks() for
 * which <disk> of a snapshot is which of the domain.
 */
#ifndef NEEDS_H
#define NEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <libxml/tree.h>

/* What an image is to a snapshot. */
enum role {
    ROLE_NONE,    /* a disk of the domain, not of the snapshot */
    ROLE_DISK,    /* the disk as it was: reverting needs it */
    ROLE_OVERLAY, /* what was written to from then on */
    ROLE_REVERT,  /* the same, since the snapshot was reverted to */
    ROLE_MEMORY,  /* the memory as it was */
};

struct need {
    enum role role;
    char *disk; /* target of the disk, as "vda"; "" for memory */
    char *path; /* NULL: it is neither a file nor a block device, */
    char *type; /* but this, as "network" */
    bool qcow2;
    bool internal; /* the snapshot is in the image */
};

/* {0} when empty. */
struct needs {
    struct need *list;
    size_t count;
};

/* Those of a <domainsnapshot>; all writable disks of its <domain> among them.
 */
void needs_of_snapshot(struct needs *needs, const xmlNode *snapshot);
/* The writable disks of a <domain>. */
void needs_of_domain(struct needs *needs, const xmlNode *domain);
/* Is there one with that role? */
bool needs_have(const struct needs *needs, enum role role);
void needs_free(struct needs *needs);

#endif
