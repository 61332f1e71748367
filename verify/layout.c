/* layout.c - see layout.h: what both layouts have in common. */
#include "layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "crew.h"
#include "error.h"
#include "memory.h"

const struct layout_ops *
layout_ops(enum layout layout)
{
    static const struct layout_ops ops[] = {
        [LAYOUT_LEGACY] = {.name = "legacy", .read = legacy_read},
        [LAYOUT_BULK] = {.name = "bulk", .read = bulk_read},
    };

    return &ops[layout];
}

int
source_show(const struct source *source, const struct snapshot *snapshot,
            const char *bytes, size_t len, size_t thread, struct error *error)
{
    const struct witness *witness = source->witness;

    return witness ? witness->see(witness->data, snapshot, bytes, len, thread,
                                  error)
                   : 0;
}

static int
load_file(const struct domain *domain, const struct snapshot *snapshot,
          struct buffer *bytes, struct error *error)
{
    struct stat stat;
    cleanup(close_fd) int fd =
        file_open_known(domain->fd, snapshot->file, &stat, error);
    struct file_id now;

    if (fd < 0)
        return -1;
    now = file_id(&stat);
    if (!file_id_equal(&now, &snapshot->id))
        return error_set(error, 0, "the file changed since it was checked");
    if (file_read(fd, 0, (size_t)stat.st_size, bytes, error) < 0)
        return error_prefix(error, "'%s'", snapshot->file);
    return 0;
}

int
domain_load(const struct domain *domain, size_t index, struct buffer *bytes,
            struct span *element, struct error *error)
{
    const struct snapshot *snapshot = &domain->snaps[index];
    int result;

    bytes->len = 0;
    *element = snapshot->element;
    if (domain->layout == LAYOUT_BULK) {
        element->start = 0;
        result = file_read(domain->fd, (off_t)snapshot->element.start,
                           snapshot->element.len, bytes, error);
        if (result < 0)
            (void)error_prefix(error, "'%s'", domain->entry);
    } else {
        result = load_file(domain, snapshot, bytes, error);
    }
    if (result < 0)
        return error_prefix(error, "snapshot '%s' of domain '%s'",
                            snapshot->name, domain->name);
    return 0;
}

int
entry_unchanged(int dir, const char *name, const struct file_id *id,
                struct error *error)
{
    struct stat stat;
    struct file_id now;

    if (fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) < 0)
        return error_set(error, errno, "'%s' changed since it was checked",
                         name);
    now = file_id(&stat);
    if (!file_id_equal(&now, id))
        return error_set(error, 0, "'%s' changed since it was checked", name);
    return 0;
}

int
domain_unchanged(const struct domain *domain, int base, struct crew *crew,
                 struct error *error)
{
    if (entry_unchanged(base, domain->entry, &domain->id, error) < 0)
        return -1;
    return domain->layout == LAYOUT_BULK
               ? 0
               : domain_files_unchanged(domain, crew, error);
}

static int
file_unchanged(void *data, size_t index, size_t thread, struct error *error)
{
    const struct domain *domain = data;
    const struct snapshot *snapshot = &domain->snaps[index];

    (void)thread;
    return entry_unchanged(domain->fd, snapshot->file, &snapshot->id, error);
}

int
domain_files_unchanged(const struct domain *domain, struct crew *crew,
                       struct error *error)
{
    if (crew_try(crew, domain->count, file_unchanged,
                 (struct domain *)(uintptr_t)domain, error) < 0)
        return error_prefix(error, "directory '%s'", domain->entry);
    return 0;
}

size_t
domain_find(const struct domain *domain, const char *name)
{
    size_t low = 0, high = domain->count;

    if (!domain->by_name) {
        for (size_t i = 0; i < domain->count; i++) {
            if (!strcmp(domain->snaps[i].name, name))
                return i;
        }
        return NO_SNAPSHOT;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(domain->snaps[domain->by_name[middle]].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == domain->count ||
        strcmp(domain->snaps[domain->by_name[low]].name, name))
        return NO_SNAPSHOT;
    return domain->by_name[low];
}

size_t
domain_named(const struct domain *domain, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < domain->count; i++) {
        const char *own = domain->snaps[i].domain_name;

        count += own && !strcmp(own, name);
    }
    return count;
}

struct snapshot *
domain_add(struct domain *domain, struct snapshot *snapshot)
{
    domain->snaps = xgrow(domain->snaps, domain->count, sizeof(*domain->snaps));
    domain->snaps[domain->count] = *snapshot;
    *snapshot = (struct snapshot){0};
    return &domain->snaps[domain->count++];
}

void
domain_stray(struct domain *domain, struct snapshot *snapshot, const char *file)
{
    domain->strays =
        xgrow(domain->strays, domain->stray_count, sizeof(*domain->strays));
    free(snapshot->file);
    snapshot->file = xstrdup(file);
    domain->strays[domain->stray_count++] = *snapshot;
    *snapshot = (struct snapshot){0};
}

void
domain_free(struct domain *domain)
{
    for (size_t i = 0; i < domain->stray_count; i++)
        snapshot_free(&domain->strays[i]);
    free(domain->strays);
    for (size_t i = 0; i < domain->count; i++)
        snapshot_free(&domain->snaps[i]);
    free(domain->snaps);
    free(domain->order);
    free(domain->by_name);
    free(domain->dangling);
    free(domain->name);
    free(domain->entry);
    close_fd(&domain->fd);
    *domain = (struct domain){.fd = -1, .current = NO_SNAPSHOT};
}

bool
has_xml_suffix(const char *name)
{
    size_t len = strlen(name);

    return len > 4 && !strcmp(name + len - 4, ".xml");
}
