/*
 * span.h - find the byte ranges of elements in a document, without building a
 * tree and without judging the XML.
 *
 * libxml2 is the judge of what is well-formed; this module only says where
 * things are in bytes that libxml2 accepts. On other bytes it may answer
 * nonsense, but it never reads outside what it was given and always ends.
 * Pure functions over memory, no I/O. Offsets and lengths are in bytes.
 *
 * Source: XML 1.0 (Fifth Edition), productions 10-22 and 39-44.
 */
#ifndef SPAN_H
#define SPAN_H

#include <stdbool.h>
#include <stddef.h>

/* A range of bytes in some document. */
struct span {
    size_t start;
    size_t len;
};

static inline size_t
span_end(struct span span)
{
    return span.start + span.len;
}

enum token_kind {
    TOKEN_TEXT,
    TOKEN_START, /* <name ...> */
    TOKEN_EMPTY, /* <name .../> */
    TOKEN_END,   /* </name> */
    TOKEN_COMMENT,
    TOKEN_CDATA,
    TOKEN_PI,      /* also the XML declaration */
    TOKEN_DOCTYPE, /* only the word: what follows is never read */
    TOKEN_MORE,    /* the bytes end inside of a token */
    TOKEN_BAD,     /* no token of XML starts here */
};

struct token {
    enum token_kind kind;
    size_t len;
    struct span name;  /* of tags, relative to the token's first byte */
    size_t attributes; /* how many a tag has */
    size_t namespaces; /* how many of these declare one */
};

/*
 * The token at the first of LEN bytes. When more bytes may follow (MORE), text
 * that reaches the end is TOKEN_MORE as well; otherwise it is a text.
 */
struct token span_token(const char *bytes, size_t len, bool more);

/* Are all bytes blank (space, tab, CR, LF)? */
bool span_blank(const char *bytes, size_t len);

/* How many newlines there are. */
unsigned long span_lines(const char *bytes, size_t len);

/* Is this the comment that libvirt puts at the head of its files? */
bool span_is_warning(const char *bytes, struct token token);

/* Is this an XML declaration? */
bool span_is_declaration(const char *bytes, struct token token);

/* A walk over the direct children of an element that fills all LEN bytes. */
struct children {
    const char *element;
    size_t len;
    size_t at; /* start with 0 */
    size_t depth;
};

/*
 * The next child element called NAME. WHOLE gets its range, CONTENT (may be
 * NULL) what is between its tags. False: there is none.
 */
bool span_next_child(struct children *children, const char *name,
                     struct span *whole, struct span *content);
/* The first one. */
bool span_child(const char *element, size_t len, const char *name,
                struct span *whole, struct span *content);

/*
 * The value of an attribute in the start tag that fills the LEN bytes, as it is
 * written between its quotes. False: there is none.
 */
bool span_attribute(const char *tag, size_t len, const char *name,
                    struct span *value);

/*
 * Text as it stands in the bytes: references of characters and of the five
 * predefined entities are resolved, line ends and blanks are left as they are
 * (a parser would normalise them). NULL if there is markup or an unknown
 * entity. The caller owns it.
 */
char *span_decode(const char *bytes, size_t len);

#endif
