/* readback.c - see readback.h. */
#include "readback.h"

#include <stdatomic.h>
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

/* What was seen of a snapshot that is wanted. */
enum { SEEN_SAME = 1, SEEN_OTHER = 2 };

/* What is being proved, while the copy is read. */
struct proving {
    enum layout layout; /* of the copy */
    const struct wanted *wanted;
    atomic_uchar *seen;         /* of each snapshot that is wanted */
    struct prover *provers;     /* of each thread ... */
    struct original *originals; /* ... and what it compares with */
    size_t threads;
};

static void
free_proving(struct proving *proving)
{
    for (size_t i = 0; i < proving->threads; i++) {
        prover_free(&proving->provers[i]);
        buffer_free(&proving->originals[i].bytes);
    }
    free(proving->provers);
    free(proving->originals);
    free(proving->seen);
}

/* A snapshot of the copy, as it was read. On any thread. */
static int
see(void *data, const struct snapshot *snapshot, const char *bytes, size_t len,
    size_t thread, struct error *error)
{
    const struct proving *proving = data;
    const struct wanted *wanted = proving->wanted;
    size_t index = domain_find(&wanted->facts, snapshot->name);
    struct original *original = &proving->originals[thread];
    bool same;

    if (index == NO_SNAPSHOT)
        return 0;
    if (wanted_load(wanted, index, original, error) < 0)
        return -1;
    same = prove_snapshot(&proving->provers[thread], original, proving->layout,
                          bytes, len);
    (void)atomic_fetch_or(&proving->seen[index], same ? SEEN_SAME : SEEN_OTHER);
    return 0;
}

static int
check_proved(const struct proving *proving, struct error *error)
{
    const struct domain *facts = &proving->wanted->facts;

    for (size_t i = 0; i < facts->count; i++) {
        if (atomic_load(&proving->seen[i]) != SEEN_SAME)
            return error_set(error, 0,
                             "snapshot '%s' of the new copy, read back and "
                             "converted back, is not what it was made from",
                             facts->snaps[i].name);
    }
    return 0;
}

int
readback_prove(const struct source *copy, enum layout layout,
               const struct wanted *wanted, struct error *error)
{
    const size_t threads = crew_size(copy->effort.crew);
    cleanup(free_proving) struct proving proving = {
        .layout = layout,
        .wanted = wanted,
        .seen = xcalloc(wanted->facts.count, sizeof(*proving.seen)),
        .provers = xcalloc(threads, sizeof(*proving.provers)),
        .originals = xcalloc(threads, sizeof(*proving.originals)),
        .threads = threads,
    };
    const struct witness witness = {see, &proving};
    struct source watched = *copy;
    struct domain domain;
    struct problems problems = {0};
    int result;

    watched.witness = &witness;
    result = layout_ops(layout)->read(&domain, &watched, &problems, error);
    if (!result)
        result = check_copy(&domain, &problems, wanted, error);
    if (!result)
        result = check_proved(&proving, error);
    problems_free(&problems);
    domain_free(&domain);
    return result;
}
