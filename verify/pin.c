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

/* Is it a name or some of them? */
static bool
is_name_class(const xmlNode *node)
{
    if (!grammar_is(node, "choice"))
        return grammar_is(node, "name") || grammar_is(node, "anyName") ||
               grammar_is(node, "nsName");
    for (node = grammar_first(node); node; node = grammar_next(node->next)) {
        if (is_name_class(node))
            return true;
    }
    return false;
}

/*
 * A choice of names in a choice of names says no more than the names in it, and
 * libxml2 (2.9.14) looks for its end for ever. NODE is one; what it has goes in
 * front of it, with the namespace that holds there.
 */
static void
unwrap_names(xmlNode *node)
{
    cleanup(parse_free_text) xmlChar *space = grammar_attribute(node, "ns");
    xmlNode *child;

    while ((child = node->children)) {
        xmlUnlinkNode(child);
        if (space && child->type == XML_ELEMENT_NODE &&
            !xmlHasProp(child, (const xmlChar *)"ns"))
            set_attribute(child, "ns", (const char *)space);
        (void)xmlAddPrevSibling(node, child);
    }
    xmlUnlinkNode(node);
    xmlFreeNode(node);
}

static void
flatten_names(xmlNode *choice)
{
    xmlNode *node = grammar_first(choice), *next;

    for (; node; node = next) {
        next = grammar_next(node->next);
        if (!grammar_is(node, "choice"))
            continue;
        flatten_names(node);
        unwrap_names(node);
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
    if (is_name_class(node))
        flatten_names(node);
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
