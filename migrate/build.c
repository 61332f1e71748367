/* build.c - see build.h. */
#include "build.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../verify/cleanup.h"
#include "../verify/crew.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "../verify/space.h"
#include "render.h"
#include "stage.h"
#include "wanted.h"

/* Bytes that are gathered before they are written. */
#define GATHER 262144
/* Bytes that a thread renders at a time, and snapshots at most. */
#define SHARE 65536
#define SHARE_MAX 8

/* What a thread needs, for one snapshot after the other. */
struct bench {
    struct original original;
    struct buffer out; /* a file */
    struct space_memo memo;
};

/* A snapshot from when it is rendered until it is its turn. */
struct piece {
    struct buffer out;
    int result;
    struct error error;
};

/* A copy while it is built. */
struct building {
    const struct wanted *wanted;
    struct crew *crew;
    enum layout to;
    int fd; /* of the file, or the directory, that it becomes */
    struct attributes of_bulk; /* where a bulk file is among the sources */
    struct bench *benches;     /* of each thread */
    struct piece *pieces; /* of each snapshot, by its index in the window */
    size_t threads;
    size_t window;
    struct buffer out;
    struct error *error;
};

static void
free_building(struct building *building)
{
    attributes_free(&building->of_bulk);
    for (size_t i = 0; i < building->threads; i++) {
        buffer_free(&building->benches[i].original.bytes);
        buffer_free(&building->benches[i].out);
        space_forget(&building->benches[i].memo);
    }
    for (size_t i = 0; i < building->window; i++) {
        buffer_free(&building->pieces[i].out);
        error_clear(&building->pieces[i].error);
    }
    free(building->benches);
    free(building->pieces);
    buffer_free(&building->out);
    close_fd(&building->fd);
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

/* Render one snapshot. On any thread. */
static int
render(const struct building *building, size_t index, struct bench *bench,
       struct buffer *out, struct error *error)
{
    const struct wanted *wanted = building->wanted;
    struct original *original = &bench->original;

    out->len = 0;
    if (wanted_load(wanted, index, original, error) < 0)
        return -1;
    render_snapshot(original->bytes.data + original->element.start,
                    original->element.len, original->layout, building->to,
                    original->active, out, &bench->memo);
    return 0;
}

static void
render_member(void *data, size_t at, size_t thread)
{
    struct building *building = data;
    struct piece *piece = &building->pieces[at % building->window];

    piece->result =
        render(building, building->wanted->facts.order[at],
               &building->benches[thread], &piece->out, &piece->error);
}

/* In the order of the file. */
static int
write_member(void *data, size_t at)
{
    struct building *building = data;
    struct piece *piece = &building->pieces[at % building->window];

    if (piece->result < 0)
        return error_take(building->error, &piece->error);
    buffer_add(&building->out, piece->out.data, piece->out.len);
    return building->out.len >= GATHER
               ? stage_write(building->fd, &building->out, building->error)
               : 0;
}

/* How many snapshots a thread takes at a time: the fewer, the larger. */
static size_t
share(const struct wanted *wanted)
{
    size_t bytes = 1, some;

    for (size_t i = 0; i < wanted->facts.count; i++)
        bytes += wanted->facts.snaps[i].element.len;
    some = SHARE * wanted->facts.count / bytes;
    return !some ? 1 : some > SHARE_MAX ? SHARE_MAX : some;
}

static int
write_members(struct building *building)
{
    struct row row = {
        .count = building->wanted->facts.count,
        .grain = share(building->wanted),
        .data = building,
        .work = render_member,
        .finish = write_member,
    };

    building->window = row.window = 2 * building->threads * row.grain;
    building->pieces = xcalloc(building->window, sizeof(*building->pieces));
    return crew_run(building->crew, &row);
}

/* One file. */
static int
build_bulk(struct building *building, int dir, const char *name)
{
    const struct domain *facts = &building->wanted->facts;
    cleanup(attributes_free) struct attributes attributes = {0};

    if (common_attributes(building->wanted, &attributes, building->error) < 0)
        return -1;
    building->fd = stage_create(dir, name, building->error);
    if (building->fd < 0)
        return -1;
    render_bulk_head(facts->current == NO_SNAPSHOT
                         ? NULL
                         : facts->snaps[facts->current].name,
                     &building->out);
    if (write_members(building) < 0)
        return -1;
    render_bulk_tail(&building->out);
    if (stage_write(building->fd, &building->out, building->error) < 0)
        return -1;
    return stage_finish(&building->fd, &attributes, building->error);
}

/* Write the file of one snapshot, by its place in the order. */
static int
write_file(void *data, size_t at, size_t thread, struct error *error)
{
    const struct building *building = data;
    size_t index = building->wanted->facts.order[at];
    struct bench *bench = &building->benches[thread];
    struct origin origin = building->wanted->origins[index];
    bool bulk = origin.domain->layout == LAYOUT_BULK;
    cleanup(attributes_free) struct attributes own = {0};
    cleanup(close_fd) int fd = -1;
    cleanup(free_ptr) char *file =
        xasprintf("%s.xml", building->wanted->facts.snaps[index].stem);

    if ((!bulk && read_attributes(origin, &own, error) < 0) ||
        render(building, index, bench, &bench->out, error) < 0)
        return -1;
    fd = stage_create(building->fd, file, error);
    if (fd < 0 || stage_write(fd, &bench->out, error) < 0)
        return -1;
    return stage_finish(&fd, bulk ? &building->of_bulk : &own, error);
}

/* Those of the bulk file among the sources, if there is one; read once. */
static int
read_bulk_attributes(struct building *building)
{
    const struct wanted *wanted = building->wanted;

    for (size_t i = 0; i < wanted->facts.count; i++) {
        if (wanted->origins[i].domain->layout == LAYOUT_BULK)
            return read_attributes(wanted->origins[i], &building->of_bulk,
                                   building->error);
    }
    return 0;
}

static int
build_legacy(struct building *building, int dir, const char *name)
{
    cleanup(attributes_free) struct attributes attributes = {0};

    if (common_attributes(building->wanted, &attributes, building->error) < 0 ||
        read_bulk_attributes(building) < 0)
        return -1;
    building->fd = stage_create_dir(dir, name, &attributes, building->error);
    if (building->fd < 0)
        return -1;
    return crew_try(building->crew, building->wanted->facts.count, write_file,
                    building, building->error);
}

int
build_copy(const struct stage *stage, const char *name, enum layout to,
           const struct wanted *wanted, struct crew *crew, struct error *error)
{
    cleanup(free_building) struct building building = {
        .wanted = wanted,
        .crew = crew,
        .to = to,
        .fd = -1,
        .threads = crew_size(crew),
        .benches = xcalloc(crew_size(crew), sizeof(*building.benches)),
        .error = error,
    };
    int dir = stage->built[to];

    return to == LAYOUT_BULK ? build_bulk(&building, dir, name)
                             : build_legacy(&building, dir, name);
}
