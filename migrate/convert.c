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
 * Invariants; each has its test in tests/unit/test-invariants.c.
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

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "backup.h"
#include "build.h"

/* What is built, proved and placed together, to share its syncs. */
#define BATCH_DOMAINS 128
#define BATCH_SNAPSHOTS 8192

/* A domain while it is converted. */
struct work {
    struct item *item;
    struct reading reading;
    struct wanted wanted;
    bool built;
    bool placed;
};

/* What stands where, when a domain fails at some step. */
static const char *
what_stands(const struct run *run, const struct work *work)
{
    if (work->placed || work->item->action == ACTION_FINISH)
        return "all of its snapshots are in the new layout; run again to "
               "remove the old one";
    if (run->settings->to == LAYOUT_LEGACY && work->item->entry[LAYOUT_LEGACY])
        return "its bulk file is untouched; run again to go on";
    return "nothing of it was changed";
}

static void
fail(struct run *run, struct work *work, struct error *error)
{
    messages_add(run->trouble, "domain '%s': %s; %s", work->item->name,
                 error->message, what_stands(run, work));
    error_clear(error);
    if (work->built && !work->placed)
        (void)stage_discard(run->stage.built[run->settings->to],
                            work->item->name, error);
    error_clear(error);
    work->item->failed = true;
    work->built = work->placed = false;
}

/* Read again what is acted on, and build the new copy. */
static int
build(struct run *run, struct work *work, struct error *error)
{
    const struct settings *settings = run->settings;
    struct item *item = work->item;
    enum action planned = item->action;

    if (item->waits_for && item->waits_for->failed)
        return error_set(error, 0, "domain '%s', whose name it needs, failed",
                         item->waits_for->name);
    if (plan_read(&work->reading, item, run->base->fd, settings, error) < 0)
        return -1;
    if (item->action != planned)
        return error_set(error, 0, "it changed since it was planned");
    if (item->action != ACTION_CONVERT)
        return 0;
    plan_wanted(&work->wanted, &work->reading, item, settings,
                &work->reading.problems);
    work->built = true;
    return build_copy(&run->stage, item->name, settings->to, &work->wanted,
                      error);
}

/* Prove the copy that lies in DIR under the name ENTRY. */
static int
prove(const struct run *run, const struct work *work, int dir,
      const char *entry, struct error *error)
{
    const struct source copy = {
        .base = dir,
        .name = work->item->name,
        .entry = entry,
        .max_bulk = run->settings->max_bulk,
    };

    return build_prove(&copy, run->settings->to, &work->wanted, error);
}

static int
check_sources(const struct run *run, const struct work *work,
              struct error *error)
{
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        const struct domain *domain = &work->reading.domain[layout];

        if (domain->fd >= 0 &&
            domain_unchanged(domain, run->base->fd, error) < 0)
            return -1;
    }
    return 0;
}

/*
 * Put one file of an export into a legacy directory that is there already.
 * What it replaces is in the backup before.
 */
static int
place_file(struct run *run, const struct work *work, int staged, size_t index,
           struct error *error)
{
    const struct domain *there = &work->reading.domain[LAYOUT_LEGACY];
    const struct snapshot *wanted = &work->wanted.facts.snaps[index];
    size_t old = domain_find(there, wanted->name);
    const struct snapshot *had = old == NO_SNAPSHOT ? NULL : &there->snaps[old];
    cleanup(free_ptr) char *file = xasprintf("%s.xml", wanted->stem);
    bool same_file = had && !strcmp(had->file, file);

    if (had &&
        (!work->item->merging || (work->wanted.origins[index].domain == there &&
                                  had->active == wanted->active)))
        return 0;
    if (had && (backup_keep(run->backup, LAYOUT_LEGACY, work->item->name,
                            there->fd, had->file, error) < 0 ||
                backup_sync(run->backup, error) < 0))
        return -1;
    if (stage_place(staged, file, there->fd, file,
                    same_file ? 0 : RENAME_NOREPLACE, error) < 0)
        return -1;
    if (had && !same_file)
        return stage_remove(there->fd, had->file, &had->id, error);
    return 0;
}

/* The current one last: at no time two files say that they are it. */
static int
place_files(struct run *run, struct work *work, struct error *error)
{
    const struct domain *there = &work->reading.domain[LAYOUT_LEGACY];
    const struct domain *facts = &work->wanted.facts;
    int dir = run->stage.built[LAYOUT_LEGACY];
    cleanup(close_fd) int staged = dir_open(dir, work->item->name, error);

    if (staged < 0)
        return -1;
    for (size_t i = 0; i < facts->count; i++) {
        if (facts->order[i] != facts->current &&
            place_file(run, work, staged, facts->order[i], error) < 0)
            return -1;
    }
    if (facts->current != NO_SNAPSHOT &&
        place_file(run, work, staged, facts->current, error) < 0)
        return -1;
    if (stage_sync_dir(there->fd, there->entry, error) < 0)
        return -1;
    return stage_discard(dir, work->item->name, error);
}

