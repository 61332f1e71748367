/*
 * prune.h - take out of a snapshot what our own schema allows whatever it is,
 * for as long as it is held against it: most of a <domain>. libxml2 takes the
 * square of the number of siblings for what may be anything.
 *
 * Sound because schemas/domainsnapshot.rng has no word on these elements, nor
 * on how many there are; a test holds the verdict on mutated snapshots to it.
 * Used by schema.c only.
 */
#ifndef PRUNE_H
#define PRUNE_H

#include <stddef.h>
#include <libxml/tree.h>

/* An element that was taken out, and where it was. */
struct cutting {
    xmlNode *node;
    xmlNode *parent;
    xmlNode *next; /* the sibling behind it, or NULL */
};

struct prunings {
    struct cutting *list;
    size_t count;
};

/* Take out what may be anything; {0} becomes what prune_undo() needs. */
void prune(xmlDoc *doc, struct prunings *prunings);
/* The same of a part of a snapshot that fills a document. */
void prune_part(xmlDoc *doc, struct prunings *prunings);
/* Put all of it back in its place. */
void prune_undo(struct prunings *prunings);

#endif
