/*
 * same.h - are two <domainsnapshot> elements the same, whatever their layout?
 */
#ifndef SAME_H
#define SAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Compare two elements as canonical XML (C14N 1.0 with comments) of a libxml2
 * tree, without their <active> and without white space between the elements of
 * an element that has no other text. False also where one has no such form.
 */
bool same_snapshot(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
