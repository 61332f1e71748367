/*
 * kept.h - what was read for the plan, kept until its domain is converted, so
 * that this need not be read and judged again.
 *
 * Only so many snapshots are kept that memory stays bounded; and only what a
 * last look proves to be unchanged is used.
 */
#ifndef KEPT_H
#define KEPT_H

#include <stdbool.h>
#include <stddef.h>

struct crew;
struct item;
struct reading;

/* How much is kept of a plan. */
struct kept {
    size_t domains;
    size_t snapshots;
};

/* Take the reading over, if there is room and the domain is to be acted on. */
void kept_put(struct kept *kept, struct item *item, struct reading *reading);

/*
 * Hand out what was kept of a domain in BASE. False: nothing was, or it has
 * changed since, and READING is not touched.
 */
bool kept_take(struct item *item, int base, struct crew *crew,
               struct reading *reading);

/* Release what is kept of a domain. */
void kept_drop(struct item *item);

#endif
