/* definition.c - see definition.h. */
#include "definition.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cleanup.h"
#include "error.h"
#include "judge.h"
#include "layout.h"
#include "memory.h"
#include "parse.h"
#include "problem.h"
#include "scan.h"

/* Definitions are some kilobytes; libvirt itself reads 10 MiB at most. */
#define DEFINITION_MAX 10485760

/* What came of reading a file. */
struct attempt {
    struct buffer bytes;
    xmlDoc *doc;
    const xmlNode *domain; /* in it; NULL: there is none, */
    char *why;             /* for this reason */
    bool libvirt_too;      /* and so it is for libvirt */
};

static void
free_attempt(struct attempt *attempt)
{
    buffer_free(&attempt->bytes);
    parse_free_doc(&attempt->doc);
    free(attempt->why);
}

/* libvirt says no to this file as well. */
static void
refuse(struct attempt *attempt, const char *why)
{
    attempt->why = xstrdup(why);
    attempt->libvirt_too = true;
}

static int
open_file(const struct definitions *definitions, int dir, const char *file,
          struct stat *stat, struct error *error)
{
    cleanup(close_fd) int fd = -1;

    if (!definitions->follow)
        return file_open(dir, file, stat, error);
    /* Nothing but a regular file is opened, wherever a link may lead. */
    if (fstatat(dir, file, stat, 0) < 0)
        return error_set(error, errno, "cannot examine '%s'", file);
    if (!S_ISREG(stat->st_mode))
        return error_set(error, ENXIO, "'%s' is %s", file,
                         type_name(stat->st_mode));
    fd = openat(dir, file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, stat) < 0)
        return error_set(error, errno, "cannot open '%s'", file);
    if (!S_ISREG(stat->st_mode))
        return error_set(error, ENXIO, "'%s' was replaced", file);
    return steal_fd(&fd);
}

/* 1: in the attempt's bytes, 0: it is too large, -1: it cannot be read. */
static int
read_file(const struct definitions *definitions, int dir, const char *file,
          struct buffer *bytes, struct error *error)
{
    struct stat stat;
    cleanup(close_fd) int fd = open_file(definitions, dir, file, &stat, error);

    if (fd < 0)
        return -1;
    if (stat.st_size > DEFINITION_MAX)
        return 0;
    return file_read(fd, 0, (size_t)stat.st_size, bytes, error) < 0 ? -1 : 1;
}

static void
parse_attempt(struct attempt *attempt, bool transient)
{
    const struct buffer *bytes = &attempt->bytes;
    struct document map;
    const xmlNode *root;

    (void)scan_document(bytes->data, bytes->len, &map);
    if (map.has_doctype || map.attributes > ATTRIBUTES_MAX ||
        map.namespaces > NAMESPACES_MAX) {
        attempt->why =
            xstrdup(map.has_doctype ? "it has a document type declaration"
                                    : "it has more attributes or namespaces "
                                      "than are read here");
        return;
    }
    if (bytes->len)
        attempt->doc = parse_document(bytes->data, bytes->len, NULL, NULL);
    root = attempt->doc ? xmlDocGetRootElement(attempt->doc) : NULL;
    if (!root) {
        refuse(attempt, "it is not well-formed XML");
        return;
    }
    if (transient && parse_is(root, "domstatus"))
        root = parse_child(root, "domain", NULL);
    else if (transient)
        root = NULL;
    if (!parse_is(root, "domain"))
        refuse(attempt, "it holds no <domain>");
    else
        attempt->domain = root;
}

static void
try_file(struct attempt *attempt, const struct definitions *definitions,
         const char *file, bool transient)
{
    int dir =
        transient ? definitions->transient.fd : definitions->persistent.fd;
    struct error error = {0};
    struct stat stat;
    int result = read_file(definitions, dir, file, &attempt->bytes, &error);

    if (result < 0) {
        attempt->why = steal_ptr(&error.message);
        /* A link may lead libvirt to a file, where we do not follow it. */
        attempt->libvirt_too =
            error.number == ENXIO &&
            !fstatat(dir, file, &stat, AT_SYMLINK_NOFOLLOW) &&
            (definitions->follow || !S_ISLNK(stat.st_mode));
    } else if (!result) {
        refuse(attempt, "it is larger than 10 MiB");
    } else {
        parse_attempt(attempt, transient);
    }
}

/* Name and uuid. False: it lacks one, and the attempt says so. */
static bool
read_facts(struct attempt *attempt, struct definition *definition)
{
    cleanup(parse_free_text) xmlChar *name =
        judge_text(parse_child(attempt->domain, "name", NULL));
    cleanup(parse_free_text) xmlChar *uuid =
        judge_text(parse_child(attempt->domain, "uuid", NULL));

    if (!name[0])
        refuse(attempt, "it has no <name>");
    else if (!judge_uuid((const char *)uuid, definition->uuid))
        refuse(attempt, "it has no <uuid> that is one");
    else
        definition->name = xstrdup((const char *)name);
    return definition->name;
}

static void
add_unread(struct definitions *definitions, const char *file,
           struct attempt *attempt)
{
    struct undefined *unread;

    definitions->unread = xgrow(definitions->unread, definitions->unread_count,
                                sizeof(*definitions->unread));
    unread = &definitions->unread[definitions->unread_count++];
    *unread = (struct undefined){
        .name = xstrndup(file, strlen(file) - strlen(".xml")),
        .libvirt_too = attempt->libvirt_too,
    };
    unread->why = steal_ptr(&attempt->why);
}

