/*
 * value.h - the values that a schema allows in an attribute or element.
 *
 * Of texts it is told here, of the types of XML Schema libxml2 tells it.
 */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>

struct buffer;
struct pattern;

/* TEXT without blanks at its ends, and with one in place of several. The caller
 * owns it. */
char *value_squeeze(const char *text);

/* Fill in what a pattern of <value> or <data> says of the text; release it. */
void value_prepare(struct pattern *pattern);
void value_release(struct pattern *pattern);

/* May this text stand for the value? True also where that is not known. */
bool value_takes(const struct pattern *pattern, const char *text);

/* Append what is expected: "yes", "a whole number". */
void value_describe(const struct pattern *pattern, struct buffer *out);

#endif
