/*
 * reorder.h - let libxml2 look at an attribute that may be missing last, behind
 * the children of its element. It means the same, for attributes have no order.
 *
 * libxml2 goes on with two states behind such an attribute: as if it were
 * there, and as if not. For each it looks at the children, until they are found
 * valid once. So in nested elements, such as the backing chain of a running
 * domain, one fault at the bottom took twice the time for each level: minutes
 * at 20.
 */
#ifndef REORDER_H
#define REORDER_H

#include <libxml/tree.h>

/* Only where an element has an <interleave>; libxml2 treats others so itself.
 */
void reorder(xmlDoc *schema);

#endif
