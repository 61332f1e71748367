/* build.c - see build.h. */
#include "build.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "../verify/problem.h"
#include "prove.h"
#include "render.h"
#include "stage.h"
#include "wanted.h"

/* Bytes that are gathered before they are written. */
#define GATHER 262144

/* The attributes of the file that holds a snapshot now. */
static int
read_attributes(struct origin origin, struct attributes *attributes,
                struct error *error)
{
    const struct domain *domain = origin.domain;
    struct stat stat;
    cleanup(close_fd) int fd = -1;

    if (domain->layout == LAYOUT_BULK)
        return attributes_read(attributes, domain->fd, error);
    fd = file_open(domain->fd, domain->snaps[origin.index].file, &stat, error);
    return fd < 0 ? -1 : attributes_read(attributes, fd, error);
}

static const struct file_id *
source_id(struct origin origin)
{
    const struct domain *domain = origin.domain;

    return domain->layout == LAYOUT_BULK ? &domain->id
                                         : &domain->snaps[origin.index].id;
}

/*
 * Those of the file that holds the first of all, and the latest time. What
 * belonged to several users is given to none of them: it is the caller's.
 */
static int
common_attributes(const struct wanted *wanted, struct attributes *attributes,
                  struct error *error)
{
    bool several = false;

    if (read_attributes(wanted->origins[wanted->facts.order[0]], attributes,
                        error) < 0)
        return -1;
    for (size_t i = 0; i < wanted->facts.count; i++) {
        const struct file_id *id = source_id(wanted->origins[i]);

        several = several || id->owner != attributes->owner ||
                  id->group != attributes->group;
        if (time_later(id->modified, attributes->modified))
            attributes->modified = id->modified;
    }
    if (several) {
        attributes->owner = geteuid();
        attributes->group = getegid();
        free(attributes->acl);
        attributes->acl = NULL;
    }
    return 0;
}

/* Append one snapshot to OUT in layout TO. */
static int
add_snapshot(const struct wanted *wanted, size_t index, enum layout to,
             struct buffer *scratch, struct buffer *out, struct error *error)
{
    struct origin origin = wanted->origins[index];
    struct span element;

    if (domain_load(origin.domain, origin.index, scratch, &element, error) < 0)
        return -1;
    render_snapshot(scratch->data + element.start, element.len,
                    origin.domain->layout, to,
                    wanted->facts.snaps[index].active, out);
    return 0;
}

/* One file. */
static int
build_bulk(int dir, const char *name, const struct wanted *wanted,
           struct error *error)
{
    const struct domain *facts = &wanted->facts;
    cleanup(buffer_free) struct buffer out = {0};
    cleanup(buffer_free) struct buffer scratch = {0};
    cleanup(attributes_free) struct attributes attributes = {0};
    cleanup(close_fd) int fd = -1;

    if (common_attributes(wanted, &attributes, error) < 0)
        return -1;
    fd = stage_create(dir, name, error);
    if (fd < 0)
        return -1;
    render_bulk_head(facts->current == NO_SNAPSHOT
                         ? NULL
                         : facts->snaps[facts->current].name,
                     &out);
    for (size_t i = 0; i < facts->count; i++) {
        size_t index = facts->order[i];

        if (add_snapshot(wanted, index, LAYOUT_BULK, &scratch, &out, error) < 0)
            return -1;
        if (out.len >= GATHER && stage_write(fd, &out, error) < 0)
            return -1;
    }
    render_bulk_tail(&out);
    if (stage_write(fd, &out, error) < 0)
        return -1;
    return stage_finish(&fd, &attributes, error);
}

static int
build_file(int dir, const struct wanted *wanted, size_t index,
           struct buffer *scratch, struct buffer *out, struct error *error)
{
    cleanup(attributes_free) struct attributes attributes = {0};
    cleanup(close_fd) int fd = -1;
    cleanup(free_ptr) char *file =
        xasprintf("%s.xml", wanted->facts.snaps[index].stem);

