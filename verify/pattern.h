/*
 * pattern.h - the patterns of a RELAX NG schema as a graph, to look up what may
 * stand where. For explanations only: libxml2 gives the verdicts.
 *
 * Sequence and interleave are not told apart. Built once, then only read, by
 * any number of threads.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <libxml/tree.h>

enum pattern_kind {
    PATTERN_EMPTY,
    PATTERN_NOTHING, /* <notAllowed> */
    PATTERN_TEXT,
    PATTERN_VALUE, /* <value>, <data> */
    PATTERN_OPEN,  /* a value of which nothing is said here: <list> */
    PATTERN_ELEMENT,
    PATTERN_ATTRIBUTE,
    PATTERN_ALL, /* all of its parts, in whatever order */
    PATTERN_ONE, /* one of its parts */
    PATTERN_OPTIONAL,
    PATTERN_ANY_NUMBER,
    PATTERN_SOME, /* once or more */
    PATTERN_REFERENCE,
};

struct pattern {
    enum pattern_kind kind;
    struct pattern *first; /* part; of an element or attribute: its content */
    struct pattern *next;  /* sibling */
    const struct pattern *target; /* of a reference */
    const xmlNode *node;          /* in the schema */
    const xmlNode *names;    /* name class; NULL: it is the one name below */
    char *name;              /* of elements and attributes */
    char *space;             /* their namespace, "" for none */
    char *text;              /* of a <value> that is text, else NULL */
    bool exact;              /* its blanks count */
    xmlChar *expression;     /* of a value that is a string like this */
    _Atomic(void *) checker; /* of other values; see value.h */
    struct pattern *made;    /* the one that was made before this one */
};

/*
 * The patterns of a whole schema, from grammar.h, that libxml2 has accepted and
 * that must outlive them. Release them with patterns_free().
 */
struct patterns {
    const struct pattern *start;
    struct pattern *made; /* the last one */
};

void patterns_build(struct patterns *patterns, const xmlDoc *schema);
void patterns_free(struct patterns *patterns);

/* Is it an element or attribute that may be called so? */
bool pattern_names(const struct pattern *pattern, const char *name,
                   const char *space);

#endif
