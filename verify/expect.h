/*
 * expect.h - what was found and what was expected, in words. Used by diagnose.c
 * only.
 */
#ifndef EXPECT_H
#define EXPECT_H

#include <libxml/tree.h>

struct choices;
struct content;
struct pattern;

/* "<disk>", "<x:disk>"; the caller owns it. */
char *expect_element(const xmlNode *element);
/* "<disk>" or "type=", of a pattern with a single name; the caller owns it. */
char *expect_pattern(const struct pattern *pattern);

/* "<disk> or type="; the caller owns it. */
char *expect_either(const struct choices *choices);

/*
 * ", expected ..." what FOUND, the name of an element or attribute, is none of;
 * or what it may be a misspelling of. NONE says that nothing is. The caller
 * owns it.
 */
char *expect_names(const struct choices *choices, const char *found,
                   const char *none);
/* The same for values. */
char *expect_values(const struct content *content, const char *found);

#endif
