/* relations.c - see relations.h. */
#include "relations.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "layout.h"
#include "memory.h"
#include "parse.h"
#include "schema.h"

enum relation {
    LOOPED, /* until it is reached from one that is not */
    ROOT,
    CHILD,
    ORPHAN,
    DUPLICATE,
};

static xmlNode *
add_element(xmlNode *parent, const char *name)
{
    xmlNode *node =
        xmlNewDocNode(parent->doc, NULL, (const xmlChar *)name, NULL);

    if (!node)
        memory_exhausted();
    return xmlAddChild(parent, node);
}

static void
add_attribute(xmlNode *node, const char *name, const char *value)
{
    if (!xmlNewProp(node, (const xmlChar *)name, (const xmlChar *)value))
        memory_exhausted();
}

/* What can be told of each without following anyone. */
static void
look(const struct domain *domain, const struct domain *other,
     enum relation *relations, size_t *parents)
{
    for (size_t i = 0; i < domain->count; i++) {
        const char *parent = domain->snaps[i].parent;

        parents[i] = parent ? domain_find(domain, parent) : NO_SNAPSHOT;
        if (!parent)
            relations[i] = ROOT;
        else if (parents[i] != NO_SNAPSHOT)
            continue;
        else if (other && domain_find(other, parent) != NO_SNAPSHOT)
            relations[i] = CHILD;
        else
            relations[i] = ORPHAN;
    }
}

/* What comes from one that is not looped is not looped: go down from those. */
static void
spread(const struct domain *domain, enum relation *relations,
       const size_t *parents)
{
    size_t count = domain->count, done = 0, reached = 0;
    cleanup(free_ptr) size_t *queue = xcalloc(count, sizeof(*queue));
    cleanup(free_ptr) size_t *child = xcalloc(count, sizeof(*child));
    cleanup(free_ptr) size_t *sibling = xcalloc(count, sizeof(*sibling));

    for (size_t i = 0; i < count; i++)
        child[i] = NO_SNAPSHOT;
    for (size_t i = 0; i < count; i++) {
        if (parents[i] == NO_SNAPSHOT) {
            queue[reached++] = i;
            continue;
        }
        sibling[i] = child[parents[i]];
        child[parents[i]] = i;
    }
    while (done < reached) {
        for (size_t i = child[queue[done++]]; i != NO_SNAPSHOT;
             i = sibling[i]) {
            /* Whoever names itself is its own ancestor, wherever the other
             * of that name comes from. */
            if (strcmp(domain->snaps[i].parent, domain->snaps[i].name))
                relations[i] = CHILD;
            queue[reached++] = i;
        }
    }
}

/* The second and further of a name. An empty name is none. */
static void
find_duplicates(const struct domain *domain, enum relation *relations)
{
    for (size_t i = 1; i < domain->count; i++) {
        size_t before = domain->by_name[i - 1], index = domain->by_name[i];
        const char *name = domain->snaps[index].name;

        if (name[0] && !strcmp(domain->snaps[before].name, name))
            relations[index] = DUPLICATE;
    }
}

/* Is it the current one, by the file it is in or by the list? */
static bool
is_current(const struct domain *domain, size_t index)
{
    return domain->layout == LAYOUT_LEGACY ? domain->snaps[index].active
                                           : domain->current == index;
}

xmlDoc *
relations_document(const struct domain *domain, const struct domain *other)
{
    static const char *const names[] = {
        [LOOPED] = "looped", [ROOT] = "root",           [CHILD] = "child",
        [ORPHAN] = "orphan", [DUPLICATE] = "duplicate",
    };
    size_t count = domain->count;
    cleanup(free_ptr) enum relation *relations =
        xcalloc(count, sizeof(*relations));
    cleanup(free_ptr) size_t *parents = xcalloc(count, sizeof(*parents));
    xmlDoc *doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlNode *root =
        doc ? xmlNewDocNode(doc, NULL, (const xmlChar *)"relations", NULL)
            : NULL;

    if (!root)
        memory_exhausted();
    (void)xmlDocSetRootElement(doc, root);
    look(domain, other, relations, parents);
    spread(domain, relations, parents);
    find_duplicates(domain, relations);
    if (domain->dangling)
        add_attribute(root, "current", domain->dangling);
    for (size_t i = 0; i < count; i++) {
        size_t index = domain->order[i];

        add_attribute(add_element(root, names[relations[index]]), "name",
                      domain->snaps[index].name);
        if (is_current(domain, index))
            (void)add_element(root, "current");
    }
    return doc;
}

int
relations_valid(const struct schema *schema, const struct domain *domain,
                const struct domain *other, struct error *error)
{
    cleanup(parse_free_doc) xmlDoc *doc = relations_document(domain, other);

    return schema_judge(schema, doc, NULL, error);
}
