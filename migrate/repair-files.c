/* repair-files.c - see files.h: files that are moved away or get an <active>.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "files.h"
#include "rewrite.h"

void
files_move(struct files *files, const char *file, const struct file_id *id,
           enum problem_id why, char *text)
{
    repair_note(repair_add(files->repair, CHANGE_MOVE, LAYOUT_LEGACY, file, id),
                why, text);
}

bool
files_is_unreadable(enum problem_id id)
{
    const struct problem_info *info = problem_info(id);

    return info->repair == REPAIR_ALL && (info->hides & HIDES_STOCK) &&
           id != PROBLEM_ACTIVE_BAD;
}

static void
free_judged(struct judged *judged)
{
    judged_free(judged);
}

/* Somebody may have mended it since the finding was made. */
static int
move_if_unreadable(struct files *files, const struct problem *problem,
                   struct error *error)
{
    cleanup(free_judged) struct judged judged;
    int result = files_judge(files, &judged, problem, error);
    bool still = !result && problem->id == PROBLEM_FILE_TOO_BIG;

    if (result < 0)
        return -1;
    for (size_t i = 0; i < judged.found.count; i++)
        still = still || judged.found.list[i].id == problem->id;
    if (!still)
        return error_set(error, 0, "'%s' changed since it was checked",
                         judged.file);
    files_move(files, judged.file, &judged.id, problem->id,
               xstrdup(problem_info(problem->id)->title));
    return 0;
}

/* The findings of a file come one behind the other. */
static int
move_unreadable(struct files *files, struct error *error)
{
    const struct problems *problems = &files->reading->problems;
    const char *last = "";

    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        const char *file = files_name(files, problem);

        if (!file || !files_is_unreadable(problem->id) ||
            !repair_mends(files->how, problem->id) || !strcmp(file, last))
            continue;
        last = file;
        if (move_if_unreadable(files, problem, error) < 0)
            return -1;
    }
    files_index(files);
    for (size_t i = 0; i < files_legacy(files)->count; i++)
        files->moved[i] =
            files_change(files, files_legacy(files)->snaps[i].file) != NULL;
    return 0;
}

/* 1: both files hold the same bytes. */
static int
same_files(const struct domain *domain, size_t a, size_t b, struct error *error)
{
    cleanup(buffer_free) struct buffer left = {0};
    cleanup(buffer_free) struct buffer right = {0};
    struct span element;

    if (domain->snaps[a].id.size != domain->snaps[b].id.size)
        return 0;
    if (domain_load(domain, a, &left, &element, error) < 0 ||
        domain_load(domain, b, &right, &element, error) < 0)
        return -1;
    return left.len == right.len && !memcmp(left.data, right.data, left.len);
}

/* Of those of one name, from FROM to END in order of their names, the one that
 * is called after it stays. */
static int
move_group(struct files *files, size_t from, size_t end, struct error *error)
{
    const struct domain *legacy = files_legacy(files);
    size_t stays = NO_SNAPSHOT;

    for (size_t i = from; i < end; i++) {
        size_t index = legacy->by_name[i];

        if (!files->moved[index] && files_named_well(&legacy->snaps[index]))
            stays = index;
    }
    for (size_t i = from; i < end && stays != NO_SNAPSHOT; i++) {
        size_t index = legacy->by_name[i];
        int same = 0;

        if (index == stays || files->moved[index])
            continue;
        same = same_files(legacy, index, stays, error);
        if (same < 0)
            return -1;
        if (!same && files->how != REPAIR_ALL)
            continue;
        files->moved[index] = true;
        files_move(files, legacy->snaps[index].file, &legacy->snaps[index].id,
                   PROBLEM_NAME_DUPLICATE,
                   xasprintf("'%s' %s", legacy->snaps[stays].file,
                             same ? "holds the same"
                                  : "is called after the snapshot"));
    }
    return 0;
}

static int
move_duplicates(struct files *files, struct error *error)
{
    const struct domain *legacy = files_legacy(files);
    size_t from = 0;

    for (size_t i = 1; i <= legacy->count; i++) {
        const char *name = legacy->snaps[legacy->by_name[from]].name;

        if (i < legacy->count &&
            !strcmp(name, legacy->snaps[legacy->by_name[i]].name))
            continue;
        if (i - from > 1 && name[0] && move_group(files, from, i, error) < 0)
            return -1;
        from = i;
    }
    return 0;
}

/* Those without an <active> that counts get one. */
static int
decide_active(struct files *files, const struct problems *problems,
              struct error *error)
{
    struct facts *facts = &files->repair->facts[LAYOUT_LEGACY];
    cleanup(buffer_free) struct buffer bytes = {0};

    for (size_t i = 0; i < problems->count; i++) {
        enum problem_id id = problems->list[i].id;
        const char *file =
            files_is_active(id) ? files_name(files, &problems->list[i]) : NULL;
        size_t index = file && repair_mends(files->how, id)
                           ? files_fact(files, file)
                           : NO_SNAPSHOT;
        struct excerpt excerpt;
        struct span element;

        if (index == NO_SNAPSHOT || facts->list[index].shadowed)
            continue;
        if (domain_load(&facts->domain, index, &bytes, &element, error) < 0)
            return -1;
        excerpt = (struct excerpt){bytes.data, bytes.len, 0};
        facts->domain.snaps[index].active =
            rewrite_active_is(&excerpt, element) > 0;
        facts->list[index].set_active = id;
    }
    return 0;
}

/* One that counts now, but cannot get a name that shows it. */
static void
check_adopted(struct files *files)
{
    const struct repairs *repairs = files->repair;
    const struct domain *legacy = files_legacy(files);

    for (size_t i = 0; i < repairs->adopted_count; i++) {
        const struct snapshot *snapshot = repairs->adopted[i];
        cleanup(free_ptr) char *file =
            xasprintf("%s/%s", legacy->entry, snapshot->file);
        const struct place place = {
            .domain = legacy->name, .snapshot = snapshot->name, .file = file};

        if (!files_change(files, snapshot->file))
            problem_add(&files->uncovered, PROBLEM_FILE_NAME_STRANGE, &place,
                        "'%.300s'", snapshot->name);
    }
}

int
files_decide(struct files *files, struct error *error)
{
    const struct domain *legacy = files_legacy(files);
    struct facts *facts = &files->repair->facts[LAYOUT_LEGACY];

    files->moved = xcalloc(legacy->count, sizeof(*files->moved));
    if (move_unreadable(files, error) < 0 || move_duplicates(files, error) < 0)
        return -1;
    for (size_t i = 0; i < legacy->count; i++) {
        if (!files->moved[i])
            facts_add(facts, &legacy->snaps[i]);
    }
    if (files_strays(files, error) < 0)
        return -1;
    files_index(files);
    if (decide_active(files, &files->reading->problems, error) < 0 ||
        decide_active(files, &files->uncovered, error) < 0)
        return -1;
    files_rename(files);
    files_index(files);
    check_adopted(files);
    return 0;
}
