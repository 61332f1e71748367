/*
 * loader.h - the two loaders, as rules over the snapshots of a domain: which
 * are shown, and why others are not. Used by foresee.c only, which gathers the
 * snapshots and lists what comes of them.
 */
#ifndef LOADER_H
#define LOADER_H

#include <stdbool.h>
#include <stddef.h>

#include "layout.h"
#include "problem.h"
#include "snapshot.h"

struct reading;
struct surroundings;

/* A snapshot, or what lies in the place of one, while it is foreseen. */
struct item {
    const struct snapshot *snapshot; /* NULL: it could not be read */
    char *name;
    char *file;      /* as in findings */
    size_t index[2]; /* in the reading's domains, or NO_SNAPSHOT */
    bool current;    /* of checkpoints; a snapshot says so itself */
    bool spare; /* a copy under a strange name, or what a write left behind */
    unsigned long line;
    const struct problem *unread; /* what stands there instead */
    char *hidden[2];              /* why a loader does not show it, or NULL */
    char *root;                   /* why the stock loader takes its parent */
    char *note;                   /* shown by the stock loader, but */
    char *doubt;                  /* some libvirt may hide it */
};

struct foreseeing {
    const struct reading *reading;
    const struct surroundings *surroundings;
    size_t *by_file; /* the reading's findings, sorted */
    struct item *items;
    size_t count;
    size_t *of_bulk; /* the item of each snapshot in the bulk file */
    size_t *by_name; /* indexes of items */
    size_t *loaded;  /* the same, but only what the stock loader loads */
    size_t loads;    /* how many these are */
    char *all[2];    /* why a loader shows none of them */
};

/* Does the stock loader come across it? */
static inline bool
item_in_directory(const struct item *item)
{
    return item->unread || item->spare ||
           item->index[LAYOUT_LEGACY] != NO_SNAPSHOT;
}

/*
 * Say of each item why the loader hides it, or takes its parent away. The stock
 * one comes first: the other begins with what that one loads.
 */
void loader_stock(struct foreseeing *foreseeing);
void loader_bulk(struct foreseeing *foreseeing);
/* Last: is it a domain that libvirt does not look at? */
void loader_unknown(struct foreseeing *foreseeing);

/*
 * Every libvirt loads checkpoints as the stock one does snapshots; behind that,
 * mark the current one: what the others end in, if they are in one line. False:
 * libvirt knows none.
 */
bool loader_checkpoints(struct foreseeing *foreseeing);

/* In foresee.c. What a finding is called in a reason; the caller owns it. */
char *foresee_word(const struct problem *problem);
/*
 * The first finding in FILE for which LOADER hides it; or NULL. Those about
 * RELATIONS, which the loaders work out for themselves, count or not.
 */
const struct problem *foresee_hiding(const struct foreseeing *foreseeing,
                                     const char *file, enum hides loader,
                                     bool relations);

#endif
