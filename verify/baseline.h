/*
 * baseline.h - the findings of an earlier report: those that are known do not
 * count for the exit status.
 */
#ifndef BASELINE_H
#define BASELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "fingerprint.h"
#include "policy.h"

/* Bytes; a report of 40,000 findings has a tenth of it. */
#define BASELINE_MAX 268435456

struct baseline {
    struct fingerprint *list; /* sorted */
    size_t count;
};

/*
 * Read a report that was written with --format=xml. The caller releases it with
 * baseline_free(). -1: it cannot be read, or is no such report.
 */
int baseline_read(struct baseline *baseline, const char *path,
                  struct error *error);

/* Was a finding with this fingerprint in it? Nothing is in none (NULL). */
bool baseline_has(const struct baseline *baseline,
                  const struct fingerprint *fingerprint);

/* How many findings of this severity are not in it. */
size_t baseline_count_new(const struct baseline *baseline,
                          const struct listing *listing,
                          const struct policy *policy, enum severity severity);

void baseline_free(struct baseline *baseline);

#endif
