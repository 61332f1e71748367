/*
 * legacy.c - read the legacy layout: a directory with one file per snapshot.
 *
 * A stock libvirt reads every entry of the directory, whatever its name, and
 * goes by the <name> in it. It writes SNAPSHOT.xml, by way of SNAPSHOT.xml.new.
 * So files called *.xml are read first; any other file is a spare copy if one
 * of them, or the other layout, has a snapshot of that name. If none has, it is
 * a snapshot that libvirt shows, and that a conversion cut short would leave
 * looking like a spare copy: it has to be renamed first.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "cleanup.h"
#include "error.h"
#include "layout.h"
#include "lookup.h"
#include "memory.h"
#include "problem.h"

struct reader {
    struct domain *domain;
    const struct source *source;
    struct problems *problems;
    struct buffer bytes;
    struct lookup names; /* of the snapshots that were read */
};

static void
free_reader(struct reader *reader)
{
    buffer_free(&reader->bytes);
    lookup_free(&reader->names);
}

static bool
ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), tail = strlen(end);

    return len > tail && !strcmp(text + len - tail, end);
}

/* Is there a snapshot called NAME from a *.xml file, or in the other layout? */
static bool
is_held(const struct reader *reader, const char *name)
{
    const struct domain *other = reader->source->other;

    return lookup_find(&reader->names, name, NO_SNAPSHOT) != NO_SNAPSHOT ||
           (other && domain_find(other, name) != NO_SNAPSHOT);
}

/* The torn copy in "s.xml.new" is no loss while "s.xml" stands. */
static bool
is_held_by_file(const struct reader *reader, const char *file)
{
    cleanup(free_ptr) char *name = xstrndup(file, strlen(file) - 8);

    return is_held(reader, name);
}

static void
leave(struct reader *reader, enum problem_id id, const struct place *place,
      const char *why)
{
    reader->domain->foreign++;
    problem_add(reader->problems, id, place, why ? "%s" : NULL, why);
}

/*
 * A file that is refused although it is well-formed may be one that a stock
 * libvirt loads: with a prefix, a DOCTYPE or a strange encoding.
 */
static bool
looks_like_snapshot(const struct reader *reader, enum snapshot_kind kind,
                    const struct document *map, const struct problems *found)
{
    static const char name[] = "domainsnapshot";
    size_t len = sizeof(name) - 1;
    const char *bytes = reader->bytes.data;

    if (kind == SNAPSHOT_OTHER)
        return map->root_name.len >= len &&
               !memcmp(bytes + span_end(map->root_name) - len, name, len);
    for (size_t i = 0; i < found->count; i++) {
        if (found->list[i].id == PROBLEM_XML_MALFORMED)
            return false;
    }
    return memmem(bytes, reader->bytes.len, name, len) != NULL;
}

/*
 * A file whose name does not end in .xml, judged with FOUND: a snapshot that
 * only it holds, a stale copy, or something else that is left alone.
 */
static bool
accept_stranger(struct reader *reader, enum snapshot_kind kind,
                const struct snapshot *snapshot, const struct document *map,
                const struct place *place, struct problems *found)
{
    bool new = ends_with(place->file, ".xml.new");
    const char *name = kind < SNAPSHOT_OTHER ? snapshot->name : NULL;
    struct place where = *place;

    where.snapshot = name;
    if (kind == SNAPSHOT_SOUND && new) {
        problems_append(reader->problems, found);
        problem_add(reader->problems, PROBLEM_STALE_NEW, &where,
                    is_held(reader, name) ? "the snapshot has its own file"
                                          : "it is the only copy");
        return false;
    }
    if (new && !is_held_by_file(reader, strrchr(place->file, '/') + 1)) {
        problems_append(reader->problems, found);
        return false;
    }
    if (name && !is_held(reader, name)) {
        problems_append(reader->problems, found);
        problem_add(reader->problems, PROBLEM_FILE_NAME_STRANGE, &where,
                    snapshot_name_unsafe(snapshot->stem) ? NULL
                                                         : "expected '%s.xml'",
                    snapshot->stem);
        return true;
    }
    if (!name && looks_like_snapshot(reader, kind, map, found)) {
        problems_append(reader->problems, found);
        return false;
    }
    if (new)
        leave(reader, PROBLEM_FOREIGN_ENTRY, &where,
              "torn by an interrupted write; the snapshot's own file is whole");
    else if (name)
        leave(reader, PROBLEM_SPARE_COPY, &where, NULL);
    else
        leave(reader, PROBLEM_FOREIGN_ENTRY, &where, NULL);
    return false;
}

static void
report_outside(struct reader *reader, struct span outside, struct place *place)
{
    const char *bytes = reader->bytes.data;

    for (; outside.len > 1 && span_blank(bytes + outside.start, 1);
         outside.start++)
        outside.len--;
    position_put(position_behind(POSITION_FIRST, bytes, outside.start), place);
    problem_add(reader->problems, PROBLEM_OUTSIDE_CONTENT, place,
                "found '%.*s'", (int)(outside.len < 60 ? outside.len : 60),
                bytes + outside.start);
}

