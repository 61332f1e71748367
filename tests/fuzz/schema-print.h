/*
 * schema-print.h - a schema of schema-maker.h as the files of RELAX NG, in
 * one of the many ways to write it: names in an attribute or a child, with a
 * prefix or ns=, blanks around them, <div>, nested grammars, other files.
 */
#ifndef SCHEMA_PRINT_H
#define SCHEMA_PRINT_H

#include "schema-maker.h"

#define FILES 6

/* The files of a schema while they are written; the first is the schema. */
struct printer {
    const struct schema_plan *plan;
    struct dice *dice;
    struct buffer files[FILES];
    size_t file_count;
    struct buffer *out;
    bool nested; /* in a grammar in the grammar: references go to its parent */
};

static const char *const spaces[] = {"", "urn:x", "urn:y"};

#define RELAXNG_HEAD                                                           \
    " xmlns='http://relaxng.org/ns/structure/1.0' xmlns:x='urn:x' "            \
    "xmlns:y='urn:y' xmlns:o='urn:other' "                                     \
    "datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'"

static inline void
put_escaped(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("<&>'\"", *text))
            buffer_printf(out, "&#%d;", *text);
        else
            buffer_add(out, text, 1);
    }
}

/* An attribute; once in a while with blanks around its value. */
static inline void
put_attribute(struct printer *printer, const char *name, const char *value)
{
    static const char *const blanks[] = {" ", "  ", "\n", "\t", ""};
    bool padded = once_in(printer->dice, 16);

    buffer_printf(printer->out, " %s='", name);
    if (padded)
        buffer_puts(printer->out, ANY_OF(printer->dice, blanks));
    put_escaped(printer->out, value);
    if (padded)
        buffer_puts(printer->out, ANY_OF(printer->dice, blanks));
    buffer_puts(printer->out, "'");
}

/* What says nothing. */
static inline void
put_noise(struct printer *printer)
{
    static const char *const noise[] = {
        "\n",
        "<!-- c -->",
        "<?p i?>",
        "<o:note>text<o:more/></o:note>",
    };

    if (once_in(printer->dice, 24))
        buffer_puts(printer->out, ANY_OF(printer->dice, noise));
}

static inline void
put_space(struct printer *printer, size_t space)
{
    buffer_printf(printer->out, " ns='%s'", spaces[space]);
}

static inline void
put_names(struct printer *printer, const struct node *names)
{
    static const char *const tags[] = {"name", "choice", "anyName", "nsName"};
    const char *tag =
        names->kind == KIND_EXCEPT ? "except" : tags[names->kind - NAMES_ONE];
    bool one = names->kind == NAMES_ONE;

    buffer_printf(printer->out, "<%s", tag);
    if (names->kind == NAMES_SPACE || (one && !once_in(printer->dice, 4)))
        put_space(printer, names->space);
    buffer_puts(printer->out, ">");
    if (one)
        buffer_printf(printer->out, once_in(printer->dice, 8) ? "\n %s " : "%s",
                      names->name);
    for (const struct node *node = names->first; node; node = node->next)
        put_names(printer, node);
    buffer_printf(printer->out, "</%s>", tag);
}

static inline void put_pattern(struct printer *printer,
                               const struct node *node);

static inline void
put_children(struct printer *printer, const struct node *node)
{
    for (node = node->first; node; node = node->next) {
        put_noise(printer);
        put_pattern(printer, node);
    }
}

/* An <element> or <attribute>. */
static inline void
put_named(struct printer *printer, const struct node *node)
{
    const char *tag = node->kind == KIND_ELEMENT ? "element" : "attribute";
    const struct node *names = node->names;
    bool plain = names->kind == NAMES_ONE && !once_in(printer->dice, 6);

    buffer_printf(printer->out, "<%s", tag);
    if (plain && names->space && once_in(printer->dice, 2)) {
        cleanup(free_ptr) char *name =
            xasprintf("%c:%s", names->space == 1 ? 'x' : 'y', names->name);

        put_attribute(printer, "name", name);
    } else if (plain) {
        put_attribute(printer, "name", names->name);
        if (node->kind == KIND_ELEMENT || names->space)
            put_space(printer, names->space);
    }
    buffer_puts(printer->out, ">");
    if (!plain)
        put_names(printer, names);
    put_children(printer, node);
    buffer_printf(printer->out, "</%s>", tag);
}

static inline void
put_value(struct printer *printer, const struct node *node)
{
    static const char library[] = "http://www.w3.org/2001/XMLSchema-datatypes";
    const char *tag = node->kind == KIND_VALUE ? "value" : "data";

    buffer_printf(printer->out, "<%s", tag);
    if (node->name)
        put_attribute(printer, "type", node->name);
    if (once_in(printer->dice, 12))
        buffer_printf(printer->out, " datatypeLibrary='%s'",
                      !node->first &&
                              (!node->name || !strcmp(node->name, "string"))
                          ? ""
                          : library);
    buffer_puts(printer->out, ">");
    if (node->text)
        put_escaped(printer->out, node->text);
    for (const struct node *param = node->first; param; param = param->next) {
        if (param->kind != KIND_PARAM) {
            put_pattern(printer, param);
            continue;
        }
        buffer_puts(printer->out, "<param");
        put_attribute(printer, "name", param->name);
        buffer_puts(printer->out, ">");
        put_escaped(printer->out, param->text);
        buffer_puts(printer->out, "</param>");
    }
    buffer_printf(printer->out, "</%s>", tag);
}

static inline bool
has_reference(const struct node *node)
{
    if (node->kind == KIND_REF)
        return true;
    for (node = node->first; node; node = node->next) {
        if (has_reference(node))
            return true;
    }
    return false;
}

