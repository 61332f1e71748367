/*
 * shortcut.h - judge a snapshot by its parts: those that are known already are
 * only recognised, and what is left is small.
 *
 * Sound, because it says "valid" or nothing. A part is an element from its
 * first byte to its last, well-formed by itself; the rest is well-formed with a
 * stub in the place of each part, and the stubs come out as children of the
 * root: so the whole is well-formed, and that is its structure. Nothing
 * reaches into a part from outside: a snapshot with a DOCTYPE, or with an
 * attribute at its root (a namespace, say), is not taken. That the whole is
 * valid by each schema follows as told in split.h. Whatever is amiss, the whole
 * is judged instead, which finds the words for it.
 */
#ifndef SHORTCUT_H
#define SHORTCUT_H

#include <stdbool.h>
#include <stddef.h>
#include <libxml/tree.h>

#include "memo.h"
#include "scan.h"
#include "where.h"

struct judge;
struct schemas;
struct workspace;

/* A snapshot in parts. {0} is none. */
struct shortcut {
    const struct schemas *schemas;
    const char *bytes;
    size_t len;
    struct met met[PART_COUNT]; /* in the order of the document */
    struct cut cuts[PART_COUNT];
    size_t count;
    xmlDoc *doc; /* what is left, with stubs */
};

/*
 * Take the document of LEN bytes to parts, map it, and leave what is left in
 * the workspace. False: it has to be judged as a whole, and MAP is not filled
 * in.
 */
bool shortcut_take(struct shortcut *shortcut, const char *bytes, size_t len,
                   struct document *map, const struct schemas *schemas,
                   struct workspace *workspace);

/* Parse what is left. False: as above. */
bool shortcut_parse(struct shortcut *shortcut, struct workspace *workspace);

/* Let places be looked up in the rest, as if it were the whole. */
void shortcut_guide(const struct shortcut *shortcut,
                    const struct workspace *workspace, struct where *where);

/* The part of that name, and where it is; NULL: the snapshot has none. */
const struct met *shortcut_part(const struct shortcut *shortcut,
                                enum part_name name, size_t *start);

/* Is it cheap enough for the schemas, as a whole, with a rest of that cost? */
bool shortcut_affordable(const struct shortcut *shortcut, double rest);

/* Is the whole valid by all schemas? False: perhaps. */
bool shortcut_valid(const struct shortcut *shortcut);

void shortcut_free(struct shortcut *shortcut);

#endif
