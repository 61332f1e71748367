/*
 * part.h - the parts of a snapshot: the children of <domainsnapshot> that are
 * the same in many snapshots of a domain.
 */
#ifndef PART_H
#define PART_H

#include <stdbool.h>
#include <stddef.h>

enum part_name {
    PART_DOMAIN,
    PART_INACTIVE,
    PART_COOKIE,
    PART_DISKS,
    PART_COUNT, /* it is none of them */
};

/* "domain". */
const char *part_name(enum part_name part);

/* The one that is called so; PART_COUNT if none is. */
enum part_name part_find(const char *name, size_t len);

/*
 * What a stub is called that stands for a part which the schema's pattern
 * CHOICE has taken. No snapshot may have a PART_PREFIX in it beside its parts.
 */
#define PART_PREFIX "virt-snapshot-part-"
const char *part_stub(enum part_name part, size_t choice);

#endif