/* In a file of its own, as a pattern or as a grammar. */
static inline void
put_external(struct printer *printer, const struct node *node)
{
    struct buffer *out = printer->out;
    size_t index = printer->file_count++;

    buffer_printf(out, "<externalRef href='%zu.rng'%s/>", index,
                  once_in(printer->dice, 3) ? " ns='urn:x'" : "");
    printer->out = &printer->files[index];
    buffer_puts(printer->out, "<grammar" RELAXNG_HEAD "><start>");
    put_pattern(printer, node);
    buffer_puts(printer->out, "</start></grammar>");
    printer->out = out;
}

/* As a grammar in the grammar. */
static inline void
put_nested(struct printer *printer, const struct node *node)
{
    bool definition = once_in(printer->dice, 2);

    printer->nested = true;
    buffer_puts(printer->out, definition ? "<grammar><start><ref name='d1'/>"
                                           "</start><define name='d1'>"
                                         : "<grammar><start>");
    put_pattern(printer, node);
    buffer_puts(printer->out,
                definition ? "</define></grammar>" : "</start></grammar>");
    printer->nested = false;
}

static inline void
put_other(struct printer *printer, const struct node *node)
{
    static const char *const tags[] = {
        [KIND_EMPTY] = "empty",       [KIND_NONE] = "notAllowed",
        [KIND_TEXT] = "text",         [KIND_GROUP] = "group",
        [KIND_CHOICE] = "choice",     [KIND_INTERLEAVE] = "interleave",
        [KIND_OPTIONAL] = "optional", [KIND_STAR] = "zeroOrMore",
        [KIND_PLUS] = "oneOrMore",    [KIND_MIXED] = "mixed",
        [KIND_LIST] = "list",         [KIND_EXCEPT] = "except",
        [KIND_PARAM] = "param",
    };
    const char *tag = tags[node->kind];

    if (!node->first && node->kind > KIND_TEXT) {
        buffer_puts(printer->out, "<empty/>");
        return;
    }
    buffer_printf(printer->out, "<%s>", tag);
    put_children(printer, node);
    buffer_printf(printer->out, "</%s>", tag);
}

static inline void
put_pattern(struct printer *printer, const struct node *node)
{
    bool main = printer->out == &printer->files[0] && !printer->nested;

    if (main && (node->kind == KIND_ELEMENT || node->kind == KIND_TEXT) &&
        once_in(printer->dice, 24)) {
        put_nested(printer, node);
    } else if (main && node->kind == KIND_ELEMENT &&
               printer->file_count < FILES && once_in(printer->dice, 24) &&
               !has_reference(node)) {
        put_external(printer, node);
    } else if (node->kind == KIND_ELEMENT || node->kind == KIND_ATTRIBUTE) {
        put_named(printer, node);
    } else if (node->kind == KIND_DATA || node->kind == KIND_VALUE) {
        put_value(printer, node);
    } else if (node->kind == KIND_REF) {
        cleanup(free_ptr) char *name = xasprintf("d%zu", node->target);

        buffer_printf(printer->out, "<%s",
                      printer->nested ? "parentRef" : "ref");
        put_attribute(printer, "name", name);
        buffer_puts(printer->out, "/>");
    } else {
        put_other(printer, node);
    }
}

static inline void
put_definition(struct printer *printer, size_t index, size_t piece)
{
    cleanup(free_ptr) char *name = xasprintf("d%zu", index);

    buffer_puts(printer->out, "<define");
    put_attribute(printer, "name", name);
    if (printer->plan->combine[index])
        put_attribute(printer, "combine", printer->plan->combine[index]);
    buffer_puts(printer->out, ">");
    put_pattern(printer, printer->plan->definitions[index][piece]);
    buffer_puts(printer->out, "</define>");
}

/* The definitions: here, in a <div>, or in a file that is included. */
static inline void
put_definitions(struct printer *printer)
{
    struct buffer *out = printer->out;
    size_t where = roll(printer->dice, 6);

    if (where == 1 && printer->file_count < FILES) {
        buffer_printf(out, "<include href='%zu.rng'/>", printer->file_count);
        printer->out = &printer->files[printer->file_count++];
        buffer_puts(printer->out, "<grammar" RELAXNG_HEAD ">");
    } else {
        buffer_puts(out, where == 2 ? "<div>" : "<div ns='urn:y'>");
    }
    for (size_t i = 0; i < printer->plan->definition_count; i++) {
        put_definition(printer, i, 0);
        if (printer->plan->definitions[i][1])
            put_definition(printer, i, 1);
    }
    buffer_puts(printer->out, printer->out == out ? "</div>" : "</grammar>");
    printer->out = out;
}

/* Write the files; release them with schema_unprint(). */
static inline void
schema_print(struct printer *printer, const struct schema_plan *plan,
             struct dice *dice)
{
    bool before;

    *printer = (struct printer){.plan = plan, .dice = dice, .file_count = 1};
    printer->out = &printer->files[0];
    before = once_in(dice, 2);
    buffer_puts(printer->out, "<grammar" RELAXNG_HEAD ">");
    if (before)
        put_definitions(printer);
    buffer_puts(printer->out, "<start>");
    put_pattern(printer, plan->root);
    buffer_puts(printer->out, "</start>");
    if (!before)
        put_definitions(printer);
    buffer_puts(printer->out, "</grammar>");
}

static inline void
schema_unprint(struct printer *printer)
{
    for (size_t i = 0; i < FILES; i++)
        buffer_free(&printer->files[i]);
}

#endif
