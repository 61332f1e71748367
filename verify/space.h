/*
 * space.h - find the white space of an element that is layout and not content.
 *
 * Pure functions over memory, as in span.h.
 */
#ifndef SPACE_H
#define SPACE_H

#include <stddef.h>

#include "memory.h"
#include "span.h"

/* An array of spans; {0} when empty; release `list` with free(). */
struct spans {
    struct span *list;
    size_t count;
};

/*
 * Large children of elements that were walked before, and what was found in
 * them. Most snapshots of a domain have the same <domain>, and what is the same
 * need not be walked again. {0} is an empty one.
 */
struct space_memo {
    struct space_known {
        char *bytes;
        size_t len;
        struct spans spans;  /* relative to the first byte */
        struct buffer moved; /* the caller's: what it has made of it ... */
        int shift;           /* ... and how */
    } known[4];
    size_t next; /* which is forgotten next */
    /* Those in the element that was walked last, in order. */
    struct space_met {
        size_t at;
        struct space_known *child;
    } met[4];
    size_t met_count;
};

void space_forget(struct space_memo *memo);

/*
 * The structural white space of an element that fills all LEN bytes: every text
 * of blanks only that stands between tags (or comments, processing
 * instructions) in an element whose content is elements. An element with other
 * text or a CDATA section among its children keeps its whole subtree out, and
 * so does xml:space="preserve". This is where libvirt's writer indents: its
 * virXMLFormatMetadata() has libxml2's xmlNodeDump() lay out the nodes that
 * have no text of their own. That one goes no further than 60 columns: what is
 * there already, in <metadata>, does not move and is left out. What is in a
 * child that MEMO has met (memo->met) is left out as well.
 *
 * CHILDREN, unless it is NULL, gets where the children of the element are that
 * are called CHILD. MEMO may be NULL, and is to be used with the same CHILD
 * only.
 */
void space_structural(const char *element, size_t len, struct spans *spans,
                      const char *child, struct spans *children,
                      struct space_memo *memo);

#endif
