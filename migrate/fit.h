/*
 * fit.h - would the result of a conversion fit: into libvirt's limits, and into
 * the names that are free? Reads only.
 */
#ifndef FIT_H
#define FIT_H

#include "plan.h"

struct error;

/*
 * See how large the files of an item with ACTION_CONVERT would become, how deep
 * they are nested, and whether their names are free. What does not fit goes to
 * the reading's problems; the item's count is set. -1: could not be read.
 */
int fit_check(struct reading *reading, struct item *item,
              const struct settings *settings, struct error *error);

#endif
