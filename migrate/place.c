/* place.c - see place.h. */
#include "place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "backup.h"
#include "build.h"

int
place_prove(const struct run *run, const struct work *work, int dir,
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

int
place_check_sources(const struct run *run, const struct work *work,
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
 * What it replaces, under the same name, is in the backup before.
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

    if (had &&
        (!work->item->merging || (work->wanted.origins[index].domain == there &&
                                  had->active == wanted->active)))
        return 0;
    if (had && (backup_keep(run->backup, LAYOUT_LEGACY, work->item->name,
                            there->fd, had->file, error) < 0 ||
                backup_sync(run->backup, error) < 0))
        return -1;
    return stage_place(staged, file, there->fd, file,
                       had ? 0 : RENAME_NOREPLACE, error);
}

/* The current one last: at no time two files say that they are it. */
static int
place_files(struct run *run, struct work *work, struct error *error)
{
    const struct domain *there = &work->reading.domain[LAYOUT_LEGACY];
    const struct domain *facts = &work->wanted.facts;
    cleanup(close_fd) int staged =
        dir_open(run->stage.built[LAYOUT_LEGACY], work->item->name, error);

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
    return stage_discard(&run->stage, LAYOUT_LEGACY, work->item->name, error);
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
    if (error->number != EEXIST && error->number != ENOTEMPTY)
        return -1;
    error_clear(error);
    if (place_prove(run, work, run->target->fd, target, error) < 0) {
        cleanup(free_ptr) char *why = steal_ptr(&error->message);

        return error_set(error, 0,
                         "'%s/%s' holds something else already (%s); name an "
                         "empty directory",
                         run->target->path, target, why);
    }
    return stage_discard(&run->stage, run->settings->to, name, error);
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

int
place_copy(struct run *run, struct work *work, struct error *error)
{
    const struct settings *settings = run->settings;
    struct item *item = work->item;
    int staged = run->stage.built[settings->to];
    cleanup(free_ptr) char *target =
        plan_entry(settings, item->name, settings->to);

    if (place_check_sources(run, work, error) < 0)
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
    if (!item->merging || !run->backup)
        return error_set(error, 0, "'%s' is in the way", target);
    if (backup_keep(run->backup, LAYOUT_BULK, NULL, run->base->fd, target,
                    error) < 0 ||
        backup_sync(run->backup, error) < 0)
        return -1;
    return stage_place(staged, item->name, run->base->fd, target, 0, error);
}
