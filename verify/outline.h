/*
 * outline.h - snapshots that differ in nothing but names, times and paths.
 *
 * An outline is what is left of a snapshot without its parts (part.h). It is
 * small, and mostly the same bytes as the outline of one judged before, but for
 * four values: the name, the parent, the time, and the file of the memory.
 * Where only these differ, and no schema sees a difference between the old
 * value and the new one, the snapshot is as sound as the earlier one, and its
 * outline need not be parsed. All other bytes are the same, so they mean the
 * same, as in memo.h.
 */
#ifndef OUTLINE_H
#define OUTLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libxml/tree.h>

#include "shortcut.h"
#include "snapshot.h"
#include "span.h"
#include "variant.h"

struct buffer;
struct judge;

enum slot_kind {
    SLOT_NAME,
    SLOT_PARENT,
    SLOT_TIME,
    SLOT_MEMORY,
    SLOT_COUNT,
};

/* A value that may be another. */
struct slot {
    enum slot_kind kind;
    struct span text;
    uint64_t *classes; /* of each schema */
};

/* Offsets of start tags; 0: there is none. */
struct landmarks {
    size_t root;
    size_t name;
    size_t parent; /* its <name> */
    size_t active;
};

struct outline {
    char *bytes;
    size_t len;
    struct slot slots[SLOT_COUNT]; /* in order */
    size_t slot_count;
    struct landmarks at;
    unsigned char *choices; /* of each part by each schema */
    size_t choice_count;
    double cost; /* see afford_cost() */
    enum layout layout;
    const char *state;
    bool active;
};

#define OUTLINES 8

/* {0} is an empty one. */
struct outlines {
    struct outline *list[OUTLINES]; /* the one met last is the first */
    size_t count;
};

/*
 * Is what is left of a snapshot, REST, known? Then the judge's snapshot gets
 * its facts, but for those of the <domain>.
 */
bool outlines_know(struct outlines *outlines, struct variants *variants,
                   const struct shortcut *shortcut, const struct buffer *rest,
                   struct judge *judge);

/* This one was judged, and is sound without a word. */
void outlines_add(struct outlines *outlines, struct variants *variants,
                  const struct shortcut *shortcut, const struct buffer *rest,
                  const struct judge *judge);

void outlines_free(struct outlines *outlines);

#endif
