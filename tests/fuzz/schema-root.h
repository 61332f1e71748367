/*
 * schema-root.h - the upper part of the schemas of schema-maker.h: the
 * <domainsnapshot>, what may stand in it, and the definitions.
 */
#ifndef SCHEMA_ROOT_H
#define SCHEMA_ROOT_H

#include "schema-maker.h"

/* An element of that name with a value that suits it. */
static inline struct node *
value_element(struct schema_plan *plan, struct dice *dice, const char *name)
{
    struct node *element = node_new(plan, KIND_ELEMENT);

    element->names = one_name(plan, 0, name);
    plan->flavour = flavour_of(name);
    with(element, make_value(plan, dice, 2));
    plan->flavour = FLAVOUR_ANY;
    return element;
}

static inline struct node *
text_element(struct schema_plan *plan, const char *name, struct node *content)
{
    struct node *element = node_new(plan, KIND_ELEMENT);

    element->names = one_name(plan, 0, name);
    return with(element, content);
}

/* What libvirt demands of a <domain> is in it, and more. */
static inline struct node *
make_domain(struct schema_plan *plan, struct dice *dice, const char *name)
{
    static const char *const types[] = {"kvm", "qemu", "xen"};
    struct node *domain = text_element(
        plan, name,
        node_new(plan, once_in(dice, 2) ? KIND_INTERLEAVE : KIND_GROUP));
    struct node *content = domain->first;
    struct node *type = node_new(plan, KIND_ATTRIBUTE);

    type->names = one_name(plan, 0, "type");
    if (once_in(dice, 4)) {
        with(type, node_new(plan, KIND_TEXT));
    } else {
        struct node *value = node_new(plan, KIND_VALUE);

        value->text = ANY_OF(dice, types);
        with(type, value);
    }
    with(content, type);
    with(content, once_in(dice, 4)
                      ? value_element(plan, dice, "name")
                      : text_element(plan, "name", node_new(plan, KIND_TEXT)));
    with(content, text_element(plan, "uuid", node_new(plan, KIND_TEXT)));
    with(content, text_element(plan, "memory", node_new(plan, KIND_TEXT)));
    with(content,
         text_element(plan, "os",
                      text_element(plan, "type", node_new(plan, KIND_TEXT))));
    if (content->kind == KIND_INTERLEAVE)
        with(content,
             text_element(plan, "devices", make_content(plan, dice, 3)));
    else
        for (size_t n = roll(dice, 4); n; n--)
            with(content, make_pattern(plan, dice, 3));
    return domain;
}

static inline struct node *
make_disks(struct schema_plan *plan, struct dice *dice, const char *name)
{
    struct node *source = node_new(plan, KIND_ELEMENT);
    struct node *disk = node_new(plan, KIND_ELEMENT);
    struct node *content = node_new(plan, KIND_GROUP);
    struct node *attribute = node_new(plan, KIND_ATTRIBUTE);

    source->names = one_name(plan, 0, "source");
    with(source, make_content(plan, dice, 1));
    attribute->names = one_name(plan, 0, "name");
    with(attribute, make_value(plan, dice, 1));
    with(with(content, attribute), around(plan, KIND_OPTIONAL, source));
    disk->names = one_name(plan, 0, "disk");
    with(disk, content);
    return text_element(plan, name, around(plan, KIND_STAR, disk));
}

static inline void
add_item(struct schema_plan *plan, struct node *item)
{
    if (plan->item_count < ITEMS)
        plan->items[plan->item_count++] = item;
}

/* Patterns of a part: one, or several that tell it apart. */
static inline void
add_parts(struct schema_plan *plan, struct dice *dice)
{
    for (size_t n = 1 + roll(dice, 6) / 3; n; n--)
        add_item(plan, make_domain(plan, dice, "domain"));
    if (once_in(dice, 2))
        add_item(plan, make_disks(plan, dice, "disks"));
    for (size_t n = roll(dice, 3); n; n--)
        add_item(plan,
                 make_element(plan, dice, one_name(plan, 0, "cookie"), 3));
    if (once_in(dice, 4))
        add_item(plan, make_domain(plan, dice, "inactiveDomain"));
    if (once_in(dice, 6))
        add_item(plan, make_element(plan, dice, one_name(plan, 0, "disks"), 2));
}

