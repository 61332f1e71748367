/* remove.c - see remove.h. */
#include "remove.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../verify/cleanup.h"
#include "../verify/crew.h"
#include "../verify/error.h"
#include "../verify/staging.h"
#include "backup.h"

/* The old copy of a domain: where it stands, and what of it may go. */
struct old_copy {
    const struct domain *domain;
    int dir;           /* it lies in this directory ... */
    const char *entry; /* ... under this name */
    bool swapped;      /* out of BASE, which has changed its ctime */
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
remove_file(void *data, size_t index, size_t thread, struct error *error)
{
    const struct domain *domain = data;
    const struct snapshot *snapshot = &domain->snaps[index];

    (void)thread;
    return stage_remove(domain->fd, snapshot->file, &snapshot->id, error);
}

static int
remove_snapshots(const struct old_copy *old, struct crew *crew,
                 struct error *error)
{
    const struct domain *domain = old->domain;

    if (domain->layout == LAYOUT_BULK) {
        struct file_id id = domain->id;
        struct stat stat;

        if (old->swapped && fstat(domain->fd, &stat) < 0)
            return error_set(error, errno, "cannot examine '%s'", old->entry);
        if (old->swapped)
            id.changed = stat.st_ctim;
        return stage_remove(old->dir, old->entry, &id, error);
    }
    if (crew_try(crew, domain->count, remove_file,
                 (struct domain *)(uintptr_t)domain, error) < 0)
        return -1;
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
        old.swapped = true;
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

    return is_to_go(run, &old)
               ? remove_snapshots(&old, run->settings->effort.crew, error)
               : 0;
}

/* An old copy goes if it is sound and what took its place holds all of it. */
static int
finish_swapped(struct run *run, enum layout to, const char *name,
               struct error *error)
{
    const struct terms terms = {
        .kept = run->settings->kept,
        .max_bulk = run->settings->max_bulk,
        .effort = run->settings->effort,
    };
    struct swapped swapped;
    struct old_copy copy = {.domain = &swapped.old,
                            .dir = run->stage.built[to],
                            .entry = name,
                            .swapped = true};
    cleanup(free_ptr) char *why = NULL;
    int result;

    result = swapped_read(&swapped, run->base->fd, copy.dir, to, name, &terms,
                          &why, error);
    if (result >= 0)
        result = result ? 0 : error_set(error, 0, "%s", why);
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
        result = remove_snapshots(&copy, run->settings->effort.crew, error);
    if (!result && swapped.old.foreign)
        result = error_set(error, 0,
                           "it holds other entries; move them away, they have "
                           "no place in '%s'",
                           name);
    swapped_free(&swapped);
    return result;
}

/* Those that the plan refused stay, and so does what nobody asked for. */
static void
finish_all(struct run *run, const struct plan *plan, enum layout to,
           const struct entries *old)
{
    for (size_t i = 0; i < old->count; i++) {
        const char *name = old->list[i].name;
        struct item *item = plan_find(plan, name);
        struct error error = {0};

        if (!item || !item->selected || item->action == ACTION_REFUSE ||
            !finish_swapped(run, to, name, &error))
            continue;
        messages_add(run->trouble,
                     "domain '%s': its old copy in '%s/%s/%s' is left there: "
                     "%s",
                     name, run->base->path, STAGE_NAME, staging_place(to),
                     error.message);
        error_clear(&error);
        item->failed = true;
    }
}

int
remove_swapped(struct run *run, const struct plan *plan, struct error *error)
{
    if (run->settings->elsewhere)
        return 0;
    for (int to = LAYOUT_LEGACY; to <= LAYOUT_BULK; to++) {
        struct entries old = {0};

        if (staging_old(run->stage.built[to], (enum layout)to, &old, error) < 0)
            return error_prefix(error, "'%s'", run->base->path);
        finish_all(run, plan, (enum layout)to, &old);
        entries_free(&old);
    }
    return 0;
}
