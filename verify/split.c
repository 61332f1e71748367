/* split.c - see split.h. */
#include "split.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/relaxng.h>
#include <libxml/xmlschemastypes.h>

#include "cleanup.h"
#include "extract.h"
#include "grammar.h"
#include "memory.h"
#include "parse.h"
#include "pattern.h"
#include "quiet.h"
#include "reorder.h"
#include "value.h"

/* The attributes of <source> that hold a path. */
static const char *const paths[] = {"file", "dev"};

/* Patterns that have been seen on the way; what is behind them is known. */
struct way {
    const struct pattern **seen;
    size_t count;
};

static void
free_way(struct way *way)
{
    free(way->seen);
}

/* True: it was seen before. */
static bool
see(struct way *way, const struct pattern *pattern)
{
    for (size_t i = 0; i < way->count; i++) {
        if (way->seen[i] == pattern)
            return true;
    }
    way->seen = xgrow(way->seen, way->count, sizeof(const struct pattern *));
    way->seen[way->count++] = pattern;
    return false;
}

/* Would it take a stub for something else than it stands for? */
static bool
takes_stub(const struct pattern *element)
{
    for (size_t i = 0; i < PART_COUNT * SPLIT_CHOICES; i++) {
        if (pattern_names(element,
                          part_stub((enum part_name)(i / SPLIT_CHOICES),
                                    i % SPLIT_CHOICES),
                          ""))
            return true;
    }
    return false;
}

/* An element that may stand in the root. False: it keeps parts from standing
 * for themselves. */
static bool
add_element(struct split *split, const struct pattern *element)
{
    if (takes_stub(element))
        return false;
    for (int i = 0; i < PART_COUNT; i++) {
        enum part_name name = (enum part_name)i;
        size_t *count = &split->choices[name];

        if (!pattern_names(element, part_name(name), ""))
            continue;
        if (element->names || *count == SPLIT_CHOICES)
            return false;
        split->parts[name][(*count)++].pattern = element;
    }
    return true;
}

/* All elements that may stand where PATTERN does, not those inside of them. */
static bool
find_parts(struct split *split, struct way *way, const struct pattern *pattern)
{
    switch (pattern->kind) {
    case PATTERN_ELEMENT:
        return see(way, pattern) || add_element(split, pattern);
    case PATTERN_REFERENCE:
        return see(way, pattern->target) ||
               find_parts(split, way, pattern->target);
    case PATTERN_ALL:
    case PATTERN_ONE:
    case PATTERN_OPTIONAL:
    case PATTERN_ANY_NUMBER:
    case PATTERN_SOME:
        for (pattern = pattern->first; pattern; pattern = pattern->next) {
            if (!find_parts(split, way, pattern))
                return false;
        }
        return true;
    case PATTERN_OPEN: /* not known what it is */
        return grammar_is(pattern->node, "list");
    case PATTERN_EMPTY:
    case PATTERN_NOTHING:
    case PATTERN_TEXT:
    case PATTERN_VALUE:
    case PATTERN_ATTRIBUTE:
    default:
        return true;
    }
}

/* The element that the schema is about, behind references; NULL: another. */
static const struct pattern *
root_of(const struct patterns *patterns)
{
    const struct pattern *pattern = patterns->start;

    for (int steps = 0; pattern && steps < 100; steps++) {
        if (pattern->kind == PATTERN_ELEMENT)
            return !pattern->names && !strcmp(pattern->name, "domainsnapshot")
                       ? pattern
                       : NULL;
        if (pattern->kind == PATTERN_REFERENCE)
            pattern = pattern->target;
        else if ((pattern->kind == PATTERN_ALL ||
                  pattern->kind == PATTERN_ONE) &&
                 pattern->first && !pattern->first->next)
            pattern = pattern->first;
        else
            return NULL;
    }
    return NULL;
}

/* Is it of a type of which libxml2 compares values with each other? */
static bool
is_shared(const xmlNode *value)
{
    cleanup(parse_free_text) xmlChar *type =
        grammar_is(value, "data") || grammar_is(value, "value")
            ? grammar_attribute(value, "type")
            : NULL;

    return type && (!strncmp((const char *)type, "ID", 2) ||
                    !strncmp((const char *)type, "ENTIT", 5) ||
                    !strcmp((const char *)type, "NOTATION"));
}

