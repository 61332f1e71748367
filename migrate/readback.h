/*
 * readback.h - read a new copy of a domain back, and prove that it holds what
 * it should. Writes nothing.
 */
#ifndef READBACK_H
#define READBACK_H

#include "../verify/snapshot.h"

struct error;
struct source;
struct wanted;

/*
 * Read a copy back with the ordinary reader, which must find no error in it
 * and nothing that a copy cannot have; make each snapshot into its source's
 * layout again and compare it with the source; and see that the same one is
 * current. COPY says where it lies. -1: it is not proved.
 */
int readback_prove(const struct source *copy, enum layout layout,
                   const struct wanted *wanted, struct error *error);

#endif
