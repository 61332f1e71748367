/* extract.c - see extract.h. */
#include "extract.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/hash.h>

#include "cleanup.h"
#include "grammar.h"
#include "memory.h"
#include "parse.h"
#include "value.h"

/* What is taken out of a schema. */
struct extract {
    xmlDoc *doc;
    const struct stand_in *stand_ins;
    size_t count;
};

/* The definitions of a <grammar>, and which of them are needed. */
struct sweep {
    const struct extract *extract;
    const xmlNode **list;
    char **names; /* of each; NULL: it is kept */
    size_t count;
    xmlHashTable *wanted;
};

static void
free_sweep(struct sweep *sweep)
{
    xmlHashFree(sweep->wanted, NULL);
    for (size_t i = 0; i < sweep->count; i++)
        free(sweep->names[i]);
    free(sweep->names);
    free(sweep->list);
}

static char *
name_of(const xmlNode *node)
{
    cleanup(parse_free_text) xmlChar *name = grammar_attribute(node, "name");

    return value_squeeze(name ? (const char *)name : "");
}

static const struct stand_in *
stand_in(const struct extract *extract, const xmlNode *node)
{
    for (size_t i = 0; i < extract->count; i++) {
        if (extract->stand_ins[i].node == node)
            return &extract->stand_ins[i];
    }
    return NULL;
}

