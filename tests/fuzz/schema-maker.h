/*
 * schema-maker.h - RELAX NG schemas of <domainsnapshot>, made by decisions.
 *
 * Not any schemas: most are such as libxml2 accepts and as accept snapshots,
 * and they have what split.h, extract.h, fold.h and the like tell apart:
 * several patterns of one part, name classes, values of paths, names and times,
 * types whose values are compared, recursion, definitions in several pieces.
 */
#ifndef SCHEMA_MAKER_H
#define SCHEMA_MAKER_H

#include "schema-values.h"

/* The attribute of a number; of other numbers, they are called otherwise. */
static inline struct node *
make_numbered(struct schema_plan *plan, struct dice *dice, size_t number)
{
    static const char *const names[] = {"file", "dev", "a",    "type",
                                        "file", "b",   "name", "snapshot"};
    struct node *attribute = node_new(plan, KIND_ATTRIBUTE);

    attribute->names = one_name(plan, 0, names[number % LENGTH(names)]);
    plan->flavour = flavour_of(attribute->names->name);
    with(attribute, make_value(plan, dice, 2));
    plan->flavour = FLAVOUR_ANY;
    return once_in(dice, 2) ? around(plan, KIND_OPTIONAL, attribute)
                            : attribute;
}

static inline struct node *
make_attribute(struct schema_plan *plan, struct dice *dice)
{
    struct node *attribute;

    if (!once_in(dice, 6))
        return make_numbered(plan, dice, roll(dice, 8));
    attribute = node_new(plan, KIND_ATTRIBUTE);
    attribute->names = make_names(plan, dice, 2);
    with(attribute, make_value(plan, dice, 2));
    return around(plan, once_in(dice, 2) ? KIND_STAR : KIND_PLUS, attribute);
}

/*
 * Definitions: of all that an element may have in it, of an attribute, and of
 * elements.
 */
#define DEFINED_ATTRIBUTE 2
#define DEFINED_ELEMENTS 3

static inline struct node *
refer_to(struct schema_plan *plan, size_t target)
{
    struct node *reference = node_new(plan, KIND_REF);

    reference->target = target;
    return reference;
}

static inline struct node *make_pattern(struct schema_plan *plan,
                                        struct dice *dice, size_t depth);
static inline struct node *make_content(struct schema_plan *plan,
                                        struct dice *dice, size_t depth);

/* Elements that are called one like no other. */
static inline void
add_different(struct schema_plan *plan, struct dice *dice, struct node *to,
              size_t depth)
{
    size_t first = roll(dice, 8);

    for (size_t n = 1 + roll(dice, 3); n; n--) {
        struct node *element = node_new(plan, KIND_ELEMENT);

        element->names = one_name(plan, 0, known_names[first + n]);
        with(to,
             once_in(dice, 3) ? around(plan, KIND_OPTIONAL, element) : element);
        with(element, make_content(plan, dice, depth));
    }
}

static inline void
add_attributes(struct schema_plan *plan, struct dice *dice, struct node *to)
{
    size_t first = roll(dice, 4);

    if (once_in(dice, 8)) {
        with(to, make_attribute(plan, dice));
    } else if (once_in(dice, 8)) {
        with(to, refer_to(plan, DEFINED_ATTRIBUTE));
    } else {
        for (size_t n = roll(dice, 6); n > 3; n--)
            with(to, make_numbered(plan, dice, first + n));
    }
}

/* All that may be in an element: attributes, and a text or elements. */
static inline struct node *
make_content(struct schema_plan *plan, struct dice *dice, size_t depth)
{
    struct node *content =
        node_new(plan, once_in(dice, 4) ? KIND_INTERLEAVE : KIND_GROUP);

    add_attributes(plan, dice, content);
    if (!depth || is_full(plan) || once_in(dice, 3))
        return with(content, make_value(plan, dice, 2));
    if (content->kind == KIND_INTERLEAVE)
        add_different(plan, dice, content, depth - 1);
    else
        for (size_t n = 1 + roll(dice, 3); n; n--)
            with(content, make_pattern(plan, dice, depth - 1));
    return content;
}

