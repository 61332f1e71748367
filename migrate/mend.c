/*
 * mend.c - the recipe of a repair.
 *
 *     keep     the original of every file that changes or goes, in the backup
 *     sync     the backup
 *     build    the files that change, in staging
 *     sync     them
 *     prove    each: every byte that was not to change is the same, and the
 *              ordinary reader finds what was decided
 *     move     what goes: it is in the backup, so it is removed
 *     sync     the directory
 *     replace  each original, by a rename
 *     sync     the directory
 *     rename   what has the wrong name
 *     sync     the directory, and before each name that another gave up
 *
 * Invariants; tests/kill.py and tests/cases hold the code to them.
 *
 * 1. At every instant each snapshot that can be read stands complete under a
 *    name that its layout reads: a file is replaced as a whole or not at all,
 *    and only what holds no snapshot, or one that another file holds, goes.
 * 2. Nothing is replaced or removed before its original is in the backup, and
 *    synced there.
 * 3. Nothing is renamed in before it is synced and read back.
 * 4. A repair that was cut short at any point, decided about anew, comes to the
 *    same end. So bytes and name of a file are never changed in one step, the
 *    time of a file that is rewritten stays what it was, and what goes because
 *    it is the same as another file goes before that one is rewritten.
 * 5. What changed since it was judged is left alone.
 * 6. Nothing outside of BASE and the backup is written to.
 */
#include "mend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/escape.h"
#include "../verify/lookup.h"
#include "../verify/memory.h"
#include "backup.h"
#include "causes.h"
#include "mending.h"

static int
keep(struct mending *mending, struct error *error)
{
    const struct repairs *repairs = &mending->repairs;

    for (size_t i = 0; i < repairs->count; i++) {
        const struct change *change = &repairs->list[i];
        bool bulk = change->layout == LAYOUT_BULK;

        if (change->kind != CHANGE_RENAME &&
            backup_keep(mending->run->backup, change->layout,
                        bulk ? NULL : mending->item->name,
                        mending_dir(mending, change), change->file, error) < 0)
            return -1;
    }
    return backup_sync(mending->run->backup, error);
}

/* Is everything as it was judged? */
static int
check_unchanged(const struct mending *mending, struct error *error)
{
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        const struct domain *domain = &mending->reading.domain[layout];

        if (domain->fd >= 0 &&
            domain_unchanged(domain, mending->run->base->fd, NULL, error) < 0)
            return -1;
    }
    return 0;
}

/* Put a file that was rewritten in the place of its original. */
static int
replace(struct mending *mending, const struct change *change, int staged,
        const char *name, struct error *error)
{
    int dir = mending_dir(mending, change);
    struct stat built, stat = {0};

    if (fstatat(staged, name, &built, AT_SYMLINK_NOFOLLOW) < 0)
        return error_set(error, errno, "cannot examine the repaired copy");
    if (entry_unchanged(dir, change->file, &change->id, error) < 0 ||
        stage_place(staged, name, dir, change->file, 0, error) < 0)
        return -1;
    mending->begun = true;
    if (fstatat(dir, change->file, &stat, AT_SYMLINK_NOFOLLOW) < 0 &&
        errno != ENOENT)
        return error_set(error, errno,
                         "cannot examine '%s' after it was put in place",
                         change->file);
    if (stat.st_ino != built.st_ino || stat.st_dev != built.st_dev)
        return error_set(error, 0,
                         "'%s' was changed, removed or replaced as soon as it "
                         "was put in place",
                         change->file);
    if (change->fact != NO_SNAPSHOT)
        mending->now[change->fact] = file_id(&stat);
    return 0;
}

static int
replace_bulk(struct mending *mending, struct error *error)
{
    const struct run *run = mending->run;
    const struct repairs *repairs = &mending->repairs;

    for (size_t i = 0; i < repairs->count; i++) {
        if (repairs->list[i].layout == LAYOUT_BULK &&
            replace(mending, &repairs->list[i], run->stage.built[LAYOUT_BULK],
                    mending->item->name, error) < 0)
            return -1;
    }
    return stage_sync_dir(run->base->fd, run->base->path, error);
}

