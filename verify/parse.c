/* parse.c - see parse.h. */
#include "parse.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/SAX2.h>

#include "cleanup.h"
#include "memory.h"
#include "quiet.h"
#include "span.h"

/* A name is at most this long; the one that did not fit is not counted. */
#define NEARLY XML_MAX_NAME_LENGTH

struct parser {
    xmlParserCtxt *context; /* its _private is the parser */
    xmlDict *dictionary;    /* somebody's; or NULL */
    parse_keeps *keeps;     /* NULL: all of them do */
    struct parse_failure *failure;
};

static void
keep_first(void *data, quiet_error error)
{
    xmlParserCtxt *context = data;
    const struct parser *parser = context->_private;
    struct parse_failure *failure = parser->failure;
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

/* Behind the first "--" in a comment that does not end it; 0: there is none. */
static size_t
broken_comment(const char *bytes, size_t len)
{
    const char *hyphens = memmem(bytes + 4, len - 4, "--", 2);
    size_t at = hyphens ? (size_t)(hyphens - bytes) + 2 : 0;

    return at < len && bytes[at] != '>' ? at : 0;
}

/* The same in all bytes, whatever else they are; LEN: there is none. */
static size_t
suspicious(const char *bytes, size_t len)
{
    const char *at = bytes, *end = bytes + len;

    while (at < end && (at = memmem(at, (size_t)(end - at), "<!--", 4))) {
        size_t broken = broken_comment(at, (size_t)(end - at));

        if (broken)
            return (size_t)(at - bytes) + broken;
        at += 4;
    }
    return len;
}

/* The same in comments only, as far as the bytes make sense. */
static size_t
certain(const char *bytes, size_t len)
{
    size_t at = 0;

    while (at < len) {
        struct token token = span_token(bytes + at, len - at, false);
        size_t broken = token.kind == TOKEN_COMMENT
                            ? broken_comment(bytes + at, token.len)
                            : 0;

        if (broken)
            return at + broken;
        if (token.kind == TOKEN_DOCTYPE)
            return len;
        if (token.kind == TOKEN_MORE || token.kind == TOKEN_BAD) {
            /* One that is not closed goes to the end. */
            if (len - at > 2 && (bytes[at + 1] == '?' || bytes[at + 2] == '['))
                return len;
            /* Not well-formed from here on, so what follows does not matter. */
            return at + suspicious(bytes + at, len - at);
        }
        at += token.len;
    }
    return len;
}

/*
 * How many bytes the parser needs to find what is wrong. It copies all that it
 * has read of a comment at each "--" in it, where it could stop at the first.
 */
static size_t
needed(const char *bytes, size_t len)
{
    /* It looks ahead a little, and that may have a part in its words. */
    const size_t ahead = 64;
    size_t at = len;

    if (suspicious(bytes, len) < len)
        at = certain(bytes, len);
    return len - at > ahead ? at + ahead : len;
}

/* Bytes: what a dictionary of our own may hold before it is renewed. */
#define RENEW 1048576

/* Called with parts of a text, too: what is lost then are blanks of no use. */
static void
add_text(void *data, const xmlChar *text, int len)
{
    xmlParserCtxt *context = data;
    const struct parser *parser = context->_private;

    if (parser->keeps(context->node) ||
        !span_blank((const char *)text, (size_t)len))
        xmlSAX2Characters(context, text, len);
}

static void
start_context(struct parser *parser)
{
    parser->context = xmlNewParserCtxt();
    if (!parser->context)
        memory_exhausted();
    parser->context->_private = parser;
    if (parser->keeps) {
        parser->context->sax->comment = NULL;
        parser->context->sax->characters = add_text;
        parser->context->sax->ignorableWhitespace = add_text;
    }
    if (parser->dictionary) {
        xmlDictFree(parser->context->dict);
        parser->context->dict = parser->dictionary;
        (void)xmlDictReference(parser->dictionary);
    }
    parser->context->sax->serror = keep_first;
}

static struct parser *
new_parser(xmlDict *dictionary, parse_keeps *keeps)
{
    struct parser *parser = xcalloc(1, sizeof(*parser));

    parser->dictionary = dictionary;
    parser->keeps = keeps;
    start_context(parser);
    return parser;
}

struct parser *
parser_new(xmlDict *dictionary)
{
    return new_parser(dictionary, NULL);
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

    parser->failure = failure;
    doc = xmlCtxtReadMemory(context, bytes, (int)needed(bytes, len), NULL, NULL,
                            XML_PARSE_NONET | XML_PARSE_BIG_LINES |
                                XML_PARSE_COMPACT);
    if (doc && !context->wellFormed) {
        xmlFreeDoc(doc);
        doc = NULL;
    }
    parser->failure = NULL;
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
            xstrdup("10 MB of different names or more in one file, which "
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
    return parse_sparse(bytes, len, dictionary, NULL, failure);
}

xmlDoc *
parse_sparse(const char *bytes, size_t len, xmlDict *dictionary,
             parse_keeps *keeps, struct parse_failure *failure)
{
    struct parser *parser = new_parser(dictionary, keeps);
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