/* Move a snapshot that was judged into the domain, or leave its file alone. */
static void
accept(struct reader *reader, enum snapshot_kind kind,
       struct snapshot *snapshot, const char *file, const struct document *map,
       const struct place *place, struct problems *found)
{
    struct place where = *place;

    /* One that was named is what it is said to be. */
    if (!has_xml_suffix(file) && !reader->source->only) {
        if (!accept_stranger(reader, kind, snapshot, map, place, found)) {
            /* A stock libvirt reads it all the same. */
            if (kind == SNAPSHOT_SOUND)
                domain_stray(reader->domain, snapshot, file);
            return;
        }
    } else if (kind == SNAPSHOT_OTHER &&
               map->root_name.len == strlen("domaincheckpoint") &&
               !memcmp(reader->bytes.data + map->root_name.start,
                       "domaincheckpoint", map->root_name.len)) {
        leave(reader, PROBLEM_CHECKPOINT_MISPLACED, place, NULL);
        return;
    } else {
        problems_append(reader->problems, found);
    }
    if (kind >= SNAPSHOT_OTHER)
        return;
    where.snapshot = snapshot->name;
    if (map->outside.len)
        report_outside(reader, map->outside, &where);
    position_put(snapshot->name_at, &where);
    if ((has_xml_suffix(file) || reader->source->only) &&
        !snapshot_name_unsafe(snapshot->stem) &&
        (strlen(file) != strlen(snapshot->stem) + 4 ||
         strncmp(file, snapshot->stem, strlen(snapshot->stem))))
        problem_add(reader->problems, PROBLEM_FILE_NAME_DIFFERS, &where,
                    "expected '%.300s.xml'", snapshot->stem);
    snapshot->file = xstrdup(file);
    snapshot->element = map->root;
    lookup_add(&reader->names, snapshot->name, reader->domain->count);
    (void)domain_add(reader->domain, snapshot);
}

static int
read_file(struct reader *reader, const char *file, const struct place *place,
          struct error *error)
{
    struct stat stat;
    struct snapshot snapshot = {0};
    cleanup(problems_free) struct problems found = {.max = PROBLEMS_MAX};
    struct document map;
    enum snapshot_kind kind;
    cleanup(close_fd) int fd =
        file_open(reader->domain->fd, file, &stat, error);

    if (fd < 0)
        return -1;
    if (stat.st_nlink > 1)
        problem_add(reader->problems, PROBLEM_HARD_LINK, place, NULL);
    if (stat.st_uid != reader->domain->id.owner)
        problem_add(reader->problems, PROBLEM_OWNER_DIFFERS, place,
                    "found user %lu, expected %lu", (unsigned long)stat.st_uid,
                    (unsigned long)reader->domain->id.owner);
    if (stat.st_size > LEGACY_FILE_MAX) {
        if (has_xml_suffix(file) || ends_with(file, ".xml.new"))
            problem_add(reader->problems, PROBLEM_FILE_TOO_BIG, place,
                        "found %lld bytes, expected at most %d",
                        (long long)stat.st_size, LEGACY_FILE_MAX);
        else
            leave(reader, PROBLEM_FOREIGN_ENTRY, place, NULL);
        return 0;
    }
    reader->bytes.len = 0;
    if (file_read(fd, 0, (size_t)stat.st_size, &reader->bytes, error) < 0)
        return -1;
    (void)span_document(reader->bytes.data, reader->bytes.len, &map);
    kind = snapshot_parse(&snapshot, LAYOUT_LEGACY, reader->bytes.data,
                          reader->bytes.len, &map, NULL,
                          reader->source->schemas, place, &found);
    snapshot.id = file_id(&stat);
    accept(reader, kind, &snapshot, file, &map, place, &found);
    snapshot_free(&snapshot);
    return 0;
}

static int
read_entry(struct reader *reader, const struct entry *entry,
           struct error *error)
{
    cleanup(free_ptr) char *shown =
        xasprintf("%s/%s", reader->source->entry, entry->name);
    struct place place = {.domain = reader->domain->name, .file = shown};

    if (S_ISDIR(entry->type)) {
        leave(reader, PROBLEM_FOREIGN_ENTRY, &place, "a directory");
        return 0;
    }
    if (S_ISLNK(entry->type)) {
        problem_add(reader->problems, PROBLEM_SYMBOLIC_LINK, &place, NULL);
        return 0;
    }
    if (!S_ISREG(entry->type)) {
        problem_add(reader->problems, PROBLEM_SPECIAL_FILE, &place, "%s",
                    type_name(entry->type));
        return 0;
    }
    if (reader->domain->count > SNAPSHOTS_MAX)
        return 0;
    if (read_file(reader, entry->name, &place, error) < 0)
        return error_prefix(error, "directory '%s'", reader->source->entry);
    return 0;
}

static void
free_entries(struct entries *entries)
{
    entries_free(entries);
}

int
legacy_read(struct domain *domain, const struct source *source,
            struct problems *problems, struct error *error)
{
    cleanup(free_reader) struct reader reader = {
        .domain = domain, .source = source, .problems = problems};
    cleanup(free_entries) struct entries entries = {0};
    struct problems ignored = {0};
    struct stat stat;

    *domain = (struct domain){
        .name = xstrdup(source->name),
        .entry = xstrdup(source->entry),
        .layout = LAYOUT_LEGACY,
        .fd = dir_open(source->base, source->entry, error),
        .current = NO_SNAPSHOT,
    };
    if (domain->fd < 0)
        return -1;
    if (fstat(domain->fd, &stat) < 0)
        return error_set(error, errno, "cannot examine '%s'", source->entry);
    domain->id = file_id(&stat);
    if (entries_read(domain->fd, &entries, error) < 0)
        return error_prefix(error, "directory '%s'", source->entry);
    for (int strangers = 0; strangers < 2; strangers++) {
        for (size_t i = 0; i < entries.count; i++) {
            if (has_xml_suffix(entries.list[i].name) == !strangers &&
                (!source->only ||
                 !strcmp(source->only, entries.list[i].name)) &&
                read_entry(&reader, &entries.list[i], error) < 0)
                return -1;
        }
    }
    check_domain(domain, source->other, source->only ? &ignored : problems);
    problems_free(&ignored);
    return 0;
}