static int
sync_legacy(const struct mending *mending, struct error *error)
{
    const struct domain *legacy = &mending->reading.domain[LAYOUT_LEGACY];

    return stage_sync_dir(legacy->fd, legacy->entry, error);
}

static int
replace_legacy(struct mending *mending, struct error *error)
{
    const struct stage *stage = &mending->run->stage;
    const struct repairs *repairs = &mending->repairs;
    cleanup(close_fd) int staged =
        dir_open(stage->built[LAYOUT_LEGACY], mending->item->name, error);

    if (staged < 0)
        return -1;
    for (size_t i = 0; i < repairs->count; i++) {
        cleanup(free_ptr) char *name = xasprintf("%zu.xml", i);

        if (repairs->list[i].layout == LAYOUT_LEGACY &&
            repairs->list[i].kind == CHANGE_REWRITE &&
            replace(mending, &repairs->list[i], staged, name, error) < 0)
            return -1;
    }
    if (sync_legacy(mending, error) < 0)
        return -1;
    return stage_discard(stage, LAYOUT_LEGACY, mending->item->name, error);
}

/* Remove what is in the backup and is to be nowhere else. */
static int
move(struct mending *mending, struct error *error)
{
    const struct repairs *repairs = &mending->repairs;
    const struct domain *legacy = &mending->reading.domain[LAYOUT_LEGACY];
    bool moved = false;

    for (size_t i = 0; i < repairs->count; i++) {
        const struct change *change = &repairs->list[i];

        if (change->kind != CHANGE_MOVE)
            continue;
        if (stage_remove(legacy->fd, change->file, &change->id, error) < 0)
            return error_prefix(error, "directory '%s'", legacy->entry);
        mending->begun = moved = true;
    }
    return moved ? sync_legacy(mending, error) : 0;
}

/*
 * This changes no byte. A name that another file gave up is taken only when
 * that is on disk: or the power may go off when it is taken and not given up.
 */
static int
rename_all(struct mending *mending, struct error *error)
{
    const struct repairs *repairs = &mending->repairs;
    const struct domain *legacy = &mending->reading.domain[LAYOUT_LEGACY];
    cleanup(lookup_free) struct lookup given_up = {0};
    bool renamed = false;

    for (size_t i = 0; i < repairs->count; i++) {
        const struct change *change = &repairs->list[i];

        if (change->kind != CHANGE_RENAME)
            continue;
        lookup_add(&given_up, change->file, i);
        if (lookup_find(&given_up, change->to, NO_SNAPSHOT) != NO_SNAPSHOT &&
            sync_legacy(mending, error) < 0)
            return -1;
        if (entry_unchanged(legacy->fd, change->file,
                            &mending->now[change->fact], error) < 0 ||
            stage_place(legacy->fd, change->file, legacy->fd, change->to,
                        RENAME_NOREPLACE, error) < 0)
            return error_prefix(error, "directory '%s'", legacy->entry);
        mending->begun = renamed = true;
    }
    return renamed ? sync_legacy(mending, error) : 0;
}

static int
mend(struct mending *mending, struct error *error)
{
    const struct domain *facts = &mending->repairs.facts[LAYOUT_LEGACY].domain;

    mending->now = xcalloc(facts->count, sizeof(*mending->now));
    for (size_t i = 0; i < facts->count; i++)
        mending->now[i] = facts->snaps[i].id;
    if (keep(mending, error) < 0 || mending_build(mending, error) < 0 ||
        stage_sync(&mending->run->stage, error) < 0 ||
        mending_prove(mending, error) < 0 ||
        check_unchanged(mending, error) < 0 || move(mending, error) < 0)
        return -1;
    if (mending_rewrites(mending, LAYOUT_BULK) &&
        replace_bulk(mending, error) < 0)
        return -1;
    if (mending_rewrites(mending, LAYOUT_LEGACY) &&
        replace_legacy(mending, error) < 0)
        return -1;
    return rename_all(mending, error);
}

