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

static int
move_file(struct files *files, const char *file, enum problem_id id, char *text,
          struct error *error)
{
    struct stat stat;
    cleanup(free_ptr) char *why = text;
    cleanup(close_fd) int fd =
        file_open(files_legacy(files)->fd, file, &stat, error);
    struct file_id now;

    if (fd < 0)
        return -1;
    now = file_id(&stat);
    repair_note(
        repair_add(files->repair, CHANGE_MOVE, LAYOUT_LEGACY, file, &now), id,
        steal_ptr(&why));
    return 0;
}

/*
 * What no stock libvirt shows either, and what no small change makes readable:
 * moving it takes nothing away from anybody.
 */
static bool
is_unreadable(enum problem_id id)
{
    const struct problem_info *info = problem_info(id);

    return info->repair == REPAIR_ALL && (info->hides & HIDES_STOCK) &&
           id != PROBLEM_ACTIVE_BAD;
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
        const char *title = problem_info(problem->id)->title;

        if (!file || !is_unreadable(problem->id) ||
            !repair_mends(files->how, problem->id) || !strcmp(file, last))
            continue;
        last = file;
        if (move_file(files, file, problem->id, xstrdup(title), error) < 0)
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
        if (move_file(files, legacy->snaps[index].file, PROBLEM_NAME_DUPLICATE,
                      xasprintf("'%s' %s", legacy->snaps[stays].file,
                                same ? "holds the same"
                                     : "is called after the snapshot"),
                      error) < 0)
            return -1;
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

/* Read a file that libvirt did not bring to its end. 1: it is sound. */
static int
read_new(const struct files *files, const char *file, struct snapshot *snapshot,
         struct buffer *bytes, struct error *error)
{
    struct stat stat;
    struct document map;
    struct problems ignored = {0};
    const struct place nowhere = {.file = file};
    cleanup(close_fd) int fd =
        file_open(files_legacy(files)->fd, file, &stat, error);
    enum snapshot_kind kind;

    if (fd < 0)
        return -1;
    if (stat.st_size > LEGACY_FILE_MAX)
        return 0;
    if (file_read(fd, 0, (size_t)stat.st_size, bytes, error) < 0)
        return -1;
    (void)span_document(bytes->data, bytes->len, &map);
    kind = snapshot_parse(snapshot, LAYOUT_LEGACY, bytes->data, bytes->len,
                          &map, NULL, NULL, &nowhere, &ignored);
    problems_free(&ignored);
    snapshot->id = file_id(&stat);
    snapshot->file = xstrdup(file);
    snapshot->element = map.root;
    return kind == SNAPSHOT_SOUND;
}

static bool
is_later(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
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
    if (!same && is_later(stale->id.modified, snapshot->id.modified))
        return 0;
    return move_file(files, stale->file, PROBLEM_STALE_NEW,
                     xasprintf("'%s' %s", snapshot->file,
                               same ? "holds the same" : "is not older"),
                     error);
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

static int
decide_new(struct files *files, const char *file, struct error *error)
{
    const struct facts *facts = &files->repair->facts[LAYOUT_LEGACY];
    const struct domain *bulk = &files->repair->facts[LAYOUT_BULK].domain;
    struct snapshot snapshot = {0};
    cleanup(buffer_free) struct buffer bytes = {0};
    int result = read_new(files, file, &snapshot, &bytes, error);

    if (result > 0) {
        size_t own = domain_find(&facts->domain, snapshot.name);

        result = 0;
        if (own != NO_SNAPSHOT)
            result = move_stale(files, &snapshot, &bytes, own, error);
        else if (domain_find(bulk, snapshot.name) == NO_SNAPSHOT)
            adopt(files, &snapshot);
    }
    snapshot_free(&snapshot);
    return result < 0 ? -1 : 0;
}

static int
decide_news(struct files *files, struct error *error)
{
    const struct problems *problems = &files->reading->problems;

    for (size_t i = 0; i < problems->count; i++) {
        const char *file = problems->list[i].id == PROBLEM_STALE_NEW
                               ? files_name(files, &problems->list[i])
                               : NULL;

        if (file && decide_new(files, file, error) < 0)
            return -1;
    }
    return 0;
}

/* Those without an <active> that counts get one. */
static int
decide_active(struct files *files, struct error *error)
{
    const struct problems *problems = &files->reading->problems;
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

        if (index == NO_SNAPSHOT)
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
    if (decide_news(files, error) < 0)
        return -1;
    files_index(files);
    if (decide_active(files, error) < 0)
        return -1;
    files_rename(files);
    files_index(files);
    return 0;
}
