/* needs.c - see needs.h. */
#include "needs.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "judge.h"
#include "memory.h"
#include "parse.h"

/* An attribute without a namespace, "" where there is none. */
static char *
attribute(const xmlNode *node, const char *name)
{
    cleanup(parse_free_text) xmlChar *value =
        node ? xmlGetNoNsProp(node, (const xmlChar *)name) : NULL;

    return xstrdup(value ? (const char *)value : "");
}

static struct need *
add(struct needs *needs, enum role role, const char *disk)
{
    struct need *need;

    needs->list = xgrow(needs->list, needs->count, sizeof(*needs->list));
    need = &needs->list[needs->count++];
    *need = (struct need){.role = role, .disk = xstrdup(disk)};
    return need;
}

/*
 * The image of a <disk>, of a domain or of a snapshot. False: it names none,
 * as an empty drive does.
 */
static bool
read_source(struct need *need, const xmlNode *disk)
{
    const xmlNode *source = parse_child(disk, "source", NULL);
    cleanup(free_ptr) char *type = attribute(disk, "type");
    cleanup(free_ptr) char *format =
        attribute(parse_child(disk, "driver", NULL), "type");
    bool block = !strcmp(type, "block");
    cleanup(free_ptr) char *path = attribute(source, block ? "dev" : "file");

    need->qcow2 = !strcmp(format, "qcow2");
    if (type[0] && !block && strcmp(type, "file"))
        need->type = steal_ptr(&type);
    else if (path[0])
        need->path = steal_ptr(&path);
    return source && (need->path || need->type);
}

static void
free_need(struct need *need)
{
    free(need->disk);
    free(need->path);
    free(need->type);
}

static void
drop_last(struct needs *needs)
{
    free_need(&needs->list[--needs->count]);
}

/* libvirt takes no snapshot of other devices, or of what is read-only. */
static bool
is_writable_disk(const xmlNode *disk)
{
    cleanup(free_ptr) char *device = attribute(disk, "device");

    return parse_is(disk, "disk") && (!device[0] || !strcmp(device, "disk")) &&
           !parse_child(disk, "readonly", NULL);
}

void
needs_of_domain(struct needs *needs, const xmlNode *domain)
{
    const xmlNode *devices = parse_child(domain, "devices", NULL);
    const xmlNode *disk = NULL;

    while (devices && (disk = parse_child(devices, "disk", disk))) {
        cleanup(free_ptr) char *target =
            attribute(parse_child(disk, "target", NULL), "dev");

        if (is_writable_disk(disk) &&
            !read_source(add(needs, ROLE_NONE, target), disk))
            drop_last(needs);
    }
}

static struct need *
find_disk(struct needs *needs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(needs->list[i].disk, name))
            return &needs->list[i];
    }
    return NULL;
}

/* The <disk>s of a snapshot, or those it was given when it was reverted to. */
static void
read_disks(struct needs *needs, size_t domain_disks, const xmlNode *disks,
           enum role role)
{
    const xmlNode *disk = NULL;

    while ((disk = parse_child(disks, "disk", disk))) {
        cleanup(free_ptr) char *name = attribute(disk, "name");
        cleanup(free_ptr) char *kind = attribute(disk, "snapshot");
        bool internal = !strcmp(kind, "internal");
        bool external = !strcmp(kind, "external");
        struct need *own = find_disk(needs, domain_disks, name);

        /* With a file of its own it can only be external. */
        external = external || (!kind[0] && parse_child(disk, "source", NULL));
        if (own && role == ROLE_OVERLAY && (internal || external)) {
            own->role = ROLE_DISK;
            own->internal = internal;
        }
        if (external && !read_source(add(needs, role, name), disk))
            drop_last(needs);
    }
}

/* Nothing is said, as in old files: all disks that can hold a snapshot. */
static void
take_all_internal(struct needs *needs, size_t domain_disks)
{
    for (size_t i = 0; i < domain_disks; i++) {
        struct need *need = &needs->list[i];

        need->internal = need->qcow2;
        need->role = need->qcow2 ? ROLE_DISK : ROLE_NONE;
    }
}

void
needs_of_snapshot(struct needs *needs, const xmlNode *snapshot)
{
    const xmlNode *disks = parse_child(snapshot, "disks", NULL);
    const xmlNode *revert = parse_child(snapshot, "revertDisks", NULL);
    const xmlNode *memory = parse_child(snapshot, "memory", NULL);
    const xmlNode *domain = parse_child(snapshot, "domain", NULL);
    cleanup(parse_free_text) xmlChar *state =
        judge_text(parse_child(snapshot, "state", NULL));
    cleanup(free_ptr) char *file = attribute(memory, "file");
    cleanup(free_ptr) char *kind = attribute(memory, "snapshot");
    size_t count;

    if (domain)
        needs_of_domain(needs, domain);
    count = needs->count;
    if (disks)
        read_disks(needs, count, disks, ROLE_OVERLAY);
    else if (strcmp((const char *)state, "disk-snapshot") &&
             strcmp(kind, "external") && !file[0])
        take_all_internal(needs, count);
    if (revert)
        read_disks(needs, count, revert, ROLE_REVERT);
    if (file[0] && (!kind[0] || !strcmp(kind, "external")))
        add(needs, ROLE_MEMORY, "")->path = steal_ptr(&file);
}

bool
needs_have(const struct needs *needs, enum role role)
{
    for (size_t i = 0; i < needs->count; i++) {
        if (needs->list[i].role == role)
            return true;
    }
    return false;
}

void
needs_free(struct needs *needs)
{
    for (size_t i = 0; i < needs->count; i++)
        free_need(&needs->list[i]);
    free(needs->list);
    *needs = (struct needs){0};
}
