/*
 * schema-values.h - the nodes of a schema that is made, and the smaller ones:
 * names and values.
 */
#ifndef SCHEMA_VALUES_H
#define SCHEMA_VALUES_H

#include "fuzz.h"

enum node_kind {
    KIND_EMPTY,
    KIND_NONE,
    KIND_TEXT,
    KIND_ELEMENT,
    KIND_ATTRIBUTE,
    KIND_GROUP,
    KIND_INTERLEAVE,
    KIND_CHOICE,
    KIND_OPTIONAL,
    KIND_STAR,
    KIND_PLUS,
    KIND_MIXED,
    KIND_LIST,
    KIND_DATA,
    KIND_VALUE,
    KIND_REF,
    KIND_EXCEPT, /* of data or of a name class */
    KIND_PARAM,
    NAMES_ONE, /* name classes */
    NAMES_CHOICE,
    NAMES_ANY,
    NAMES_SPACE,
};

struct node {
    enum node_kind kind;
    struct node *first, *next;
    const char *name;   /* of a name class, a param; the type of a value */
    const char *text;   /* of a value, a param */
    size_t space;       /* of a name class: 0 is none */
    size_t target;      /* of a reference */
    struct node *names; /* of an element or attribute */
};

/* What a value is for, which some texts are better for than others. */
enum flavour { FLAVOUR_PATH, FLAVOUR_NAME, FLAVOUR_TIME, FLAVOUR_ANY };

static inline enum flavour
flavour_of(const char *name)
{
    return !strcmp(name, "file") || !strcmp(name, "dev") ? FLAVOUR_PATH
           : !strcmp(name, "name")                       ? FLAVOUR_NAME
           : !strcmp(name, "creationTime")               ? FLAVOUR_TIME
                                                         : FLAVOUR_ANY;
}

/* Likely texts of each. */
static inline const char *
likely_text(struct dice *dice, enum flavour flavour)
{
    static const char *const paths[] = {"/a",        "/b", "/srv/x", "/srv/y",
                                        "/srv/vm/a", "/A", "/1",     "/a b"};
    static const char *const names[] = {"s",  "n1", "n2", "a b",
                                        "n1", "s1", "x",  "170"};
    static const char *const times[] = {"1",  "170", "18", "01",
                                        "17", "2",   "5",  "1795428240"};

    if (flavour == FLAVOUR_ANY)
        flavour = (enum flavour)roll(dice, 3);
    return flavour == FLAVOUR_PATH   ? ANY_OF(dice, paths)
           : flavour == FLAVOUR_NAME ? ANY_OF(dice, names)
                                     : ANY_OF(dice, times);
}

#define NODES 4000
#define DEFINITIONS 6
#define ITEMS 20

/* A schema; remade for each input. */
struct schema_plan {
    struct node nodes[NODES];
    size_t count;
    struct node *definitions[DEFINITIONS][2]; /* may be in two pieces */
    const char *combine[DEFINITIONS];
    size_t definition_count;
    struct node *items[ITEMS]; /* elements that may be in the root */
    size_t item_count;
    struct node *root;
    enum flavour flavour; /* of the values that are made */
    size_t defining;      /* which definition is made: it refers to others */
    char texts[4096];     /* that were made */
    size_t text_len;
};

static inline struct node *
node_new(struct schema_plan *plan, enum node_kind kind)
{
    struct node *node = &plan->nodes[plan->count];

    FUZZ_CHECK(plan->count < NODES, "a schema of too many nodes");
    plan->count++;
    *node = (struct node){.kind = kind};
    return node;
}

static inline bool
is_full(const struct schema_plan *plan)
{
    return plan->count > 260;
}

/* Append CHILD to those of NODE, which is returned. */
static inline struct node *
with(struct node *node, struct node *child)
{
    struct node **end = &node->first;

    while (*end)
        end = &(*end)->next;
    *end = child;
    return node;
}

static inline struct node *
around(struct schema_plan *plan, enum node_kind kind, struct node *child)
{
    return with(node_new(plan, kind), child);
}

static inline struct node *
one_name(struct schema_plan *plan, size_t space, const char *name)
{
    struct node *names = node_new(plan, NAMES_ONE);

    names->name = name;
    names->space = space;
    return names;
}

/* Names that mean something somewhere, and others. */
static const char *const known_names[] = {
    "a",      "b",      "source",         "name",   "disk",
    "file",   "dev",    "creationTime",   "domain", "cookie",
    "memory", "parent", "inactiveDomain", "disks",  "snapshot",
    "type",   "c",      "domainsnapshot", "state",  "active",
};

static inline const char *
any_name(struct dice *dice)
{
    return ANY_OF(dice, known_names);
}

