/*
 * kind.h - the kinds of metadata that libvirt keeps of a domain in this way: a
 * directory for each domain, and in it a file for each snapshot, or for each
 * checkpoint. The names by which they differ stand here.
 *
 * Checkpoints have no bulk layout, no state and no mark of the current one. The
 * code calls one a snapshot too, but where it makes a difference.
 */
#ifndef KIND_H
#define KIND_H

enum kind {
    KIND_SNAPSHOT, /* what everything is of unless somebody says otherwise */
    KIND_CHECKPOINT,
};

struct kind_info {
    const char *name;    /* "snapshot", as in --kind and in messages */
    const char *plural;  /* and more than one of them */
    const char *root;    /* the root element of a file */
    const char *schema;  /* our own, of such a file */
    const char *libvirt; /* the path of libvirt's */
};

/* Lives for ever. */
const struct kind_info *kind_info(enum kind kind);

/* The kind called NAME. -1: there is none. */
int kind_find(const char *name, enum kind *kind);

#endif
