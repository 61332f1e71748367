/*
 * outcome.h - what came of a run, in one line.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "run.h"

/* The summary line; the caller owns it. Nothing in it comes from disk. */
char *outcome_summary(const struct run *run, const struct plan *plan,
                      size_t refused, size_t failed);

#endif