static inline void
add_beside(struct schema_plan *plan, struct dice *dice)
{
    struct node *memory;

    add_item(plan, value_element(plan, dice, "name"));
    add_item(plan, text_element(plan, "state", node_new(plan, KIND_TEXT)));
    add_item(plan, value_element(plan, dice, "creationTime"));
    if (once_in(dice, 2))
        add_item(plan, text_element(plan, "parent",
                                    value_element(plan, dice, "name")));
    if (once_in(dice, 3)) {
        memory = text_element(plan, "memory", node_new(plan, KIND_GROUP));
        with(memory->first,
             around(plan, KIND_STAR, make_attribute(plan, dice)));
        add_item(plan, memory);
    }
    if (once_in(dice, 10))
        add_item(plan, make_element(plan, dice, NULL, 2));
    if (once_in(dice, 5))
        add_item(plan, make_disks(plan, dice, "revertDisks"));
}

static inline struct node *
wrapped(struct schema_plan *plan, struct dice *dice, struct node *item)
{
    static const enum node_kind kinds[] = {KIND_OPTIONAL, KIND_STAR,
                                           KIND_GROUP,    KIND_PLUS,
                                           KIND_CHOICE,   KIND_INTERLEAVE};

    return once_in(dice, 2) ? item : around(plan, ANY_OF(dice, kinds), item);
}

/* May another item be called the same? */
static inline bool
is_shared(const struct schema_plan *plan, size_t index)
{
    const struct node *names = plan->items[index]->names;

    for (size_t i = 0; names->name && i < plan->item_count; i++) {
        const char *other = plan->items[i]->names->name;

        if (i != index && (!other || !strcmp(other, names->name)))
            return true;
    }
    return !names->name;
}

/* All items in one pattern or another. */
static inline struct node *
arrange(struct schema_plan *plan, struct dice *dice)
{
    static const enum node_kind kinds[] = {KIND_INTERLEAVE, KIND_INTERLEAVE,
                                           KIND_CHOICE, KIND_GROUP};
    enum node_kind kind = ANY_OF(dice, kinds);
    struct node *all = node_new(plan, kind);
    size_t inner = roll(dice, plan->item_count + 1);
    struct node *choice = NULL;

    for (size_t i = 0; i < plan->item_count; i++) {
        struct node *item = plan->items[i];

        if (kind == KIND_CHOICE) {
            with(all, item);
        } else if (i >= inner || is_shared(plan, i)) {
            choice = choice ? choice : node_new(plan, KIND_CHOICE);
            with(choice, item);
        } else {
            with(all, wrapped(plan, dice, item));
        }
    }
    if (choice)
        with(all,
             around(plan, once_in(dice, 6) ? KIND_PLUS : KIND_STAR, choice));
    if (once_in(dice, 8))
        with(all, node_new(plan, KIND_TEXT));
    if (once_in(dice, 12))
        with(all, make_attribute(plan, dice));
    if (once_in(dice, 12))
        with(all, make_element(plan, dice, one_name(plan, 1, "a"), 2));
    return kind == KIND_CHOICE ? around(plan, KIND_STAR, all) : all;
}

static inline void
define_all(struct schema_plan *plan, struct dice *dice)
{
    static const char *const combine[] = {NULL, NULL, "choice", "interleave"};

    plan->definition_count = DEFINITIONS;
    for (size_t i = 0; i < DEFINITIONS; i++) {
        size_t pieces;

        plan->defining = i;
        plan->combine[i] = ANY_OF(dice, combine);
        /* Anything and anything else would take the same. */
        if (i < DEFINED_ATTRIBUTE && plan->combine[i])
            plan->combine[i] = "choice";
        pieces = plan->combine[i] ? 1 + roll(dice, 2) : 1;
        for (size_t j = 0; j < pieces; j++) {
            if (i < DEFINED_ATTRIBUTE)
                plan->definitions[i][j] = make_anything(plan, dice, i);
            else if (i < DEFINED_ELEMENTS)
                plan->definitions[i][j] =
                    make_numbered(plan, dice, roll(dice, 4) + 4 * j);
            else
                plan->definitions[i][j] = make_element(
                    plan, dice, one_name(plan, 0, any_name(dice)), 2);
        }
    }
}

static inline void
make_schema(struct schema_plan *plan, struct dice *dice)
{
    plan->count = plan->item_count = plan->text_len = 0;
    plan->flavour = FLAVOUR_ANY;
    plan->defining = DEFINITIONS;
    memset(plan->definitions, 0, sizeof(plan->definitions));
    add_beside(plan, dice);
    add_parts(plan, dice);
    add_item(plan, text_element(plan, "active", node_new(plan, KIND_TEXT)));
    define_all(plan, dice);
    plan->root = text_element(plan, "domainsnapshot", arrange(plan, dice));
}

#endif
