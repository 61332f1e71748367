/* policy.c - see policy.h. */
#include "policy.h"

#include <string.h>

#include "memory.h"

const char *
severity_name(enum severity severity)
{
    static const char *const names[] = {"ignore", "warning", "error"};

    return names[severity];
}

struct policy
policy_default(void)
{
    struct policy policy;

    for (int i = 0; i < PROBLEM_COUNT; i++)
        policy.severity[i] = problem_info((enum problem_id)i)->severity;
    return policy;
}

char *
policy_set(struct policy *policy, const char *text)
{
    const char *word = strchr(text, '=');
    size_t len = word ? (size_t)(word - text) : 0;
    int severity = SEVERITY_ERROR, id = 0;

    if (!word)
        return xasprintf("'%s' is not ID=error, ID=warning or ID=ignore", text);
    while (severity >= SEVERITY_IGNORE &&
           strcmp(word + 1, severity_name((enum severity)severity)))
        severity--;
    if (severity < SEVERITY_IGNORE)
        return xasprintf("'%s' is none of error, warning, ignore", word + 1);
    while (id < PROBLEM_COUNT &&
           (strlen(problem_info((enum problem_id)id)->id) != len ||
            strncmp(text, problem_info((enum problem_id)id)->id, len)))
        id++;
    if (id == PROBLEM_COUNT)
        return xasprintf("there is no problem '%.*s'; see "
                         "virt-snapshot-verify --list-problems",
                         (int)len, text);
    if (severity < SEVERITY_ERROR &&
        problem_info((enum problem_id)id)->hinders != HINDERS_NOTHING)
        return xasprintf("'%.*s' stays an error: converting such a domain "
                         "would not be safe",
                         (int)len, text);
    policy->severity[id] = (enum severity)severity;
    return NULL;
}

void
policy_be_strict(struct policy *policy)
{
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        if (policy->severity[i] == SEVERITY_WARNING)
            policy->severity[i] = SEVERITY_ERROR;
    }
}
