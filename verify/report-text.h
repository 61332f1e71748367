/*
 * report-text.h - the report for a person: trees, findings and their sum.
 */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "listing.h"
#include "policy.h"

struct choice;

/* How many findings of each severity there are. */
struct tally {
    size_t count[SEVERITY_ERROR + 1];
    size_t known; /* of them, by the baseline; not in the above */
};

/* Count what is found by severity, and apart what is KNOWN already. */
struct tally tally_of(const struct problems *problems, const bool *known,
                      const struct policy *policy);

/* Print it; the trees only if they are asked for. */
void report_text(FILE *out, const struct listing *listing, const bool *known,
                 const struct tally *tally, const struct choice *choice,
                 bool trees);

#endif
