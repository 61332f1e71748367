/* diagnose.c - see diagnose.h. */
#include "diagnose.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "content.h"
#include "expect.h"
#include "likely.h"
#include "memory.h"
#include "parse.h"
#include "pattern.h"
#include "value.h"

/* More than this is not listed of a single element. */
#define STRANGE_MAX 10

/*
 * How many patterns are looked at, all in all: half a second to one. A domain
 * with 500 devices takes one or two million.
 */
#define WORK_MAX 8000000

/* An element on the way from the root to where the walk is. */
struct level {
    const xmlNode *element;
    const xmlNode *child;      /* the next one to be looked at */
    struct choices candidates; /* patterns that may describe it */
    struct content content;
    size_t strange; /* attributes and children nobody expected */
    size_t *seen;   /* children, by the first of content.elements they fit */
};

struct walk {
    struct level *levels;
    size_t depth;
    struct mismatches *mismatches;
    size_t work; /* as in struct content */
};

void
mismatch_add(struct mismatches *mismatches, const xmlNode *node, bool lacks,
             const char *format, ...)
{
    va_list args;

    if (mismatches->count == MISMATCHES_MAX)
        return;
    mismatches->list =
        xgrow(mismatches->list, mismatches->count, sizeof(*mismatches->list));
    va_start(args, format);
    mismatches->list[mismatches->count++] =
        (struct mismatch){node, xvasprintf(format, args), lacks};
    va_end(args);
}

void
mismatches_free(struct mismatches *mismatches)
{
    for (size_t i = 0; i < mismatches->count; i++)
        free(mismatches->list[i].text);
    free(mismatches->list);
    *mismatches = (struct mismatches){0};
}

/* Those of CHOICES that may be called as NODE is; index of the first, or the
 * count of CHOICES. */
static size_t
fitting(const struct choices *choices, const xmlNode *node,
        struct choices *found)
{
    size_t first = choices->count;

    for (size_t i = 0; i < choices->count; i++) {
        if (!pattern_names(choices->list[i], (const char *)node->name,
                           content_space(node->ns)))
            continue;
        choices_add(found, choices->list[i]);
        if (first == choices->count)
            first = i;
    }
    return first;
}

/* Were there enough of these in one element? Then that is said once. */
static bool
is_enough(struct walk *walk, struct level *level, const xmlNode *node)
{
    if (++level->strange == STRANGE_MAX + 1) {
        cleanup(free_ptr) char *element = expect_element(level->element);

        mismatch_add(walk->mismatches, node, false,
                     "found more in %s that is not expected there", element);
    }
    return level->strange > STRANGE_MAX;
}

static void
check_attribute(struct walk *walk, struct level *level,
                const xmlAttr *attribute)
{
    const struct choices *known = &level->content.attributes;
    cleanup(free_ptr) char *element = expect_element(level->element);
    cleanup(content_free) struct content content = {0};
    cleanup(parse_free_text) xmlChar *value = NULL;
    cleanup(free_ptr) char *expected = NULL;
    bool any = false, found = false;

    for (size_t i = 0; i < known->count; i++) {
        struct content one = {0};

        if (!pattern_names(known->list[i], (const char *)attribute->name,
                           content_space(attribute->ns)))
            continue;
        found = true;
        content_of_attribute(&one, known->list[i]);
        any = any || one.text;
        content.nothing = content.nothing || one.nothing;
        for (size_t j = 0; j < one.values.count; j++)
            choices_add(&content.values, one.values.list[j]);
        content_free(&one);
    }
    if (!found) {
        if (is_enough(walk, level, level->element))
            return;
        expected = expect_names(known, (const char *)attribute->name, "none");
        mismatch_add(walk->mismatches, level->element, false,
                     "found %.80s= in %s%s", attribute->name, element,
                     expected);
        return;
    }
    content.text = any;
    value = xmlNodeGetContent((const xmlNode *)attribute);
    if (content_takes(&content, (const char *)value))
        return;
    expected = expect_values(&content, (const char *)value);
    mismatch_add(walk->mismatches, level->element, false,
                 "found %.80s='%.80s' in %s%s", attribute->name,
                 (const char *)value, element, expected);
}

static void
check_needed(struct walk *walk, const struct level *level)
{
    const struct choices *needed = &level->content.needed;
    cleanup(free_ptr) char *element = expect_element(level->element);

    for (size_t i = 0; i < needed->count; i++) {
        const struct pattern *pattern = needed->list[i];
        cleanup(free_ptr) char *name = expect_pattern(pattern);

        if (!content_has(level->element, pattern))
            mismatch_add(walk->mismatches, level->element, true, "%s lacks %s",
                         element, name);
    }
    if (level->content.either.count) {
        cleanup(free_ptr) char *names = expect_either(&level->content.either);

        mismatch_add(walk->mismatches, level->element, true, "%s lacks %s",
                     element, names);
    }
}

/* The first child element; and the first text that is not blank. */
static const xmlNode *
first_child(const xmlNode *element, const xmlNode **text)
{
    const xmlNode *found = NULL;

    *text = NULL;
    for (const xmlNode *node = element->children; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE && !found)
            found = node;
        if (!*text &&
            (node->type == XML_TEXT_NODE ||
             node->type == XML_CDATA_SECTION_NODE) &&
            !xmlIsBlankNode(node))
            *text = node;
    }
    return found;
}

