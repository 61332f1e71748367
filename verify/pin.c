/* pin.c - see pin.h. */
#include "pin.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "grammar.h"
#include "memory.h"
#include "parse.h"
#include "span.h"
#include "value.h"

static void
set_attribute(xmlNode *node, const char *name, const char *value)
{
    if (!xmlSetProp(node, (const xmlChar *)name, (const xmlChar *)value))
        memory_exhausted();
}

/* Behind the prefix of TEXT, and its namespace, which is not NULL. */
static const char *
without_prefix(xmlNode *node, const xmlChar *text, const char **space)
{
    const char *colon = strchr((const char *)text, ':');
    cleanup(free_ptr) char *prefix = NULL;
    const xmlNs *ns;

    if (!colon)
        return NULL;
    prefix = xstrndup((const char *)text, (size_t)(colon - (const char *)text));
    ns = xmlSearchNs(node->doc, node, (const xmlChar *)prefix);
    if (!ns || !ns->href)
        return NULL;
    *space = (const char *)ns->href;
    return colon + 1;
}

/* A name with a prefix becomes one with ns=, which can be moved elsewhere. */
static void
pin_name(xmlNode *node)
{
    bool is_name = grammar_is(node, "name");
    cleanup(parse_free_text) xmlChar *text =
        is_name ? xmlNodeGetContent(node) : grammar_attribute(node, "name");
    const char *space = NULL;
    const char *local = text ? without_prefix(node, text, &space) : NULL;

    if (!local)
        return;
    set_attribute(node, "ns", space);
    if (!is_name) {
        set_attribute(node, "name", local);
        return;
    }
    xmlNodeSetContent(node, NULL);
    xmlNodeAddContent(node, (const xmlChar *)local);
}

/* Has a text blanks at an end? */
static bool
is_padded(const char *text)
{
    size_t len = strlen(text);

    return len && (span_blank(text, 1) || span_blank(text + len - 1, 1));
}

/*
 * RELAX NG Specification, 4.2: blanks around these say nothing. For libxml2
 * they do in a <param>, and its verdict is the one that counts.
 */
static void
trim(xmlNode *node)
{
    for (xmlAttr *attribute = node->properties; attribute;
         attribute = attribute->next) {
        const char *name = (const char *)attribute->name;
        /* There is one text in it, where no entities are. */
        const xmlNode *text = attribute->children;

        if (!attribute->ns && text && is_padded((const char *)text->content) &&
            (!strcmp(name, "name") || !strcmp(name, "type") ||
             !strcmp(name, "combine"))) {
            cleanup(free_ptr) char *trimmed =
                value_squeeze((const char *)text->content);

            set_attribute(node, name, trimmed);
        }
    }
}

/*
 * Write down at each value what holds where it stands: whatever it is moved
 * into may say otherwise. LIBRARY holds around NODE.
 */
static void
pin(xmlNode *node, const xmlChar *library)
{
    cleanup(parse_free_text) xmlChar *own =
        grammar_attribute(node, "datatypeLibrary");

    library = own ? own : library;
    if (!grammar_is(node, "param"))
        trim(node);
    if (grammar_is(node, "element") || grammar_is(node, "attribute") ||
        grammar_is(node, "name"))
        pin_name(node);
    if (!own && (grammar_is(node, "data") || grammar_is(node, "value")))
        set_attribute(node, "datatypeLibrary", (const char *)library);
    for (xmlNode *child = grammar_first(node); child;
         child = grammar_next(child->next))
        pin(child, library);
}

void
pin_schema(xmlNode *root)
{
    pin(root, (const xmlChar *)"");
}
