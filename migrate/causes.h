/*
 * causes.h - what made domains fail that has one cause for all of them: no room
 * on the file system, a quota, too few descriptors. Said once, at the end.
 */
#ifndef CAUSES_H
#define CAUSES_H

#include <stddef.h>

struct messages;
struct root;

/* How many domains failed for each of the reasons that causes.c lists. */
#define CAUSES 4

struct causes {
    size_t count[CAUSES];
};

/* One more failed; NUMBER is the errno, and any is fine. */
void causes_count(struct causes *causes, int number);

/* Add a message for each cause, with what TARGET's file system has left. */
void causes_tell(const struct causes *causes, const struct root *target,
                 struct messages *messages);

#endif