static void
add_file(struct definitions *definitions, const char *file, bool transient)
{
    cleanup(free_attempt) struct attempt attempt = {0};
    struct definition definition = {.transient = transient};

    try_file(&attempt, definitions, file, transient);
    if (attempt.domain && read_facts(&attempt, &definition)) {
        definition.file = xstrdup(file);
        definitions->list =
            xgrow(definitions->list, definitions->count, sizeof(definition));
        definitions->list[definitions->count++] = definition;
    } else if (!transient) {
        add_unread(definitions, file, &attempt);
    }
}

static int
add_directory(struct definitions *definitions, bool transient,
              struct error *error)
{
    const struct root *root =
        transient ? &definitions->transient : &definitions->persistent;
    struct entries entries;

    if (root->fd < 0)
        return 0;
    if (entries_read(root->fd, &entries, error) < 0)
        return error_prefix(error, "'%s'", root->path);
    for (size_t i = 0; i < entries.count; i++) {
        if (has_xml_suffix(entries.list[i].name))
            add_file(definitions, entries.list[i].name, transient);
    }
    entries_free(&entries);
    return 0;
}

/* A directory of the libvirt's own may be missing, or not for everybody. */
static int
open_own(struct definitions *definitions, struct root *root, const char *path,
         const char *prefix, struct error *error)
{
    if (!path || !root_open(root, path, prefix, error))
        return 0;
    if (error->number != ENOENT && error->number != EACCES)
        return -1;
    if (error->number == EACCES)
        definitions->forbidden = true;
    error_clear(error);
    return 0;
}

static int
compare_definitions(const void *left, const void *right)
{
    const struct definition *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    if (!order)
        order = (int)a->transient - (int)b->transient;
    return order ? order : strcmp(a->file, b->file);
}

static int
compare_unread(const void *left, const void *right)
{
    const struct undefined *a = left, *b = right;

    return strcmp(a->name, b->name);
}

int
definitions_read(struct definitions *definitions, const struct base *base,
                 const char *named, const char *prefix, struct error *error)
{
    *definitions = (struct definitions){.persistent = {.fd = -1},
                                        .transient = {.fd = -1},
                                        .follow = named || !prefix};
    if (named) {
        if (root_open(&definitions->persistent, named, NULL, error) < 0)
            return error_prefix(error, "--domains-dir");
    } else if (open_own(definitions, &definitions->persistent,
                        base->driver.definitions, prefix, error) < 0 ||
               open_own(definitions, &definitions->transient, base->driver.run,
                        prefix, error) < 0) {
        return -1;
    }
    if (add_directory(definitions, false, error) < 0 ||
        add_directory(definitions, true, error) < 0)
        return -1;
    if (definitions->count)
        qsort(definitions->list, definitions->count, sizeof(struct definition),
              compare_definitions);
    if (definitions->unread_count)
        qsort(definitions->unread, definitions->unread_count,
              sizeof(struct undefined), compare_unread);
    return 0;
}

void
definitions_close(struct definitions *definitions)
{
    for (size_t i = 0; i < definitions->count; i++) {
        free(definitions->list[i].name);
        free(definitions->list[i].file);
    }
    for (size_t i = 0; i < definitions->unread_count; i++) {
        free(definitions->unread[i].name);
        free(definitions->unread[i].why);
    }
    free(definitions->list);
    free(definitions->unread);
    root_close(&definitions->persistent);
    root_close(&definitions->transient);
    *definitions =
        (struct definitions){.persistent = {.fd = -1}, .transient = {.fd = -1}};
}

bool
definitions_known(const struct definitions *definitions)
{
    return definitions->persistent.fd >= 0;
}

const struct definition *
definitions_find(const struct definitions *definitions, const char *name)
{
    size_t low = 0, high = definitions->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(definitions->list[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < definitions->count &&
                   !strcmp(definitions->list[low].name, name)
               ? &definitions->list[low]
               : NULL;
}

const xmlNode *
definition_load(const struct definitions *definitions,
                const struct definition *definition, xmlDoc **doc)
{
    cleanup(free_attempt) struct attempt attempt = {0};

    try_file(&attempt, definitions, definition->file, definition->transient);
    *doc = steal_ptr(&attempt.doc);
    return attempt.domain;
}

/* Is this one of the uuids that definitions of a name, from FROM on, have? */
static bool
has_uuid(const struct definitions *definitions, const struct definition *from,
         const unsigned char uuid[16])
{
    const struct definition *end = definitions->list + definitions->count;

    for (const struct definition *one = from;
         one < end && !strcmp(one->name, from->name); one++) {
        if (!memcmp(one->uuid, uuid, sizeof(one->uuid)))
            return true;
    }
    return false;
}

void
definition_check(const struct definitions *definitions,
                 const struct domain *domain, struct problems *problems)
{
    const struct definition *definition =
        domain->count ? definitions_find(definitions, domain->name) : NULL;

    for (size_t i = 0; definition && i < domain->count; i++) {
        const struct snapshot *snapshot = &domain->snaps[i];
        cleanup(free_ptr) char *file = NULL;
        cleanup(free_ptr) char *found = NULL;
        cleanup(free_ptr) char *expected = NULL;
        struct place place = {.domain = domain->name,
                              .snapshot = snapshot->name};

        if (!snapshot->has_uuid ||
            has_uuid(definitions, definition, snapshot->uuid))
            continue;
        file = snapshot->file
                   ? xasprintf("%s/%s", domain->entry, snapshot->file)
                   : xstrdup(domain->entry);
        place.file = file;
        found = snapshot_uuid_text(snapshot->uuid);
        expected = snapshot_uuid_text(definition->uuid);
        position_put(snapshot->uuid_at, &place);
        problem_add(problems, PROBLEM_UUID_UNDEFINED, &place,
                    "found %s, expected %s", found, expected);
    }
}
