/* parse.c - see parse.h. */
#include "parse.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "cleanup.h"
#include "memory.h"
#include "quiet.h"

/* A name is at most this long; the one that did not fit is not counted. */
#define NEARLY XML_MAX_NAME_LENGTH

static void
keep_first(void *data, quiet_error error)
{
    xmlParserCtxt *context = data;
    struct parse_failure *failure = context->_private;
    size_t len;
    long offset;

    if (error->level != XML_ERR_FATAL || !failure || failure->message)
        return;
    /* Its own words have a line, which is not that of a bulk file. */
    if (error->code == XML_ERR_TAG_NAME_MISMATCH && error->str1 && error->str2)
        failure->message =
            xasprintf("found the end tag of <%s>, expected that of <%s>",
                      error->str2, error->str1);
    else
        failure->message = xstrdup(error->message ? error->message : "");
    len = strlen(failure->message);
    while (len && failure->message[len - 1] == '\n')
        failure->message[--len] = '\0';
    failure->line = error->line > 0 ? (unsigned long)error->line : 0;
    failure->column = error->int2 > 0 ? (unsigned long)error->int2 : 0;
    offset = xmlByteConsumed(context);
    failure->offset = offset > 0 ? (size_t)offset : 0;
}

xmlDict *
parse_dictionary(void)
{
    xmlDict *dictionary = xmlDictCreate();

    if (!dictionary)
        memory_exhausted();
    (void)xmlDictSetLimit(dictionary, XML_MAX_DICTIONARY_LIMIT);
    return dictionary;
}

struct parser {
    xmlParserCtxt *context;
    xmlDict *dictionary; /* somebody's; or NULL */
};

/* Bytes: what a dictionary of our own may hold before it is renewed. */
#define RENEW 1048576

static void
start_context(struct parser *parser)
{
    parser->context = xmlNewParserCtxt();
    if (!parser->context)
        memory_exhausted();
    if (parser->dictionary) {
        xmlDictFree(parser->context->dict);
        parser->context->dict = parser->dictionary;
        (void)xmlDictReference(parser->dictionary);
    }
    parser->context->sax->serror = keep_first;
}

struct parser *
parser_new(xmlDict *dictionary)
{
    struct parser *parser = xcalloc(1, sizeof(*parser));

    parser->dictionary = dictionary;
    start_context(parser);
    return parser;
}

void
parser_free(struct parser *parser)
{
    if (parser)
        xmlFreeParserCtxt(parser->context);
    free(parser);
}

static xmlDoc *
read_document(struct parser *parser, const char *bytes, size_t len,
              struct parse_failure *failure)
{
    xmlParserCtxt *context = parser->context;
    xmlDoc *doc;

    context->_private = failure;
    doc = xmlCtxtReadMemory(context, bytes, (int)len, NULL, NULL,
                            XML_PARSE_NONET | XML_PARSE_BIG_LINES);
    if (doc && !context->wellFormed) {
        xmlFreeDoc(doc);
        doc = NULL;
    }
    context->_private = NULL;
    return doc;
}

xmlDoc *
parser_read(struct parser *parser, const char *bytes, size_t len,
            struct parse_failure *failure)
{
    xmlDoc *doc;

    assert(len <= INT_MAX);
    if (!parser->dictionary && xmlDictGetUsage(parser->context->dict) > RENEW) {
        xmlFreeParserCtxt(parser->context);
        start_context(parser);
    }
    doc = read_document(parser, bytes, len, failure);
    if (!doc && failure && parser->dictionary &&
        xmlDictGetUsage(parser->dictionary) >
            XML_MAX_DICTIONARY_LIMIT - NEARLY) {
        free(failure->message);
        failure->message =
            xstrdup("more than 10 MB of different names in one file, which "
                    "libxml2 does not read");
    }
    if (!doc && failure && !failure->message)
        failure->message = xstrdup("the document is empty");
    return doc;
}

xmlDoc *
parse_document(const char *bytes, size_t len, xmlDict *dictionary,
               struct parse_failure *failure)
{
    struct parser *parser = parser_new(dictionary);
    xmlDoc *doc = parser_read(parser, bytes, len, failure);

    parser_free(parser);
    return doc;
}

int
parse_is(const xmlNode *node, const char *name)
{
    return node && node->type == XML_ELEMENT_NODE && !node->ns &&
           !strcmp((const char *)node->name, name);
}

const xmlNode *
parse_child(const xmlNode *parent, const char *name, const xmlNode *after)
{
    const xmlNode *node = after ? after->next : parent->children;

    while (node && !parse_is(node, name))
        node = node->next;
    return node;
}

void
parse_free_doc(xmlDoc **doc)
{
    if (*doc)
        xmlFreeDoc(*doc);
}

void
parse_free_text(xmlChar **text)
{
    if (*text)
        xmlFree(*text);
}
