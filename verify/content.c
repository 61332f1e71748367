/* content.c - see content.h. */
#include "content.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "memory.h"
#include "parse.h"
#include "pattern.h"
#include "value.h"

static bool suits(const struct pattern *pattern, const xmlNode *element,
                  bool needed, size_t *work);

void
choices_add(struct choices *choices, const struct pattern *pattern)
{
    choices->list =
        xgrow(choices->list, choices->count, sizeof(const struct pattern *));
    choices->list[choices->count++] = pattern;
}

void
choices_free(struct choices *choices)
{
    free(choices->list);
    *choices = (struct choices){0};
}

void
content_free(struct content *content)
{
    choices_free(&content->elements);
    choices_free(&content->attributes);
    choices_free(&content->values);
    choices_free(&content->needed);
    choices_free(&content->either);
}

const char *
content_space(const xmlNs *ns)
{
    return ns && ns->href ? (const char *)ns->href : "";
}

xmlChar *
content_attribute(const xmlNode *element, const struct pattern *pattern)
{
    if (!pattern->space[0])
        return xmlGetNoNsProp(element, (const xmlChar *)pattern->name);
    return xmlGetNsProp((xmlNode *)(uintptr_t)element,
                        (const xmlChar *)pattern->name,
                        (const xmlChar *)pattern->space);
}

bool
content_has(const xmlNode *element, const struct pattern *pattern)
{
    const xmlNode *child = element->children;

    if (pattern->kind == PATTERN_ATTRIBUTE) {
        cleanup(parse_free_text) xmlChar *value =
            content_attribute(element, pattern);

        return value != NULL;
    }
    while (child && (child->type != XML_ELEMENT_NODE ||
                     !pattern_names(pattern, (const char *)child->name,
                                    content_space(child->ns))))
        child = child->next;
    return child != NULL;
}

/* Does an attribute go with the pattern of it; or is it rightly not there? */
static bool
attribute_suits(const struct pattern *pattern, const xmlNode *element,
                bool needed, size_t *work)
{
    cleanup(content_free) struct content content = {0};
    cleanup(parse_free_text) xmlChar *value = NULL;

    if (pattern->names)
        return true;
    value = content_attribute(element, pattern);
    if (!value)
        return !needed;
    content_of_attribute(&content, pattern);
    *work += content_work(&content, (const char *)value);
    return content_takes(&content, (const char *)value);
}

static bool
parts_suit(const struct pattern *pattern, const xmlNode *element, bool needed,
           bool all, size_t *work)
{
    const struct pattern *part = pattern->first;

    for (; part; part = part->next) {
        if (suits(part, element, needed, work) != all)
            return !all;
    }
    return all;
}

/* May the element have been written after this pattern, by its attributes? */
static bool
suits(const struct pattern *pattern, const xmlNode *element, bool needed,
      size_t *work)
{
    ++*work;
    switch (pattern->kind) {
    case PATTERN_ATTRIBUTE:
        return attribute_suits(pattern, element, needed, work);
    case PATTERN_ALL:
    case PATTERN_SOME:
        return parts_suit(pattern, element, needed, true, work);
    case PATTERN_ONE:
        return parts_suit(pattern, element, needed, false, work);
    case PATTERN_OPTIONAL:
    case PATTERN_ANY_NUMBER:
        return parts_suit(pattern, element, false, true, work);
    case PATTERN_REFERENCE:
        return suits(pattern->target, element, needed, work);
    case PATTERN_NOTHING:
        return false;
    case PATTERN_EMPTY:
    case PATTERN_TEXT:
    case PATTERN_VALUE:
    case PATTERN_OPEN:
    case PATTERN_ELEMENT:
    default:
        return true;
    }
}

static bool
same_name(const struct pattern *a, const struct pattern *b)
{
    return a->kind == b->kind && !strcmp(a->name, b->name) &&
           !strcmp(a->space, b->space);
}

/* Keep in ALL only what OTHER needs as well. */
static void
keep_common(struct choices *all, const struct choices *other)
{
    size_t kept = 0;

    for (size_t i = 0; i < all->count; i++) {
        size_t j = 0;

        while (j < other->count && !same_name(all->list[i], other->list[j]))
            j++;
        if (j < other->count)
            all->list[kept++] = all->list[i];
    }
    all->count = kept;
}

static void gather(struct content *content, const struct pattern *pattern,
                   const xmlNode *element);

/* All parts stand together: what one demands is demanded. */
static void
gather_all(struct content *content, const struct pattern *pattern,
           const xmlNode *element)
{
    bool nothing = true;

    for (const struct pattern *part = pattern->first; part; part = part->next) {
        content->nothing = false;
        gather(content, part, element);
        nothing = nothing && content->nothing;
    }
    content->nothing = nothing;
}