/* The next node in the order of the document, NULL behind the last of ROOT. */
static const xmlNode *
next_node(const xmlNode *node, const xmlNode *root, bool inside)
{
    if (inside && node->type == XML_ELEMENT_NODE && node->children)
        return node->children;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

/*
 * All that is referred to in a node is wanted. True: some of it is new. A
 * <grammar> in it has definitions of its own, but for its <parentRef>s.
 */
static bool
want_references(struct sweep *sweep, const xmlNode *root)
{
    bool more = false, inside, nested = false;
    const xmlNode *end = NULL; /* of the <grammar> that it is nested in */

    for (const xmlNode *node = root; node;
         node = next_node(node, root, inside)) {
        nested = nested && node != end;
        inside = !stand_in(sweep->extract, node);
        if (node->type != XML_ELEMENT_NODE || !inside)
            continue;
        if (!nested && grammar_is(node, "grammar")) {
            nested = true;
            end = next_node(node, root, false);
        }
        if (grammar_is(node, "parentRef") ||
            (!nested && grammar_is(node, "ref"))) {
            cleanup(free_ptr) char *name = name_of(node);

            more |= !xmlHashAddEntry(sweep->wanted, (const xmlChar *)name,
                                     sweep->wanted);
        }
    }
    return more;
}

/* Gather the definitions of a <grammar>, and want what its <start> needs. */
static void
gather(struct sweep *sweep, const xmlNode *parent, bool starts)
{
    for (const xmlNode *node = grammar_first(parent); node;
         node = grammar_next(node->next)) {
        if (grammar_is(node, "div")) {
            gather(sweep, node, starts);
        } else if (grammar_is(node, "define")) {
            sweep->list =
                xgrow(sweep->list, sweep->count, sizeof(const xmlNode *));
            sweep->names =
                xgrow(sweep->names, sweep->count, sizeof(*sweep->names));
            sweep->list[sweep->count] = node;
            sweep->names[sweep->count++] = name_of(node);
        } else if (starts) {
            (void)want_references(sweep, node);
        }
    }
}

/* Keep all definitions that are wanted, and what these refer to in turn. */
static void
keep_wanted(struct sweep *sweep)
{
    bool more = true;

    while (more) {
        more = false;
        for (size_t i = 0; i < sweep->count; i++) {
            if (!sweep->names[i] ||
                !xmlHashLookup(sweep->wanted, (const xmlChar *)sweep->names[i]))
                continue;
            free(sweep->names[i]);
            sweep->names[i] = NULL;
            more |= want_references(sweep, sweep->list[i]);
        }
    }
}

static xmlNode *
add_node(xmlNode *parent, const char *name)
{
    xmlNode *node =
        xmlNewChild(parent, parent->ns, (const xmlChar *)name, NULL);

    if (!node)
        memory_exhausted();
    return node;
}

/* A node with its attributes, in PARENT, or as the root where that is NULL. */
static xmlNode *
copy_alone(const struct extract *extract, const xmlNode *node, xmlNode *parent)
{
    xmlNode *copy = xmlDocCopyNode((xmlNode *)(uintptr_t)node, extract->doc, 2);

    if (!copy)
        memory_exhausted();
    if (parent)
        (void)xmlAddChild(parent, copy);
    else
        (void)xmlDocSetRootElement(extract->doc, copy);
    return copy;
}

static void copy_grammar(const struct extract *extract, const xmlNode *grammar,
                         const xmlNode *start, xmlNode *copy);

static void
copy_pattern(const struct extract *extract, const xmlNode *node,
             xmlNode *parent)
{
    const struct stand_in *other = stand_in(extract, node);
    xmlNode *copy;

    if (node->type == XML_COMMENT_NODE)
        return;
    if (other) {
        assert(parent); /* the root is the frame's own */
        copy = add_node(parent, "element");
        (void)xmlSetProp(copy, (const xmlChar *)"name",
                         (const xmlChar *)other->name);
        (void)xmlSetProp(copy, (const xmlChar *)"ns", (const xmlChar *)"");
        (void)add_node(copy, "empty");
        return;
    }
    copy = copy_alone(extract, node, parent);
    if (node->type != XML_ELEMENT_NODE)
        return;
    if (grammar_is(node, "grammar")) {
        copy_grammar(extract, node, NULL, copy);
        return;
    }
    for (node = node->children; node; node = node->next)
        copy_pattern(extract, node, copy);
}

static void
copy_definitions(const struct sweep *sweep, const xmlNode *parent, bool starts,
                 size_t *next, xmlNode *copy)
{
    for (const xmlNode *node = grammar_first(parent); node;
         node = grammar_next(node->next)) {
        if (grammar_is(node, "div")) {
            copy_definitions(sweep, node, starts, next,
                             copy_alone(sweep->extract, node, copy));
        } else if (grammar_is(node, "define")) {
            assert(sweep->names);
            if (!sweep->names[(*next)++])
                copy_pattern(sweep->extract, node, copy);
        } else if (starts) {
            copy_pattern(sweep->extract, node, copy);
        }
    }
}

static void
copy_grammar(const struct extract *extract, const xmlNode *grammar,
             const xmlNode *start, xmlNode *copy)
{
    cleanup(free_sweep) struct sweep sweep = {
        .extract = extract,
        .wanted = xmlHashCreate(256),
    };
    size_t next = 0;

    if (!sweep.wanted)
        memory_exhausted();
    gather(&sweep, grammar, !start);
    if (start)
        (void)want_references(&sweep, start);
    keep_wanted(&sweep);
    copy_definitions(&sweep, grammar, !start, &next, copy);
}

/* Let COPY have what NODE has from the elements around it. */
static void
inherit(xmlNode *copy, const xmlNode *node)
{
    static const char *const names[] = {"ns", "datatypeLibrary"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        cleanup(parse_free_text) xmlChar *text =
            grammar_inherited(node, names[i]);

        if (text)
            (void)xmlSetProp(copy, (const xmlChar *)names[i], text);
    }
}

/* Names in the schema may have prefixes that are declared around NODE. */
static void
declare_all(xmlNode *root, const xmlNode *node)
{
    xmlNs **list = xmlGetNsList(node->doc, node);

    for (size_t i = 0; list && list[i]; i++) {
        if (list[i]->prefix)
            (void)xmlNewNs(root, list[i]->href, list[i]->prefix);
    }
    xmlFree(list);
}

static bool
refers_outside(const xmlNode *grammar)
{
    if (grammar->parent->type != XML_ELEMENT_NODE)
        return false;
    for (const xmlNode *node = grammar; node;
         node = next_node(node, grammar, true)) {
        if (node->type == XML_ELEMENT_NODE && grammar_is(node, "parentRef"))
            return true;
    }
    return false;
}

static xmlDoc *
new_doc(void)
{
    xmlDoc *doc = xmlNewDoc((const xmlChar *)"1.0");

    if (!doc)
        memory_exhausted();
    return doc;
}

xmlDoc *
extract_element(const xmlNode *node)
{
    struct extract extract = {0};
    const xmlNode *grammar = node;
    xmlNode *root, *start, *copy;

    while (grammar && grammar->type == XML_ELEMENT_NODE &&
           !grammar_is(grammar, "grammar"))
        grammar = grammar->parent;
    if (!grammar || grammar->type != XML_ELEMENT_NODE ||
        refers_outside(grammar))
        return NULL;
    extract.doc = new_doc();
    root = copy_alone(&extract, grammar, NULL);
    inherit(root, grammar);
    declare_all(root, grammar);
    copy_grammar(&extract, grammar, node, root);
    start = add_node(root, "start");
    copy_pattern(&extract, node, start);
    copy = start->children;
    inherit(copy, node);
    return extract.doc;
}

xmlDoc *
extract_frame(const xmlDoc *schema, const struct stand_in *stand_ins,
              size_t count)
{
    const struct extract extract = {new_doc(), stand_ins, count};
    const xmlNode *root = xmlDocGetRootElement((xmlDoc *)(uintptr_t)schema);

    if (grammar_is(root, "grammar"))
        copy_grammar(&extract, root, NULL, copy_alone(&extract, root, NULL));
    else
        copy_pattern(&extract, root, NULL);
    return extract.doc;
}
