/* images.c - see images.h. */
#include "images.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "definition.h"
#include "error.h"
#include "memory.h"
#include "needs.h"
#include "parse.h"
#include "survey.h"

/* More disks than that are not named one by one. */
#define REMOTE_MAX 16

/* The domain at hand. */
struct scope {
    struct images *images;
    const char *name;
    const char *entry;
    struct reading *reading; /* NULL: it has no snapshots */
    struct messages *trouble;
    struct record **used; /* the images it names */
    size_t used_count;
    char *remote[REMOTE_MAX]; /* disks that cannot be looked into */
    size_t remote_count;
};

/* A snapshot of it, and what that stands for in its tree. */
struct at_hand {
    const struct domain *domain;
    const struct snapshot *snapshot;
    bool left; /* another is current, and none is below this one */
};

int
images_open(struct images *images, const char *prefix, struct error *error)
{
    *images = (struct images){0};
    return records_open(&images->records, prefix, error);
}

void
images_close(struct images *images)
{
    records_close(&images->records);
}

/* The image PATH, which this domain names. */
static struct record *
use(struct scope *scope, const char *path)
{
    struct images *images = scope->images;
    struct record *record = records_find(&images->records, path);

    if (!record) {
        record = records_add(&images->records, path);
        record->domain = xstrdup(scope->name);
        record->entry = scope->entry ? xstrdup(scope->entry) : NULL;
        if (record->state == IMAGE_UNCERTAIN)
            messages_add(scope->trouble,
                         "domain '%s': image '%s' could not be checked: %s",
                         scope->name, path, record->why);
    }
    if (record->generation != images->generation) {
        record->generation = images->generation;
        scope->used =
            xgrow(scope->used, scope->used_count, sizeof(struct record *));
        scope->used[scope->used_count++] = record;
    }
    return record;
}

/* Which snapshots are in it? */
static void
ask(struct scope *scope, struct record *record)
{
    struct error error = {0};

    if (record_ask(&scope->images->records, record, &error) < 0) {
        messages_add(scope->trouble,
                     "domain '%s': the snapshots in image '%s' could not be "
                     "checked: %s",
                     scope->name, record->path, error.message);
        error_clear(&error);
    }
}

/* Remember a disk that cannot be looked into. */
static void
add_remote(struct scope *scope, const struct need *need)
{
    cleanup(free_ptr) char *text =
        xasprintf("'%s' (%s)", need->disk,
                  need->type ? need->type : "an internal snapshot, not qcow2");

    for (size_t i = 0; i < scope->remote_count; i++) {
        if (!strcmp(scope->remote[i], text))
            return;
    }
    if (scope->remote_count < REMOTE_MAX)
        scope->remote[scope->remote_count++] = steal_ptr(&text);
}

static void
report(const struct scope *scope, const struct at_hand *hand,
       enum problem_id id, const char *detail)
{
    const struct snapshot *snapshot = hand->snapshot;
    cleanup(free_ptr) char *file =
        snapshot->file ? xasprintf("%s/%s", hand->domain->entry, snapshot->file)
                       : xstrdup(hand->domain->entry);
    struct place place = {
        .domain = scope->name, .snapshot = snapshot->name, .file = file};

    position_put(snapshot->name_at, &place);
    problem_add(&scope->reading->problems, id, &place, "%s", detail);
}

static void
report_missing(const struct scope *scope, const struct at_hand *hand,
               const struct need *need, const struct record *record)
{
    static const char *const what[] = {
        [ROLE_DISK] = "disk",
        [ROLE_OVERLAY] = "what was written after the snapshot to disk",
        [ROLE_REVERT] = "what was written after the snapshot to disk",
        [ROLE_MEMORY] = "the memory",
    };
    cleanup(free_ptr) char *disk = need->role == ROLE_MEMORY
                                       ? xstrdup("")
                                       : xasprintf(" '%s'", need->disk);
    cleanup(free_ptr) char *detail =
        xasprintf("'%.300s' needs '%s' (%s%s)%s%s", hand->snapshot->name,
                  need->path, what[need->role], disk, record->why ? "; " : "",
                  record->why ? record->why : "");

    report(scope, hand, PROBLEM_IMAGE_MISSING, detail);
}

