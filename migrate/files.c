/* files.c - see files.h. */
#include "files.h"

#include <stdlib.h>
#include <string.h>

#include "../verify/cleanup.h"
#include "../verify/memory.h"

const struct domain *
files_legacy(const struct files *files)
{
    return &files->reading->domain[LAYOUT_LEGACY];
}

bool
files_is_one(const struct problem *problem, const struct reading *reading)
{
    const char *entry = reading->domain[LAYOUT_LEGACY].entry;
    size_t len = entry ? strlen(entry) : 0;

    return entry && problem->file && !strncmp(problem->file, entry, len) &&
           problem->file[len] == '/';
}

/* The name in the directory of the file that a finding is about, or NULL. */
const char *
files_name(const struct files *files, const struct problem *problem)
{
    return files_is_one(problem, files->reading)
               ? strchr(problem->file, '/') + 1
               : NULL;
}

static int
compare_facts(const void *left, const void *right, void *data)
{
    const struct snapshot *snaps = data;
    const size_t *a = left, *b = right;

    return strcmp(snaps[*a].file, snaps[*b].file);
}

static int
compare_changes(const void *left, const void *right, void *data)
{
    const struct change *list = data;
    const size_t *a = left, *b = right;

    return strcmp(list[*a].file, list[*b].file);
}

/* Sort what there is by the name of the file. */
void
files_index(struct files *files)
{
    const struct repairs *repair = files->repair;
    const struct domain *domain = &repair->facts[LAYOUT_LEGACY].domain;

    free(files->facts);
    files->facts = xcalloc(domain->count, sizeof(*files->facts));
    for (size_t i = 0; i < domain->count; i++)
        files->facts[i] = i;
    if (domain->count)
        qsort_r(files->facts, domain->count, sizeof(size_t), compare_facts,
                domain->snaps);
    free(files->changes);
    files->changes = xcalloc(repair->count, sizeof(*files->changes));
    files->changes_count = 0;
    for (size_t i = 0; i < repair->count; i++) {
        if (repair->list[i].layout == LAYOUT_LEGACY)
            files->changes[files->changes_count++] = i;
    }
    if (files->changes_count)
        qsort_r(files->changes, files->changes_count, sizeof(size_t),
                compare_changes, repair->list);
}

const struct change *
files_change(const struct files *files, const char *file)
{
    size_t low = 0, high = files->changes_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct change *change =
            &files->repair->list[files->changes[middle]];
        int order = strcmp(change->file, file);

        if (!order)
            return change;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* The fact of the snapshot in FILE, or NO_SNAPSHOT. */
size_t
files_fact(const struct files *files, const char *file)
{
    const struct domain *domain = &files->repair->facts[LAYOUT_LEGACY].domain;
    size_t low = 0, high = domain->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t index = files->facts[middle];
        int order = strcmp(domain->snaps[index].file, file);

        if (!order)
            return index;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NO_SNAPSHOT;
}

/* Is the file called after its snapshot? */
bool
files_named_well(const struct snapshot *snapshot)
{
    size_t len = strlen(snapshot->stem);

    return !strncmp(snapshot->file, snapshot->stem, len) &&
           !strcmp(snapshot->file + len, ".xml");
}

bool
files_is_active(enum problem_id id)
{
    return id == PROBLEM_ACTIVE_MISSING || id == PROBLEM_ACTIVE_BAD ||
           id == PROBLEM_ACTIVE_AMBIGUOUS;
}

bool
files_mended(const struct files *files, const struct problem *problem)
{
    const char *file = files_name(files, problem);
    const struct change *change = file ? files_change(files, file) : NULL;

    /* What was cut off may be about other files. */
    if (problem->id == PROBLEM_FINDINGS_CUT)
        return false;
    if (change && change->kind == CHANGE_MOVE)
        return true;
    if (files_is_active(problem->id)) {
        size_t index = file && repair_mends(files->how, problem->id)
                           ? files_fact(files, file)
                           : NO_SNAPSHOT;

        return index != NO_SNAPSHOT &&
               !files->repair->facts[LAYOUT_LEGACY].list[index].shadowed;
    }
    return change && change->notes[0].id == problem->id;
}

void
files_free(struct files *files)
{
    free(files->facts);
    free(files->changes);
    free(files->moved);
    lookup_free(&files->holders);
    lookup_free(&files->unsound);
    problems_free(&files->uncovered);
}
