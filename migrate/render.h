/*
 * render.h - the bytes of one layout made into those of the other.
 *
 * Pure functions over memory, no I/O. Nothing is re-serialised: the bytes of an
 * element are copied, moved two columns right (into a bulk file) or left (out
 * of one) at structural newlines only (space.h says which those are), without
 * or with its <active>. legacy to bulk to legacy gives back what libvirt wrote
 * byte for byte; the form is that of libvirt's virXMLSaveFile() and of the bulk
 * writer of the 2019 series.
 */
#ifndef RENDER_H
#define RENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "../verify/snapshot.h"

struct buffer;
struct space_memo;

/*
 * Append a snapshot to OUT as it stands in layout TO: a whole legacy file, or
 * a member of a bulk file with the line it is on. ELEMENT has LEN bytes and
 * comes from layout FROM. ACTIVE counts for legacy only. MEMO, which may be
 * NULL, makes it faster and nothing else; see space.h.
 */
void render_snapshot(const char *element, size_t len, enum layout from,
                     enum layout to, bool active, struct buffer *out,
                     struct space_memo *memo);

/* What stands in front of the members; CURRENT is a name, or NULL. */
void render_bulk_head(const char *current, struct buffer *out);
/* An attribute's value in quotes, escaped as a parser reads it back. */
void render_attribute(const char *value, struct buffer *out);
/* What stands behind them. */
void render_bulk_tail(struct buffer *out);

#endif