/*
 * Reverting to another snapshot, libvirt (9.9 and later) itself removes what
 * was written after the snapshot that was current.
 */
static bool
is_discarded(const struct at_hand *hand, const struct needs *needs,
             const struct need *need)
{
    switch (need->role) {
    case ROLE_OVERLAY:
        return hand->left || needs_have(needs, ROLE_REVERT);
    case ROLE_REVERT:
        return hand->left;
    case ROLE_NONE:
    case ROLE_DISK:
    case ROLE_MEMORY:
    default:
        return false;
    }
}

/* HAND is NULL where it is the domain itself that names the image. */
static void
judge_need(struct scope *scope, const struct at_hand *hand,
           const struct needs *needs, const struct need *need)
{
    struct record *record;

    if (!need->path) {
        if (need->role != ROLE_NONE || need->qcow2)
            add_remote(scope, need);
        return;
    }
    if (need->role == ROLE_NONE && !need->qcow2)
        return;
    record = use(scope, need->path);
    if (record->state == IMAGE_MISSING && hand && need->role != ROLE_NONE &&
        !is_discarded(hand, needs, need))
        report_missing(scope, hand, need, record);
    if (record->state != IMAGE_PRESENT || need->role == ROLE_MEMORY)
        return;
    if (need->qcow2)
        ask(scope, record);
    else if (need->internal)
        add_remote(scope, need);
    if (need->internal && hand && hand->snapshot->name[0] && record->answered &&
        tags_find(&record->tags, hand->snapshot->name) == NO_TAG &&
        tags_find(&record->tags, hand->snapshot->stem) == NO_TAG) {
        cleanup(free_ptr) char *detail =
            xasprintf("'%.300s' is not in '%s' (disk '%s')",
                      hand->snapshot->name, need->path, need->disk);

        report(scope, hand, PROBLEM_IMAGE_SNAPSHOT_MISSING, detail);
    }
}

static void
check_snapshot(struct scope *scope, const struct at_hand *hand, size_t index,
               struct buffer *bytes)
{
    cleanup(parse_free_doc) xmlDoc *doc = NULL;
    cleanup(needs_free) struct needs needs = {0};
    struct error error = {0};
    struct span element;

    if (domain_load(hand->domain, index, bytes, &element, &error) < 0) {
        messages_add(scope->trouble, "%s", error.message);
        error_clear(&error);
        return;
    }
    doc = parse_document(bytes->data + element.start, element.len, NULL, NULL);
    if (!doc) {
        messages_add(scope->trouble,
                     "snapshot '%s' of domain '%s' changed since it was "
                     "checked",
                     hand->snapshot->name, scope->name);
        return;
    }
    needs_of_snapshot(&needs, xmlDocGetRootElement(doc));
    for (size_t i = 0; i < needs.count; i++)
        judge_need(scope, hand, &needs, &needs.list[i]);
}

static void
check_layout(struct scope *scope, enum layout layout)
{
    const struct domain *domain = &scope->reading->domain[layout];
    const struct domain *other =
        layout == LAYOUT_LEGACY ? &scope->reading->domain[LAYOUT_BULK] : NULL;
    cleanup(free_ptr) bool *parent = xcalloc(domain->count, sizeof(*parent));
    cleanup(buffer_free) struct buffer bytes = {0};

    for (size_t i = 0; i < domain->count; i++) {
        const char *name = domain->snaps[i].parent;
        size_t at = name ? domain_find(domain, name) : NO_SNAPSHOT;

        if (at != NO_SNAPSHOT)
            parent[at] = true;
    }
    for (size_t i = 0; i < domain->count; i++) {
        struct at_hand hand = {
            .domain = domain,
            .snapshot = &domain->snaps[i],
            .left = !parent[i] && domain->current != NO_SNAPSHOT &&
                    domain->current != i,
        };

        if (!other || !other->count ||
            domain_find(other, hand.snapshot->name) == NO_SNAPSHOT)
            check_snapshot(scope, &hand, i, &bytes);
    }
}

