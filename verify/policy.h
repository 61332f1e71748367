/*
 * policy.h - how bad a problem is in this run: what the table says, unless the
 * command line says otherwise. Deciding only; what is done about it, and how it
 * looks, is for others.
 */
#ifndef POLICY_H
#define POLICY_H

#include "problem.h"

struct policy {
    enum severity severity[PROBLEM_COUNT];
};

/* The severities of the table. */
struct policy policy_default(void);

/*
 * Follow "ID=error", "ID=warning" or "ID=ignore". NULL if that can be done,
 * else why not; the caller owns it. What a conversion refuses stays an error:
 * nobody can wish away what makes it unsafe.
 */
char *policy_set(struct policy *policy, const char *text);

/* Every warning is an error, but for what was ignored. */
void policy_be_strict(struct policy *policy);

/* "error", "warning", "ignore". */
const char *severity_name(enum severity severity);

#endif
