/*
 * format.h - a report in the format that was asked for: XML as it is, or what a
 * stylesheet (XSLT 1.0) makes of it; the stylesheets of schemas/report-*.xsl
 * are part of the program, and users bring their own.
 *
 * A stylesheet sees the report and nothing else; see stylesheet.h.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <stdbool.h>
#include <stdio.h>

struct buffer;
struct error;

/* "xml", and the names of all that have a stylesheet; NULL behind the last. */
const char *const *format_names(void);

/* Is it one of these, or a name like FILE.xsl? */
bool format_exists(const char *format);

/*
 * Write REPORT, the document of report_xml(), in this format. FORMAT is a name
 * of the above, or the file name of a stylesheet: one with a '/' in it, or that
 * ends in ".xsl". Nothing is written where the stylesheet fails. -1: the
 * stylesheet failed, or OUT cannot be written to.
 */
int format_write(FILE *out, const char *format, const struct buffer *report,
                 struct error *error);

#endif
