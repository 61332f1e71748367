/*
 * sample.h - elements such as a schema of schema-maker.h takes, mostly.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <libxml/xmlregexp.h>
#include <libxml/xmlschemastypes.h>

#include "schema-maker.h"

/* An element while it is written. */
struct sampler {
    const struct schema_plan *plan;
    struct dice *dice;
    struct buffer tag;     /* the start tag that is open: its attributes */
    struct buffer content; /* and what comes behind it */
    size_t depth;
    size_t budget;
    enum flavour flavour; /* of the values where it is */
    bool in_list;
};

#define SAMPLE_DEPTH 12

/* Values of paths, names and numbers: some that patterns tell apart. */
static inline void
put_some_value(struct buffer *out, struct dice *dice)
{
    static const char *const values[] = {
        "/a",         "/b",        "/srv/x", "/srv/y",  "/srv/vm/a", "/A",
        "/1",         "/",         "/a b",   "/a&amp;", "/a:b",      "/abc",
        "s",          "n1",        "n2",     "1",       "170",       "0",
        "-1",         "07",        " 1",     "1 ",      "",          "true",
        "a b",        "x:a",       "y:a",    "kvm",     "qemu",      "a  b",
        "/a&#98;",    "/\xc3\xbc", " /a",    "/a ",     "n",         "n 1",
        "2020-01-01", "1.5",       "/ab",    "/x",      "/srv/vm/b", "18",
    };
    static const char letters[] = "/abzAMZ019-_.:%+~ ,[]^\\!";

    if (!once_in(dice, 4)) {
        buffer_puts(out, ANY_OF(dice, values));
        return;
    }
    if (once_in(dice, 2))
        buffer_puts(out, "/");
    for (size_t n = roll(dice, 7); n; n--)
        buffer_add(out, &letters[roll(dice, sizeof(letters) - 1)], 1);
}

static inline void sample(struct sampler *sampler, const struct node *node);
static inline void sample_all(struct sampler *sampler, const struct node *node);

/* In the place of what is demanded anyhow, where a schema says anything. */
static inline const char *
demanded(const char *name)
{
    return !strcmp(name, "uuid")     ? "c7a5fdbd-edaf-9455-926a-d65c16db1809"
           : !strcmp(name, "memory") ? "1024"
           : !strcmp(name, "state")  ? "shutoff"
           : !strcmp(name, "active") ? "0"
                                     : NULL;
}

/* Some name of a class; its namespace goes to *SPACE. */
static inline const char *
sample_name(struct sampler *sampler, const struct node *names, size_t *space)
{
    struct dice *dice = sampler->dice;

    if (names->kind == NAMES_CHOICE && names->first) {
        size_t skip = roll(dice, 4);
        const struct node *one = names->first;

        while (skip-- && one->next)
            one = one->next;
        return sample_name(sampler, one, space);
    }
    *space = names->kind == NAMES_ONE || names->kind == NAMES_SPACE
                 ? names->space
                 : (once_in(dice, 6) ? roll(dice, 3) : 0);
    return names->kind == NAMES_ONE ? names->name : any_name(dice);
}

static inline bool
has_attribute(const struct buffer *tag, const char *name)
{
    cleanup(free_ptr) char *wanted = xasprintf(" %s=", name);

    return tag->len &&
           memmem(tag->data, tag->len, wanted, strlen(wanted)) != NULL;
}

static inline bool
has_prefix(const struct buffer *text)
{
    return text->len && (memmem(text->data, text->len, "x:", 2) ||
                         memmem(text->data, text->len, "y:", 2));
}

