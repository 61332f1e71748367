/*
 * baseline.h - the findings of an earlier report: those that are known do not
 * count for the exit status.
 */
#ifndef BASELINE_H
#define BASELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "fingerprint.h"

/* Bytes; a report of 40,000 findings has a tenth of it. */
#define BASELINE_MAX 268435456

struct error;

struct baseline {
    struct fingerprint *list; /* sorted */
    size_t count;
};

/*
 * Read a report of a KIND that was written with --format=xml. The caller
 * releases it with baseline_free(). -1: it cannot be read, or is no such
 * report.
 */
int baseline_read(struct baseline *baseline, enum kind kind, const char *path,
                  struct error *error);

/* Was a finding with this fingerprint in it? Nothing is in none (NULL). */
bool baseline_has(const struct baseline *baseline,
                  const struct fingerprint *fingerprint);

/* Is that finding known? That findings were cut never is. */
bool baseline_knows(const struct baseline *baseline, enum problem_id id,
                    const struct fingerprint *fingerprint);

/*
 * Which findings of a listing are in it, in their order. The caller owns the
 * array.
 */
bool *baseline_known(const struct baseline *baseline,
                     const struct listing *listing);

void baseline_free(struct baseline *baseline);

#endif
