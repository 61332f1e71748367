/*
 * transform.h - a snapshot as a stylesheet of the user makes it (--transform).
 * Memory only, but for the stylesheet that is read at the beginning.
 *
 * The stylesheet sees one <domainsnapshot> at a time, the same from either
 * layout: as it stands in a bulk file, without <active>. What it makes is taken
 * as it is, and judged like any other snapshot by whoever asked.
 */
#ifndef TRANSFORM_H
#define TRANSFORM_H

#include "../verify/snapshot.h"

struct buffer;
struct error;

struct transform;

/* Read the stylesheet in FILE. NULL: it cannot be read or used. */
struct transform *transform_open(const char *file, struct error *error);
void transform_free(struct transform *transform);

/*
 * Make OUT what the stylesheet makes of an element of LEN bytes from layout
 * FROM; it then is in layout LAYOUT_BULK. 1: done, 0: that would be the same
 * snapshot, and OUT is empty, -1: it failed, or made no single element. Any
 * thread.
 */
int transform_snapshot(const struct transform *transform, const char *element,
                       size_t len, enum layout from, struct buffer *out,
                       struct error *error);

#endif
