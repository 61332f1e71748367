/* build.c - see build.h. */
#include "build.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "../verify/problem.h"
#include "../verify/space.h"
#include "prove.h"
#include "render.h"
#include "stage.h"
#include "wanted.h"

/* Bytes that are gathered before they are written. */
#define GATHER 262144

/* A copy while it is built. */
struct building {
    const struct wanted *wanted;
    int dir;
    /* Of all that is made from the bulk file; read once. */
    struct attributes of_bulk;
    bool has_bulk;
    struct buffer scratch;
    struct buffer out;
    struct space_memo memo;
};

static void
free_building(struct building *building)
{
    attributes_free(&building->of_bulk);
    buffer_free(&building->scratch);
    buffer_free(&building->out);
    space_forget(&building->memo);
}

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
    fd = file_open_known(domain->fd, domain->snaps[origin.index].file, &stat,
                         error);
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

/* Append one snapshot to what is to be written, in layout TO. */
static int
add_snapshot(struct building *building, size_t index, enum layout to,
             struct error *error)
{
    const struct wanted *wanted = building->wanted;
    struct origin origin = wanted->origins[index];
    struct span element;

    if (domain_load(origin.domain, origin.index, &building->scratch, &element,
                    error) < 0)
        return -1;
    render_snapshot(building->scratch.data + element.start, element.len,
                    origin.domain->layout, to,
                    wanted->facts.snaps[index].active, &building->out,
                    &building->memo);
    return 0;
}

/* One file. */
static int
build_bulk(struct building *building, const char *name, struct error *error)
{
    const struct domain *facts = &building->wanted->facts;
    struct buffer *out = &building->out;
    cleanup(attributes_free) struct attributes attributes = {0};
    cleanup(close_fd) int fd = -1;

    if (common_attributes(building->wanted, &attributes, error) < 0)
        return -1;
    fd = stage_create(building->dir, name, error);
    if (fd < 0)
        return -1;
    render_bulk_head(facts->current == NO_SNAPSHOT
                         ? NULL
                         : facts->snaps[facts->current].name,
                     out);
    for (size_t i = 0; i < facts->count; i++) {
        if (add_snapshot(building, facts->order[i], LAYOUT_BULK, error) < 0)
            return -1;
        if (out->len >= GATHER && stage_write(fd, out, error) < 0)
            return -1;
    }
    render_bulk_tail(out);
    if (stage_write(fd, out, error) < 0)
        return -1;
    return stage_finish(&fd, &attributes, error);
}

/* The attributes that the file of a snapshot gets. */
static int
file_attributes(struct building *building, size_t index, struct attributes *own,
                const struct attributes **attributes, struct error *error)
{
    struct origin origin = building->wanted->origins[index];
    bool bulk = origin.domain->layout == LAYOUT_BULK;

    *attributes = bulk ? &building->of_bulk : own;
    if (bulk && building->has_bulk)
        return 0;
    building->has_bulk = building->has_bulk || bulk;
    return read_attributes(origin, bulk ? &building->of_bulk : own, error);
}

static int
build_file(struct building *building, int dir, size_t index,
           struct error *error)
{
    cleanup(attributes_free) struct attributes own = {0};
    const struct attributes *attributes;
    cleanup(close_fd) int fd = -1;
    cleanup(free_ptr) char *file =
        xasprintf("%s.xml", building->wanted->facts.snaps[index].stem);

    if (file_attributes(building, index, &own, &attributes, error) < 0 ||
        add_snapshot(building, index, LAYOUT_LEGACY, error) < 0)
        return -1;
    fd = stage_create(dir, file, error);
    if (fd < 0 || stage_write(fd, &building->out, error) < 0)
        return -1;
    return stage_finish(&fd, attributes, error);
}

static int
build_legacy(struct building *building, const char *name, struct error *error)
{
    const struct domain *facts = &building->wanted->facts;
    cleanup(attributes_free) struct attributes attributes = {0};
    cleanup(close_fd) int fd = -1;

    if (common_attributes(building->wanted, &attributes, error) < 0)
        return -1;
    fd = stage_create_dir(building->dir, name, &attributes, error);
    if (fd < 0)
        return -1;
    for (size_t i = 0; i < facts->count; i++) {
        if (build_file(building, fd, facts->order[i], error) < 0)
            return -1;
    }
    return 0;
}

int
build_copy(const struct stage *stage, const char *name, enum layout to,
           const struct wanted *wanted, struct error *error)
{
    cleanup(free_building) struct building building = {.wanted = wanted,
                                                       .dir = stage->built[to]};

    return to == LAYOUT_BULK ? build_bulk(&building, name, error)
                             : build_legacy(&building, name, error);
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
    cleanup(prover_free) struct prover prover = {0};

    for (size_t i = 0; i < wanted->facts.count; i++) {
        const char *name = wanted->facts.snaps[i].name;
        struct origin origin = wanted->origins[i];
        size_t index = domain_find(copy, name);
        int same = 0;

        if (index != NO_SNAPSHOT)
            same = prove_snapshot(&prover, origin.domain, origin.index, copy,
                                  index, error);
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
