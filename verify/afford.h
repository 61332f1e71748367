/*
 * afford.h - is a document cheap enough to be held against a schema?
 *
 * Where a schema allows anything, libxml2 may keep, for one element, as many
 * states as it has attributes times children (elements and texts), and it
 * compares each new state with all others. So the time grows with the square of
 * attributes times children: 100 attributes and 400 children took 16 seconds.
 * Pure functions over a tree.
 */
#ifndef AFFORD_H
#define AFFORD_H

#include <stddef.h>
#include <libxml/tree.h>

/*
 * The sum of these squares over all elements; above AFFORD_MOST it is not
 * counted to its end. That of a document in parts is the sum of those of its
 * parts.
 */
double afford_cost(const xmlDoc *doc);

/*
 * The cost that is allowed: AFFORD_MOST takes less than a second; a small
 * document may cost less, in proportion to its bytes, so that many small ones
 * are no way around it. LEN is how many bytes were parsed. The limits are
 * 10,000 children in one element, or a tenth in ten. libvirt writes some 40
 * bytes for each, and may so write 8000 of them.
 */
#define AFFORD_MOST 1e8
#define AFFORD_PER_BYTE 200.0
double afford_limit(size_t len);

#endif
