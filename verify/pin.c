/* pin.c - see pin.h. */
#include "pin.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "grammar.h"
#include "memory.h"
#include "parse.h"

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
