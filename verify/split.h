/*
 * split.h - a schema of <domainsnapshot> cut into the schemas of its parts, and
 * one of the frame that is left when a stub stands in the place of each part.
 *
 * A part is a direct child of <domainsnapshot> that is the same in many
 * snapshots. Its pattern in the schema is an <element> with a name and nothing
 * else. All that the rest of the schema can know of a part is which of these
 * patterns takes it. So, in the schema of the frame, each pattern is replaced
 * by an empty element with a name of its own, the stub: a frame that is valid
 * with the stub of a pattern is valid with any part that this pattern takes.
 * (Nothing is said of what is not: then the whole is looked at.)
 *
 * Some schemas do not allow that, and are not split: one that lets any element
 * stand where a part does, or in which values have to differ from each other
 * (xsd:ID). Source: RELAX NG Specification (2001), 6 and 7.
 */
#ifndef SPLIT_H
#define SPLIT_H

#include <stdbool.h>
#include <stdint.h>
#include <libxml/tree.h>

#include "part.h"
#include "variant.h"

struct _xmlRelaxNG;
struct pattern;
struct patterns;

/* Patterns of one part; more than any schema has. */
#define SPLIT_CHOICES 8
/* Patterns of the values of one kind that are told apart, one bit each. */
#define SPLIT_VALUES 64

/* A schema that is made when it is first needed. */
struct piece {
    const struct pattern *pattern;
    struct _xmlRelaxNG *compiled; /* NULL: libxml2 does not accept it */
    bool tried;
};

struct split {
    const xmlDoc *schema;
    struct piece frame;
    struct piece parts[PART_COUNT][SPLIT_CHOICES];
    size_t choices[PART_COUNT];
    const struct pattern *values[VARIANT_COUNT][SPLIT_VALUES];
    size_t value_count[VARIANT_COUNT];
    bool has_values; /* it is known which values they take */
};

/* NULL: the schema, of these patterns, cannot be split. */
struct split *split_new(const xmlDoc *schema, const struct patterns *patterns);
void split_free(struct split *split);

/*
 * Compiled, when it was first asked for, and then for ever. The caller sees to
 * it that only one thread asks at a time. NULL: libxml2 does not accept it.
 */
struct _xmlRelaxNG *split_frame(struct split *split);
struct _xmlRelaxNG *split_part(struct split *split, enum part_name name,
                               size_t choice);

/* Tell apart what the schema does in values of that kind. */
void split_fold(const struct split *split, enum variant_kind kind,
                struct fold *fold);

/*
 * Which of all the values of its kind that the schema tells apart is TEXT? Of
 * two with the same answer, one may stand where the other does.
 */
uint64_t split_value(const struct split *split, enum variant_kind kind,
                     const char *text);

#endif
