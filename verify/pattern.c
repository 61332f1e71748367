/* pattern.c - see pattern.h. */
#include "pattern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/hash.h>

#include "cleanup.h"
#include "grammar.h"
#include "memory.h"
#include "parse.h"
#include "value.h"

/* The definitions of a <grammar>, by name; "" is its start. */
struct scope {
    struct patterns *patterns;
    xmlHashTable *definitions;
    const struct scope *around;
};

static struct pattern *build(const struct scope *scope, const xmlNode *node);

static void
free_scope(struct scope *scope)
{
    xmlHashFree(scope->definitions, NULL);
}

static struct pattern *
make(struct patterns *patterns, enum pattern_kind kind, const xmlNode *node)
{
    struct pattern *pattern = xcalloc(1, sizeof(*pattern));

    *pattern =
        (struct pattern){.kind = kind, .node = node, .made = patterns->made};
    patterns->made = pattern;
    return pattern;
}

/* All patterns among the children of NODE, from CHILD on, into PATTERN. */
static struct pattern *
build_parts(const struct scope *scope, struct pattern *pattern,
            const xmlNode *child)
{
    struct pattern **end = &pattern->first;

    for (; child; child = grammar_next(child->next)) {
        *end = build(scope, child);
        end = &(*end)->next;
    }
    return pattern;
}

/* The one name of an element or attribute, or its name class. */
static void
read_names(struct pattern *pattern)
{
    const xmlNode *node = pattern->node, *class = grammar_first(node);
    cleanup(parse_free_text) xmlChar *name = grammar_attribute(node, "name");
    cleanup(parse_free_text) xmlChar *space = NULL;

    if (!name && !grammar_is(class, "name")) {
        pattern->names = class;
        return;
    }
    /* An attribute with name= is in no namespace but by its own ns=. */
    if (name && pattern->kind == PATTERN_ATTRIBUTE)
        space = grammar_attribute(node, "ns");
    else
        space = grammar_inherited(name ? node : class, "ns");
    if (!name)
        name = xmlNodeGetContent(class);
    pattern->name = value_squeeze((const char *)name);
    pattern->space = xstrdup(space ? (const char *)space : "");
}

static struct pattern *
build_named(const struct scope *scope, enum pattern_kind kind,
            const xmlNode *node)
{
    struct pattern *pattern = make(scope->patterns, kind, node);
    const xmlNode *child = grammar_first(node);

    read_names(pattern);
    if (!xmlHasProp((xmlNode *)(uintptr_t)node, (const xmlChar *)"name"))
        child = child ? grammar_next(child->next) : NULL;
    return build_parts(scope, pattern, child);
}

static struct pattern *
build_value(const struct scope *scope, const xmlNode *node)
{
    struct pattern *pattern = make(scope->patterns, PATTERN_VALUE, node);

    value_prepare(pattern);
    return pattern;
}

static struct pattern *
build_reference(const struct scope *scope, const xmlNode *node)
{
    cleanup(parse_free_text) xmlChar *text = grammar_attribute(node, "name");
    cleanup(free_ptr) char *name = value_squeeze((const char *)text);
    struct pattern *pattern = make(scope->patterns, PATTERN_REFERENCE, node);

    if (grammar_is(node, "parentRef") && scope->around)
        scope = scope->around;
    pattern->target = xmlHashLookup(scope->definitions, (const xmlChar *)name);
    /* libxml2 would not have accepted it; say nothing about it. */
    if (!pattern->target)
        pattern->kind = PATTERN_OPEN;
    return pattern;
}

/* All definitions of one name together are a single pattern. */
static void
define(struct scope *scope, const xmlNode *node)
{
    cleanup(parse_free_text) xmlChar *text = grammar_attribute(node, "name");
    cleanup(parse_free_text) xmlChar *combine =
        grammar_attribute(node, "combine");
    cleanup(free_ptr) char *name =
        value_squeeze(text ? (const char *)text : "");
    const xmlChar *key = (const xmlChar *)name;
    struct pattern *all = xmlHashLookup(scope->definitions, key);

    if (!all) {
        all = make(scope->patterns, PATTERN_ONE, node);
        if (xmlHashAddEntry(scope->definitions, key, all) < 0)
            memory_exhausted();
    }
    if (xmlStrEqual(combine, (const xmlChar *)"interleave"))
        all->kind = PATTERN_ALL;
}

static void
build_definition(const struct scope *scope, const xmlNode *node)
{
    cleanup(parse_free_text) xmlChar *text = grammar_attribute(node, "name");
    cleanup(free_ptr) char *name =
        value_squeeze(text ? (const char *)text : "");
    struct pattern *all =
        xmlHashLookup(scope->definitions, (const xmlChar *)name);
    struct pattern *content = make(scope->patterns, PATTERN_ALL, node);

    build_parts(scope, content, grammar_first(node));
    content->next = all->first;
    all->first = content;
}

