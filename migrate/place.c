/* place.c - see place.h. */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "backup.h"
#include "readback.h"

int
place_prove(const struct run *run, const struct work *work, int dir,
            const char *entry, struct error *error)
{
    const struct source copy = {
        .base = dir,
        .name = work->item->name,
        .entry = entry,
        .max_bulk = run->settings->max_bulk,
        .effort = run->settings->effort,
    };

    return readback_prove(&copy, run->settings->to, &work->wanted, error);
}

int
place_check_sources(const struct run *run, const struct work *work,
                    struct error *error)
{
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        const struct domain *domain = &work->reading.domain[layout];

        if (domain->fd >= 0 &&
            domain_unchanged(domain, run->base->fd, run->settings->effort.crew,
                             error) < 0)
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
                backup_sync(run->backup, error) < 0 ||
                entry_unchanged(there->fd, had->file, &had->id, error) < 0))
        return -1;
    return stage_place(staged, file, there->fd, file,
                       had ? 0 : RENAME_NOREPLACE, error);
}

/*
 * The current one last, when the one that was it until then is no more, on disk
 * as well: at no time two files say that they are it.
 */
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
    if (work->item->merging && facts->current != NO_SNAPSHOT &&
        stage_sync_dir(there->fd, there->entry, error) < 0)
        return -1;
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

/*
 * What a swap has put into staging must be what was read: a rename changes no
 * more of it than its ctime.
 */
static int
check_swapped_out(const struct domain *old, int dir, struct crew *crew,
                  struct error *error)
{
    struct entries entries = {0};
    struct stat stat;
    struct file_id now, read = old->id;
    size_t count;

    if (fstatat(dir, old->entry, &stat, AT_SYMLINK_NOFOLLOW) < 0)
        return error_set(error, errno, "cannot examine '%s'", old->entry);
    now = file_id(&stat);
    read.changed = now.changed;
    /* Some file systems touch a directory that moves. Entries are counted. */
    if (old->layout == LAYOUT_LEGACY)
        read.modified = now.modified;
    if (!file_id_equal(&now, &read))
        return error_set(error, 0, "'%s' changed since it was checked",
                         old->entry);
    if (old->layout == LAYOUT_BULK)
        return 0;
    if (entries_read(old->fd, &entries, error) < 0)
        return error_prefix(error, "'%s'", old->entry);
    count = entries.count;
    entries_free(&entries);
    if (count != old->count)
        return error_set(error, 0, "'%s' changed since it was checked",
                         old->entry);
    return domain_files_unchanged(old, crew, error);
}

/* 1: NAME in DIR is the new copy, and nothing that took its name. */
static int
is_copy(const struct work *work, int dir, const char *name, struct error *error)
{
    struct stat stat;

    if (fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT
                   ? 0
                   : error_set(error, errno, "cannot examine '%s'", name);
    return stat.st_dev == work->copy.device &&
           stat.st_ino == work->copy.inode &&
           (S_ISDIR(stat.st_mode) ||
            (stat.st_mtim.tv_sec == work->copy.modified.tv_sec &&
             stat.st_mtim.tv_nsec == work->copy.modified.tv_nsec));
}

/* Swap the copies; and back, if what came out is not what was read. */
static int
place_swap(struct run *run, struct work *work, struct error *error)
{
    enum layout to = run->settings->to;
    const struct domain *old = &work->reading.domain[!to];
    const char *name = work->item->name;
    int staged = run->stage.built[to];
    struct error back = {0};

    if (stage_place(staged, name, run->base->fd, name, RENAME_EXCHANGE, error) <
        0) {
        if (error->number == EINVAL || error->number == ENOSYS ||
            error->number == EXDEV || error->number == EOPNOTSUPP)
            return error_set(error, error->number,
                             "cannot swap '%s': --no-suffix needs a file "
                             "system that can exchange two names "
                             "(RENAME_EXCHANGE)",
                             name);
        return -1;
    }
    if (!check_swapped_out(old, staged, run->settings->effort.crew, error))
        return 0;
    if (stage_place(staged, name, run->base->fd, name, RENAME_EXCHANGE, &back) <
        0) {
        (void)error_append(error, "; it is in the staging directory now: ");
        (void)error_append(error, back.message);
        error_clear(&back);
        work->replaced = true;
    }
    /* Only the copy that was built may be thrown away, and nothing else. */
    work->built = is_copy(work, staged, name, &back) > 0;
    error_clear(&back);
    return -1;
}

int
place_copy(struct run *run, struct work *work, struct error *error)
{
    const struct settings *settings = run->settings;
    struct item *item = work->item;
    int staged = run->stage.built[settings->to];
    cleanup(free_ptr) char *target =
        plan_entry(settings, item->name, settings->to);
    struct stat stat;

    if (place_check_sources(run, work, error) < 0)
        return -1;
    if (settings->elsewhere)
        return place_elsewhere(run, work, target, error);
    if (fstatat(staged, item->name, &stat, AT_SYMLINK_NOFOLLOW) < 0)
        return error_set(error, errno, "cannot examine the new copy");
    work->copy = file_id(&stat);
    if (settings->no_suffix)
        return place_swap(run, work, error);
    if (!item->entry[settings->to])
        return stage_place(staged, item->name, run->base->fd, target,
                           RENAME_NOREPLACE, error);
    if (settings->to == LAYOUT_LEGACY) {
        work->copy = (struct file_id){0};
        return place_files(run, work, error);
    }
    /* Only --merge replaces a bulk file, and only with a backup. */
    if (!item->merging || !run->backup)
        return error_set(error, 0, "'%s' is in the way", target);
    if (backup_keep(run->backup, LAYOUT_BULK, NULL, run->base->fd, target,
                    error) < 0 ||
        backup_sync(run->backup, error) < 0 ||
        entry_unchanged(run->base->fd, target,
                        &work->reading.domain[LAYOUT_BULK].id, error) < 0)
        return -1;
    return stage_place(staged, item->name, run->base->fd, target, 0, error);
}

int
place_check(const struct run *run, struct work *work, struct error *error)
{
    cleanup(free_ptr) char *target =
        plan_entry(run->settings, work->item->name, run->settings->to);
    int same;

    if (!work->copy.inode)
        return 0;
    same = is_copy(work, run->target->fd, target, error);
    if (same > 0)
        return 0;
    work->replaced = true;
    if (same < 0)
        return -1;
    return error_set(error, 0,
                     "'%s' was changed, removed or replaced as soon as it was "
                     "put in place",
                     target);
}
