/* prune.c - see prune.h. */
#include "prune.h"

#include <stdbool.h>
#include <stdlib.h>

#include "memory.h"
#include "parse.h"

/* Has the schema a word on this child of a <domain> or <inactiveDomain>? */
static bool
is_judged(const xmlNode *node)
{
    static const char *const names[] = {
        "uuid", "name", "memory", "os", "currentMemory", "vcpu", "title",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (parse_is(node, names[i]))
            return true;
    }
    return false;
}

static void
cut(xmlNode *parent, bool all, struct prunings *prunings)
{
    for (xmlNode *node = parent->children, *next; node; node = next) {
        next = node->next;
        if (node->type != XML_ELEMENT_NODE || (!all && is_judged(node)))
            continue;
        prunings->list =
            xgrow(prunings->list, prunings->count, sizeof(*prunings->list));
        prunings->list[prunings->count++] =
            (struct cutting){node, parent, next};
        xmlUnlinkNode(node);
    }
}

static void
prune_element(xmlNode *node, struct prunings *prunings)
{
    if (parse_is(node, "domain") || parse_is(node, "inactiveDomain"))
        cut(node, false, prunings);
    else if (parse_is(node, "cookie"))
        cut(node, true, prunings);
}

void
prune(xmlDoc *doc, struct prunings *prunings)
{
    const xmlNode *root = xmlDocGetRootElement(doc);

    for (xmlNode *node = root->children; node; node = node->next)
        prune_element(node, prunings);
}

void
prune_part(xmlDoc *doc, struct prunings *prunings)
{
    prune_element(xmlDocGetRootElement(doc), prunings);
}

/* The last one first: what stands behind each is back before it is needed. */
void
prune_undo(struct prunings *prunings)
{
    while (prunings->count) {
        const struct cutting *cutting = &prunings->list[--prunings->count];

        if (cutting->next)
            (void)xmlAddPrevSibling(cutting->next, cutting->node);
        else
            (void)xmlAddChild(cutting->parent, cutting->node);
    }
    free(prunings->list);
    *prunings = (struct prunings){0};
}
