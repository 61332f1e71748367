/* mending.c - see mending.h. */
#include "mending.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"

static const struct domain *
domain_of(const struct mending *mending, const struct change *change)
{
    return &mending->reading.domain[change->layout];
}

int
mending_dir(const struct mending *mending, const struct change *change)
{
    return change->layout == LAYOUT_BULK ? mending->run->base->fd
                                         : domain_of(mending, change)->fd;
}

/* Open the original, as it was judged. */
int
mending_open(int dir, const struct change *change, struct spliced *file,
             struct error *error)
{
    struct stat stat;
    struct file_id now;
    cleanup(close_fd) int fd = file_open(dir, change->file, &stat, error);

    if (fd < 0)
        return -1;
    now = file_id(&stat);
    if (!file_id_equal(&now, &change->id))
        return error_set(error, 0, "'%s' changed since it was checked",
                         change->file);
    file->fd = steal_fd(&fd);
    file->size = (size_t)stat.st_size;
    file->splices = &change->splices;
    return 0;
}

static int
build_file(int dir, const char *name, const struct spliced *file,
           struct error *error)
{
    cleanup(attributes_free) struct attributes attributes = {0};
    cleanup(close_fd) int fd = -1;

    if (attributes_read(&attributes, file->fd, error) < 0)
        return -1;
    fd = stage_create(dir, name, error);
    if (fd < 0 || splice_apply(file, fd, error) < 0)
        return -1;
    return stage_finish(&fd, &attributes, error);
}

/* Is the new file, to the byte, the old one with its changes? */
static int
prove_file(int dir, const char *name, const struct spliced *file,
           struct error *error)
{
    struct stat stat;
    cleanup(close_fd) int fd = file_open(dir, name, &stat, error);
    int same;

    if (fd < 0)
        return -1;
    same = splice_prove(file, fd, (size_t)stat.st_size, error);
    if (!same)
        return error_set(error, 0,
                         "the repaired copy, read back, is not what was "
                         "written");
    return same < 0 ? -1 : 0;
}

/* What is done with a file that is rewritten; NAME is its own in staging. */
typedef int file_step(int dir, const char *name, const struct spliced *file,
                      struct error *error);

static int
each_rewrite(const struct mending *mending, enum layout layout, int dir,
             file_step *step, struct error *error)
{
    const struct repairs *repairs = &mending->repairs;

    for (size_t i = 0; i < repairs->count; i++) {
        const struct change *change = &repairs->list[i];
        struct spliced file = {.fd = -1};
        cleanup(free_ptr) char *name = layout == LAYOUT_BULK
                                           ? xstrdup(mending->item->name)
                                           : xasprintf("%zu.xml", i);
        int result;

        if (change->kind != CHANGE_REWRITE || change->layout != layout)
            continue;
        result =
            mending_open(mending_dir(mending, change), change, &file, error);
        if (!result)
            result = step(dir, name, &file, error);
        close_fd(&file.fd);
        if (result < 0)
            return error_prefix(error, "'%s'", change->file);
    }
    return 0;
}

/* How many files of a layout are rewritten. */
size_t
mending_rewrites(const struct mending *mending, enum layout layout)
{
    size_t count = 0;

    for (size_t i = 0; i < mending->repairs.count; i++)
        count += mending->repairs.list[i].layout == layout &&
                 mending->repairs.list[i].kind == CHANGE_REWRITE;
    return count;
}

/* Write what changes into staging; a directory for the files of one. */
int
mending_build(const struct mending *mending, struct error *error)
{
    const struct stage *stage = &mending->run->stage;
    const struct attributes own = {.owner = geteuid(), .group = getegid()};
    cleanup(close_fd) int dir = -1;

    if (mending_rewrites(mending, LAYOUT_BULK) &&
        each_rewrite(mending, LAYOUT_BULK, stage->built[LAYOUT_BULK],
                     build_file, error) < 0)
        return -1;
    if (!mending_rewrites(mending, LAYOUT_LEGACY))
        return 0;
    dir = stage_create_dir(stage->built[LAYOUT_LEGACY], mending->item->name,
                           &own, error);
    return dir < 0
               ? -1
               : each_rewrite(mending, LAYOUT_LEGACY, dir, build_file, error);
}