/* The definitions of a <grammar> or <div>: first their names, then the rest. */
static void
read_definitions(struct scope *scope, const xmlNode *parent, bool names)
{
    for (const xmlNode *node = grammar_first(parent); node;
         node = grammar_next(node->next)) {
        if (grammar_is(node, "div"))
            read_definitions(scope, node, names);
        else if (!grammar_is(node, "define") && !grammar_is(node, "start"))
            continue;
        else if (names)
            define(scope, node);
        else
            build_definition(scope, node);
    }
}

static struct pattern *
build_grammar(const struct scope *around, const xmlNode *node)
{
    cleanup(free_scope) struct scope scope = {
        .patterns = around->patterns,
        .definitions = xmlHashCreate(64),
        .around = around,
    };
    struct pattern *pattern = make(scope.patterns, PATTERN_REFERENCE, node);

    if (!scope.definitions)
        memory_exhausted();
    read_definitions(&scope, node, true);
    read_definitions(&scope, node, false);
    pattern->target = xmlHashLookup(scope.definitions, (const xmlChar *)"");
    if (!pattern->target)
        pattern->kind = PATTERN_OPEN;
    return pattern;
}

static struct pattern *
build(const struct scope *scope, const xmlNode *node)
{
    static const struct {
        const char *name;
        enum pattern_kind kind;
    } kinds[] = {
        {"empty", PATTERN_EMPTY},
        {"notAllowed", PATTERN_NOTHING},
        {"text", PATTERN_TEXT},
        {"group", PATTERN_ALL},
        {"interleave", PATTERN_ALL},
        {"mixed", PATTERN_ALL},
        {"choice", PATTERN_ONE},
        {"optional", PATTERN_OPTIONAL},
        {"zeroOrMore", PATTERN_ANY_NUMBER},
        {"oneOrMore", PATTERN_SOME},
        {"list", PATTERN_OPEN},
    };
    struct pattern *pattern;
    size_t i = 0;

    if (grammar_is(node, "element"))
        return build_named(scope, PATTERN_ELEMENT, node);
    if (grammar_is(node, "attribute"))
        return build_named(scope, PATTERN_ATTRIBUTE, node);
    if (grammar_is(node, "value") || grammar_is(node, "data"))
        return build_value(scope, node);
    if (grammar_is(node, "ref") || grammar_is(node, "parentRef"))
        return build_reference(scope, node);
    if (grammar_is(node, "grammar"))
        return build_grammar(scope, node);
    while (i + 1 < sizeof(kinds) / sizeof(kinds[0]) &&
           !grammar_is(node, kinds[i].name))
        i++;
    pattern = make(scope->patterns, kinds[i].kind, node);
    if (pattern->kind == PATTERN_OPEN)
        return pattern;
    build_parts(scope, pattern, grammar_first(node));
    if (grammar_is(node, "mixed")) {
        struct pattern *text = make(scope->patterns, PATTERN_TEXT, node);

        text->next = pattern->first;
        pattern->first = text;
    }
    return pattern;
}

void
patterns_build(struct patterns *patterns, const xmlDoc *schema)
{
    struct scope scope = {.patterns = patterns,
                          .definitions = xmlHashCreate(1)};

    if (!scope.definitions)
        memory_exhausted();
    *patterns = (struct patterns){0};
    patterns->start =
        build(&scope, xmlDocGetRootElement((xmlDoc *)(uintptr_t)schema));
    free_scope(&scope);
}

void
patterns_free(struct patterns *patterns)
{
    struct pattern *pattern = patterns->made, *before;

    for (; pattern; pattern = before) {
        before = pattern->made;
        value_release(pattern);
        free(pattern->name);
        free(pattern->space);
        free(pattern->text);
        free(pattern);
    }
    *patterns = (struct patterns){0};
}

/* Is the name in the name class? */
static bool
in_class(const xmlNode *class, const char *name, const char *space)
{
    bool any = grammar_is(class, "anyName");

    if (grammar_is(class, "choice")) {
        for (class = grammar_first(class); class;
             class = grammar_next(class->next)) {
            if (in_class(class, name, space))
                return true;
        }
        return false;
    }
    if (!any) {
        cleanup(parse_free_text) xmlChar *own = grammar_inherited(class, "ns");

        if (strcmp(own ? (const char *)own : "", space))
            return false;
    }
    if (grammar_is(class, "name")) {
        cleanup(parse_free_text) xmlChar *text = xmlNodeGetContent(class);
        cleanup(free_ptr) char *wanted = value_squeeze((const char *)text);

        return !strcmp(wanted, name);
    }
    /* anyName or nsName, but for what its <except> has. */
    class = grammar_first(class);
    for (class = class ? grammar_first(class) : NULL; class;
         class = grammar_next(class->next)) {
        if (in_class(class, name, space))
            return false;
    }
    return true;
}

bool
pattern_names(const struct pattern *pattern, const char *name,
              const char *space)
{
    if (pattern->names)
        return in_class(pattern->names, name, space);
    return !strcmp(pattern->name, name) && !strcmp(pattern->space, space);
}