/* What a name class leaves out: names, and of any a namespace. */
static inline struct node *
make_except(struct schema_plan *plan, struct dice *dice, bool of_any)
{
    struct node *except = node_new(plan, KIND_EXCEPT);

    for (size_t n = 1 + roll(dice, 3); n; n--) {
        if (of_any && once_in(dice, 4)) {
            struct node *space = node_new(plan, NAMES_SPACE);

            space->space = roll(dice, 3);
            with(except, space);
        } else {
            with(except, one_name(plan, once_in(dice, 4) ? roll(dice, 3) : 0,
                                  any_name(dice)));
        }
    }
    return except;
}

static inline struct node *
make_names(struct schema_plan *plan, struct dice *dice, size_t depth)
{
    static const enum node_kind classes[] = {NAMES_ONE, NAMES_ONE, NAMES_CHOICE,
                                             NAMES_ANY, NAMES_ANY, NAMES_SPACE};
    enum node_kind kind = depth ? ANY_OF(dice, classes) : NAMES_ONE;
    struct node *names;

    if (kind == NAMES_ONE)
        return one_name(plan, once_in(dice, 4) ? roll(dice, 3) : 0,
                        any_name(dice));
    names = node_new(plan, kind);
    names->space = roll(dice, 3);
    if (kind == NAMES_CHOICE) {
        for (size_t n = 1 + roll(dice, 3); n; n--)
            with(names, make_names(plan, dice, depth - 1));
    } else if (!once_in(dice, 3)) {
        with(names, make_except(plan, dice, kind == NAMES_ANY));
    }
    return names;
}

/* A text of a few characters that patterns tell apart. */
static inline const char *
make_text(struct schema_plan *plan, struct dice *dice, const char *of,
          size_t most)
{
    char *text = plan->texts + plan->text_len;
    size_t len = roll(dice, most + 1);

    if (plan->text_len + len + 1 > sizeof(plan->texts))
        return "a";
    for (size_t i = 0; i < len; i++)
        text[i] = of[roll(dice, strlen(of))];
    text[len] = '\0';
    plan->text_len += len + 1;
    return text;
}

static inline const char *
make_expression(struct schema_plan *plan, struct dice *dice)
{
    static const char *const of_flavours[][6] = {
        {"/.*", "/[a-z/]*", "/[a-zA-Z0-9_\\.\\+\\-/% ]+", "/[^x]*", "/[^A]*",
         "(/|[a-z]:).+"},
        {"[a-z0-9]+", ".*", "n[0-9]|[a-z ]+", "\\S+", "[^ x]+", "\\i\\c*"},
        {"[0-9]+", "\\d{1,3}", "1.*", "[1-9][0-9]*", "[0-46-9]*", ".*"},
        {".*", ".+", "[^/].*", "/?[a-z0-9]*", "[!-~]+", "\\S+"},
    };
    static const char *const known[] = {
        "[a-z]+",       "/[a-z]*",    "/[a-zA-Z0-9_\\.\\+\\-/%]+",
        "/[^x]*",       "/.*",        "(/|[a-z]:).+",
        "\\d+",         "[0-9]{1,5}", ".*b",
        "/[a-m]+.*",    "\\S+",       "\\c*",
        "\\i\\c*",      "\\w+",       "[^a-c]+",
        "/?.{1,3}",     "[a-z-[x]]+", "/srv/vm/[^/]*",
        "n[0-9]+",      "\\p{Lu}.*",  "/[ -~]*",
        "[!-~]+",       "0|[1-9].*",  "(ab|/a)*.*",
        "\\s*\\S+\\s*", "[a-z]{2}.*", "[\\-a]*/?[b-]*",
    };

    if (!once_in(dice, 4))
        return of_flavours[plan->flavour][roll(dice, 6)];
    if (!once_in(dice, 3))
        return ANY_OF(dice, known);
    return make_text(plan, dice, "az09/AM[]^-\\.*+?(|)dws{2},x ", 10);
}

static inline struct node *
make_param(struct schema_plan *plan, struct dice *dice, bool of_number)
{
    static const char *const numbers[] = {"0",   "1",  "2",  "5", "9",
                                          "170", "-1", "12", "3", "1795428240"};
    static const char *const texts[] = {"pattern", "pattern", "length",
                                        "minLength", "maxLength"};
    static const char *const params[] = {
        "pattern",      "minInclusive", "maxInclusive",
        "minExclusive", "maxExclusive", "totalDigits",
    };
    struct node *param = node_new(plan, KIND_PARAM);

    param->name = of_number ? ANY_OF(dice, params) : ANY_OF(dice, texts);
    if (!strcmp(param->name, "pattern"))
        param->text = make_expression(plan, dice);
    else if (once_in(dice, 3))
        param->text = ANY_OF(dice, numbers);
    else
        param->text = strstr(param->name, "min") ? "1"
                      : of_number                ? "170"
                                                 : "9";
    return param;
}

