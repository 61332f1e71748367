/*
 * stylesheet.h - XSLT 1.0, used in one way only: on a document in memory, by a
 * stylesheet that is a single file, without a way to any file or network.
 */
#ifndef STYLESHEET_H
#define STYLESHEET_H

#include <stddef.h>
#include <stdio.h>
#include <libxml/tree.h>

struct error;

struct stylesheet;

/* Before and after all else, by program_start_xml() and program_end_xml(). */
void stylesheets_start(void);
void stylesheets_end(void);

/*
 * Compile a stylesheet of LEN bytes, or the one in the file PATH. SUBJECT is
 * what messages call it. NULL: it cannot be read or used. Release it with
 * stylesheet_free().
 */
struct stylesheet *stylesheet_compile(const char *subject, const char *bytes,
                                      size_t len, struct error *error);
struct stylesheet *stylesheet_read(const char *subject, const char *path,
                                   struct error *error);
void stylesheet_free(struct stylesheet *sheet);

/*
 * What it makes of DOC, which it may use up. NULL: it failed, or stopped by
 * itself with an <xsl:message>. The caller frees the result with xmlFreeDoc().
 * Not on two threads at once with one stylesheet: libxml2 keeps in it what it
 * has looked up.
 */
xmlDoc *stylesheet_apply(const struct stylesheet *sheet, xmlDoc *doc,
                         struct error *error);

/* Write a result as its <xsl:output> says. -1: OUT cannot be written to. */
int stylesheet_write(const struct stylesheet *sheet, xmlDoc *result, FILE *out,
                     struct error *error);

#endif
