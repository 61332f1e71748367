/*
 * layout.h - the two layouts behind one small set of operations.
 *
 *     legacy   BASE/DOMAIN/SNAPSHOT.xml    a directory, a file per snapshot
 *     bulk     BASE/DOMAIN.xml             a file per domain
 *
 * read() finds and judges all snapshots of a domain and keeps the facts only;
 * domain_load() brings the bytes of one of them again. Memory therefore is
 * bounded by the largest snapshot and a few facts of each, not by the store.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "kind.h"
#include "snapshot.h"

struct buffer;
struct crew;
struct error;
struct problems;
struct schemas;

#define NO_SNAPSHOT ((size_t)-1)

/* A domain as one of the layouts holds it. {.fd = -1} is an empty one. */
struct domain {
    char *name;
    char *entry; /* its directory or file in BASE; NULL: from both layouts */
    enum layout layout;
    enum kind kind;    /* of what is in it */
    int fd;            /* that directory or file, open for reading */
    struct file_id id; /* of it when it was read */
    struct snapshot *snaps;
    size_t count;
    size_t current;  /* index, or NO_SNAPSHOT */
    char *dangling;  /* what current= of the list says, if none is called so */
    size_t *order;   /* indexes: parents first, see check.h */
    size_t *by_name; /* indexes, sorted by name; NULL until it was checked */
    struct snapshot *strays; /* of spare copies and the like: what a stock
                                libvirt may read, and a conversion leaves */
    size_t stray_count;
    size_t foreign; /* entries of the directory that are not its snapshots */
};

/* With what a domain is read; what comes out does not depend on it. */
struct effort {
    struct crew *crew; /* who reads; NULL: the caller alone */
    bool no_memo;      /* every snapshot is judged as a whole */
};

/* Somebody who is shown what is read, as long as the bytes are there. */
struct witness {
    /*
     * A sound snapshot and its element, of LEN bytes. On any thread, in any
     * order, and again if the file has to be read again. -1: reading fails.
     */
    int (*see)(void *data, const struct snapshot *snapshot, const char *bytes,
               size_t len, size_t thread, struct error *error);
    void *data;
};

/* Where and how to read a domain. */
struct source {
    enum kind kind;    /* of what; checkpoints are in directories only */
    int base;          /* descriptor of the directory it lies in */
    const char *name;  /* of the domain */
    const char *entry; /* of the directory or file */
    size_t max_bulk;   /* bytes: larger bulk files are a problem */
    /* Of a directory, the one file that is read, and judged by itself alone:
     * its relations are not; or NULL. */
    const char *only;
    const struct schemas *schemas; /* for each snapshot; or NULL */
    struct effort effort;
    const struct witness *witness; /* or NULL */
    /* The same domain in the other layout, or NULL: a copy of a snapshot under
     * a strange name is no snapshot of its own when the other layout has it. */
    const struct domain *other;
};

struct layout_ops {
    const char *name; /* as in messages */
    /*
     * Read and judge a domain (check_domain() included). Problems of the data
     * go to PROBLEMS; -1 means that it could not be read. The caller closes the
     * domain with domain_free() in both cases.
     */
    int (*read)(struct domain *domain, const struct source *source,
                struct problems *problems, struct error *error);
};

/* Show a snapshot to the witness of SOURCE, if it has one: see there. */
int source_show(const struct source *source, const struct snapshot *snapshot,
                const char *bytes, size_t len, size_t thread,
                struct error *error);

/* The operations of a layout; live for ever. */
const struct layout_ops *layout_ops(enum layout layout);

/* Operations of layout_ops(), in legacy.c and bulk.c. */
int legacy_read(struct domain *domain, const struct source *source,
                struct problems *problems, struct error *error);
int bulk_read(struct domain *domain, const struct source *source,
              struct problems *problems, struct error *error);

/*
 * Load the bytes of snapshot INDEX: its whole legacy file, or its member.
 * ELEMENT says where in them the element is. -1: error, also when the file has
 * changed since it was read.
 */
int domain_load(const struct domain *domain, size_t index, struct buffer *bytes,
                struct span *element, struct error *error);

/* Is the entry NAME of DIR still the one that ID is of? -1: it is not. */
int entry_unchanged(int dir, const char *name, const struct file_id *id,
                    struct error *error);

/*
 * Is everything as it was when the domain was read: the same entries, the same
 * files, unchanged? -1 with an error if not. BASE is where it lies.
 */
int domain_unchanged(const struct domain *domain, int base, struct crew *crew,
                     struct error *error);

/* The same of the files in a legacy directory, wherever it is by now. */
int domain_files_unchanged(const struct domain *domain, struct crew *crew,
                           struct error *error);

/* Index of the snapshot called NAME, NO_SNAPSHOT if there is none. */
size_t domain_find(const struct domain *domain, const char *name);

/* How many of its snapshots say that their domain is called NAME. */
size_t domain_named(const struct domain *domain, const char *name);

/* Remember a spare copy, in a FILE of that name, and take over what it owns. */
void domain_stray(struct domain *domain, struct snapshot *snapshot,
                  const char *file);

/* Append a snapshot and take over what it owns. */
struct snapshot *domain_add(struct domain *domain, struct snapshot *snapshot);

/* Close and release; {.fd = -1} again. */
void domain_free(struct domain *domain);

/* Does NAME end in ".xml", with something in front of it? */
bool has_xml_suffix(const char *name);

#endif