/* Also among the values in a <list>, which are no patterns by themselves. */
static bool
has_node(const xmlNode *end, bool (*is_such)(const xmlNode *node))
{
    for (const xmlNode *node = end; node;) {
        if (is_such(node))
            return true;
        if (node->type == XML_ELEMENT_NODE && node->children) {
            node = node->children;
            continue;
        }
        while (node != end && !node->next)
            node = node->parent;
        node = node == end ? NULL : node->next;
    }
    return false;
}

static bool
has_shared(const struct pattern *pattern)
{
    return (pattern->kind == PATTERN_VALUE || pattern->kind == PATTERN_OPEN) &&
           has_node(pattern->node, is_shared);
}

static bool
is_typed_value(const xmlNode *value)
{
    return grammar_is(value, "value") &&
           xmlHasProp((xmlNode *)(uintptr_t)value, (const xmlChar *)"type");
}

static xmlBuffer *
dump(const struct pattern *value)
{
    xmlNode *node = (xmlNode *)(uintptr_t)value->node;
    xmlBuffer *out = xmlBufferCreate();

    if (!out || xmlNodeDump(out, node->doc, node, 0, 0) < 0)
        memory_exhausted();
    return out;
}

/* Values of one kind while they are gathered. */
struct gathering {
    struct split *split;
    enum variant_kind kind;
    struct way way;
};

static void
free_gathering(struct gathering *gathering)
{
    free_way(&gathering->way);
}

/* Definitions that are included twice have the same values twice. */
static bool
has_value(const struct gathering *gathering, const struct pattern *value)
{
    const struct split *split = gathering->split;
    xmlBuffer *own = dump(value);
    bool found = false;

    for (size_t i = 0; i < split->value_count[gathering->kind] && !found; i++) {
        xmlBuffer *other = dump(split->values[gathering->kind][i]);

        found = xmlStrEqual(xmlBufferContent(own), xmlBufferContent(other));
        xmlBufferFree(other);
    }
    xmlBufferFree(own);
    return found;
}

/*
 * What it takes depends on where it stands: a QName; and to libxml2, <data> but
 * for a <value> of some type.
 */
static bool
is_local(const struct pattern *value)
{
    cleanup(parse_free_text) xmlChar *type =
        grammar_attribute(value->node, "type");

    return xmlStrEqual(type, (const xmlChar *)"QName") ||
           (grammar_is(value->node, "data") &&
            has_node(value->node, is_typed_value));
}

static bool
add_value(struct gathering *gathering, const struct pattern *value)
{
    struct split *split = gathering->split;
    size_t *count = &split->value_count[gathering->kind];

    if (is_local(value))
        return false;
    if (see(&gathering->way, value) || has_value(gathering, value))
        return true;
    if (*count == SPLIT_VALUES)
        return false;
    split->values[gathering->kind][(*count)++] = value;
    return true;
}

static bool find_values(struct gathering *gathering,
                        const struct pattern *pattern);

static bool
find_all_values(struct gathering *gathering, const struct pattern *pattern)
{
    for (; pattern; pattern = pattern->next) {
        if (!find_values(gathering, pattern))
            return false;
    }
    return true;
}

/*
 * The values that may be the text of an element or attribute. False: what it
 * takes is not known.
 */
static bool
find_values(struct gathering *gathering, const struct pattern *pattern)
{
    switch (pattern->kind) {
    case PATTERN_VALUE:
        return add_value(gathering, pattern);
    case PATTERN_REFERENCE:
        return see(&gathering->way, pattern->target) ||
               find_values(gathering, pattern->target);
    case PATTERN_ALL:
    case PATTERN_ONE:
    case PATTERN_OPTIONAL:
    case PATTERN_ANY_NUMBER:
    case PATTERN_SOME:
        return find_all_values(gathering, pattern->first);
    case PATTERN_OPEN: /* any text at all, or a list */
        return grammar_is(pattern->node, "data");
    case PATTERN_EMPTY:
    case PATTERN_NOTHING:
    case PATTERN_TEXT:
    case PATTERN_ELEMENT: /* there is none where the text is */
    case PATTERN_ATTRIBUTE:
    default:
        return true;
    }
}