static inline struct node *
make_element(struct schema_plan *plan, struct dice *dice, struct node *names,
             size_t depth)
{
    struct node *element = node_new(plan, KIND_ELEMENT);

    element->names = names ? names : make_names(plan, dice, 2);
    return with(element, make_content(plan, dice, depth));
}

static inline struct node *
make_reference(struct schema_plan *plan, struct dice *dice)
{
    size_t target = roll(dice, DEFINITIONS);
    struct node *element;

    /*
     * Not one to another for ever: libxml2 would look for what is in a group
     * for ever. Only what takes anything refers to itself.
     */
    if (target >= DEFINED_ELEMENTS && target < plan->defining)
        return refer_to(plan, target);
    target %= DEFINED_ELEMENTS;
    element = node_new(plan, KIND_ELEMENT);
    element->names = one_name(plan, 0, any_name(dice));
    return with(element, refer_to(plan, target));
}

static inline struct node *
make_pattern(struct schema_plan *plan, struct dice *dice, size_t depth)
{
    static const enum node_kind kinds[] = {
        KIND_ELEMENT,  KIND_ELEMENT,    KIND_ELEMENT,   KIND_ELEMENT,
        KIND_GROUP,    KIND_INTERLEAVE, KIND_CHOICE,    KIND_CHOICE,
        KIND_OPTIONAL, KIND_OPTIONAL,   KIND_STAR,      KIND_STAR,
        KIND_PLUS,     KIND_REF,        KIND_REF,       KIND_MIXED,
        KIND_TEXT,     KIND_EMPTY,      KIND_ATTRIBUTE, KIND_NONE,
    };
    enum node_kind kind = ANY_OF(dice, kinds);
    struct node *pattern;

    if ((kind == KIND_NONE || kind == KIND_ATTRIBUTE) && !once_in(dice, 6))
        kind = KIND_ELEMENT;
    if (!depth || is_full(plan))
        kind = once_in(dice, 2) ? KIND_REF : KIND_EMPTY;
    if (kind == KIND_ELEMENT)
        return make_element(plan, dice,
                            once_in(dice, 3) ? NULL
                            : once_in(dice, 3)
                                ? one_name(plan, 0, "source")
                                : one_name(plan, 0, any_name(dice)),
                            depth - 1);
    if (kind == KIND_REF)
        return make_reference(plan, dice);
    if (kind == KIND_ATTRIBUTE)
        return make_attribute(plan, dice);
    pattern = node_new(plan, kind);
    if (kind == KIND_TEXT || kind == KIND_EMPTY || kind == KIND_NONE)
        return pattern;
    /* Of an <interleave>, no two may take the same element. */
    if (kind == KIND_INTERLEAVE || kind == KIND_MIXED)
        add_different(plan, dice, pattern, depth - 1);
    else
        for (size_t n = 1 + roll(dice, 3); n; n--)
            with(pattern, make_pattern(plan, dice, depth - 1));
    return pattern;
}

/* (attribute of any name)*, (text or element of any name)* */
static inline struct node *
make_anything(struct schema_plan *plan, struct dice *dice, size_t own)
{
    struct node *attribute = node_new(plan, KIND_ATTRIBUTE);
    struct node *reference = refer_to(plan, own);
    struct node *element = node_new(plan, KIND_ELEMENT);
    struct node *content = node_new(plan, KIND_GROUP);

    attribute->names = node_new(plan, NAMES_ANY);
    with(attribute, once_in(dice, 4) ? make_value(plan, dice, 1)
                                     : node_new(plan, KIND_TEXT));
    element->names = once_in(dice, 3) ? make_names(plan, dice, 2)
                                      : node_new(plan, NAMES_ANY);
    if (once_in(dice, 6)) {
        with(attribute->names,
             around(plan, KIND_EXCEPT, one_name(plan, 0, "file")));
        with(content, make_numbered(plan, dice, 0));
    }
    with(content, around(plan, KIND_STAR, attribute));
    with(content,
         around(plan, KIND_STAR,
                with(around(plan, KIND_CHOICE, node_new(plan, KIND_TEXT)),
                     with(element, reference))));
    return content;
}

#endif
