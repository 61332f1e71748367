/*
 * build.h - write the new copy of a domain into the staging directory, and
 * prove that it holds what it should. Touches nothing outside of staging.
 */
#ifndef BUILD_H
#define BUILD_H

#include "../verify/snapshot.h"

struct error;
struct source;
struct stage;
struct wanted;

/*
 * Write all that is WANTED, as layout TO, into the staging directory under
 * NAME. It is not on disk before stage_sync().
 */
int build_copy(const struct stage *stage, const char *name, enum layout to,
               const struct wanted *wanted, struct error *error);

/*
 * Read a copy back with the ordinary reader, which must find no error in it
 * and nothing that a copy cannot have; make each snapshot into its source's
 * layout again and compare it with the source; and see that the same one is
 * current. COPY says where it lies. -1: it is not proved.
 */
int build_prove(const struct source *copy, enum layout layout,
                const struct wanted *wanted, struct error *error);

#endif