/* An output directory of an earlier run may hold the same already. */
static int
place_elsewhere(struct run *run, const struct work *work, const char *target,
                struct error *error)
{
    int staged = run->stage.built[run->settings->to];
    const char *name = work->item->name;

    if (!stage_place(staged, name, run->target->fd, target, RENAME_NOREPLACE,
                     error))
        return 0;
    if (error->number != EEXIST)
        return -1;
    error_clear(error);
    if (prove(run, work, run->target->fd, target, error) < 0)
        return error_prefix(error,
                            "'%s/%s' is there already, and is not the "
                            "result of this conversion",
                            run->target->path, target);
    return stage_discard(staged, name, error);
}

static int
explain_exchange(int result, const char *target, struct error *error)
{
    if (result < 0 && (error->number == EINVAL || error->number == ENOSYS ||
                       error->number == EXDEV || error->number == EOPNOTSUPP))
        return error_set(error, error->number,
                         "cannot swap '%s': --no-suffix needs a file system "
                         "that can exchange two names (RENAME_EXCHANGE)",
                         target);
    return result;
}

/* The commit point of one domain. */
static int
place(struct run *run, struct work *work, struct error *error)
{
    const struct settings *settings = run->settings;
    struct item *item = work->item;
    int staged = run->stage.built[settings->to];
    cleanup(free_ptr) char *target =
        plan_entry(settings, item->name, settings->to);

    if (check_sources(run, work, error) < 0)
        return -1;
    if (settings->elsewhere)
        return place_elsewhere(run, work, target, error);
    if (settings->no_suffix)
        return explain_exchange(stage_place(staged, item->name, run->base->fd,
                                            target, RENAME_EXCHANGE, error),
                                target, error);
    if (!item->entry[settings->to])
        return stage_place(staged, item->name, run->base->fd, target,
                           RENAME_NOREPLACE, error);
    if (settings->to == LAYOUT_LEGACY)
        return place_files(run, work, error);
    /* Only --merge replaces a bulk file, and only with a backup. */
    if (backup_keep(run->backup, LAYOUT_BULK, NULL, run->base->fd, target,
                    error) < 0 ||
        backup_sync(run->backup, error) < 0)
        return -1;
    return stage_place(staged, item->name, run->base->fd, target, 0, error);
}

/* The old copy of a domain: where it stands, and what of it may go. */
struct old_copy {
    const struct domain *domain;
    int dir;           /* it lies in this directory ... */
    const char *entry; /* ... under this name */
};

static int
keep_old(struct run *run, const struct old_copy *old, struct error *error)
{
    const struct domain *domain = old->domain;

    if (!run->backup)
        return 0;
    if (domain->layout == LAYOUT_BULK)
        return backup_keep(run->backup, LAYOUT_BULK, NULL, old->dir, old->entry,
                           error);
    for (size_t i = 0; i < domain->count; i++) {
        if (backup_keep(run->backup, LAYOUT_LEGACY, domain->name, domain->fd,
                        domain->snaps[i].file, error) < 0)
            return -1;
    }
    return 0;
}

/*
 * Remove the snapshots of an old copy, and nothing else: every one of them is
 * proved to be in the new copy, or lost against it with --merge and is kept in
 * the backup. A directory that holds anything else stays.
 */
static int
remove_old(const struct old_copy *old, struct error *error)
{
    const struct domain *domain = old->domain;

    if (domain->layout == LAYOUT_BULK) {
        struct file_id id;
        struct stat stat;

        /* Swapping it has changed its ctime: what is open is what was read. */
        if (fstat(domain->fd, &stat) < 0)
            return error_set(error, errno, "cannot examine '%s'", old->entry);
        id = file_id(&stat);
        return stage_remove(old->dir, old->entry, &id, error);
    }
    for (size_t i = 0; i < domain->count; i++) {
        if (stage_remove(domain->fd, domain->snaps[i].file,
                         &domain->snaps[i].id, error) < 0)
            return -1;
    }
    if (!domain->foreign && unlinkat(old->dir, old->entry, AT_REMOVEDIR) < 0)
        return error_set(error, errno, "cannot remove directory '%s'",
                         old->entry);
    return 0;
}

