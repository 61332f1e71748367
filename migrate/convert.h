/*
 * convert.h - carry out a plan: the only code that changes a snapshot
 * directory.
 */
#ifndef CONVERT_H
#define CONVERT_H

#include "run.h"

struct error;

/*
 * Carry out the plan. Domains that fail are left as they are, marked as failed
 * and named in `trouble`; the others go on. -1: the run as a whole cannot go
 * on; a rerun resumes.
 */
int convert_all(struct run *run, struct plan *plan, struct error *error);

#endif
