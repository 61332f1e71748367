/*
 * grammar.h - a RELAX NG schema as one document: what it includes is put in the
 * place of its <include> and <externalRef>.
 *
 * So libxml2, which would open files and fetch addresses for these, never looks
 * for anything. The schemas of this project come from the program itself. One
 * that the user names, and what it includes, is read from the directory it lies
 * in and from those below it. A DOCTYPE is refused.
 *
 * Source: RELAX NG Specification (2001), 4.4 to 4.7 and 4.10.
 */
#ifndef GRAMMAR_H
#define GRAMMAR_H

#include <stdbool.h>
#include <libxml/tree.h>

struct error;

/* The schema NAME of embedded_files[], which must be there. */
xmlDoc *grammar_embedded(const char *name, struct error *error);

/* The schema in the file PATH. NULL: it cannot be read. The caller frees it. */
xmlDoc *grammar_read(const char *path, struct error *error);

/* Is this an element NAME of RELAX NG? */
bool grammar_is(const xmlNode *node, const char *name);

/* The next element of RELAX NG from NODE on, among its siblings. */
xmlNode *grammar_next(xmlNode *node);

/* The child elements of RELAX NG that a node has: the first. */
static inline xmlNode *
grammar_first(const xmlNode *node)
{
    return grammar_next(node->children);
}

/* An attribute without a namespace, NULL if there is none; free with xmlFree().
 */
xmlChar *grammar_attribute(const xmlNode *node, const char *name);

/* The attribute NAME of NODE or of the nearest element around it. */
xmlChar *grammar_inherited(const xmlNode *node, const char *name);

#endif
