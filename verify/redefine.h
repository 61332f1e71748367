/*
 * redefine.h - the commands that make a libvirt know the checkpoints of a
 * domain again, in an order that it accepts: it refuses one whose parent it
 * does not know.
 */
#ifndef REDEFINE_H
#define REDEFINE_H

#include <stdio.h>

struct listed_domain;

/* Print them; those that cannot be redefined as comments. BASE is where the
 * files are. */
void redefine_print(FILE *out, const struct listed_domain *domain,
                    const char *base);

#endif
