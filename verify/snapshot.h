/*
 * snapshot.h - one snapshot: the facts read from its bytes.
 *
 * The bytes themselves are not kept: layout.h loads them again when they are
 * needed, and says so if they have changed since.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "root.h"
#include "scan.h"
#include "where.h"

#include <libxml/tree.h>

struct place;
struct problems;
struct schemas;
struct workspace;

/* A bulk file, or a legacy directory of one file per snapshot. */
enum layout {
    LAYOUT_LEGACY,
    LAYOUT_BULK,
};

/* Limits of libvirt; see the manual, section LIMITS. */
#define LEGACY_FILE_MAX 1048576 /* bytes; larger files are not loaded */
#define BULK_FILE_MAX 134217728 /* bytes, the same for bulk files */
#define SNAPSHOTS_MAX 16384     /* of one domain, over its protocol */
#define SNAPSHOT_NAME_MAX 247   /* bytes: NAME.xml.new is a file name */
#define STRING_MAX 4194304      /* bytes of a text, over its protocol */
#define NESTING_MAX 257         /* elements in a document that libxml2 reads */
/* libxml2 compares each attribute of an element with all others. */
#define ATTRIBUTES_MAX 1024
/* And looks for the namespace of each element among all in scope. */
#define NAMESPACES_MAX 128
/* Far above all that libvirt handles in one piece; bounds our memory. */
#define MEMBER_MAX 16777216

struct snapshot {
    char *name;        /* as a parser reads it */
    char *stem;        /* its file name without ".xml" */
    char *parent;      /* NULL: a root */
    char *domain_name; /* in its <domain>; NULL: it says none */
    char *file;        /* legacy: the name its file really has; bulk: NULL */
    const char *state; /* lives for ever; NULL: none that libvirt knows */
    long long created; /* seconds since 1970 */
    bool has_created;
    bool active;  /* the current snapshot */
    bool refused; /* a checkpoint: --redefine does not take its disks */
    bool has_uuid;
    unsigned char uuid[16];
    size_t depth;               /* greatest number of nested elements */
    struct position deepest_at; /* where that matters, the deepest tag */
    struct span element;        /* in its file, legacy or bulk */
    struct file_id id;          /* legacy: of its file */
    struct position at; /* its start tag; below, those of other elements */
    struct position name_at;
    struct position parent_at;
    struct position active_at;
    struct position uuid_at;
};

/* What a document turned out to be. */
enum snapshot_kind {
    SNAPSHOT_SOUND,   /* libvirt loads it, and both layouts can hold it */
    SNAPSHOT_DAMAGED, /* a <domainsnapshot> with errors */
    SNAPSHOT_OTHER,   /* well-formed, but no <domainsnapshot> */
    SNAPSHOT_NO_XML,  /* not well-formed, not UTF-8, or with a DOCTYPE */
};

/*
 * Judge a document of LEN bytes: a legacy file, or a member of a bulk file, and
 * fill in SNAPSHOT all but its file, id and element. MAP gets what the document
 * consists of. WORKSPACE is the thread's own, or NULL; SCHEMAS is what it is
 * held against, or NULL. PLACE says where it is, with the line and column of
 * the first byte. Findings go to PROBLEMS. Release the snapshot with
 * snapshot_free() in every case.
 *
 * What is demanded is what virDomainSnapshotDefParse() with REDEFINE demands
 * (libvirt, src/conf/snapshot_conf.c).
 */
enum snapshot_kind
snapshot_parse(struct snapshot *snapshot, enum layout layout, const char *bytes,
               size_t len, struct document *map, struct workspace *workspace,
               const struct schemas *schemas, const struct place *place,
               struct problems *problems);

/*
 * Is every byte UTF-8, and is the declared encoding one in which these bytes
 * mean the same? NULL, or what was found instead, at OFFSET; the caller owns
 * it.
 */
char *snapshot_not_utf8(const char *bytes, size_t len,
                        const struct document *map, size_t *offset);

/* The uuid as libvirt writes it; the caller owns it. */
char *snapshot_uuid_text(const unsigned char uuid[16]);

/* Why NAME cannot be the stem of a file name; NULL if it can. */
const char *snapshot_name_unsafe(const char *name);

void snapshot_free(struct snapshot *snapshot);

#endif
