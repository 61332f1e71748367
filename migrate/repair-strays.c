/*
 * repair-strays.c - see files.h: what libvirt did not write to its end, and
 * spare copies. If the file that holds the same snapshot goes, they count.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "files.h"

/* The fact of the snapshot called NAME, or NO_SNAPSHOT. */
static size_t
find_holder(const struct files *files, const char *name)
{
    return lookup_find(&files->holders, name, NO_SNAPSHOT);
}

/* Remember the files that have an error of their own. */
static void
add_unsound(struct files *files, const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        const char *file = files_name(files, problem);

        if (file && problem_info(problem->id)->hides & HIDES_STOCK)
            lookup_add(&files->unsound, file, i);
    }
}

/* Has the file no error of its own? */
static bool
is_sound(const struct files *files, const char *file)
{
    return lookup_find(&files->unsound, file, NO_SNAPSHOT) == NO_SNAPSHOT;
}

/* The snapshot has a file of its own: the other goes if it is the same, or is
 * not newer than that. */
static int
move_stale(struct files *files, const struct snapshot *stale,
           const struct buffer *bytes, size_t own, struct error *error)
{
    const struct domain *domain = &files->repair->facts[LAYOUT_LEGACY].domain;
    const struct snapshot *snapshot = &domain->snaps[own];
    cleanup(buffer_free) struct buffer there = {0};
    struct span element;
    bool same;

    if (!is_sound(files, snapshot->file))
        return 0;
    if (domain_load(domain, own, &there, &element, error) < 0)
        return -1;
    same =
        there.len == bytes->len && !memcmp(there.data, bytes->data, there.len);
    if (!same &&
        (time_later(stale->id.modified, snapshot->id.modified) ||
         (files->how == REPAIR_SAFE && !has_xml_suffix(snapshot->file))))
        return 0;
    files_move(files, stale->file, &stale->id, PROBLEM_STALE_NEW,
               xasprintf("'%s' %s", snapshot->file,
                         same ? "holds the same" : "is not older"));
    return 0;
}

/*
 * A spare copy that a stock libvirt loads: beside a file that it does not, what
 * is shown would change if that were mended; and of two that are both not
 * called after the snapshot, neither is more than a copy of it.
 */
static int
weigh_spare(struct files *files, const struct judged *spare, size_t own,
            struct error *error)
{
    struct facts *facts = &files->repair->facts[LAYOUT_LEGACY];
    const struct snapshot *snapshot = &facts->domain.snaps[own];
    cleanup(buffer_free) struct buffer there = {0};
    struct span element;

    if (!is_sound(files, snapshot->file)) {
        facts->list[own].shadowed = files->how == REPAIR_SAFE;
        return 0;
    }
    if (has_xml_suffix(snapshot->file) ||
        (snapshot->id.device == spare->id.device &&
         snapshot->id.inode == spare->id.inode))
        return 0;
    if (domain_load(&facts->domain, own, &there, &element, error) < 0)
        return -1;
    if (there.len == spare->bytes.len &&
        !memcmp(there.data, spare->bytes.data, there.len))
        files_move(files, spare->file, &spare->id, PROBLEM_SPARE_COPY,
                   xasprintf("'%s' holds the same", snapshot->file));
    else
        facts->list[own].shadowed = files->how == REPAIR_SAFE;
    return 0;
}

/* Nothing else holds the snapshot: it is one like the others. */
static void
adopt(struct files *files, struct snapshot *snapshot)
{
    struct repairs *repair = files->repair;
    struct snapshot *kept = xcalloc(1, sizeof(*kept));

    *kept = *snapshot;
    *snapshot = (struct snapshot){0};
    repair->adopted = xgrow(repair->adopted, repair->adopted_count,
                            sizeof(struct snapshot *));
    repair->adopted[repair->adopted_count++] = kept;
    lookup_add(&files->holders, kept->name,
               repair->facts[LAYOUT_LEGACY].domain.count);
    facts_add(&repair->facts[LAYOUT_LEGACY], kept);
}

/* Does a file that stays, or the other layout, hold the snapshot? */
static bool
is_held(const struct files *files, const char *name)
{
    const struct domain *bulk = &files->repair->facts[LAYOUT_BULK].domain;

    return find_holder(files, name) != NO_SNAPSHOT ||
           domain_find(bulk, name) != NO_SNAPSHOT;
}