static bool
same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

/* Is the snapshot that was read back what was decided? */
static bool
is_as_wanted(const struct snapshot *copy, const struct snapshot *wanted)
{
    return same_text(copy->name, wanted->name) &&
           same_text(copy->stem, wanted->stem) &&
           same_text(copy->parent, wanted->parent) &&
           same_text(copy->domain_name, wanted->domain_name) &&
           copy->created == wanted->created && copy->active == wanted->active &&
           copy->has_uuid == wanted->has_uuid &&
           !memcmp(copy->uuid, wanted->uuid, sizeof(copy->uuid));
}

/* Read back what was written; nothing in it may refuse the domain. */
static int
read_copy(struct domain *copy, const struct mending *mending,
          enum layout layout, struct error *error)
{
    const struct settings *settings = mending->run->settings;
    const struct source source = {
        .base = mending->run->stage.built[layout],
        .name = mending->item->name,
        .entry = mending->item->name,
        .max_bulk = settings->max_bulk,
        .effort = settings->effort,
    };
    struct problems problems = {0};
    int result = layout_ops(layout)->read(copy, &source, &problems, error);

    for (size_t i = 0; i < problems.count && !result; i++) {
        enum problem_id id = problems.list[i].id;

        /* The parent may be a file that is not rewritten, or one that a merge
         * supplies. */
        if ((layout == LAYOUT_LEGACY || settings->merge) &&
            id == PROBLEM_PARENT_MISSING)
            continue;
        if (problem_hinders(id, settings->to == LAYOUT_BULK, true))
            result = error_set(error, 0, "the repaired copy, read back: %s",
                               problem_info(id)->title);
    }
    problems_free(&problems);
    return result;
}

static int
prove_facts(const struct mending *mending, enum layout layout,
            struct error *error)
{
    const struct domain *wanted = &mending->repairs.facts[layout].domain;
    size_t rewrites = mending_rewrites(mending, layout);
    struct domain copy = {.fd = -1};
    int result = read_copy(&copy, mending, layout, error);
    bool same =
        copy.count == (layout == LAYOUT_BULK ? wanted->count : rewrites);

    for (size_t i = 0; i < copy.count && !result && same; i++) {
        size_t index = domain_find(wanted, copy.snaps[i].name);

        same = index != NO_SNAPSHOT &&
               is_as_wanted(&copy.snaps[i], &wanted->snaps[index]);
    }
    if (layout == LAYOUT_BULK)
        same = same && copy.current == wanted->current;
    if (!result && !same)
        result = error_set(error, 0,
                           "the repaired copy, read back, does not hold what "
                           "it should");
    domain_free(&copy);
    return result;
}

int
mending_prove(const struct mending *mending, struct error *error)
{
    const struct stage *stage = &mending->run->stage;
    cleanup(close_fd) int dir = -1;

    if (mending_rewrites(mending, LAYOUT_BULK) &&
        (each_rewrite(mending, LAYOUT_BULK, stage->built[LAYOUT_BULK],
                      prove_file, error) < 0 ||
         prove_facts(mending, LAYOUT_BULK, error) < 0))
        return -1;
    if (!mending_rewrites(mending, LAYOUT_LEGACY))
        return 0;
    dir = dir_open(stage->built[LAYOUT_LEGACY], mending->item->name, error);
    if (dir < 0 ||
        each_rewrite(mending, LAYOUT_LEGACY, dir, prove_file, error) < 0)
        return -1;
    return prove_facts(mending, LAYOUT_LEGACY, error);
}