static inline struct node *
make_literal(struct schema_plan *plan, struct dice *dice)
{
    static const char *const texts[] = {
        "/a",   " /a",    "/a ",  "qemu", "x:a", "/a b", "n 1", "",
        "/a/b", "/srv/x", "true", "a  b", "/",   "0",    "-1",  "n2",
    };
    static const char *const numbers[] = {"0", "1", "01", "170", "2", "5"};
    static const char *const number_types[] = {"long", "integer", "decimal"};
    struct node *value = node_new(plan, KIND_VALUE);
    size_t kind = roll(dice, 12);

    if (kind == 11 && plan->flavour != FLAVOUR_PATH) {
        value->name = ANY_OF(dice, number_types);
        value->text = ANY_OF(dice, numbers);
    } else if (kind == 10 && once_in(dice, 3)) {
        value->name = once_in(dice, 12) ? "QName" : "anyURI";
        value->text = once_in(dice, 2) ? "x:a" : "n1";
    } else {
        value->name = kind < 4 ? "string" : kind < 7 ? "token" : NULL;
        value->text = once_in(dice, 12)
                          ? make_text(plan, dice, "/abz AZ019-.:%", 4)
                      : once_in(dice, 4) ? ANY_OF(dice, texts)
                                         : likely_text(dice, plan->flavour);
    }
    return value;
}

static inline struct node *
make_data(struct schema_plan *plan, struct dice *dice)
{
    static const char *const likely[][4] = {
        {"string", "string", "token", "anyURI"},
        {"string", "token", "normalizedString", "string"},
        {"long", "string", "integer", "unsignedLong"},
        {"string", "token", "long", "NMTOKEN"},
    };
    static const char *const types[] = {
        "string",
        "string",
        "string",
        "token",
        "token",
        "long",
        "long",
        "int",
        "integer",
        "unsignedInt",
        "short",
        "boolean",
        "decimal",
        "double",
        "NCName",
        "Name",
        "NMTOKEN",
        "anyURI",

        "NMTOKENS",
        "language",
        "normalizedString",
        "positiveInteger",
        "unsignedLong",
    };
    static const char *const rare[] = {"ID",     "IDREF",    "IDREFS",  "QName",
                                       "ENTITY", "ENTITIES", "NOTATION"};
    struct node *data = node_new(plan, KIND_DATA);
    bool number;

    data->name = once_in(dice, 120) ? ANY_OF(dice, rare)
                 : once_in(dice, 4) ? ANY_OF(dice, types)
                                    : likely[plan->flavour][roll(dice, 4)];
    number = strstr(data->name, "nt") || strstr(data->name, "ong") ||
             !strcmp(data->name, "short") || !strcmp(data->name, "decimal");
    for (size_t n = roll(dice, 8); n > 5; n--)
        with(data, make_param(plan, dice, number));
    if (once_in(dice, 6)) {
        struct node *except = node_new(plan, KIND_EXCEPT);

        for (size_t n = 1 + roll(dice, 2); n; n--) {
            struct node *value = make_literal(plan, dice);

            /* With a type, no value of this kind is known any more. */
            if (!once_in(dice, 8))
                value->name = NULL;
            with(except, value);
        }
        with(data, except);
    }
    return data;
}

/* What an attribute or an element without elements has in it. */
static inline struct node *
make_value(struct schema_plan *plan, struct dice *dice, size_t depth)
{
    static const enum node_kind kinds[] = {
        KIND_TEXT,   KIND_DATA,   KIND_DATA,     KIND_DATA,
        KIND_VALUE,  KIND_TEXT,   KIND_OPTIONAL, KIND_CHOICE,
        KIND_CHOICE, KIND_CHOICE, KIND_LIST,     KIND_EMPTY,
    };
    enum node_kind kind = ANY_OF(dice, kinds);

    /* With a list somewhere, no value is known. */
    if (kind == KIND_LIST && !once_in(dice, 24))
        kind = KIND_TEXT;
    /* What libvirt demands a value of, mostly has one. */
    if ((kind == KIND_EMPTY || kind == KIND_OPTIONAL) &&
        plan->flavour != FLAVOUR_ANY && !once_in(dice, 8))
        kind = KIND_DATA;
    if (!depth &&
        (kind == KIND_CHOICE || kind == KIND_LIST || kind == KIND_OPTIONAL))
        kind = KIND_DATA;
    if (kind == KIND_DATA)
        return make_data(plan, dice);
    if (kind == KIND_VALUE)
        return make_literal(plan, dice);
    if (kind == KIND_OPTIONAL)
        return around(plan, kind, make_value(plan, dice, depth - 1));
    if (kind == KIND_LIST) {
        struct node *one =
            once_in(dice, 2) ? make_data(plan, dice) : make_literal(plan, dice);

        return around(plan, kind,
                      once_in(dice, 2) ? around(plan, KIND_STAR, one) : one);
    }
    if (kind == KIND_CHOICE) {
        struct node *choice = node_new(plan, kind);

        for (size_t n = 1 + roll(dice, 3); n; n--)
            with(choice, make_value(plan, dice, depth - 1));
        return choice;
    }
    return node_new(plan, kind);
}

#endif