static struct old_copy
old_copy(const struct run *run, const struct work *work)
{
    const struct settings *settings = run->settings;
    struct old_copy old = {
        .domain = &work->reading.domain[!settings->to],
        .dir = run->base->fd,
        .entry = work->item->entry[!settings->to],
    };

    if (work->item->action == ACTION_REMOVE_EMPTY) {
        old.domain = &work->reading.domain[LAYOUT_LEGACY];
        old.entry = work->item->entry[LAYOUT_LEGACY];
    } else if (settings->no_suffix && work->placed) {
        old.dir = run->stage.built[settings->to];
        old.entry = work->item->name;
    }
    return old;
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
prove_built(struct run *run, struct work *work, struct error *error)
{
    int staged = run->stage.built[run->settings->to];

    return work->built ? prove(run, work, staged, work->item->name, error) : 0;
}

static int
place_built(struct run *run, struct work *work, struct error *error)
{
    if (!work->built)
        return check_sources(run, work, error);
    if (place(run, work, error) < 0)
        return -1;
    work->placed = true;
    return 0;
}

static int
keep_replaced(struct run *run, struct work *work, struct error *error)
{
    struct old_copy old = old_copy(run, work);

    return run->settings->elsewhere || !old.entry ? 0
                                                  : keep_old(run, &old, error);
}

static int
remove_replaced(struct run *run, struct work *work, struct error *error)
{
    struct old_copy old = old_copy(run, work);

    if (!run->settings->elsewhere && old.entry && old.domain->fd >= 0 &&
        remove_old(&old, error) < 0)
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
    each(run, works, count, prove_built);
    each(run, works, count, place_built);
    if (stage_sync_dir(run->target->fd, run->target->path, error) < 0)
        return -1;
    each(run, works, count, keep_replaced);
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

/* Take the next domains of a wave that together make a batch. */
static size_t
next_batch(struct plan *plan, size_t wave, size_t *at, struct work *works)
{
    size_t count = 0, snapshots = 0;

    for (; *at < plan->count && count < BATCH_DOMAINS; ++*at) {
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
convert_wave(struct run *run, struct plan *plan, size_t wave, size_t *done,
             struct error *error)
{
    cleanup(free_ptr) struct work *works =
        xcalloc(BATCH_DOMAINS, sizeof(*works));
    size_t at = 0, count;

    while ((count = next_batch(plan, wave, &at, works))) {
        int result = convert_batch(run, works, count, error);

        for (size_t i = 0; i < count; i++)
            free_work(&works[i]);
        if (result < 0)
            return -1;
        *done += count;
        if (run->progress)
            run->progress(run->progress_data, *done, run->total);
    }
    return 0;
}

/*
 * An old copy that RENAME_EXCHANGE put into staging before a crash. It goes if
 * what took its place holds all of it.
 */
static int
finish_swapped(struct run *run, enum layout to, const char *name,
               struct error *error)
{
    struct domain old, new;
    struct problems problems = {0};
    struct source source = {
        .base = run->base->fd,
        .name = name,
        .entry = name,
        .max_bulk = run->settings->max_bulk,
    };
    struct old_copy copy = {
        .domain = &old, .dir = run->stage.built[to], .entry = name};
    int result = layout_ops(to)->read(&new, &source, &problems, error);

    source.base = run->stage.built[to];
    old = (struct domain){.fd = -1};
    if (!result)
        result = layout_ops(!to)->read(&old, &source, &problems, error);
    if (!result) {
        result = domain_contained(&old, &new, NULL, error);
        if (!result)
            result = error_set(error, 0, "it is not contained in '%s'", name);
        else if (result > 0)
            result = 0;
    }
    if (!result)
        result = keep_old(run, &copy, error);
    if (!result && run->backup)
        result = backup_sync(run->backup, error);
    if (!result)
        result = remove_old(&copy, error);
    domain_free(&old);
    domain_free(&new);
    problems_free(&problems);
    return result;
}

static int
finish_all_swapped(struct run *run, struct error *error)
{
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        struct entries entries;

        if (entries_read(run->stage.built[layout], &entries, error) < 0)
            return -1;
        for (size_t i = 0; i < entries.count; i++) {
            struct error one = {0};
            const char *name = entries.list[i].name;

            if (finish_swapped(run, (enum layout)layout, name, &one) < 0)
                messages_add(run->trouble,
                             "domain '%s': its old copy in '%s/%s' is left "
                             "there: %s",
                             name, run->target->path, STAGE_NAME, one.message);
            error_clear(&one);
        }
        entries_free(&entries);
    }
    return 0;
}

int
convert_all(struct run *run, struct plan *plan, struct error *error)
{
    size_t done = 0;
    int open, result;

    for (size_t i = 0; i < plan->count; i++)
        run->total += is_due(&plan->items[i], plan->items[i].wave);
    open = stage_open(&run->stage, run->target, run->total > 0, error);
    if (open <= 0) {
        stage_close(&run->stage);
        return open;
    }
    result = stage_clean(&run->stage, error);
    if (!result)
        result = finish_all_swapped(run, error);
    for (size_t wave = 0; !result && wave < plan->waves; wave++)
        result = convert_wave(run, plan, wave, &done, error);
    stage_close(&run->stage);
    return result;
}
