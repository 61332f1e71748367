/* format.c - see format.h. */
#include "format.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/xslt.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>

#include "cleanup.h"
#include "embedded.h"
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

void
format_start(void)
{
    xsltInit();
    xsltSetGenericErrorFunc(NULL, keep_message);
}

void
format_end(void)
{
    xsltCleanupGlobals();
}

const char *const *
format_names(void)
{
    static const char *const names[] = {"xml",   "json",  "jsonl",
                                        "junit", "sarif", "github",
                                        "html",  "dot",   NULL};

    return names;
}

static bool
is_stylesheet(const char *format)
{
    size_t len = strlen(format);

    return strchr(format, '/') ||
           (len > 4 && !strcmp(format + len - 4, ".xsl"));
}

bool
format_exists(const char *format)
{
    const char *const *name = format_names();

    while (*name && strcmp(*name, format))
        name++;
    return *name || is_stylesheet(format);
}

static void
free_stylesheet(xsltStylesheet **sheet)
{
    if (*sheet)
        xsltFreeStylesheet(*sheet);
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
fail(struct error *error, const char *format, const char *what,
     struct buffer *said)
{
    size_t len;

    buffer_add(said, "", 1);
    len = strlen(said->data);
    while (len && said->data[len - 1] == '\n')
        said->data[--len] = '\0';
    for (char *at = said->data; (at = strchr(at, '\n'));)
        *at = ' ';
    return error_set(error, 0, "format '%s': %s%s%s", format, what,
                     len ? ": " : "", said->data);
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

static xsltStylesheet *
compile(const char *format, const char *bytes, size_t len, struct error *error)
{
    cleanup(buffer_free) struct buffer said = {0};
    cleanup(free_stylesheet) xsltStylesheet *sheet = NULL;
    struct parse_failure failure = {0};
    xmlDoc *doc = parse_document(bytes, len, NULL, &failure);
    const char *why = doc ? refusal(doc) : NULL;

    if (!doc || why) {
        if (why)
            (void)error_set(error, 0, "format '%s': %s", format, why);
        else
            (void)error_set(error, 0,
                            "format '%s': the stylesheet is not well-formed: "
                            "line %lu: %s",
                            format, failure.line, failure.message);
        free(failure.message);
        parse_free_doc(&doc);
        return NULL;
    }
    listening = &said;
    sheet = xsltParseStylesheetDoc(doc);
    listening = NULL;
    if (!sheet)
        xmlFreeDoc(doc);
    if (!sheet || sheet->errors) {
        (void)fail(error, format, "the stylesheet cannot be used", &said);
        return NULL;
    }
    return steal_ptr(&sheet);
}

/* Compile the stylesheet of this name, of the program's own or of a file. */
static xsltStylesheet *
find_stylesheet(const char *format, struct error *error)
{
    cleanup(free_ptr) char *name = xasprintf("report-%s.xsl", format);
    cleanup(buffer_free) struct buffer bytes = {0};
    const struct embedded *file = embedded_files;

    if (is_stylesheet(format)) {
        if (input_read(format, STYLESHEET_MAX, &bytes, error) < 0)
            return NULL;
        return compile(format, bytes.data, bytes.len, error);
    }
    while (file->name && strcmp(file->name, name))
        file++;
    if (file->name)
        return compile(format, file->bytes, file->len, error);
    (void)error_set(error, 0, "there is no format '%s'", format);
    return NULL;
}

/* Nothing but the report is to be reached. */
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

static xmlDoc *
transform(const char *format, xsltStylesheet *sheet, xmlDoc *doc,
          struct error *error)
{
    cleanup(buffer_free) struct buffer said = {0};
    cleanup(free_prefs) xsltSecurityPrefs *prefs = forbid_all();
    cleanup(free_context) xsltTransformContext *context =
        xsltNewTransformContext(sheet, doc);
    xmlDoc *result;

    if (!context || xsltSetCtxtSecurityPrefs(prefs, context) < 0)
        memory_exhausted();
    xsltSetTransformErrorFunc(context, &said, keep_message);
    context->xpathCtxt->error = keep_xml_error;
    context->xpathCtxt->userData = &said;
    context->maxTemplateDepth = DEPTH_MAX;
    listening = &said;
    result = xsltApplyStylesheetUser(sheet, doc, NULL, NULL, NULL, context);
    listening = NULL;
    if (result && context->state == XSLT_STATE_OK)
        return result;
    parse_free_doc(&result);
    (void)fail(error, format, "the stylesheet failed", &said);
    return NULL;
}

static int
write_result(FILE *out, const char *format, const struct buffer *report,
             struct error *error)
{
    cleanup(free_stylesheet) xsltStylesheet *sheet =
        find_stylesheet(format, error);
    cleanup(parse_free_doc) xmlDoc *doc = NULL;
    cleanup(parse_free_doc) xmlDoc *result = NULL;

    if (!sheet)
        return -1;
    if (report->len > INT_MAX)
        return error_set(error, 0,
                         "format '%s': the report is larger than 2 GiB; "
                         "choose fewer domains, or xml",
                         format);
    doc = parse_document(report->data, report->len, NULL, NULL);
    if (!doc)
        return error_set(error, 0, "format '%s': the report is no XML", format);
    result = transform(format, sheet, doc, error);
    if (!result)
        return -1;
    errno = 0;
    if (xsltSaveResultToFile(out, result, sheet) < 0)
        return error_set(error, errno, "cannot write the report");
    return 0;
}

int
format_write(FILE *out, const char *format, const struct buffer *report,
             struct error *error)
{
    if (strcmp(format, "xml")) {
        if (write_result(out, format, report, error) < 0)
            return -1;
    } else {
        (void)fwrite(report->data, 1, report->len, out);
    }
    if (fflush(out) || ferror(out))
        return error_set(error, errno, "cannot write the report");
    return 0;
}
