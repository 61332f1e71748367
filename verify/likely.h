/*
 * likely.h - which of several patterns an element was meant to follow. Used by
 * diagnose.c only.
 */
#ifndef LIKELY_H
#define LIKELY_H

#include <stddef.h>
#include <libxml/tree.h>

struct choices;
struct pattern;

/*
 * Reduce CANDIDATES, patterns that ELEMENT may follow by its name, to those of
 * which it seems to lack least: attributes count more than children, what is
 * there more than what is not. How much work that was, as in struct content, is
 * added to WORK.
 */
void likely_choose(struct choices *candidates, const xmlNode *element,
                   size_t *work);

/* How many children called as WHAT, a pattern of an element, one of the
 * candidates allows; MANY is any number. */
#define MANY 1000000
size_t likely_most(const struct choices *candidates,
                   const struct pattern *what);

#endif
