/* value.c - see value.h. */
#include "value.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/relaxng.h>
#include <libxml/xmlregexp.h>

#include "cleanup.h"
#include "grammar.h"
#include "memory.h"
#include "parse.h"
#include "pattern.h"
#include "quiet.h"

#define NOTE "urn:virt-snapshot-tools:schema:note"

/* A type for which libxml2 could not make a checker. */
static char no_checker;

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

char *
value_squeeze(const char *text)
{
    char *copy = xstrdup(text), *end = copy;

    for (; *text; text++) {
        if (!is_blank(*text))
            *end++ = *text;
        else if (end > copy && end[-1] != ' ')
            *end++ = ' ';
    }
    if (end > copy && end[-1] == ' ')
        end--;
    *end = '\0';
    return copy;
}

/* The expression of a string that has to match one and nothing else. */
static xmlChar *
expression_of(const xmlNode *value)
{
    cleanup(parse_free_text) xmlChar *type = grammar_attribute(value, "type");
    const xmlNode *param = grammar_first(value);
    cleanup(parse_free_text) xmlChar *name =
        param ? grammar_attribute(param, "name") : NULL;

    if (!grammar_is(value, "data") ||
        !xmlStrEqual(type, (const xmlChar *)"string") || !param ||
        !grammar_is(param, "param") || grammar_next(param->next) ||
        !xmlStrEqual(name, (const xmlChar *)"pattern"))
        return NULL;
    return xmlNodeGetContent(param);
}

void
value_prepare(struct pattern *pattern)
{
    cleanup(parse_free_text) xmlChar *type =
        grammar_attribute(pattern->node, "type");
    bool string = xmlStrEqual(type, (const xmlChar *)"string");
    bool token = !type || xmlStrEqual(type, (const xmlChar *)"token");

    if (grammar_is(pattern->node, "value") && (string || token)) {
        cleanup(parse_free_text) xmlChar *text =
            xmlNodeGetContent(pattern->node);

        pattern->exact = string;
        pattern->text = string ? xstrdup((const char *)text)
                               : value_squeeze((const char *)text);
    } else if ((string || token) && !grammar_first(pattern->node)) {
        pattern->kind = PATTERN_OPEN;
    }
    pattern->expression = expression_of(pattern->node);
}

static void
free_checker(const struct pattern *pattern, void *checker)
{
    if (!checker || checker == &no_checker)
        return;
    if (pattern->expression)
        xmlRegFreeRegexp(checker);
    else
        xmlRelaxNGFree(checker);
}

void
value_release(struct pattern *pattern)
{
    free_checker(pattern, atomic_load(&pattern->checker));
    xmlFree(pattern->expression);
}

/* A schema of <v> with this one value in it. */
static xmlDoc *
schema_of(const xmlNode *value)
{
    xmlDoc *doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlNode *root =
        doc ? xmlNewDocNode(doc, NULL, (const xmlChar *)"element", NULL) : NULL;
    xmlNode *copy =
        doc ? xmlDocCopyNode((xmlNode *)(uintptr_t)value, doc, 1) : NULL;

    if (!root || !copy)
        memory_exhausted();
    (void)xmlDocSetRootElement(doc, root);
    xmlSetNs(root, xmlNewNs(root, value->ns->href, NULL));
    (void)xmlSetProp(root, (const xmlChar *)"name", (const xmlChar *)"v");
    (void)xmlAddChild(root, copy);
    return doc;
}

static void *
make_checker(const struct pattern *pattern)
{
    cleanup(parse_free_doc) xmlDoc *doc = NULL;
    xmlRelaxNGParserCtxt *context;
    void *checker;

    if (pattern->expression) {
        checker = xmlRegexpCompile(pattern->expression);
        return checker ? checker : &no_checker;
    }
    doc = schema_of(pattern->node);
    context = xmlRelaxNGNewDocParserCtxt(doc);
    if (!context)
        memory_exhausted();
    xmlRelaxNGSetParserStructuredErrors(context, quiet_ignore, NULL);
    checker = xmlRelaxNGParse(context);
    xmlRelaxNGFreeParserCtxt(context);
    return checker ? checker : &no_checker;
}

/* Made when it is first asked for; of two threads that do, one is too late. */
static void *
checker_of(const struct pattern *pattern)
{
    struct pattern *own = (struct pattern *)(uintptr_t)pattern;
    void *checker = atomic_load(&own->checker), *before = NULL;

    if (checker)
        return checker;
    checker = make_checker(pattern);
    if (atomic_compare_exchange_strong(&own->checker, &before, checker))
        return checker;
    free_checker(pattern, checker);
    return before;
}

static bool
check(xmlRelaxNG *checker, const char *text)
{
    cleanup(parse_free_doc) xmlDoc *doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlNode *root =
        doc ? xmlNewDocNode(doc, NULL, (const xmlChar *)"v", NULL) : NULL;
    xmlRelaxNGValidCtxt *context = xmlRelaxNGNewValidCtxt(checker);
    int result;

    if (!root || !context)
        memory_exhausted();
    (void)xmlDocSetRootElement(doc, root);
    xmlNodeAddContent(root, (const xmlChar *)text);
    xmlRelaxNGSetValidStructuredErrors(context, quiet_ignore, NULL);
    result = xmlRelaxNGValidateDoc(context, doc);
    xmlRelaxNGFreeValidCtxt(context);
    return result <= 0;
}

bool
value_takes(const struct pattern *pattern, const char *text)
{
    void *checker;

    if (pattern->kind != PATTERN_VALUE)
        return true;
    if (pattern->text) {
        cleanup(free_ptr) char *squeezed = value_squeeze(text);

        return !strcmp(pattern->text, pattern->exact ? text : squeezed);
    }
    checker = checker_of(pattern);
    if (checker == &no_checker)
        return true;
    /* As libxml2 does for a string, whose blanks all count. */
    if (pattern->expression)
        return xmlRegexpExec(checker, (const xmlChar *)text) != 0;
    return check(checker, text);
}

/* The <define> that it stands in. */
static xmlChar *
definition_name(const xmlNode *node)
{
    while (node && !grammar_is(node, "define"))
        node = node->parent;
    return node ? grammar_attribute(node, "name") : NULL;
}

void
value_describe(const struct pattern *pattern, struct buffer *out)
{
    const xmlNode *node = pattern->node;
    cleanup(parse_free_text) xmlChar *say =
        xmlGetNsProp((xmlNode *)(uintptr_t)node, (const xmlChar *)"say",
                     (const xmlChar *)NOTE);
    cleanup(parse_free_text) xmlChar *type = grammar_attribute(node, "type");
    cleanup(parse_free_text) xmlChar *definition = definition_name(node);

    if (grammar_is(node, "value")) {
        cleanup(parse_free_text) xmlChar *text = xmlNodeGetContent(node);

        bool plain = text[0] && !strpbrk((const char *)text, " \t\r\n,");

        buffer_printf(out, plain ? "%.80s" : "'%.80s'", (const char *)text);
    } else if (say) {
        buffer_puts(out, (const char *)say);
    } else if (grammar_first(node) && definition) {
        /* A pattern says less than what its author called it. */
        buffer_printf(out, "%.80s", (const char *)definition);
    } else {
        buffer_printf(out, "%.80s",
                      type ? (const char *)type : "another value");
    }
}
