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
#include "checkpoint.h"
#include "cleanup.h"
#include "crew.h"
#include "error.h"
#include "layout.h"
#include "lookup.h"
#include "memory.h"
#include "problem.h"
#include "workspace.h"

/* Files that a thread takes at a time, and that wait for their turn. */
#define GRAIN 8
#define WINDOW 256

/* A file while it is read, and until it is its turn to be accepted. */
struct file {
    const struct entry *entry;
    char *shown; /* in messages */
    struct stat stat;
    bool read; /* and judged: the rest is filled in */
    enum snapshot_kind kind;
    struct snapshot snapshot;
    struct problems found;
    struct document map;
    bool looks_like_snapshot; /* but is none */
    bool checkpoint;
    char *outside; /* the beginning of what is beside the root; or NULL */
    struct position outside_at;
    int result;
    struct error error;
};

struct reader {
    struct domain *domain;
    const struct source *source;
    struct problems *problems;
    struct error *error;
    struct file *files; /* WINDOW of them, by their index in the row */
    const struct entry **row;
    size_t count;
    struct workspace *workspaces; /* of each thread */
    struct lookup names;          /* of the snapshots that were read */
};

static void
free_file(struct file *file)
{
    free(file->shown);
    snapshot_free(&file->snapshot);
    problems_free(&file->found);
    free(file->outside);
    error_clear(&file->error);
    *file = (struct file){0};
}