    if (read_attributes(wanted->origins[index], &attributes, error) < 0 ||
        add_snapshot(wanted, index, LAYOUT_LEGACY, scratch, out, error) < 0)
        return -1;
    fd = stage_create(dir, file, error);
    if (fd < 0 || stage_write(fd, out, error) < 0)
        return -1;
    return stage_finish(&fd, &attributes, error);
}

static int
build_legacy(int dir, const char *name, const struct wanted *wanted,
             struct error *error)
{
    const struct domain *facts = &wanted->facts;
    cleanup(buffer_free) struct buffer out = {0};
    cleanup(buffer_free) struct buffer scratch = {0};
    cleanup(attributes_free) struct attributes attributes = {0};
    cleanup(close_fd) int fd = -1;

    if (common_attributes(wanted, &attributes, error) < 0)
        return -1;
    fd = stage_create_dir(dir, name, &attributes, error);
    if (fd < 0)
        return -1;
    for (size_t i = 0; i < facts->count; i++) {
        if (build_file(fd, wanted, facts->order[i], &scratch, &out, error) < 0)
            return -1;
    }
    return 0;
}

int
build_copy(const struct stage *stage, const char *name, enum layout to,
           const struct wanted *wanted, struct error *error)
{
    int dir = stage->built[to];

    return to == LAYOUT_BULK ? build_bulk(dir, name, wanted, error)
                             : build_legacy(dir, name, wanted, error);
}

/* What a source may have, but never a copy that was just made. */
static bool
is_misbuilt(enum problem_id id)
{
    return id == PROBLEM_FILE_NAME_DIFFERS || id == PROBLEM_ACTIVE_ODD ||
           id == PROBLEM_ACTIVE_IN_BULK || id == PROBLEM_HARD_LINK;
}

/* Is the copy read without problems, with as many snapshots as it should? */
static int
check_copy(const struct domain *copy, const struct problems *problems,
           const struct wanted *wanted, struct error *error)
{
    const struct domain *facts = &wanted->facts;
    bool same_current;

    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        const struct problem_info *info = problem_info(problem->id);

        if (info->severity == SEVERITY_ERROR || is_misbuilt(problem->id))
            return error_set(error, 0, "the new copy, read back: %s%s%s",
                             info->title, problem->detail ? ": " : "",
                             problem->detail ? problem->detail : "");
    }
    if (copy->count != facts->count || copy->foreign)
        return error_set(error, 0,
                         "the new copy, read back, holds %zu snapshots and "
                         "not %zu, and %zu other entries",
                         copy->count, facts->count, copy->foreign);
    if (facts->current == NO_SNAPSHOT || copy->current == NO_SNAPSHOT)
        same_current = facts->current == copy->current;
    else
        same_current = domain_find(copy, facts->snaps[facts->current].name) ==
                       copy->current;
    if (!same_current)
        return error_set(error, 0,
                         "the new copy, read back, has another current "
                         "snapshot");
    return 0;
}

static int
check_snapshots(const struct domain *copy, const struct wanted *wanted,
                struct error *error)
{
    for (size_t i = 0; i < wanted->facts.count; i++) {
        const char *name = wanted->facts.snaps[i].name;
        struct origin origin = wanted->origins[i];
        size_t index = domain_find(copy, name);
        int same = 0;

        if (index != NO_SNAPSHOT)
            same =
                prove_snapshot(origin.domain, origin.index, copy, index, error);
        if (same < 0)
            return -1;
        if (!same)
            return error_set(error, 0,
                             "snapshot '%s' of the new copy, read back and "
                             "converted back, is not what it was made from",
                             name);
    }
    return 0;
}

int
build_prove(const struct source *copy, enum layout layout,
            const struct wanted *wanted, struct error *error)
{
    struct domain domain;
    struct problems problems = {0};
    int result = layout_ops(layout)->read(&domain, copy, &problems, error);

    if (!result)
        result = check_copy(&domain, &problems, wanted, error);
    if (!result)
        result = check_snapshots(&domain, wanted, error);
    problems_free(&problems);
    domain_free(&domain);
    return result;
}
