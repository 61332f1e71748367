/* likely.c - see likely.h. */
#include "likely.h"

#include <stdbool.h>
#include <stdlib.h>

#include "cleanup.h"
#include "content.h"
#include "memory.h"
#include "parse.h"
#include "pattern.h"

/* What speaks against a candidate. */
#define ATTRIBUTE_WRONG 4
#define ATTRIBUTE_MISSING 2
#define CHILD_WRONG 1

static bool
is_known(const struct choices *choices, const xmlChar *name, const xmlNs *ns)
{
    for (size_t i = 0; i < choices->count; i++) {
        if (pattern_names(choices->list[i], (const char *)name,
                          content_space(ns)))
            return true;
    }
    return false;
}

/* May the attribute, of which there is a pattern, have its value? */
static bool
has_value(const struct choices *choices, const xmlAttr *attribute, size_t *work)
{
    cleanup(parse_free_text) xmlChar *value =
        xmlNodeGetContent((const xmlNode *)attribute);

    for (size_t i = 0; i < choices->count; i++) {
        cleanup(content_free) struct content content = {0};

        if (!pattern_names(choices->list[i], (const char *)attribute->name,
                           content_space(attribute->ns)))
            continue;
        content_of_attribute(&content, choices->list[i]);
        *work += content_work(&content, (const char *)value);
        if (content_takes(&content, (const char *)value))
            return true;
    }
    return false;
}

static size_t
count_against(const struct pattern *candidate, const xmlNode *element,
              size_t *work)
{
    const struct pattern *list[] = {candidate};
    const struct choices one = {list, 1};
    cleanup(content_free) struct content content = {0};
    const xmlAttr *attribute = element->properties;
    size_t count = 0;

    content_gather(&content, &one, element);
    *work += content.work;
    for (; attribute; attribute = attribute->next) {
        if (!has_value(&content.attributes, attribute, work))
            count += ATTRIBUTE_WRONG;
    }
    for (size_t i = 0; i < content.needed.count; i++) {
        const struct pattern *needed = content.needed.list[i];

        if (!content_has(element, needed))
            count += needed->kind == PATTERN_ATTRIBUTE ? ATTRIBUTE_MISSING
                                                       : CHILD_WRONG;
    }
    for (const xmlNode *child = element->children; child; child = child->next) {
        if (child->type != XML_ELEMENT_NODE)
            continue;
        *work += content.elements.count;
        if (!is_known(&content.elements, child->name, child->ns))
            count += CHILD_WRONG;
    }
    return count;
}

void
likely_choose(struct choices *candidates, const xmlNode *element, size_t *work)
{
    size_t count = candidates->count, least = (size_t)-1, kept = 0;
    cleanup(free_ptr) size_t *against = xcalloc(count, sizeof(*against));

    for (size_t i = 0; count > 1 && i < count; i++) {
        against[i] = count_against(candidates->list[i], element, work);
        least = against[i] < least ? against[i] : least;
    }
    for (size_t i = 0; i < count; i++) {
        if (against[i] <= least)
            candidates->list[kept++] = candidates->list[i];
    }
    candidates->count = kept;
}

static size_t
most_of(const struct pattern *pattern, const struct pattern *what)
{
    size_t most = 0;

    switch (pattern->kind) {
    case PATTERN_ELEMENT:
        return pattern_names(pattern, what->name, what->space);
    case PATTERN_REFERENCE:
        return most_of(pattern->target, what);
    case PATTERN_ALL:
    case PATTERN_OPTIONAL:
    case PATTERN_ONE:
    case PATTERN_SOME:
    case PATTERN_ANY_NUMBER:
        for (const struct pattern *part = pattern->first; part;
             part = part->next) {
            size_t each = most_of(part, what);

            if (pattern->kind != PATTERN_ONE)
                most += each;
            else if (each > most)
                most = each;
        }
        if (most && (pattern->kind == PATTERN_SOME ||
                     pattern->kind == PATTERN_ANY_NUMBER))
            most = MANY;
        return most < MANY ? most : MANY;
    case PATTERN_EMPTY:
    case PATTERN_NOTHING:
    case PATTERN_TEXT:
    case PATTERN_VALUE:
    case PATTERN_OPEN:
    case PATTERN_ATTRIBUTE:
    default:
        return 0;
    }
}

size_t
likely_most(const struct choices *candidates, const struct pattern *what)
{
    size_t most = 0;

    for (size_t i = 0; i < candidates->count; i++) {
        size_t each = 0;

        for (const struct pattern *part = candidates->list[i]->first; part;
             part = part->next)
            each += most_of(part, what);
        if (each > most)
            most = each;
    }
    return most;
}
