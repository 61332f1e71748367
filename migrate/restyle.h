/*
 * restyle.h - lines that mean the same as a line of the source, written as the
 * source writes them: what libxml2 writes has other quotes and other escapes
 * than what libvirt does. Memory only.
 */
#ifndef RESTYLE_H
#define RESTYLE_H

#include <stddef.h>

struct buffer;

/*
 * Write the lines of MADE, an element, anew, each as in the SOURCE of LEN bytes
 * where that has one like it, and else with single quotes. Less is done, or
 * nothing, where the result would not be the same as canonical XML.
 */
void restyle(struct buffer *made, const char *source, size_t len);

#endif
