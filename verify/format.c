/* format.c - see format.h. */
#include "format.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "embedded.h"
#include "error.h"
#include "memory.h"
#include "parse.h"
#include "stylesheet.h"

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
free_sheet(struct stylesheet **sheet)
{
    stylesheet_free(*sheet);
}

/* Compile the stylesheet of this name, of the program's own or of a file. */
static struct stylesheet *
find_stylesheet(const char *format, struct error *error)
{
    cleanup(free_ptr) char *subject = xasprintf("format '%s'", format);
    cleanup(free_ptr) char *name = xasprintf("report-%s.xsl", format);
    const struct embedded *file = embedded_files;

    if (is_stylesheet(format))
        return stylesheet_read(subject, format, error);
    while (file->name && strcmp(file->name, name))
        file++;
    if (file->name)
        return stylesheet_compile(subject, file->bytes, file->len, error);
    (void)error_set(error, 0, "there is no format '%s'", format);
    return NULL;
}

static int
write_result(FILE *out, const char *format, const struct buffer *report,
             struct error *error)
{
    cleanup(free_sheet) struct stylesheet *sheet =
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
    result = stylesheet_apply(sheet, doc, error);
    return result ? stylesheet_write(sheet, result, out, error) : -1;
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
