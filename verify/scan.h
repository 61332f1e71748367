/*
 * scan.h - what a document consists of, seen from outside, and its greatest
 * depth, attributes of one tag and namespaces in scope: what costs a parser
 * more than mere size does. As span.h: no judgement of the XML, pure functions
 * over memory.
 */
#ifndef SCAN_H
#define SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

/* What a document consists of, seen from outside. */
struct document {
    struct span root;      /* the root element with its tags */
    struct span root_name; /* its name */
    struct span outside;   /* first content beside root that is not libvirt's */
    struct span encoding;  /* value of encoding= in the XML declaration */
    size_t doctype;        /* offset of a DOCTYPE behind `has_doctype` */
    size_t depth;          /* greatest number of nested elements, root is 1 */
    size_t deepest;        /* offset of the first tag so deep */
    size_t attributes;     /* most in one tag */
    size_t namespaces;     /* most declarations in scope of one element */
    size_t widest;         /* offset of the first tag with so many */
    size_t crowded;        /* offset of the tag with those in scope */
    bool has_doctype;
};

/* Map a document. -1: no root element could be located. */
int scan_document(const char *bytes, size_t len, struct document *map);

/* Deeper than any parser reads. */
#define SCOPES 512

/* The same, one token after the other. */
struct scan {
    const char *bytes;
    size_t len;
    size_t at;          /* offset of the next token */
    size_t depth;       /* of the elements that are open there */
    struct token token; /* the last one */
    size_t token_at;    /* and its offset */
    bool found;         /* the root element has ended */
    /* Declarations of namespaces: of each open element, and of all. */
    size_t declared[SCOPES];
    size_t scope;
};

void scan_start(struct scan *scan, const char *bytes, size_t len,
                struct document *map);
/* Go behind the next token. False: there is none that could belong there. */
bool scan_step(struct scan *scan, struct document *map);
/*
 * Go behind an element of LEN bytes that begins here, has been mapped as INNER
 * before, and is the same now.
 */
void scan_skip(struct scan *scan, size_t len, const struct document *inner,
               struct document *map);
/* Was that all, and one element with all that is in it? */
bool scan_is_whole(const struct scan *scan);

#endif
