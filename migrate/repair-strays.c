/*
 * repair-strays.c - see files.h: what libvirt did not write to its end, and
 * spare copies. If the file that holds the same snapshot goes, they count.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "files.h"

/* Has the file no error of its own? */
static bool
is_sound(const struct files *files, const char *file)
{
    const struct problems *problems = &files->reading->problems;

    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        const char *of = files_name(files, problem);

        if (of && !strcmp(of, file) &&
            problem_info(problem->id)->hides & HIDES_STOCK)
            return false;
    }
    return true;
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
    if (!same && time_later(stale->id.modified, snapshot->id.modified))
        return 0;
    files_move(files, stale->file, &stale->id, PROBLEM_STALE_NEW,
               xasprintf("'%s' %s", snapshot->file,
                         same ? "holds the same" : "is not older"));
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
    facts_add(&repair->facts[LAYOUT_LEGACY], kept);
}

/* Does a file that stays, or the other layout, hold the snapshot? */
static bool
is_held(const struct files *files, const char *name)
{
    const struct facts *facts = files->repair->facts;

    return domain_find(&facts[LAYOUT_LEGACY].domain, name) != NO_SNAPSHOT ||
           domain_find(&facts[LAYOUT_BULK].domain, name) != NO_SNAPSHOT;
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
    problems_append(&files->uncovered, &stray->found);
}

static int
decide_stray(struct files *files, struct judged *stray,
             const struct problem *problem, struct error *error)
{
    const struct facts *facts = &files->repair->facts[LAYOUT_LEGACY];
    int result = files_judge(files, stray, problem, error);
    bool new = is_new(stray->file);
    size_t own;

    if (result <= 0)
        return result;
    if (stray->kind != SNAPSHOT_SOUND) {
        if (is_uncovered(files, stray, new))
            judge_uncovered(files, stray);
        return 0;
    }
    own = domain_find(&facts->domain, stray->snapshot.name);
    if (own != NO_SNAPSHOT)
        return new ? move_stale(files, &stray->snapshot, &stray->bytes, own,
                                error)
                   : 0;
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

/* In the order they were read in: the first of a name is the one that counts.
 */
int
files_strays(struct files *files, struct error *error)
{
    const struct problems *problems = &files->reading->problems;

    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        const char *file = files_name(files, problem);
        struct judged stray;
        struct stat stat;
        int result;

        if (!is_stray(files, problem) ||
            fstatat(files_legacy(files)->fd, file, &stat, AT_SYMLINK_NOFOLLOW) <
                0 ||
            !S_ISREG(stat.st_mode))
            continue;
        result = decide_stray(files, &stray, problem, error);
        judged_free(&stray);
        if (result < 0)
            return -1;
    }
    return 0;
}
