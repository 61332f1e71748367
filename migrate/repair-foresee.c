/* repair-foresee.c - see files.h: what would stop a repair half way. */
#include <stdlib.h>
#include <string.h>

#include "../verify/cleanup.h"
#include "../verify/memory.h"
#include "files.h"

/* The file of a change, from BASE on; the caller owns it. */
static char *
path_of(const struct repairs *repair, const struct change *change)
{
    return change->layout == LAYOUT_BULK
               ? xstrdup(change->file)
               : xasprintf("%s/%s", repair->facts[LAYOUT_LEGACY].domain.entry,
                           change->file);
}

static size_t
size_then(const struct change *change)
{
    size_t size = (size_t)change->id.size;

    for (size_t i = 0; i < change->splices.count; i++)
        size = size - change->splices.list[i].len +
               strlen(change->splices.list[i].text);
    return size;
}

/* What is written anew must not be larger than what libvirt reads. */
static void
check_sizes(struct repairs *repair, size_t max_bulk)
{
    for (size_t i = 0; i < repair->count; i++) {
        const struct change *change = &repair->list[i];
        bool bulk = change->layout == LAYOUT_BULK;
        size_t size = size_then(change);
        size_t most = bulk ? max_bulk : LEGACY_FILE_MAX;
        cleanup(free_ptr) char *file = path_of(repair, change);
        const struct place place = {
            .domain = repair->facts[change->layout].domain.name, .file = file};

        if (change->kind == CHANGE_REWRITE && size > most)
            problem_add(&repair->left,
                        bulk ? PROBLEM_BULK_TOO_BIG : PROBLEM_FILE_TOO_BIG,
                        &place,
                        "repaired, it would have %zu bytes, expected at most "
                        "%zu",
                        size, most);
    }
}

static int
compare_inodes(const void *left, const void *right, void *data)
{
    const struct change *list = data;
    const struct change *a = &list[*(const size_t *)left];
    const struct change *b = &list[*(const size_t *)right];

    if (a->id.device != b->id.device)
        return a->id.device < b->id.device ? -1 : 1;
    if (a->id.inode != b->id.inode)
        return a->id.inode < b->id.inode ? -1 : 1;
    return strcmp(a->file, b->file);
}

/* One file by two names: what is done with one of them changes the other, which
 * then is not what was judged any more. */
static void
check_links(struct repairs *repair)
{
    cleanup(free_ptr) size_t *sorted = xcalloc(repair->count, sizeof(*sorted));

    for (size_t i = 0; i < repair->count; i++)
        sorted[i] = i;
    if (repair->count)
        qsort_r(sorted, repair->count, sizeof(*sorted), compare_inodes,
                repair->list);
    for (size_t i = 1; i < repair->count; i++) {
        const struct change *a = &repair->list[sorted[i - 1]];
        const struct change *b = &repair->list[sorted[i]];
        cleanup(free_ptr) char *file = path_of(repair, b);
        const struct place place = {
            .domain = repair->facts[b->layout].domain.name, .file = file};

        if (a->id.device == b->id.device && a->id.inode == b->id.inode &&
            strcmp(a->file, b->file) != 0)
            problem_add(&repair->left, PROBLEM_HARD_LINK, &place,
                        "it is '%.300s' too, and both would be changed",
                        a->file);
    }
}

void
repair_foresee(struct repairs *repair, size_t max_bulk)
{
    check_sizes(repair, max_bulk);
    check_links(repair);
}
