/*
 * content.h - what the patterns that may describe an element allow in it, and
 * what they demand, as lists. Used by diagnose.c only.
 */
#ifndef CONTENT_H
#define CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <libxml/tree.h>

struct buffer;
struct pattern;

/* A list of patterns; {0} when empty. */
struct choices {
    const struct pattern **list;
    size_t count;
};

void choices_add(struct choices *choices, const struct pattern *pattern);
void choices_free(struct choices *choices);

struct content {
    struct choices elements; /* that may be children */
    struct choices attributes;
    struct choices values; /* one of which may be the whole text */
    struct choices needed; /* elements and attributes there must be */
    struct choices either; /* of which there must be one; all are missing */
    bool text;             /* any text may be there */
    bool nothing;          /* there may be no text */
    size_t work;           /* patterns that were looked at for this */
};

/*
 * Gather for ELEMENT what CANDIDATES, patterns of elements, allow. Alternatives
 * in them that do not go with its attributes are left out, if others are left.
 */
void content_gather(struct content *content, const struct choices *candidates,
                    const xmlNode *element);
void content_free(struct content *content);

/* What an attribute's pattern allows as its value. */
void content_of_attribute(struct content *content,
                          const struct pattern *attribute);

/* How much work the next one is, as in struct content. */
size_t content_work(const struct content *content, const char *text);
/* May this text be there, and nothing else? */
bool content_takes(const struct content *content, const char *text);

/* Has the element a child or an attribute that PATTERN is of? */
bool content_has(const xmlNode *element, const struct pattern *pattern);

/* The namespace, "" for none. */
const char *content_space(const xmlNs *ns);

/* The value of the attribute that PATTERN, with a single name, is of; or NULL.
 */
xmlChar *content_attribute(const xmlNode *element,
                           const struct pattern *pattern);

#endif