/* The first of what is needed that is not there. */
static const struct pattern *
missing(const struct choices *needed, const xmlNode *element)
{
    for (size_t i = 0; element && i < needed->count; i++) {
        if (!content_has(element, needed->list[i]))
            return needed->list[i];
    }
    return NULL;
}

/* One part stands: what they all demand is demanded, or each its own. */
static void
gather_one(struct content *content, const struct pattern *pattern,
           const xmlNode *element)
{
    struct choices before = content->needed, common = {0};
    struct choices outer = content->either, either = {0};
    bool each_lacks = true;
    /* Those with all attributes, or else those with none that is wrong. */
    bool all = parts_suit(pattern, element, true, false, &content->work);
    bool some =
        all || parts_suit(pattern, element, false, false, &content->work);
    bool first = true, nothing = false;

    for (const struct pattern *part = pattern->first; part; part = part->next) {
        const struct pattern *lacks;

        if (some && !suits(part, element, all, &content->work))
            continue;
        content->needed = (struct choices){0};
        content->either = (struct choices){0};
        content->nothing = false;
        gather(content, part, element);
        nothing = nothing || content->nothing;
        choices_free(&content->either);
        lacks = missing(&content->needed, element);
        if (lacks)
            choices_add(&either, lacks);
        each_lacks = each_lacks && lacks;
        if (first) {
            common = content->needed;
        } else {
            keep_common(&common, &content->needed);
            choices_free(&content->needed);
        }
        first = false;
    }
    if (!each_lacks || outer.count || missing(&common, element))
        either.count = 0;
    content->needed = before;
    for (size_t i = 0; i < common.count; i++)
        choices_add(&content->needed, common.list[i]);
    content->either = outer;
    for (size_t i = 0; i < either.count; i++)
        choices_add(&content->either, either.list[i]);
    choices_free(&common);
    choices_free(&either);
    content->nothing = nothing;
}

/* The parts may be missing: nothing is demanded. */
static void
gather_optional(struct content *content, const struct pattern *pattern,
                const xmlNode *element)
{
    struct choices before = content->needed;
    size_t either = content->either.count;

    content->needed = (struct choices){0};
    gather_all(content, pattern, element);
    choices_free(&content->needed);
    content->needed = before;
    content->either.count = either;
    content->nothing = true;
}

static void
gather_named(struct content *content, const struct pattern *pattern)
{
    choices_add(pattern->kind == PATTERN_ELEMENT ? &content->elements
                                                 : &content->attributes,
                pattern);
    if (!pattern->names)
        choices_add(&content->needed, pattern);
    content->nothing = true;
}

static void
gather(struct content *content, const struct pattern *pattern,
       const xmlNode *element)
{
    content->work++;
    switch (pattern->kind) {
    case PATTERN_EMPTY:
        content->nothing = true;
        break;
    case PATTERN_TEXT:
        content->text = true;
        content->nothing = true;
        break;
    case PATTERN_VALUE:
    case PATTERN_OPEN:
        choices_add(&content->values, pattern);
        break;
    case PATTERN_ELEMENT:
    case PATTERN_ATTRIBUTE:
        gather_named(content, pattern);
        break;
    case PATTERN_ALL:
    case PATTERN_SOME:
        gather_all(content, pattern, element);
        break;
    case PATTERN_ONE:
        gather_one(content, pattern, element);
        break;
    case PATTERN_OPTIONAL:
    case PATTERN_ANY_NUMBER:
        gather_optional(content, pattern, element);
        break;
    case PATTERN_REFERENCE:
        gather(content, pattern->target, element);
        break;
    case PATTERN_NOTHING:
    default:
        break;
    }
}

void
content_gather(struct content *content, const struct choices *candidates,
               const xmlNode *element)
{
    bool first = true, nothing = false;

    for (size_t i = 0; i < candidates->count; i++) {
        struct choices before = content->needed;

        content->needed = (struct choices){0};
        gather_all(content, candidates->list[i], element);
        nothing = nothing || content->nothing;
        if (!first) {
            keep_common(&before, &content->needed);
            choices_free(&content->needed);
            content->needed = before;
            content->either.count = 0;
        }
        first = false;
    }
    content->nothing = nothing;
}

void
content_of_attribute(struct content *content, const struct pattern *attribute)
{
    /* Without a pattern in it, its value may be any text. */
    if (!attribute->first)
        content->text = content->nothing = true;
    else
        gather_all(content, attribute, NULL);
}

/* libxml2 has a small document validated for each; as measured. */
size_t
content_work(const struct content *content, const char *text)
{
    return content->values.count * (8 + strlen(text) / 64);
}

bool
content_takes(const struct content *content, const char *text)
{
    bool blank = !text[strspn(text, " \t\r\n")];

    if (content->text || (blank && content->nothing))
        return true;
    for (size_t i = 0; i < content->values.count; i++) {
        if (value_takes(content->values.list[i], text))
            return true;
    }
    return false;
}
