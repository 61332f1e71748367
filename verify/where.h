/*
 * where.h - the line and column of whatever a finding is about.
 *
 * Counted in the bytes of the document, for libxml2 knows no column of an
 * element and no line of one past 65535. Both count from 1. A line ends at a
 * line feed, so a carriage return in front of it is the line's last character;
 * a column is a character (a code point), as in editors. A byte order mark at
 * the front of a file is none. Pure functions over memory, nothing fails.
 */
#ifndef WHERE_H
#define WHERE_H

#include <stdbool.h>
#include <stddef.h>
#include <libxml/tree.h>

#include "span.h"

struct place;

/* {0} is an unknown one. */
struct position {
    unsigned long line;
    unsigned long column;
};

/* The first byte of a file. */
#define POSITION_FIRST ((struct position){1, 1})

/* Where the byte behind LEN bytes is that begin at FROM. */
struct position position_behind(struct position from, const char *bytes,
                                size_t len);

/* What position_behind() tells of a part; then to tell it without its bytes. */
struct cut cut_of(const char *bytes, struct span whole, size_t stub);

struct position position_leap(struct position from, const struct cut *cut);

/* Let PLACE be there. */
void position_put(struct position position, struct place *place);

/*
 * A part of a document that was taken out of it, with a stub in its place, and
 * how far it goes.
 */
struct cut {
    struct span whole;    /* in the document */
    size_t stub;          /* bytes */
    unsigned long lines;  /* line feeds in it */
    unsigned long behind; /* characters behind the last of them */
};

/*
 * A document, well-formed or not, to look places up in. It only refers to the
 * bytes. Looking up costs what lies between, or a new start.
 */
struct where {
    const char *bytes;
    size_t len;
    const struct cut *cuts; /* in order; with them, the tree is that of ... */
    size_t cut_count;
    const char *rest; /* ... what is left; NULL: of all bytes */
    size_t rest_len;
    struct position start; /* of the first byte */
    size_t known;          /* offset of the last answer */
    struct position last;  /* and that answer */
    bool mapped;           /* each element knows the offset of its tag */
};

struct where where_start(const char *bytes, size_t len, struct position start);

/* The byte of the document at OFFSET. */
struct position where_byte(struct where *where, size_t offset);

/* The byte of the rest at OFFSET, where it stands in the document. */
struct position where_rest(struct where *where, size_t offset);

/*
 * The start tag of an element, or of the one that NODE is in. The tree must be
 * the one that was parsed from the bytes or the rest, which have no DOCTYPE;
 * its elements' _private is used. {0}: the scanner has not found it.
 */
struct position where_node(struct where *where, const xmlNode *node);

/* The offset of that tag in *OFFSET. False: the scanner has not found it. */
bool where_offset(struct where *where, const xmlNode *node, size_t *offset);

#endif
