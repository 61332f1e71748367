/* afford.c - see afford.h. */
#include "afford.h"

#include <stdint.h>

/* The next node in the order of the document, NULL behind the last. */
static const xmlNode *
next_node(const xmlNode *node, const xmlNode *root)
{
    if (node->type == XML_ELEMENT_NODE && node->children)
        return node->children;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

/* How many states libxml2 may keep for an element. */
static double
count_states(const xmlNode *element)
{
    double attributes = 0, children = 0;

    for (const xmlAttr *attribute = element->properties; attribute;
         attribute = attribute->next)
        attributes++;
    for (const xmlNode *child = element->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE ||
            ((child->type == XML_TEXT_NODE ||
              child->type == XML_CDATA_SECTION_NODE) &&
             !xmlIsBlankNode(child)))
            children++;
    }
    /* One of each is free, so that a mere text counts for nothing. */
    return (attributes > 0 ? attributes : 1) * (children > 0 ? children : 1);
}

double
afford_cost(const xmlDoc *doc)
{
    const xmlNode *root = xmlDocGetRootElement((xmlDoc *)(uintptr_t)doc);
    double sum = 0;

    for (const xmlNode *node = root; node && sum <= AFFORD_MOST;
         node = next_node(node, root)) {
        double states = node->type == XML_ELEMENT_NODE ? count_states(node) : 0;

        sum += states * states;
    }
    return sum;
}

double
afford_limit(size_t len)
{
    const double share = AFFORD_PER_BYTE * (double)len;

    return share < AFFORD_MOST ? share : AFFORD_MOST;
}