static bool
is_new(const char *file)
{
    size_t len = strlen(file);

    return len > 8 && !strcmp(file + len - 8, ".xml.new");
}

/*
 * Would legacy.c take the file for more than a spare copy, now that what held
 * the same goes? The same questions as there.
 */
static bool
is_uncovered(const struct files *files, const struct judged *stray, bool new)
{
    if (new) {
        cleanup(free_ptr) char *name =
            xstrndup(stray->file, strlen(stray->file) - strlen(".xml.new"));

        if (!is_held(files, name))
            return true;
    }
    return stray->kind < SNAPSHOT_OTHER &&
           !is_held(files, stray->snapshot.name);
}

/* What is found in it counts now: it goes too, or nothing is repaired. */
static void
judge_uncovered(struct files *files, struct judged *stray)
{
    const struct problems *found = &stray->found;
    size_t active = 0, errors = problems_errors(found, 0);

    for (size_t i = 0; i < found->count; i++) {
        enum problem_id id = found->list[i].id;

        if (files_is_unreadable(id) && repair_mends(files->how, id)) {
            files_move(files, stray->file, &stray->id, id,
                       xstrdup(problem_info(id)->title));
            return;
        }
        active += files_is_active(id);
    }
    if (stray->kind < SNAPSHOT_OTHER && errors == active &&
        !is_held(files, stray->snapshot.name))
        adopt(files, &stray->snapshot);
    add_unsound(files, &stray->found);
    problems_append(&files->uncovered, &stray->found);
}

static int
decide_stray(struct files *files, struct judged *stray,
             const struct problem *problem, struct error *error)
{
    int result = files_judge(files, stray, problem, error);
    bool new = is_new(stray->file);
    size_t own;

    if (result <= 0)
        return result;
    own = stray->kind < SNAPSHOT_OTHER
              ? find_holder(files, stray->snapshot.name)
              : NO_SNAPSHOT;
    if (own != NO_SNAPSHOT && !new)
        return judged_is_loaded(stray) ? weigh_spare(files, stray, own, error)
                                       : 0;
    if (stray->kind != SNAPSHOT_SOUND) {
        if (is_uncovered(files, stray, new))
            judge_uncovered(files, stray);
        return 0;
    }
    if (own != NO_SNAPSHOT)
        return move_stale(files, &stray->snapshot, &stray->bytes, own, error);
    if (!is_held(files, stray->snapshot.name))
        adopt(files, &stray->snapshot);
    return 0;
}

/*
 * Is the finding one of a file that could be a stray? Of a .new with no file
 * beside it the reader finds what is wrong with it, as of any other; but if
 * that is all, `all' mends it, in a run that goes on as in one that began.
 */
static bool
is_stray(const struct files *files, const struct problem *problem)
{
    const char *file = files_name(files, problem);

    return file && (problem->id == PROBLEM_STALE_NEW ||
                    problem->id == PROBLEM_SPARE_COPY ||
                    problem->id == PROBLEM_FOREIGN_ENTRY ||
                    (files->how == REPAIR_ALL && files_is_active(problem->id) &&
                     is_new(file)));
}

static int
look_at(struct files *files, const struct problem *problem, struct error *error)
{
    struct judged stray;
    struct stat stat;
    int result;

    if (fstatat(files_legacy(files)->fd, files_name(files, problem), &stat,
                AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0
                               : error_set(error, errno, "cannot examine '%s'",
                                           files_name(files, problem));
    if (!S_ISREG(stat.st_mode))
        return 0;
    result = decide_stray(files, &stray, problem, error);
    judged_free(&stray);
    return result < 0 ? -1 : 0;
}

/*
 * In the order they were read in: the first of a name is the one that counts.
 * But a .new only if no other does: that is how it is read when what held the
 * same is gone.
 */
int
files_strays(struct files *files, struct error *error)
{
    const struct problems *problems = &files->reading->problems;
    const struct domain *domain = &files->repair->facts[LAYOUT_LEGACY].domain;

    for (size_t i = 0; i < domain->count; i++)
        lookup_add(&files->holders, domain->snaps[i].name, i);
    add_unsound(files, problems);
    for (int new = 0; new < 2; new ++) {
        for (size_t i = 0; i < problems->count; i++) {
            const struct problem *problem = &problems->list[i];

            if (is_stray(files, problem) &&
                is_new(files_name(files, problem)) ==
                    new &&look_at(files, problem, error) < 0)
                return -1;
        }
    }
    return 0;
}
