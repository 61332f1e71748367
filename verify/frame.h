/*
 * frame.h - a bulk file without its members: what is left of it when a stub
 * element stands in the place of each. Used by bulk.c only.
 */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "memory.h"
#include "span.h"
#include "where.h"

struct domain;
struct place;
struct problems;

/* Where in the file a stub stands, and what is behind it. */
struct anchor {
    struct span stub; /* in the frame */
    struct position start;
    struct position behind;
};

/* {0} is an empty one. */
struct frame {
    struct buffer bytes;
    struct anchor *anchors;
    size_t children;      /* stubs in the frame, and anchors */
    struct span root_tag; /* of <snapshots> */
};

/* Append a token; TOP: it stands outside of all elements. -1: too much. */
int frame_add(struct frame *frame, const char *bytes, struct token token,
              bool top);
/* Append a stub for a member that reaches from START to what is BEHIND it. */
void frame_stub(struct frame *frame, const char *name, size_t len,
                struct position start, struct position behind);

/* Is the root element called <snapshots>? */
bool frame_is_list(const struct frame *frame);

/*
 * Judge the frame, and with it that the members are where they seemed; find the
 * snapshot that current= names among those of DOMAIN. PLACE names the file.
 */
void frame_judge(const struct frame *frame, struct domain *domain,
                 const struct place *place, struct problems *problems);

void frame_free(struct frame *frame);

#endif
