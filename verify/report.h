/*
 * report.h - print findings for a person: one line each, sorted, greppable.
 *
 *     web/s2.xml:12:5: error: parent snapshot does not exist: 's1'
 *         [parent-missing]                       (on one line)
 *     web.xml:31:5: error: snapshot 's2': unknown state: ... [state-bad]
 *
 * The only place that knows how a problem looks. Everything from disk is
 * escaped.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "policy.h"

/*
 * One finding, called an error or a warning; with VERBOSE its consequence and
 * remedy below it.
 */
void report_problem(FILE *out, const struct problem *problem,
                    enum severity severity, bool verbose);
/* The same with a NOTE behind what was found, or NULL. */
void report_problem_noted(FILE *out, const struct problem *problem,
                          enum severity severity, const char *note,
                          bool verbose);
/* What a problem id means in metadata of a kind. -1: there is no such id. */
int report_explanation(FILE *out, enum kind kind, const char *id);
/* A line of text with untrusted names in it. */
void report_line(FILE *out, const char *text);

/* "1 snapshot", "2 snapshots". */
struct counted {
    char text[64];
};
struct counted count_of(size_t count, const char *singular, const char *plural);

#endif