static void
free_reader(struct reader *reader)
{
    for (size_t i = 0; i < WINDOW; i++)
        free_file(&reader->files[i]);
    for (size_t i = 0; i < crew_size(reader->source->effort.crew); i++)
        workspace_free(&reader->workspaces[i]);
    free(reader->files);
    free(reader->workspaces);
    free(reader->row);
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
looks_like_snapshot(const struct file *file, enum kind kind,
                    const struct buffer *bytes)
{
    const char *name = kind_info(kind)->root;
    const struct span root = file->map.root_name;
    size_t len = strlen(name);

    if (file->kind == SNAPSHOT_OTHER)
        return root.len >= len &&
               !memcmp(bytes->data + span_end(root) - len, name, len);
    for (size_t i = 0; i < file->found.count; i++) {
        if (file->found.list[i].id == PROBLEM_XML_MALFORMED)
            return false;
    }
    return memmem(bytes->data, bytes->len, name, len) != NULL;
}

static bool
is_checkpoint(const struct file *file, const struct buffer *bytes)
{
    const char *name = kind_info(KIND_CHECKPOINT)->root;
    const struct span root = file->map.root_name;

    return file->kind == SNAPSHOT_OTHER && root.len == strlen(name) &&
           !memcmp(bytes->data + root.start, name, root.len);
}

/* What may have to be said of the bytes, which do not stay. */
static void
note_bytes(struct file *file, enum kind kind, const struct buffer *bytes)
{
    struct span outside = file->map.outside;
    const char *text = bytes->data + outside.start;

    if (file->kind >= SNAPSHOT_OTHER) {
        file->looks_like_snapshot = looks_like_snapshot(file, kind, bytes);
        file->checkpoint = kind == KIND_SNAPSHOT && is_checkpoint(file, bytes);
    }
    /* It matters to a conversion. */
    if (!outside.len || kind != KIND_SNAPSHOT)
        return;
    for (; outside.len > 1 && span_blank(text, 1); text++)
        outside.len--;
    file->outside = xstrndup(text, outside.len < 60 ? outside.len : 60);
    file->outside_at = position_behind(POSITION_FIRST, bytes->data,
                                       (size_t)(text - bytes->data));
}

/*
 * A file whose name does not end in .xml, judged with FOUND: a snapshot that
 * only it holds, a stale copy, or something else that is left alone.
 */
static bool
accept_stranger(struct reader *reader, struct file *file,
                const struct place *place)
{
    const struct snapshot *snapshot = &file->snapshot;
    bool new = ends_with(place->file, ".xml.new");
    const char *name = file->kind < SNAPSHOT_OTHER ? snapshot->name : NULL;
    struct place where = *place;

    where.snapshot = name;
    if (file->kind == SNAPSHOT_SOUND && new) {
        problems_append(reader->problems, &file->found);
        problem_add(reader->problems, PROBLEM_STALE_NEW, &where,
                    is_held(reader, name) ? "there is a file of its own"
                                          : "it is the only copy");
        return false;
    }
    if (new && !is_held_by_file(reader, file->entry->name)) {
        problems_append(reader->problems, &file->found);
        return false;
    }
    if (name && !is_held(reader, name)) {
        problems_append(reader->problems, &file->found);
        problem_add(reader->problems, PROBLEM_FILE_NAME_STRANGE, &where,
                    snapshot_name_unsafe(snapshot->stem) ? NULL
                                                         : "expected '%s.xml'",
                    snapshot->stem);
        return true;
    }
    if (!name && file->looks_like_snapshot) {
        problems_append(reader->problems, &file->found);
        return false;
    }
    if (new)
        leave(reader, PROBLEM_FOREIGN_ENTRY, &where,
              "torn by an interrupted write; the file it was for is whole");
    else if (name)
        leave(reader, PROBLEM_SPARE_COPY, &where, NULL);
    else
        leave(reader, PROBLEM_FOREIGN_ENTRY, &where, NULL);
    return false;
}

/* Move a snapshot that was judged into the domain, or leave its file alone. */
static void
accept(struct reader *reader, struct file *file, const struct place *place)
{
    const char *name = file->entry->name;
    struct snapshot *snapshot = &file->snapshot;
    struct place where = *place;

    /* One that was named is what it is said to be. */
    if (!has_xml_suffix(name) && !reader->source->only) {
        if (!accept_stranger(reader, file, place)) {
            /* A stock libvirt reads it all the same. */
            if (file->kind == SNAPSHOT_SOUND)
                domain_stray(reader->domain, snapshot, name);
            return;
        }
    } else if (file->checkpoint) {
        leave(reader, PROBLEM_CHECKPOINT_MISPLACED, place, NULL);
        return;
    } else {
        problems_append(reader->problems, &file->found);
    }
    if (file->kind >= SNAPSHOT_OTHER)
        return;
    where.snapshot = snapshot->name;
    if (file->outside) {
        position_put(file->outside_at, &where);
        problem_add(reader->problems, PROBLEM_OUTSIDE_CONTENT, &where,
                    "found '%s'", file->outside);
    }
    position_put(snapshot->name_at, &where);
    if ((has_xml_suffix(name) || reader->source->only) &&
        !snapshot_name_unsafe(snapshot->stem) &&
        (strlen(name) != strlen(snapshot->stem) + 4 ||
         strncmp(name, snapshot->stem, strlen(snapshot->stem))))
        problem_add(reader->problems, PROBLEM_FILE_NAME_DIFFERS, &where,
                    "expected '%.300s.xml'", snapshot->stem);
    snapshot->file = xstrdup(name);
    snapshot->element = file->map.root;
    lookup_add(&reader->names, snapshot->name, reader->domain->count);
    (void)domain_add(reader->domain, snapshot);
}

static int
read_file(const struct reader *reader, struct file *file, size_t thread,
          struct error *error)
{
    const struct source *source = reader->source;
    struct workspace *workspace = &reader->workspaces[thread];
    struct buffer *bytes = &workspace->bytes;
    const struct place place = {.domain = reader->domain->name,
                                .file = file->shown};
    const char *name = file->entry->name;
    cleanup(close_fd) int fd =
        file_open_known(reader->domain->fd, name, &file->stat, error);

    if (fd < 0)
        return -1;
    if (file->stat.st_size > LEGACY_FILE_MAX)
        return 0;
    bytes->len = 0;
    if (file_read(fd, 0, (size_t)file->stat.st_size, bytes, error) < 0)
        return error_prefix(error, "'%s'", name);
    file->found.kind = source->kind;
    file->found.max = PROBLEMS_MAX;
    if (source->kind == KIND_CHECKPOINT)
        file->kind = checkpoint_parse(&file->snapshot, bytes->data, bytes->len,
                                      &file->map, workspace, source->schemas,
                                      &place, &file->found);
    else
        file->kind = snapshot_parse(&file->snapshot, LAYOUT_LEGACY, bytes->data,
                                    bytes->len, &file->map, workspace,
                                    source->schemas, &place, &file->found);
    file->snapshot.id = file_id(&file->stat);
    file->read = true;
    note_bytes(file, source->kind, bytes);
    return file->kind == SNAPSHOT_SOUND
               ? source_show(source, &file->snapshot,
                             bytes->data + file->map.root.start,
                             file->map.root.len, thread, error)
               : 0;
}

/* On any thread. */
static void
begin_file(void *data, size_t index, size_t thread)
{
    struct reader *reader = data;
    struct file *file = &reader->files[index % WINDOW];

    file->entry = reader->row[index];
    file->shown = xasprintf("%s/%s", reader->source->entry, file->entry->name);
    if (S_ISREG(file->entry->type))
        file->result = read_file(reader, file, thread, &file->error);
}

/* Accept what was read. */
static void
add_file(struct reader *reader, struct file *file, const struct place *place)
{
    const char *name = file->entry->name;
    const struct stat *stat = &file->stat;

    if (stat->st_nlink > 1)
        problem_add(reader->problems, PROBLEM_HARD_LINK, place, NULL);
    if (stat->st_uid != reader->domain->id.owner)
        problem_add(reader->problems, PROBLEM_OWNER_DIFFERS, place,
                    "found user %lu, expected %lu", (unsigned long)stat->st_uid,
                    (unsigned long)reader->domain->id.owner);
    if (file->read)
        accept(reader, file, place);
    else if (has_xml_suffix(name) || ends_with(name, ".xml.new"))
        problem_add(reader->problems, PROBLEM_FILE_TOO_BIG, place,
                    "found %lld bytes, expected at most %d",
                    (long long)stat->st_size, LEGACY_FILE_MAX);
    else
        leave(reader, PROBLEM_FOREIGN_ENTRY, place, NULL);
}

/* In the order of the row. */
static int
finish_file(void *data, size_t index)
{
    struct reader *reader = data;
    struct file *file = &reader->files[index % WINDOW];
    struct place place = {.domain = reader->domain->name, .file = file->shown};
    mode_t type = file->entry->type;

    if (S_ISDIR(type)) {
        leave(reader, PROBLEM_FOREIGN_ENTRY, &place, "a directory");
    } else if (S_ISLNK(type)) {
        problem_add(reader->problems, PROBLEM_SYMBOLIC_LINK, &place, NULL);
    } else if (!S_ISREG(type)) {
        problem_add(reader->problems, PROBLEM_SPECIAL_FILE, &place, "%s",
                    type_name(type));
    } else if (reader->domain->count <= SNAPSHOTS_MAX) {
        if (file->result < 0) {
            (void)error_take(reader->error, &file->error);
            return error_prefix(reader->error, "directory '%s'",
                                reader->source->entry);
        }
        add_file(reader, file, &place);
    }
    free_file(file);
    return 0;
}

static void
free_entries(struct entries *entries)
{
    entries_free(entries);
}

/* Those called *.xml first. */
static void
line_up(struct reader *reader, const struct entries *entries)
{
    reader->row = xcalloc(entries->count + 1, sizeof(const struct entry *));
    for (int strangers = 0; strangers < 2; strangers++) {
        for (size_t i = 0; i < entries->count; i++) {
            const struct entry *entry = &entries->list[i];

            if (has_xml_suffix(entry->name) == !strangers &&
                (!reader->source->only ||
                 !strcmp(reader->source->only, entry->name)))
                reader->row[reader->count++] = entry;
        }
    }
}

static int
read_entries(struct domain *domain, const struct source *source,
             const struct entries *entries, struct problems *problems,
             struct error *error)
{
    const size_t threads = crew_size(source->effort.crew);
    cleanup(free_reader) struct reader reader = {
        .domain = domain,
        .source = source,
        .problems = problems,
        .error = error,
        .files = xcalloc(WINDOW, sizeof(*reader.files)),
        .workspaces = xcalloc(threads, sizeof(*reader.workspaces)),
    };
    struct row row = {
        .grain = GRAIN,
        .window = WINDOW,
        .data = &reader,
        .work = begin_file,
        .finish = finish_file,
    };

    for (size_t i = 0; i < threads; i++)
        workspace_start(&reader.workspaces[i], NULL, source->effort.no_memo);
    line_up(&reader, entries);
    row.count = reader.count;
    return crew_run(source->effort.crew, &row);
}

int
legacy_read(struct domain *domain, const struct source *source,
            struct problems *problems, struct error *error)
{
    cleanup(free_entries) struct entries entries = {0};
    struct problems ignored = {0};
    struct stat stat;

    *domain = (struct domain){
        .name = xstrdup(source->name),
        .entry = xstrdup(source->entry),
        .layout = LAYOUT_LEGACY,
        .kind = source->kind,
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
    if (read_entries(domain, source, &entries, problems, error) < 0)
        return -1;
    check_domain(domain, source->other, source->only ? &ignored : problems);
    problems_free(&ignored);
    return 0;
}
