/* reorder.c - see reorder.h. */
#include "reorder.h"

#include <stdbool.h>

#include "grammar.h"
#include "memory.h"

static bool
has_interleave(const xmlNode *element)
{
    const xmlNode *node = grammar_first(element);

    while (node && !grammar_is(node, "interleave"))
        node = grammar_next(node->next);
    return node;
}

/* Is this an <optional> with one attribute and nothing else? */
static bool
is_optional_attribute(const xmlNode *node)
{
    const xmlNode *part = grammar_first(node);

    return grammar_is(node, "optional") && grammar_is(part, "attribute") &&
           !grammar_next(part->next);
}

/* What only consists of attributes libxml2 would put in front again. */
static void
make_choice(xmlNode *optional)
{
    xmlNode *empty = xmlNewNode(optional->ns, (const xmlChar *)"empty");

    if (!empty)
        memory_exhausted();
    xmlNodeSetName(optional, (const xmlChar *)"choice");
    (void)xmlAddChild(optional, empty);
}

static void
reorder_element(xmlNode *element)
{
    const xmlNode *last = element->last;
    xmlNode *next = NULL;

    for (xmlNode *node = element->children; node; node = next) {
        /* What was moved already is not looked at again. */
        next = node == last ? NULL : node->next;
        if (!is_optional_attribute(node))
            continue;
        make_choice(node);
        xmlUnlinkNode(node);
        (void)xmlAddChild(element, node);
    }
}

static xmlNode *
next_node(xmlNode *node, const xmlNode *root)
{
    if (node->type == XML_ELEMENT_NODE && node->children)
        return node->children;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

void
reorder(xmlDoc *schema)
{
    const xmlNode *root = xmlDocGetRootElement(schema);

    for (xmlNode *node = xmlDocGetRootElement(schema); node;
         node = next_node(node, root)) {
        if (grammar_is(node, "element") && has_interleave(node))
            reorder_element(node);
    }
}
