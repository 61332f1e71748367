/* readback.c - see readback.h. */
#include "readback.h"

#include <stdlib.h>

#include "../verify/cleanup.h"
#include "../verify/crew.h"
#include "../verify/error.h"
#include "../verify/layout.h"
#include "../verify/memory.h"
#include "../verify/problem.h"
#include "prove.h"
#include "wanted.h"

/* What a source may have, but never a copy that was just made. */
static bool
is_misbuilt(enum problem_id id)
{
    return id == PROBLEM_FILE_NAME_DIFFERS || id == PROBLEM_ACTIVE_ODD ||
           id == PROBLEM_ACTIVE_IN_BULK || id == PROBLEM_HARD_LINK;
}

/* Is the copy read without problems, with as many snapshots as it should? */
static int
check_copy(const struct domain *copy, const struct problems *problems,
           const struct wanted *wanted, struct error *error)
{
    const struct domain *facts = &wanted->facts;
    bool same_current;

    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        const struct problem_info *info = problem_info(problem->id);

        if (info->severity == SEVERITY_ERROR || is_misbuilt(problem->id))
            return error_set(error, 0, "the new copy, read back: %s%s%s",
                             info->title, problem->detail ? ": " : "",
                             problem->detail ? problem->detail : "");
    }
    if (copy->count != facts->count || copy->foreign)
        return error_set(error, 0,
                         "the new copy, read back, holds %zu snapshots and "
                         "not %zu, and %zu other entries",
                         copy->count, facts->count, copy->foreign);
    if (facts->current == NO_SNAPSHOT || copy->current == NO_SNAPSHOT)
        same_current = facts->current == copy->current;
    else
        same_current = domain_find(copy, facts->snaps[facts->current].name) ==
                       copy->current;
    if (!same_current)
        return error_set(error, 0,
                         "the new copy, read back, has another current "
                         "snapshot");
    return 0;
}

struct proving {
    const struct domain *copy;
    const struct wanted *wanted;
    struct prover *provers; /* of each thread */
    size_t threads;
};

static void
free_proving(struct proving *proving)
{
    for (size_t i = 0; i < proving->threads; i++)
        prover_free(&proving->provers[i]);
    free(proving->provers);
}

/* On any thread. */
static int
prove_one(void *data, size_t i, size_t thread, struct error *error)
{
    const struct proving *proving = data;
    const char *name = proving->wanted->facts.snaps[i].name;
    struct origin origin = proving->wanted->origins[i];
    size_t index = domain_find(proving->copy, name);
    int same = 0;

    if (index != NO_SNAPSHOT)
        same = prove_snapshot(&proving->provers[thread], origin.domain,
                              origin.index, proving->copy, index, error);
    if (same < 0)
        return -1;
    if (!same)
        return error_set(error, 0,
                         "snapshot '%s' of the new copy, read back and "
                         "converted back, is not what it was made from",
                         name);
    return 0;
}

static int
check_snapshots(const struct domain *copy, const struct wanted *wanted,
                struct crew *crew, struct error *error)
{
    cleanup(free_proving) struct proving proving = {
        .copy = copy,
        .wanted = wanted,
        .provers = xcalloc(crew_size(crew), sizeof(*proving.provers)),
        .threads = crew_size(crew),
    };

    return crew_try(crew, wanted->facts.count, prove_one, &proving, error);
}

int
readback_prove(const struct source *copy, enum layout layout,
               const struct wanted *wanted, struct error *error)
{
    struct domain domain;
    struct problems problems = {0};
    int result = layout_ops(layout)->read(&domain, copy, &problems, error);

    if (!result)
        result = check_copy(&domain, &problems, wanted, error);
    if (!result)
        result = check_snapshots(&domain, wanted, copy->effort.crew, error);
    problems_free(&problems);
    domain_free(&domain);
    return result;
}
