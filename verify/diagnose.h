/*
 * diagnose.h - why a document is not valid: which element, attribute or value
 * is not what the schema expects there.
 *
 * For a document that libxml2 has found invalid. It and the patterns of the
 * schema are walked through together. At each element all patterns are at hand
 * that may describe it there; what none of them allows, or all of them demand,
 * is certainly wrong, and is said. What depends on the order of elements, or on
 * several of them together, is not: then there may be nothing to say.
 *
 * No recursion on the document; at most MISMATCHES_MAX are listed.
 */
#ifndef DIAGNOSE_H
#define DIAGNOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <libxml/tree.h>

struct patterns;

#define MISMATCHES_MAX 100

struct mismatch {
    const xmlNode *node; /* an element, or a text in one */
    char *text;          /* what was found and what was expected */
    bool lacks;          /* what is wrong is not there */
};

/* In the order of the document; {0} when empty. */
struct mismatches {
    struct mismatch *list;
    size_t count;
};

void diagnose(const struct patterns *patterns, const xmlDoc *doc,
              struct mismatches *mismatches);

/* Append one; LACKS as above; FORMAT is its text. Nothing happens when there
 * are enough. */
void mismatch_add(struct mismatches *mismatches, const xmlNode *node,
                  bool lacks, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void mismatches_free(struct mismatches *mismatches);

#endif