static bool
find_path_values(struct split *split, const struct patterns *patterns)
{
    cleanup(free_gathering) struct gathering gathering = {.split = split,
                                                          .kind = VARIANT_PATH};

    for (const struct pattern *pattern = patterns->made; pattern;
         pattern = pattern->made) {
        bool path = false;

        for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
            path = path || (pattern->kind == PATTERN_ATTRIBUTE &&
                            pattern_names(pattern, paths[i], ""));
        if (path && !find_all_values(&gathering, pattern->first))
            return false;
    }
    return true;
}

/* Those of all elements called NAME, wherever they are: more than is needed. */
static bool
find_text_values(struct split *split, const struct patterns *patterns,
                 const char *name, enum variant_kind kind)
{
    cleanup(free_gathering) struct gathering gathering = {.split = split,
                                                          .kind = kind};

    for (const struct pattern *pattern = patterns->made; pattern;
         pattern = pattern->made) {
        if (pattern->kind == PATTERN_ELEMENT &&
            pattern_names(pattern, name, "") &&
            !find_all_values(&gathering, pattern->first))
            return false;
    }
    return true;
}

struct split *
split_new(const xmlDoc *schema, const struct patterns *patterns)
{
    cleanup(free_way) struct way way = {0};
    const struct pattern *root = root_of(patterns);
    struct split *split;
    bool fine = root != NULL;

    for (const struct pattern *pattern = patterns->made; fine && pattern;
         pattern = pattern->made)
        fine = !has_shared(pattern);
    if (!fine)
        return NULL;
    split = xcalloc(1, sizeof(*split));
    split->schema = schema;
    split->frame.pattern = root;
    for (const struct pattern *part = root->first; fine && part;
         part = part->next)
        fine = find_parts(split, &way, part);
    if (!fine) {
        split_free(split);
        return NULL;
    }
    split->has_values =
        find_path_values(split, patterns) &&
        find_text_values(split, patterns, "name", VARIANT_NAME) &&
        find_text_values(split, patterns, "creationTime", VARIANT_TIME);
    return split;
}

void
split_free(struct split *split)
{
    if (!split)
        return;
    if (split->frame.compiled)
        xmlRelaxNGFree(split->frame.compiled);
    for (size_t i = 0; i < PART_COUNT; i++) {
        for (size_t j = 0; j < split->choices[i]; j++) {
            if (split->parts[i][j].compiled)
                xmlRelaxNGFree(split->parts[i][j].compiled);
        }
    }
    free(split);
}

/* Takes DOC over. */
static void
compile(struct piece *piece, xmlDoc *doc)
{
    xmlRelaxNGParserCtxt *context;
    bool complaint = false;

    piece->tried = true;
    if (!doc)
        return;
    reorder(doc);
    context = xmlRelaxNGNewDocParserCtxt(doc);
    if (!context)
        memory_exhausted();
    xmlRelaxNGSetParserStructuredErrors(context, quiet_note, &complaint);
    piece->compiled = xmlRelaxNGParse(context);
    xmlRelaxNGFreeParserCtxt(context);
    xmlFreeDoc(doc);
    if (complaint && piece->compiled) {
        xmlRelaxNGFree(piece->compiled);
        piece->compiled = NULL;
    }
}

struct _xmlRelaxNG *
split_frame(struct split *split)
{
    struct stand_in stand_ins[PART_COUNT * SPLIT_CHOICES];
    size_t count = 0;

    for (size_t i = 0; i < PART_COUNT && !split->frame.tried; i++) {
        for (size_t j = 0; j < split->choices[i]; j++)
            stand_ins[count++] =
                (struct stand_in){split->parts[i][j].pattern->node,
                                  part_stub((enum part_name)i, j)};
    }
    if (!split->frame.tried)
        compile(&split->frame, extract_frame(split->schema, stand_ins, count));
    return split->frame.compiled;
}

struct _xmlRelaxNG *
split_part(struct split *split, enum part_name name, size_t choice)
{
    struct piece *piece = &split->parts[name][choice];

    if (!piece->tried)
        compile(piece, extract_element(piece->pattern->node));
    return piece->compiled;
}

uint64_t
split_value(const struct split *split, enum variant_kind kind, const char *text)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < split->value_count[kind]; i++)
        bits |= (uint64_t)value_takes(split->values[kind][i], text) << i;
    return bits;
}

void
split_fold(const struct split *split, enum variant_kind kind, struct fold *fold)
{
    for (size_t i = 0; i < split->value_count[kind]; i++)
        fold_add(fold, split->values[kind][i], kind == VARIANT_TIME);
}
