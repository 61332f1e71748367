/* remove.c - see remove.h. */
#include "remove.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../verify/error.h"
#include "backup.h"

/* The old copy of a domain: where it stands, and what of it may go. */
struct old_copy {
    const struct domain *domain;
    int dir;           /* it lies in this directory ... */
    const char *entry; /* ... under this name */
};

static int
keep(struct run *run, const struct old_copy *old, struct error *error)
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

static int
remove_snapshots(const struct old_copy *old, struct error *error)
{
    const struct domain *domain = old->domain;

    if (domain->layout == LAYOUT_BULK) {
        struct file_id id = domain->id;
        struct stat stat;

        /* Swapping it has changed its ctime, and nothing else. */
        if (fstat(domain->fd, &stat) < 0)
            return error_set(error, errno, "cannot examine '%s'", old->entry);
        id.changed = stat.st_ctim;
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

/* Does the old copy lie in BASE (or was swapped out of it), and must go? */
static bool
is_to_go(const struct run *run, const struct old_copy *old)
{
    return !run->settings->elsewhere && old->entry && old->domain->fd >= 0;
}

int
remove_keep(struct run *run, struct work *work, struct error *error)
{
    struct old_copy old = old_copy(run, work);

    return is_to_go(run, &old) ? keep(run, &old, error) : 0;
}

int
remove_old(struct run *run, struct work *work, struct error *error)
{
    struct old_copy old = old_copy(run, work);

    return is_to_go(run, &old) ? remove_snapshots(&old, error) : 0;
}

/* Read what a swap has put into BASE, and what it has put out. */
static int
read_swapped(const struct run *run, enum layout to, const char *name,
             struct domain *old, struct domain *new, struct error *error)
{
    struct problems problems = {0};
    struct problems ignored = {0};
    struct source source = {
        .base = run->base->fd,
        .name = name,
        .entry = name,
        .max_bulk = run->settings->max_bulk,
    };
    int result = layout_ops(to)->read(new, &source, &problems, error);

    source.base = run->stage.built[to];
    if (!result)
        result = layout_ops(!to)->read(old, &source, &ignored, error);
    if (!result && problems_errors(&problems, 0))
        result =
            error_set(error, 0, "what took its place, '%s', is damaged", name);
    problems_free(&problems);
    problems_free(&ignored);
    return result;
}

/*
 * An old copy that RENAME_EXCHANGE put into staging before a crash. It goes if
 * what took its place is sound and holds all of it.
 */
static int
finish_swapped(struct run *run, enum layout to, const char *name,
               struct error *error)
{
    struct domain old = {.fd = -1}, new = {.fd = -1};
    struct old_copy copy = {
        .domain = &old, .dir = run->stage.built[to], .entry = name};
    int result = read_swapped(run, to, name, &old, &new, error);

    if (!result) {
        result = domain_contained(&old, &new, NULL, error);
        result = result > 0 ? 0
                 : result < 0
                     ? -1
                     : error_set(error, 0, "it is not contained in '%s'", name);
    }
    if (!result)
        result = keep(run, &copy, error);
    if (!result && run->backup)
        result = backup_sync(run->backup, error);
    /* A kill right behind the swap: it may not be on disk yet. */
    if (!result)
        result = stage_sync(&run->stage, error);
    if (!result)
        result = stage_sync_dir(run->base->fd, run->base->path, error);
    if (!result)
        result = remove_snapshots(&copy, error);
    if (!result && old.foreign)
        result = error_set(error, 0,
                           "it holds other entries; move them away, they have "
                           "no place in '%s'",
                           name);
    domain_free(&old);
    domain_free(&new);
    return result;
}

int
remove_swapped(struct run *run, struct error *error)
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
