/* fold.c - see fold.h. */
#include "fold.h"

#include <string.h>

#include "cleanup.h"
#include "grammar.h"
#include "memory.h"
#include "parse.h"
#include "pattern.h"

static void
tell_all_apart(struct fold *fold)
{
    memset(fold->alone, true, sizeof(fold->alone));
}

static void
tell_apart(struct fold *fold, char c)
{
    unsigned char code = (unsigned char)c;

    if (code < FOLD_CHARACTERS)
        fold->alone[code] = true;
}

static void
add_range(struct fold *fold, char first, char last)
{
    fold->edge[(unsigned char)first] = true;
    fold->edge[(unsigned char)last + 1] = true;
}

static bool
is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z');
}

/* A character behind a backslash. */
static void
add_escape(struct fold *fold, char c)
{
    if (c == 's' || c == 'S')
        tell_apart(fold, ' ');
    else if (c == 'd' || c == 'D')
        add_range(fold, '0', '9');
    else if (is_letter_or_digit(c) && !strchr("nrt", c))
        tell_all_apart(fold);
    else
        tell_apart(fold, c);
}

/*
 * A regular expression (XML Schema, Part 2, appendix F). Whatever stands in it
 * is told apart, but for what is in a range of letters or digits, in brackets.
 * In other ranges may be anything.
 */
static void
add_expression(struct fold *fold, const char *text)
{
    const char *first = text; /* in the brackets */
    size_t brackets = 0;

    for (const char *at = text; *at; at++) {
        if (*at == '\\' && at[1]) {
            add_escape(fold, *++at);
        } else if (brackets && is_letter_or_digit(at[0]) && at[1] == '-' &&
                   is_letter_or_digit(at[2]) && at[0] <= at[2]) {
            add_range(fold, at[0], at[2]);
            at += 2;
        } else if (brackets && *at == '-' && at != first && at[1] != ']' &&
                   at[1] != '[') {
            tell_all_apart(fold);
        } else {
            tell_apart(fold, *at);
            if (*at == '[')
                first = at + (at[1] == '^' ? 2 : 1);
            brackets += *at == '[';
            brackets -= *at == ']' && brackets;
        }
    }
}

static void add_data(struct fold *fold, const xmlNode *data, bool digits);

/* What a value must be like, or must not. */
static void
add_param(struct fold *fold, const xmlNode *param)
{
    cleanup(parse_free_text) xmlChar *name = grammar_attribute(param, "name");
    cleanup(parse_free_text) xmlChar *text = xmlNodeGetContent(param);
    const char *which = name ? (const char *)name : "";

    if (grammar_is(param, "except")) {
        for (const xmlNode *node = grammar_first(param); node;
             node = grammar_next(node->next))
            add_data(fold, node, false);
    } else if (grammar_is(param, "param") && !strcmp(which, "pattern")) {
        add_expression(fold, text ? (const char *)text : "");
    } else if (!grammar_is(param, "param") ||
               (strcmp(which, "length") && strcmp(which, "minLength") &&
                strcmp(which, "maxLength"))) {
        tell_all_apart(fold);
    }
}

static void
add_data(struct fold *fold, const xmlNode *data, bool digits)
{
    cleanup(parse_free_text) xmlChar *type = grammar_attribute(data, "type");
    bool number = digits && xmlStrEqual(type, (const xmlChar *)"long");

    if (!grammar_is(data, "data") ||
        (!number && !xmlStrEqual(type, (const xmlChar *)"string"))) {
        tell_all_apart(fold);
        return;
    }
    for (const xmlNode *param = grammar_first(data); param;
         param = grammar_next(param->next)) {
        if (number && !grammar_is(param, "except"))
            tell_all_apart(fold);
        else
            add_param(fold, param);
    }
}

void
fold_add(struct fold *fold, const struct pattern *value, bool digits)
{
    if (!value->text) {
        add_data(fold, value->node, digits);
        return;
    }
    tell_apart(fold, ' ');
    for (const char *at = value->text; *at; at++)
        tell_apart(fold, *at);
}

void
fold_table(const struct fold *fold, char table[FOLD_CHARACTERS])
{
    char first = 0;
    bool none = true;

    for (int i = 0; i < FOLD_CHARACTERS; i++) {
        /* A NUL must not stand for anything else. */
        none = none || fold->edge[i] || i == 1 || i == ' ';
        table[i] = (char)i;
        if (fold->alone[i])
            continue;
        if (none)
            first = (char)i;
        none = false;
        table[i] = first;
    }
}
