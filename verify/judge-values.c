/* judge-values.c - see judge.h: values in a <domain>, after judge-rules.h. */
#include "judge.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "judge-rules.h"
#include "memory.h"
#include "parse.h"

#define SHOWN_MAX 8 /* of the words that are expected */

/* One rule at work. */
struct walk {
    struct verdict *verdict;
    const struct rule_place *place;
    const struct words_rule *words;   /* or NULL */
    const struct number_rule *number; /* or NULL */
    bool children;                    /* WORDS are names of children */
};

/* Is the text one of those words? */
static bool
among(const char *text, const char *words)
{
    size_t len = strlen(text);

    while (*words) {
        size_t next = strcspn(words, " ");

        if (next == len && !memcmp(words, text, len))
            return true;
        words += next + strspn(words + next, " ");
    }
    return false;
}

/* For a message: "a, b or c" of "a b c", cut where it is long; the caller owns
 * it. */
static char *
enumerate(const char *words)
{
    struct buffer out = {0};
    size_t count = 0;

    for (const char *word = words; *word; count++) {
        size_t len = strcspn(word, " ");
        const char *rest = word + len + strspn(word + len, " ");

        if (count)
            buffer_puts(&out, *rest ? ", " : " or ");
        buffer_add(&out, word, len);
        word = rest;
        if (count + 1 == SHOWN_MAX && strchr(rest, ' ')) {
            buffer_puts(&out, " or another that libvirt knows");
            break;
        }
    }
    buffer_add(&out, "", 1);
    return out.data;
}

void
judge_remark(struct verdict *verdict, const xmlNode *at, bool error, char *what)
{
    const xmlNode **place = error ? &verdict->at : &verdict->doubtful;
    char **text = error ? &verdict->wrong : &verdict->doubt;

    if (*text) {
        free(what);
        return;
    }
    *place = at;
    *text = what;
}

/* As virStrToLong_ll() and the like: it must end at the text's end. */
static bool
is_between(const char *text, const struct number_rule *rule)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(text, &end, rule->base);
    return !errno && end != text && !*end && number >= rule->least &&
           number <= rule->most;
}

static char *
expectation(const struct walk *walk)
{
    const struct number_rule *number = walk->number;

    if (walk->words)
        return enumerate(walk->words->words);
    if (number->most < INT_MAX)
        return xasprintf("%lld to %lld", number->least, number->most);
    return xstrdup(number->least < 0    ? "a whole number"
                   : number->least == 0 ? "a whole number from 0 on"
                                        : "a whole number above 0");
}

/*
 * An attribute's value, NULL where there is none; of one with a name of LEN
 * bytes in no namespace or, as xmlGetProp(), in any. Without a document type
 * its value is one text.
 */
static const char *
attribute(const xmlNode *element, const char *name, size_t len, bool any)
{
    for (const xmlAttr *at = element->properties; at; at = at->next) {
        const char *found = (const char *)at->name;

        if (found[0] == name[0] && !strncmp(found, name, len) && !found[len] &&
            (any || !at->ns))
            return at->children ? (const char *)at->children->content : "";
    }
    return NULL;
}

/* The element's attribute, or its text, which the caller frees from OWNED; NULL
 * where there is none. */
static const char *
value_of(const struct rule_place *place, const xmlNode *element,
         xmlChar **owned)
{
    bool xpath = place->flags & XPATH;
    const char *name = place->attribute;
    const char *value;

    if (name)
        value = attribute(element, name, strlen(name), !xpath);
    else
        value = (const char *)(*owned = xmlNodeGetContent(element));
    return value && !value[0] && xpath ? NULL : value;
}

static void
judge_value(const struct walk *walk, const xmlNode *element)
{
    const struct rule_place *place = walk->place;
    const char *name = place->attribute;
    cleanup(parse_free_text) xmlChar *owned = NULL;
    const char *text = value_of(place, element, &owned);
    cleanup(free_ptr) char *expected = NULL;

    if (!text) {
        if (name && place->flags & (NEEDED | ASKED))
            judge_remark(
                walk->verdict, element, place->flags & NEEDED,
                xasprintf("found no %s= of <%.80s>", name, element->name));
        return;
    }
    if (walk->words ? among(text, walk->words->words)
                    : is_between(text, walk->number))
        return;
    expected = expectation(walk);
    /* An empty one counted as none, in some place and version. */
    judge_remark(walk->verdict, element, text[0] && place->flags & CLOSED,
                 name ? xasprintf("found %s='%.80s' of <%.80s>, expected %s",
                                  name, text, element->name, expected)
                      : xasprintf("found <%.80s> '%.80s', expected %s",
                                  element->name, text, expected));
}

/* All child elements, whatever their namespace: libvirt asks for "*". */
static void
judge_names(const struct walk *walk, const xmlNode *element)
{
    for (const xmlNode *child = element->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE &&
            !among((const char *)child->name, walk->words->words))
            judge_remark(walk->verdict, child, false,
                         xasprintf("found <%.80s> in <%s>, not known here",
                                   child->name, element->name));
    }
}

/* Has another attribute the value for the rule? None counts as "". */
static bool
applies(const char *when, const xmlNode *element)
{
    size_t len = when ? strcspn(when, "=") : 0;
    const char *value = when ? attribute(element, when, len, false) : NULL;

    return !when || !strcmp(value ? value : "", when + len + 1);
}

static void
judge_here(const struct walk *walk, const xmlNode *element)
{
    if (!applies(walk->place->when, element))
        return;
    if (walk->children)
        judge_names(walk, element);
    else
        judge_value(walk, element);
}

/* Most names differ in their first byte: this is done very often. */
static bool
is_named(const xmlNode *element, const char *name, size_t len)
{
    const char *found = (const char *)element->name;

    return found[0] == name[0] && !strncmp(found, name, len) && !found[len];
}

/* The elements that a path leads to; the paths have three parts at most. */
static void
follow(const struct walk *walk, const xmlNode *parent, const char *path)
{
    size_t len = strcspn(path, "/!");
    const char *rest = path + len + (path[len] == '!');

    for (const xmlNode *child = parent->children; child; child = child->next) {
        if (child->type != XML_ELEMENT_NODE || child->ns ||
            !(path[0] == '*' || is_named(child, path, len)))
            continue;
        if (rest[0])
            follow(walk, child, rest + 1);
        else
            judge_here(walk, child);
        if (path[len] == '!')
            return;
    }
}

void
judge_values(struct verdict *verdict)
{
    struct walk walk = {.verdict = verdict};

    for (walk.words = judge_words; walk.words->words; walk.words++) {
        walk.place = &walk.words->place;
        follow(&walk, verdict->domain, walk.place->path);
    }
    walk.children = true;
    for (walk.words = judge_children; walk.words->words; walk.words++) {
        walk.place = &walk.words->place;
        follow(&walk, verdict->domain, walk.place->path);
    }
    walk = (struct walk){.verdict = verdict, .number = judge_numbers};
    for (; walk.number->place.path; walk.number++) {
        walk.place = &walk.number->place;
        follow(&walk, verdict->domain, walk.place->path);
    }
}