static void
check_text(struct walk *walk, const struct level *level)
{
    const struct content *content = &level->content;
    cleanup(free_ptr) char *element = expect_element(level->element);
    cleanup(parse_free_text) xmlChar *value = NULL;
    cleanup(free_ptr) char *expected = NULL;
    const xmlNode *text;

    if (content->text)
        return;
    if (first_child(level->element, &text) || !content->values.count) {
        /* Where a value is expected, it is the child that is wrong. */
        if (text && !content->values.count) {
            cleanup(free_ptr) char *shown =
                value_squeeze((const char *)text->content);

            mismatch_add(walk->mismatches, text, false,
                         "found text in %s, expected none: '%.80s'", element,
                         shown);
        }
        return;
    }
    value = xmlNodeGetContent(level->element);
    if (content_takes(content, (const char *)value))
        return;
    expected = expect_values(content, (const char *)value);
    mismatch_add(walk->mismatches, level->element, false,
                 "found '%.80s' in %s%s", (const char *)value, element,
                 expected);
}

static void
leave(struct walk *walk)
{
    struct level *level = &walk->levels[--walk->depth];

    choices_free(&level->candidates);
    content_free(&level->content);
    free(level->seen);
}

/* Go down into ELEMENT, and take over CANDIDATES. */
static void
enter(struct walk *walk, const xmlNode *element, struct choices candidates)
{
    struct level *level;

    walk->levels = xgrow(walk->levels, walk->depth, sizeof(*walk->levels));
    level = &walk->levels[walk->depth++];
    *level = (struct level){.element = element,
                            .child = element->children,
                            .candidates = candidates};
    likely_choose(&level->candidates, element, &walk->work);
    content_gather(&level->content, &level->candidates, element);
    walk->work += level->content.work;
    level->seen = xcalloc(level->content.elements.count, sizeof(size_t));
    for (const xmlAttr *attribute = element->properties; attribute;
         attribute = attribute->next)
        check_attribute(walk, level, attribute);
    check_needed(walk, level);
    check_text(walk, level);
}

/* Is CHILD, the SEEN-th of its name, one more than there may be? */
static void
check_number(struct walk *walk, const struct level *level, const xmlNode *child,
             const struct pattern *pattern, size_t seen)
{
    size_t most;

    if (seen < 2 || pattern->names)
        return;
    most = likely_most(&level->candidates, pattern);
    if (seen == most + 1) {
        cleanup(free_ptr) char *element = expect_element(level->element);
        cleanup(free_ptr) char *name = expect_element(child);

        mismatch_add(walk->mismatches, child, false,
                     "found %s again in %s, expected it %s", name, element,
                     most == 1 ? "once" : "less often");
    }
}

/* No pattern goes by the name of CHILD. */
static void
report_strange(struct walk *walk, struct level *level, const xmlNode *child)
{
    const struct content *content = &level->content;
    cleanup(free_ptr) char *element = expect_element(level->element);
    cleanup(free_ptr) char *name = expect_element(child);
    cleanup(free_ptr) char *expected = NULL;
    cleanup(choices_free) struct choices missing = {0};

    if (is_enough(walk, level, child))
        return;
    for (size_t i = 0; i < content->elements.count; i++) {
        const struct pattern *pattern = content->elements.list[i];

        if (pattern->names || !content_has(level->element, pattern) ||
            likely_most(&level->candidates, pattern) > 1)
            choices_add(&missing, pattern);
    }
    expected = expect_names(&missing, (const char *)child->name,
                            content->text || content->values.count ? "only text"
                            : content->elements.count ? "nothing more"
                                                      : "nothing");
    mismatch_add(walk->mismatches, child, false, "found %s in %s%s", name,
                 element, expected);
}

/* The next child of the innermost element: go down, or say why not. */
static void
step(struct walk *walk)
{
    struct level *level = &walk->levels[walk->depth - 1];
    const struct choices *known = &level->content.elements;
    const xmlNode *child = level->child;
    struct choices candidates = {0};
    size_t first;

    level->child = child->next;
    if (child->type != XML_ELEMENT_NODE)
        return;
    walk->work += known->count;
    first = fitting(known, child, &candidates);
    if (first == known->count) {
        report_strange(walk, level, child);
        return;
    }
    check_number(walk, level, child, known->list[first], ++level->seen[first]);
    enter(walk, child, candidates);
}

/* Takes CANDIDATES over. */
static void
walk_through(struct walk *walk, const xmlNode *root, struct choices candidates)
{
    struct mismatches *mismatches = walk->mismatches;

    enter(walk, root, candidates);
    while (walk->depth && mismatches->count < MISMATCHES_MAX &&
           walk->work < WORK_MAX) {
        if (walk->levels[walk->depth - 1].child)
            step(walk);
        else
            leave(walk);
    }
    if (walk->depth && mismatches->count)
        mismatch_add(mismatches, walk->levels[walk->depth - 1].element, false,
                     "this is how far the search came; there may be more");
    while (walk->depth)
        leave(walk);
    free(walk->levels);
}

void
diagnose(const struct patterns *patterns, const xmlDoc *doc,
         struct mismatches *mismatches)
{
    const xmlNode *root = xmlDocGetRootElement((xmlDoc *)(uintptr_t)doc);
    cleanup(content_free) struct content content = {0};
    struct walk walk = {.mismatches = mismatches};
    struct pattern around = {.kind = PATTERN_ELEMENT};
    struct pattern start = *patterns->start;
    struct choices candidates = {0}, document = {0};

    start.next = NULL;
    around.first = &start;
    choices_add(&document, &around);
    content_gather(&content, &document, root);
    choices_free(&document);
    if (fitting(&content.elements, root, &candidates) ==
        content.elements.count) {
        cleanup(free_ptr) char *name = expect_element(root);
        cleanup(free_ptr) char *expected =
            expect_names(&content.elements, (const char *)root->name, "none");

        mismatch_add(mismatches, root, false, "found %s%s", name, expected);
        return;
    }
    walk_through(&walk, root, candidates);
}