static void
check_definitions(struct scope *scope, const struct definitions *definitions)
{
    const struct definition *end = definitions->list + definitions->count;

    for (const struct definition *one =
             definitions_find(definitions, scope->name);
         one && one < end && !strcmp(one->name, scope->name); one++) {
        cleanup(parse_free_doc) xmlDoc *doc = NULL;
        cleanup(needs_free) struct needs needs = {0};
        const xmlNode *domain = definition_load(definitions, one, &doc);

        if (domain)
            needs_of_domain(&needs, domain);
        else
            messages_add(scope->trouble,
                         "domain '%s': its definition changed since it was "
                         "read; its images could not be checked",
                         scope->name);
        for (size_t i = 0; i < needs.count; i++)
            judge_need(scope, NULL, &needs, &needs.list[i]);
    }
}

/* Does the domain have a snapshot called NAME, be it damaged? */
static bool
is_known(const struct reading *reading, const char *name)
{
    const struct domain *legacy = &reading->domain[LAYOUT_LEGACY];
    cleanup(free_ptr) char *file = xasprintf("%s.xml", name);
    struct stat stat;

    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        const struct domain *domain = &reading->domain[layout];

        if (domain_find(domain, name) != NO_SNAPSHOT)
            return true;
        /* A name with a carriage return is read as another. */
        for (size_t i = 0; strchr(name, '\r') && i < domain->count; i++) {
            if (!strcmp(domain->snaps[i].stem, name))
                return true;
        }
    }
    return legacy->fd >= 0 && !snapshot_name_unsafe(name) &&
           !fstatat(legacy->fd, file, &stat, AT_SYMLINK_NOFOLLOW);
}

static void
mark_known(const struct scope *scope)
{
    for (size_t i = 0; scope->reading && i < scope->used_count; i++) {
        struct record *record = scope->used[i];

        if (problems_errors(&scope->reading->problems, 0))
            record->doubtful = true;
        for (size_t j = 0; j < record->tags.count; j++)
            record->known[j] = record->known[j] ||
                               is_known(scope->reading, record->tags.list[j]);
    }
}

/* Say what was not looked into, and release the scope. */
static void
finish_scope(struct scope *scope)
{
    cleanup(buffer_free) struct buffer list = {0};

    for (size_t i = 0; i < scope->remote_count; i++) {
        buffer_printf(&list, "%s%s", i ? ", " : "", scope->remote[i]);
        free(scope->remote[i]);
    }
    buffer_add(&list, "", 1);
    if (scope->remote_count)
        messages_add(scope->trouble,
                     "domain '%s': these disks could not be checked, only "
                     "files and block devices can: %s%s",
                     scope->name, list.data,
                     scope->remote_count == REMOTE_MAX ? ", ..." : "");
    free(scope->used);
}

void
images_check(struct images *images, const struct holding *holding,
             struct reading *reading, const struct definitions *definitions,
             struct messages *trouble)
{
    struct scope scope = {
        .images = images,
        .name = holding->name,
        .entry = holding->entry[LAYOUT_LEGACY] ? holding->entry[LAYOUT_LEGACY]
                                               : holding->entry[LAYOUT_BULK],
        .reading = reading,
        .trouble = trouble,
    };

    images->generation++;
    check_layout(&scope, LAYOUT_BULK);
    check_layout(&scope, LAYOUT_LEGACY);
    check_definitions(&scope, definitions);
    mark_known(&scope);
    finish_scope(&scope);
}

void
images_check_defined(struct images *images, const char *name,
                     const struct definitions *definitions,
                     struct messages *trouble)
{
    struct scope scope = {.images = images, .name = name, .trouble = trouble};

    images->generation++;
    check_definitions(&scope, definitions);
    finish_scope(&scope);
}

void
images_finish(struct images *images, struct problems *problems,
              struct messages *trouble)
{
    const struct records *records = &images->records;

    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = records->list[i];
        struct place place = {.domain = record->domain, .file = record->entry};

        for (size_t j = 0; j < record->tags.count; j++) {
            if (!record->known[j])
                problem_add(problems, PROBLEM_IMAGE_SNAPSHOT_UNKNOWN, &place,
                            "'%.300s' in '%s'%s", record->tags.list[j],
                            record->path,
                            record->doubtful
                                ? "; unless what could not be read knows it"
                                : "");
        }
    }
    if (records->unasked)
        messages_add(trouble, "the snapshots in disk images could not be "
                              "checked: there is no qemu-img; install "
                              "qemu-utils or qemu-img");
}
