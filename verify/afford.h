/*
 * afford.h - is a document cheap enough to be held against a schema?
 *
 * Where a schema allows anything, libxml2 keeps a state for each attribute of
 * an element that it has passed; with each of these, one for each child, be it
 * an element or text; and it compares each new state with all others. So an
 * element takes the square of attributes times children: 100 attributes and 400
 * children took 16 seconds. Pure function over a tree.
 */
#ifndef AFFORD_H
#define AFFORD_H

#include <stddef.h>
#include <libxml/tree.h>

/*
 * The sum of the squares of all elements; it ends with more than AFFORD_MOST.
 * That of a document in parts is the sum of those of its parts.
 */
double afford_cost(const xmlDoc *doc);

/*
 * What is less than a second, and for each byte as much less as there are less
 * of them, so that many small documents are no way around it. LEN is how many
 * bytes were parsed. The limits are 10,000 children in one element, or a tenth
 * in ten. libvirt writes some 40 bytes for each, and may so write 8000 of them.
 */
#define AFFORD_MOST 1e8
#define AFFORD_PER_BYTE 200.0
double afford_limit(size_t len);

#endif
