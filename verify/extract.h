/*
 * extract.h - take schemas out of a RELAX NG schema: that of one element, or
 * the whole with other elements in the place of some. What they do not refer to
 * is left out, for libxml2 takes its time over every definition.
 */
#ifndef EXTRACT_H
#define EXTRACT_H

#include <stddef.h>
#include <libxml/tree.h>

/*
 * A schema of the one <element> that NODE is in its schema. NULL: its
 * definitions refer to others around them. The caller frees it.
 */
xmlDoc *extract_element(const xmlNode *node);

/* An <element> of the schema, and the name of what stands in its place. */
struct stand_in {
    const xmlNode *node;
    const char *name;
};

/* SCHEMA with an empty element for each of COUNT. The caller frees it. */
xmlDoc *extract_frame(const xmlDoc *schema, const struct stand_in *stand_ins,
                      size_t count);

#endif
