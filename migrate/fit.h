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
 * the reading's problems; the item's count is set. REPAIRS: as for
 * plan_decide(). -1: could not be read.
 */
int fit_check(struct reading *reading, const struct repairs *repairs,
              struct item *item, const struct settings *settings,
              struct error *error);

#endif