/* The text of a value goes where it is: into OUT. */
static inline void
sample_attribute(struct sampler *sampler, const struct node *node)
{
    struct buffer content = sampler->content;
    const char *quote = once_in(sampler->dice, 8) ? "\"" : "'";
    const enum flavour flavour = sampler->flavour;
    cleanup(free_ptr) char *full = NULL;
    const char *name;
    size_t space;

    name = sample_name(sampler, node->names, &space);
    full = xasprintf("%s%s", space == 1 ? "x:" : space ? "y:" : "", name);
    if (has_attribute(&sampler->tag, full))
        return;
    sampler->content = (struct buffer){0};
    sampler->flavour = flavour_of(name);
    if (!strcmp(name, "type") && node->first->kind == KIND_TEXT)
        buffer_puts(&sampler->content,
                    once_in(sampler->dice, 2) ? "kvm" : "qemu");
    else
        sample_all(sampler, node);
    sampler->flavour = flavour;
    buffer_printf(&sampler->tag, " %s=%s", full, quote);
    buffer_add(&sampler->tag, sampler->content.data, sampler->content.len);
    buffer_puts(&sampler->tag, quote);
    buffer_free(&sampler->content);
    sampler->content = content;
}

static inline void
sample_element(struct sampler *sampler, const struct node *node)
{
    struct buffer tag = sampler->tag, content = sampler->content;
    const enum flavour flavour = sampler->flavour;
    size_t space;
    const char *name = sample_name(sampler, node->names, &space);
    const char *prefix = space == 1 ? "x:" : space ? "y:" : "";

    if (sampler->depth >= SAMPLE_DEPTH || !sampler->budget)
        return;
    sampler->depth++;
    sampler->budget--;
    sampler->tag = sampler->content = (struct buffer){0};
    sampler->flavour = flavour_of(name);
    if (demanded(name) && node->first && node->first->kind == KIND_TEXT)
        buffer_puts(&sampler->content, demanded(name));
    else
        sample(sampler, node->first);
    if (!strcmp(name, "type") && sampler->depth == 3) {
        sampler->content.len = 0;
        buffer_puts(&sampler->content, "hvm");
    }
    if (once_in(sampler->dice, 16))
        buffer_puts(&content, "\n ");
    buffer_printf(&content, "<%s%s", prefix, name);
    buffer_add(&content, sampler->tag.data, sampler->tag.len);
    if (space || (sampler->depth == 1 &&
                  (has_prefix(&sampler->tag) || has_prefix(&sampler->content))))
        buffer_puts(&content, " xmlns:x='urn:x' xmlns:y='urn:y'");
    if (sampler->content.len || once_in(sampler->dice, 4)) {
        buffer_puts(&content, ">");
        buffer_add(&content, sampler->content.data, sampler->content.len);
        buffer_printf(&content, "</%s%s>", prefix, name);
    } else {
        buffer_puts(&content, "/>");
    }
    buffer_free(&sampler->tag);
    buffer_free(&sampler->content);
    sampler->tag = tag;
    sampler->content = content;
    sampler->flavour = flavour;
    sampler->depth--;
}

/* Is it one that <data> takes? Nobody relies on the answer. */
static inline bool
fits(const struct node *data, const char *text)
{
    xmlSchemaType *type = xmlSchemaGetPredefinedType(
        (const xmlChar *)data->name,
        (const xmlChar *)"http://www.w3.org/2001/XMLSchema");
    bool fine = !type || !xmlSchemaValidatePredefinedType(
                             type, (const xmlChar *)text, NULL);

    for (const struct node *node = data->first; fine && node;
         node = node->next) {
        const char *name = node->name ? node->name : "";
        long long number = strtoll(text, NULL, 10);
        long long limit = node->text ? strtoll(node->text, NULL, 10) : 0;
        size_t len = strlen(text);

        if (!strcmp(name, "pattern")) {
            xmlRegexp *regexp = xmlRegexpCompile((const xmlChar *)node->text);

            fine = regexp && xmlRegexpExec(regexp, (const xmlChar *)text) > 0;
            xmlRegFreeRegexp(regexp);
        } else if (strstr(name, "ength")) {
            fine = name[0] == 'l'   ? len == (size_t)limit
                   : name[1] == 'i' ? len >= (size_t)limit
                                    : len <= (size_t)limit;
        } else if (!strncmp(name, "min", 3)) {
            fine = number > limit || (number == limit && name[3] == 'I');
        } else if (!strncmp(name, "max", 3)) {
            fine = number < limit || (number == limit && name[3] == 'I');
        }
        for (const struct node *value = node->first; value; value = value->next)
            fine = fine && strcmp(value->text, text) != 0;
    }
    return fine;
}

