/*
 * parse.h - libxml2, used in one way only: from memory, without network,
 * entities, DTDs or recovery, and with the first error kept for a message.
 */
#ifndef PARSE_H
#define PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <libxml/tree.h>
#include <libxml/dict.h>

/* The first thing that makes a document not well-formed. */
struct parse_failure {
    char *message; /* owned */
    unsigned long line;
    unsigned long column;
    size_t offset; /* the byte that the parser had come to */
};

/*
 * A dictionary that documents are parsed with together, as if they were one:
 * libxml2 refuses a document with more than 10 MB of distinct names. The caller
 * frees it with xmlDictFree().
 */
xmlDict *parse_dictionary(void);

/* libxml2's parser, made ready once for many documents. */
struct parser;

/* With DICTIONARY, or one of its own that is renewed when it has grown. */
struct parser *parser_new(xmlDict *dictionary);
void parser_free(struct parser *parser);

/* As parse_document(). */
xmlDoc *parser_read(struct parser *parser, const char *bytes, size_t len,
                    struct parse_failure *failure);

/*
 * Parse a document, with DICTIONARY or one of its own (NULL). NULL if it is not
 * well-formed, with FAILURE (may be NULL) filled in. The caller frees the
 * document with xmlFreeDoc(), and the failure's message.
 */
xmlDoc *parse_document(const char *bytes, size_t len, xmlDict *dictionary,
                       struct parse_failure *failure);

/* Does the white space in this element say something? */
typedef bool parse_keeps(const xmlNode *element);

/*
 * The same without comments, and without text of blanks but where KEEPS says
 * that it says something; all is kept where KEEPS is NULL.
 */
xmlDoc *parse_sparse(const char *bytes, size_t len, xmlDict *dictionary,
                     parse_keeps *keeps, struct parse_failure *failure);

/* The first child element NAME without a namespace, behind AFTER or NULL. */
const xmlNode *parse_child(const xmlNode *parent, const char *name,
                           const xmlNode *after);

/* Is this an element NAME without a namespace? */
int parse_is(const xmlNode *node, const char *name);

/* cleanup() functions. */
void parse_free_doc(xmlDoc **doc);
void parse_free_text(xmlChar **text);

#endif
