/*
 * convert.c - the recipe.
 *
 *     build    every new copy of a batch, in staging
 *     sync     once for the batch
 *     prove    each copy, read back and converted back, is its source
 *     place    each copy, by a rename: the commit point
 *     sync     the directory
 *     remove   what is contained in the new copies
 *
 * Invariants; tests/kill.py, tests/meddle.py and tests/cases hold the code to
 * them.
 *
 * 1. At every instant a complete, checked copy of every snapshot stands under
 *    a name that one of the two layouts reads.
 * 2. Nothing is renamed in before it is synced and read back.
 * 3. Nothing is removed before its replacement's directory entry is synced.
 * 4. A rerun from any crash state converges to the same end; a second run
 *    changes nothing and exits 0.
 * 5. What is not understood is not deleted.
 * 6. Nothing outside of BASE, the backup and the output directory is written
 *    to, whatever the names and links below BASE are.
 * 7. A conversion that would be unreadable is refused before it starts.
 *
 * No journal is kept: names are the state. Both layouts with the old contained
 * in the new is "placed, not removed yet"; staging holds what was not placed.
 */
#include "convert.h"

#include <sys/resource.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "../verify/staging.h"
#include "backup.h"
#include "build.h"
#include "causes.h"
#include "place.h"
#include "remove.h"

/* What is built, proved and placed together, to share its syncs. */
#define BATCH_DOMAINS_MAX 128
#define BATCH_SNAPSHOTS 8192

/* Are all snapshots of a domain that fails in the new layout? */
static bool
stands(const struct work *work)
{
    return !work->replaced &&
           (work->placed || work->item->action == ACTION_FINISH);
}

/* What stands where, when a domain fails at some step. */
static const char *
what_stands(const struct run *run, const struct work *work)
{
    if (work->replaced)
        return "its old copy is kept; see what is there, then run again";
    if (stands(work))
        return "all of its snapshots are in the new layout; run again to "
               "remove the old one";
    if (run->settings->to == LAYOUT_LEGACY && !run->settings->elsewhere &&
        work->item->entry[LAYOUT_LEGACY])
        return "its bulk file is untouched; run again to go on";
    return "nothing of it was changed";
}

static void
fail(struct run *run, struct work *work, struct error *error)
{
    messages_add(run->trouble, "domain '%s': %s; %s", work->item->name,
                 error->message, what_stands(run, work));
    run->standing += stands(work);
    causes_count(run->causes, error->number);
    error_clear(error);
    if (work->built && !work->placed)
        (void)stage_discard(&run->stage, run->settings->to, work->item->name,
                            error);
    error_clear(error);
    work->item->failed = true;
    work->built = work->placed = false;
}

/* Read again what is acted on, unless it is known, and build the new copy. */
static int
build(struct run *run, struct work *work, struct error *error)
{
    const struct settings *settings = run->settings;
    struct item *item = work->item;
    enum action planned = item->action;
    struct settings again = *settings;

    if (item->waits_for && item->waits_for->failed)
        return error_set(error, 0, "domain '%s', whose name it needs, failed",
                         item->waits_for->name);
    again.schemas = NULL; /* they have had their say in the plan */
    if (!kept_take(item, run->base->fd, settings->effort.crew,
                   &work->reading) &&
        plan_read(&work->reading, item, run->base->fd, &again, error) < 0)
        return -1;
    if (item->action != planned)
        return error_set(error, 0, "it changed since it was planned");
    if (item->action != ACTION_CONVERT)
        return 0;
    if (plan_wanted(&work->wanted, &work->reading, item, settings,
                    &work->reading.problems, error) < 0)
        return -1;
    work->built = true;
    if (build_copy(&run->stage, item->name, settings->to, &work->wanted,
                   settings->effort.crew, error))
        return error_prefix(error, "new copy in '%s/%s'", run->target->path,
                            STAGE_NAME);
    return 0;
}

static void
count_done(struct run *run, const struct work *work)
{
    switch (work->item->action) {
    case ACTION_CONVERT:
        run->converted++;
        run->snapshots += work->item->count;
        break;
    case ACTION_FINISH:
        run->finished++;
        break;
    case ACTION_REMOVE_EMPTY:
        run->emptied++;
        break;
    case ACTION_NONE:
    case ACTION_REFUSE:
    default:
        break;
    }
}

/* A step of the recipe for one domain. */
typedef int step(struct run *run, struct work *work, struct error *error);

/* Take a step with all domains of a batch that have not failed. */
static void
each(struct run *run, struct work *works, size_t count, step *take)
{
    for (size_t i = 0; i < count; i++) {
        struct error error = {0};

        if (!works[i].item->failed && take(run, &works[i], &error) < 0)
            fail(run, &works[i], &error);
    }
}