static inline void
sample_data(struct sampler *sampler, const struct node *node)
{
    const char *text = "";

    if (sampler->in_list && sampler->content.len)
        buffer_puts(&sampler->content, " ");
    for (int tries = 0; tries < 12; tries++) {
        text = likely_text(sampler->dice,
                           tries < 6 ? sampler->flavour : FLAVOUR_ANY);
        if (fits(node, text))
            break;
    }
    if (once_in(sampler->dice, 24))
        put_some_value(&sampler->content, sampler->dice);
    else
        buffer_puts(&sampler->content, text);
}

static inline void
sample_literal(struct sampler *sampler, const struct node *node)
{
    if (sampler->in_list && sampler->content.len)
        buffer_puts(&sampler->content, " ");
    for (const char *at = node->text; *at; at++) {
        if (strchr("<&>'\"", *at))
            buffer_printf(&sampler->content, "&#%d;", *at);
        else
            buffer_add(&sampler->content, at, 1);
    }
}

static inline void
sample_all(struct sampler *sampler, const struct node *node)
{
    for (node = node->first; node; node = node->next)
        sample(sampler, node);
}

static inline void
sample_one(struct sampler *sampler, const struct node *node)
{
    size_t skip = roll(sampler->dice, 4);

    for (node = node->first; node && skip && node->next; node = node->next)
        skip--;
    if (node)
        sample(sampler, node);
}

static inline void
sample_reference(struct sampler *sampler, const struct node *node)
{
    const struct schema_plan *plan = sampler->plan;
    struct node *const *pieces = plan->definitions[node->target];

    if (sampler->depth >= SAMPLE_DEPTH || !sampler->budget)
        return;
    sampler->budget--;
    if (!pieces[1] || strcmp(plan->combine[node->target], "choice") ||
        once_in(sampler->dice, 2))
        sample(sampler, pieces[0]);
    else
        sample(sampler, pieces[1]);
    if (pieces[1] && !strcmp(plan->combine[node->target], "interleave"))
        sample(sampler, pieces[1]);
}

static inline void
sample(struct sampler *sampler, const struct node *node)
{
    if (!node)
        return;
    if (node->kind == KIND_ELEMENT)
        sample_element(sampler, node);
    else if (node->kind == KIND_ATTRIBUTE)
        sample_attribute(sampler, node);
    else if (node->kind == KIND_REF)
        sample_reference(sampler, node);
    else if (node->kind == KIND_DATA)
        sample_data(sampler, node);
    else if (node->kind == KIND_VALUE)
        sample_literal(sampler, node);
    else if (node->kind == KIND_TEXT && !once_in(sampler->dice, 8))
        buffer_puts(&sampler->content,
                    likely_text(sampler->dice, sampler->flavour));
    else if (node->kind == KIND_TEXT)
        put_some_value(&sampler->content, sampler->dice);
    else if (node->kind == KIND_CHOICE)
        sample_one(sampler, node);
    else if (node->kind == KIND_OPTIONAL || node->kind == KIND_STAR ||
             node->kind == KIND_PLUS)
        for (size_t n = node->kind == KIND_OPTIONAL ? roll(sampler->dice, 2)
                        : node->kind == KIND_PLUS   ? 1 + roll(sampler->dice, 2)
                                                    : roll(sampler->dice, 3);
             n; n--)
            sample_all(sampler, node);
    else if (node->kind == KIND_LIST) {
        sampler->in_list = true;
        sample_all(sampler, node);
        sampler->in_list = false;
    } else
        sample_all(sampler, node);
}

/* Append an element to OUT. */
static inline void
sample_item(const struct schema_plan *plan, const struct node *item,
            struct dice *dice, struct buffer *out)
{
    struct sampler sampler = {
        .plan = plan, .dice = dice, .budget = 60, .flavour = FLAVOUR_ANY};

    sample(&sampler, item);
    buffer_add(out, sampler.content.data, sampler.content.len);
    buffer_free(&sampler.content);
    buffer_free(&sampler.tag);
}

#endif
