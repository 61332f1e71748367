/*
 * build.h - write the new copy of a domain into the staging directory. Touches
 * nothing outside of it.
 */
#ifndef BUILD_H
#define BUILD_H

#include "../verify/snapshot.h"

struct crew;
struct error;
struct stage;
struct wanted;

/*
 * Write all that is WANTED, as layout TO, into the staging directory under
 * NAME, with the threads of CREW. It is not on disk before stage_sync().
 */
int build_copy(const struct stage *stage, const char *name, enum layout to,
               const struct wanted *wanted, struct crew *crew,
               struct error *error);

#endif