static int
prove(struct run *run, struct work *work, struct error *error)
{
    int staged = run->stage.built[run->settings->to];

    return work->built ? place_prove(run, work, staged, work->item->name, error)
                       : 0;
}

static int
place(struct run *run, struct work *work, struct error *error)
{
    if (!work->built)
        return place_check_sources(run, work, error);
    if (place_copy(run, work, error) < 0)
        return -1;
    work->placed = true;
    return 0;
}

static int
remove_replaced(struct run *run, struct work *work, struct error *error)
{
    if (place_check(run, work, error) < 0 || remove_old(run, work, error) < 0)
        return -1;
    count_done(run, work);
    return 0;
}

static int
convert_batch(struct run *run, struct work *works, size_t count,
              struct error *error)
{
    each(run, works, count, build);
    if (stage_sync(&run->stage, error) < 0)
        return -1;
    each(run, works, count, prove);
    each(run, works, count, place);
    if (stage_sync_dir(run->target->fd, run->target->path, error) < 0)
        return -1;
    each(run, works, count, remove_keep);
    if (run->backup && backup_sync(run->backup, error) < 0)
        return -1;
    each(run, works, count, remove_replaced);
    return stage_sync_dir(run->base->fd, run->base->path, error);
}

static void
free_work(struct work *work)
{
    wanted_free(&work->wanted);
    reading_free(&work->reading);
}

static bool
is_due(const struct item *item, size_t wave)
{
    return item->selected && !item->failed && item->wave == wave &&
           item->action != ACTION_NONE && item->action != ACTION_REFUSE;
}

static size_t
count_due(const struct plan *plan)
{
    size_t due = 0;

    for (size_t i = 0; i < plan->count; i++)
        due += is_due(&plan->items[i], plan->items[i].wave);
    return due;
}

/* Each holds two descriptors; and some are needed to work with. */
static size_t
batch_domains(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
        limit.rlim_cur > 64 + 2 * BATCH_DOMAINS_MAX)
        return BATCH_DOMAINS_MAX;
    return limit.rlim_cur > 48 ? (size_t)(limit.rlim_cur - 40) / 4 : 1;
}

/* Take the next domains of a wave that together make a batch. */
static size_t
next_batch(struct plan *plan, size_t wave, size_t *at, struct work *works,
           size_t most)
{
    size_t count = 0, snapshots = 0;

    for (; *at < plan->count && count < most; ++*at) {
        struct item *item = &plan->items[*at];

        if (!is_due(item, wave))
            continue;
        if (count && snapshots + item->count > BATCH_SNAPSHOTS)
            break;
        snapshots += item->count;
        works[count++] = (struct work){
            .item = item,
            .reading = {.domain = {{.fd = -1}, {.fd = -1}}},
            .wanted = {.facts = {.fd = -1}},
        };
    }
    return count;
}

static int
convert_wave(struct run *run, struct plan *plan, size_t wave,
             struct error *error)
{
    const size_t most = batch_domains();
    cleanup(free_ptr) struct work *works = xcalloc(most, sizeof(*works));
    size_t at = 0, count;

    while ((count = next_batch(plan, wave, &at, works, most))) {
        int result = convert_batch(run, works, count, error);

        for (size_t i = 0; i < count; i++)
            free_work(&works[i]);
        if (result < 0)
            return -1;
        run->done += count;
        if (run->progress)
            run->progress(run->done, run->total);
    }
    return 0;
}

int
convert_all(struct run *run, struct plan *plan, struct error *error)
{
    struct error ignored = {0};
    int open, result;

    run->total = count_due(plan);
    open = stage_open(&run->stage, run->target, run->total > 0, error);
    if (open <= 0) {
        (void)stage_close(&run->stage, &ignored);
        error_clear(&ignored);
        return open < 0 ? error_append(error, "; nothing was changed") : 0;
    }
    result = stage_clean(&run->stage, error);
    if (!result)
        result = remove_swapped(run, plan, error);
    /* What a killed run has done may not be on disk yet. */
    if (!result && !run->total)
        result = stage_sync(&run->stage, error);
    run->total = count_due(plan);
    for (size_t wave = 0; !result && wave < plan->waves; wave++)
        result = convert_wave(run, plan, wave, error);
    if (stage_close(&run->stage, result ? &ignored : error) < 0 && !result)
        result = error_append(error, "; all else is done; run again to "
                                     "remove it");
    error_clear(&ignored);
    return result;
}