static void
tell(const struct mending *mending, const struct mend_listener *listener)
{
    const struct repairs *repairs = &mending->repairs;

    for (size_t i = 0; i < repairs->count; i++) {
        for (size_t j = 0; j < repairs->list[i].count; j++) {
            cleanup(free_ptr) char *line =
                repair_describe(&repairs->list[i],
                                mending->item->entry[LAYOUT_LEGACY], j, true);

            listener->tell(listener->data, line);
        }
    }
}

static void
mend_item(struct run *run, struct item *item,
          const struct mend_listener *listener)
{
    struct mending mending = {.run = run, .item = item};
    struct error error = {0}, ignored = {0};
    int result = plan_repair(&mending.repairs, &mending.reading, item,
                             run->base->fd, run->settings, &error);

    if (!result && !mending.repairs.count)
        result = error_set(&error, 0, "it changed since it was planned");
    if (!result)
        result = mend(&mending, &error);
    if (result < 0) {
        causes_count(run->causes, error.number);
        messages_add(run->trouble, "domain '%s' was not repaired: %s; %s",
                     item->name, error.message,
                     mending.begun ? "some of it was, and its originals are in "
                                     "the backup; run again to go on"
                                   : "nothing of it was changed");
        (void)stage_clean(&run->stage, &ignored);
    } else {
        tell(&mending, listener);
        run->repaired++;
        run->changes += mending.repairs.count;
    }
    item->mended = !result || mending.begun;
    item->failed = result < 0;
    error_clear(&error);
    error_clear(&ignored);
    free(mending.now);
    repair_free(&mending.repairs);
    reading_free(&mending.reading);
}

int
mend_all(struct run *run, struct plan *plan,
         const struct mend_listener *listener, struct error *error)
{
    struct error ignored = {0};
    size_t due = 0;
    int result = 0;

    for (size_t i = 0; i < plan->count; i++)
        due += plan->items[i].changes > 0;
    if (!due)
        return 0;
    if (stage_open(&run->stage, run->base, true, error) < 0 ||
        stage_clean(&run->stage, error) < 0)
        result = -1;
    for (size_t i = 0; i < plan->count && !result; i++) {
        if (plan->items[i].changes)
            mend_item(run, &plan->items[i], listener);
    }
    if (stage_close(&run->stage, result ? &ignored : error) < 0)
        result = -1;
    error_clear(&ignored);
    return result;
}

/* One change: a diff, or a line. */
static int
show(const struct mending *mending, const struct change *change, bool safe,
     FILE *out, struct error *error)
{
    const char *entry = mending->item->entry[LAYOUT_LEGACY];
    cleanup(free_ptr) char *shown =
        change->layout == LAYOUT_BULK ? xstrdup(change->file)
                                      : xasprintf("%s/%s", entry, change->file);
    struct spliced file = {.fd = -1};
    int result;

    for (size_t i = 0; i < change->count; i++) {
        cleanup(free_ptr) char *line = repair_describe(change, entry, i, false);
        cleanup(free_ptr) char *text = escape_text(line);

        fprintf(out, "repair: %s\n", text);
    }
    if (change->kind != CHANGE_REWRITE)
        return 0;
    if (mending_open(mending_dir(mending, change), change, &file, error) < 0)
        return -1;
    result = splice_diff(&file, shown, safe, out, error);
    close_fd(&file.fd);
    return result;
}

int
mend_show(const struct item *item, const struct root *base,
          const struct settings *settings, bool safe, FILE *out,
          struct error *error)
{
    struct run run = {.base = base, .settings = settings};
    struct mending mending = {.run = &run, .item = item};
    int result = plan_repair(&mending.repairs, &mending.reading, item, base->fd,
                             settings, error);

    for (size_t i = 0; i < mending.repairs.count && !result; i++)
        result = show(&mending, &mending.repairs.list[i], safe, out, error);
    repair_free(&mending.repairs);
    reading_free(&mending.reading);
    return result;
}
