/* stylesheet.c - see stylesheet.h. */
#include "stylesheet.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/xslt.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>

#include "cleanup.h"
#include "error.h"
#include "input.h"
#include "memory.h"
#include "parse.h"

#define STYLESHEET_MAX 4194304 /* bytes */

/* Templates within templates; each takes a few frames of our stack. */
#define DEPTH_MAX 1000

/* What a stylesheet says is kept up to this; it may say it in a loop. */
#define SAID_MAX 2000

/* libxml2 2.12 made the error const in this callback. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *error_argument;
#else
typedef xmlError *error_argument;
#endif

#define XSL "http://www.w3.org/1999/XSL/Transform"

/*
 * Where libxslt's messages of this thread go. It has no other way for those
 * about a stylesheet that is being compiled.
 */
static _Thread_local struct buffer *listening;

__attribute__((format(printf, 2, 3))) static void
keep_message(void *data, const char *format, ...)
{
    struct buffer *said = data ? data : listening;
    cleanup(free_ptr) char *text = NULL;
    va_list args;

    if (!said || said->len > SAID_MAX)
        return;
    va_start(args, format);
    text = xvasprintf(format, args);
    va_end(args);
    buffer_puts(said, text);
}

/* XPath speaks as libxml2 does. */
static void
keep_xml_error(void *data, error_argument error)
{
    if (error->message)
        keep_message(data, "%s", error->message);
}

struct stylesheet {
    char *subject; /* begins every message about it */
    xsltStylesheet *compiled;
};

void
stylesheets_start(void)
{
    xsltInit();
    xsltSetGenericErrorFunc(NULL, keep_message);
}

void
stylesheets_end(void)
{
    xsltCleanupGlobals();
}

void
stylesheet_free(struct stylesheet *sheet)
{
    if (!sheet)
        return;
    if (sheet->compiled)
        xsltFreeStylesheet(sheet->compiled);
    free(sheet->subject);
    free(sheet);
}

static void
free_sheet(struct stylesheet **sheet)
{
    stylesheet_free(*sheet);
}

static void
free_context(xsltTransformContext **context)
{
    if (*context)
        xsltFreeTransformContext(*context);
}

static void
free_prefs(xsltSecurityPrefs **prefs)
{
    if (*prefs)
        xsltFreeSecurityPrefs(*prefs);
}

/* What was said, as one line: libxslt puts each thought on one of its own. */
static int
fail(struct error *error, const char *subject, const char *what,
     struct buffer *said)
{
    size_t len;

    buffer_add(said, "", 1);
    len = strlen(said->data);
    while (len && said->data[len - 1] == '\n')
        said->data[--len] = '\0';
    for (char *at = said->data; (at = strchr(at, '\n'));)
        *at = ' ';
    return error_set(error, 0, "%s: %s%s%s", subject, what, len ? ": " : "",
                     said->data);
}

/*
 * Other stylesheets would be read from disk while this one is compiled, where
 * there is no transformation yet that could be forbidden to.
 */
static const char *
refusal(const xmlDoc *doc)
{
    const xmlNode *root = xmlDocGetRootElement(doc);

    if (doc->intSubset)
        return "it has a DOCTYPE";
    for (const xmlNode *node = root->children; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE && node->ns &&
            !strcmp((const char *)node->ns->href, XSL) &&
            (!strcmp((const char *)node->name, "include") ||
             !strcmp((const char *)node->name, "import")))
            return "it reads other stylesheets; put all into one file";
    }
    return NULL;
}

struct stylesheet *
stylesheet_compile(const char *subject, const char *bytes, size_t len,
                   struct error *error)
{
    cleanup(buffer_free) struct buffer said = {0};
    cleanup(free_sheet) struct stylesheet *sheet = xcalloc(1, sizeof(*sheet));
    struct parse_failure failure = {0};
    xmlDoc *doc = parse_document(bytes, len, NULL, &failure);
    const char *why = doc ? refusal(doc) : NULL;

    sheet->subject = xstrdup(subject);
    if (!doc || why) {
        if (why)
            (void)error_set(error, 0, "%s: %s", subject, why);
        else
            (void)error_set(error, 0,
                            "%s: the stylesheet is not well-formed: line %lu: "
                            "%s",
                            subject, failure.line, failure.message);
        free(failure.message);
        parse_free_doc(&doc);
        return NULL;
    }
    listening = &said;
    sheet->compiled = xsltParseStylesheetDoc(doc);
    listening = NULL;
    if (!sheet->compiled)
        xmlFreeDoc(doc);
    if (!sheet->compiled || sheet->compiled->errors) {
        (void)fail(error, subject, "the stylesheet cannot be used", &said);
        return NULL;
    }
    return steal_ptr(&sheet);
}

struct stylesheet *
stylesheet_read(const char *subject, const char *path, struct error *error)
{
    cleanup(buffer_free) struct buffer bytes = {0};

    if (input_read(path, STYLESHEET_MAX, &bytes, error) < 0) {
        (void)error_prefix(error, "%s", subject);
        return NULL;
    }
    return stylesheet_compile(subject, bytes.data, bytes.len, error);
}

/* Nothing but the document is to be reached. */
static xsltSecurityPrefs *
forbid_all(void)
{
    static const xsltSecurityOption options[] = {
        XSLT_SECPREF_READ_FILE, XSLT_SECPREF_WRITE_FILE,
        XSLT_SECPREF_CREATE_DIRECTORY, XSLT_SECPREF_READ_NETWORK,
        XSLT_SECPREF_WRITE_NETWORK};
    xsltSecurityPrefs *prefs = xsltNewSecurityPrefs();

    if (!prefs)
        memory_exhausted();
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (xsltSetSecurityPrefs(prefs, options[i], xsltSecurityForbid) < 0)
            memory_exhausted();
    }
    return prefs;
}

xmlDoc *
stylesheet_apply(const struct stylesheet *sheet, xmlDoc *doc,
                 struct error *error)
{
    cleanup(buffer_free) struct buffer said = {0};
    cleanup(free_prefs) xsltSecurityPrefs *prefs = forbid_all();
    cleanup(free_context) xsltTransformContext *context =
        xsltNewTransformContext(sheet->compiled, doc);
    xmlDoc *result;

    if (!context || xsltSetCtxtSecurityPrefs(prefs, context) < 0)
        memory_exhausted();
    xsltSetTransformErrorFunc(context, &said, keep_message);
    context->xpathCtxt->error = keep_xml_error;
    context->xpathCtxt->userData = &said;
    context->maxTemplateDepth = DEPTH_MAX;
    listening = &said;
    result = xsltApplyStylesheetUser(sheet->compiled, doc, NULL, NULL, NULL,
                                     context);
    listening = NULL;
    if (result && context->state == XSLT_STATE_OK)
        return result;
    parse_free_doc(&result);
    (void)fail(error, sheet->subject, "the stylesheet failed", &said);
    return NULL;
}

int
stylesheet_write(const struct stylesheet *sheet, xmlDoc *result, FILE *out,
                 struct error *error)
{
    errno = 0;
    return xsltSaveResultToFile(out, result, sheet->compiled) < 0
               ? error_set(error, errno, "cannot write the report")
               : 0;
}
