/*
 * bulk.c - read the bulk layout: one file with all snapshots of a domain.
 *
 * The file is cut into members by a scanner, over bytes that nobody has judged
 * yet. That is sound: each member is parsed as a document of its own, and the
 * frame, with a stub element in the place of each member, is parsed as well. If
 * the members are well-formed and the frame is, with every stub an element
 * child of its root, the whole is. A scanner gone wrong can only cause a
 * refusal. So memory is bounded by one member, however large the file is.
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
#include "memory.h"
#include "parse.h"
#include "problem.h"

#define CHUNK 262144
/* The frame of a real file has some 50 bytes and a stub for each member. */
#define FRAME_MAX 4194304

/* Where the lines of the frame behind a stub are in the file. */
struct anchor {
    unsigned long frame_line;
    unsigned long file_line;
};

struct reader {
    struct domain *domain;
    struct problems *problems;
    struct place place;
    off_t size;
    struct buffer window; /* bytes of the file ... */
    off_t window_start;   /* ... from this offset on */
    size_t at;            /* what is scanned next, in the window */
    size_t keep;          /* what is needed still begins here */
    unsigned long line;   /* of `at` */
    struct buffer frame;
    unsigned long frame_line;
    struct anchor *anchors;
    size_t children;      /* stubs in the frame */
    struct span root_tag; /* of <snapshots>, in the frame */
    bool foreign;         /* has an element that is no <domainsnapshot> */
};

static void
free_reader(struct reader *reader)
{
    buffer_free(&reader->window);
    buffer_free(&reader->frame);
    free(reader->anchors);
}

/* Drop what is done with and read on, at least as much as is kept. */
static int
refill(struct reader *reader, struct error *error)
{
    struct buffer *window = &reader->window;
    size_t kept = window->len - reader->keep;
    off_t next = reader->window_start + (off_t)window->len;
    off_t left = reader->size - next;
    size_t want = kept > CHUNK ? kept : CHUNK;

    if (reader->keep)
        memmove(window->data, window->data + reader->keep, kept);
    reader->window_start += (off_t)reader->keep;
    reader->at -= reader->keep;
    reader->keep = 0;
    window->len = kept;
    if ((off_t)want > left)
        want = (size_t)left;
    return file_read(reader->domain->fd, next, want, window, error);
}

/* The next token; TOKEN_MORE at the end of the file. */
static int
next_token(struct reader *reader, struct token *token, struct error *error)
{
    for (;;) {
        bool more =
            reader->window_start + (off_t)reader->window.len < reader->size;

        *token = span_token(reader->window.data + reader->at,
                            reader->window.len - reader->at, more);
        if (token->kind != TOKEN_MORE || !more)
            return 0;
        if (refill(reader, error) < 0)
            return -1;
    }
}

static unsigned long
count_lines(const char *bytes, size_t len)
{
    unsigned long lines = 0;
    const char *at = bytes, *end = bytes + len;

    while (at && at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        lines++;
        at++;
    }
    return lines;
}

static void
skip_token(struct reader *reader, const struct token *token)
{
    reader->line += count_lines(reader->window.data + reader->at, token->len);
    reader->at += token->len;
}

static void
frame_token(struct reader *reader, const struct token *token)
{
    const char *bytes = reader->window.data + reader->at;

    buffer_add(&reader->frame, bytes, token->len);
    reader->frame_line += count_lines(bytes, token->len);
}

static void
frame_stub(struct reader *reader, const char *name, size_t len)
{
    buffer_puts(&reader->frame, "<");
    buffer_add(&reader->frame, name, len);
    buffer_puts(&reader->frame, "/>");
    reader->anchors =
        xgrow(reader->anchors, reader->children, sizeof(*reader->anchors));
    reader->anchors[reader->children++] =
        (struct anchor){reader->frame_line, reader->line};
}

/* The line of the file that a line of the frame is on. */
static unsigned long
file_line(const struct reader *reader, unsigned long frame_line)
{
    size_t low = 0, high = reader->children;

    /* The last stub at or before that line. */
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (reader->anchors[middle].frame_line <= frame_line)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low)
        return frame_line;
    return frame_line - reader->anchors[low - 1].frame_line +
           reader->anchors[low - 1].file_line;
}

static void
add_problem(struct reader *reader, enum problem_id id, unsigned long line,
            const char *detail)
{
    struct place place = reader->place;

    place.line = line;
    problem_add(reader->problems, id, &place, detail ? "%s" : NULL, detail);
}

/* Judge the member that the window holds from `keep` to `at`. */
static void
judge_member(struct reader *reader, unsigned long line)
{
    const char *bytes = reader->window.data + reader->keep;
    size_t len = reader->at - reader->keep;
    struct place place = reader->place;
    struct snapshot snapshot = {0};
    struct document map;
    enum snapshot_kind kind;

    place.line = line;
    (void)span_document(bytes, len, &map);
    frame_stub(reader, bytes + map.root_name.start, map.root_name.len);
    if (map.root_name.len != strlen("domainsnapshot") ||
        memcmp(bytes + map.root_name.start, "domainsnapshot",
               map.root_name.len)) {
        reader->foreign = true;
        problem_add(reader->problems, PROBLEM_LIST_FOREIGN, &place, "<%.*s>",
                    (int)(map.root_name.len < 80 ? map.root_name.len : 80),
                    bytes + map.root_name.start);
        return;
    }
    kind = snapshot_parse(&snapshot, LAYOUT_BULK, bytes, len, &map, &place,
                          reader->problems);
    if (kind < SNAPSHOT_OTHER) {
        snapshot.element =
            (struct span){(size_t)reader->window_start + reader->keep, len};
        (void)domain_add(reader->domain, &snapshot);
    }
    snapshot_free(&snapshot);
}

/*
 * Scan a child of the root to its end, then judge it. FIRST is its start tag.
 * 1: done, 0: the rest of the file cannot be made sense of, -1: error.
 */
static int
read_member(struct reader *reader, struct token first, struct error *error)
{
    unsigned long line = reader->line;
    size_t depth = first.kind == TOKEN_START;

    reader->keep = reader->at;
    skip_token(reader, &first);
    while (depth) {
        struct token token;

        if (reader->at - reader->keep > MEMBER_MAX) {
            add_problem(reader, PROBLEM_FILE_TOO_BIG, line,
                        "a member of more than 16 MiB");
            return 0;
        }
        if (next_token(reader, &token, error) < 0)
            return -1;
        if (token.kind == TOKEN_MORE || token.kind == TOKEN_BAD) {
            add_problem(
                reader, PROBLEM_XML_MALFORMED, line,
                token.kind == TOKEN_MORE
                    ? "the file ends inside of this element"
                    : "a '<' that begins no tag inside of this element");
            return 0;
        }
        depth += token.kind == TOKEN_START;
        depth -= token.kind == TOKEN_END;
        skip_token(reader, &token);
    }
    judge_member(reader, line);
    reader->keep = reader->at;
    return 1;
}

/* Scan the whole file. 1: to its end, 0: it cannot be made sense of. */
static int
scan(struct reader *reader, struct error *error)
{
    size_t depth = 0;

    for (;;) {
        struct token token;

        if (next_token(reader, &token, error) < 0)
            return -1;
        if (token.kind == TOKEN_MORE && reader->at == reader->window.len)
            return 1;
        if (token.kind == TOKEN_MORE || token.kind == TOKEN_BAD) {
            add_problem(reader, PROBLEM_XML_MALFORMED, reader->line,
                        "a '<' that begins no tag");
            return 0;
        }
        if (token.kind == TOKEN_DOCTYPE) {
            add_problem(reader, PROBLEM_XML_DOCTYPE, reader->line, NULL);
            return 0;
        }
        if (depth == 1 &&
            (token.kind == TOKEN_START || token.kind == TOKEN_EMPTY)) {
            int result = read_member(reader, token, error);

            if (result <= 0)
                return result;
            if (reader->domain->count > SNAPSHOTS_MAX)
                return 0;
            continue;
        }
        if (reader->frame.len + token.len > FRAME_MAX) {
            add_problem(reader, PROBLEM_OUTSIDE_CONTENT, reader->line,
                        "more than 4 MiB beside the snapshots");
            return 0;
        }
        if (!depth && !reader->root_tag.len &&
            (token.kind == TOKEN_START || token.kind == TOKEN_EMPTY))
            reader->root_tag = (struct span){reader->frame.len, token.len};
        frame_token(reader, &token);
        depth += token.kind == TOKEN_START;
        if (token.kind == TOKEN_END && depth)
            depth--;
        skip_token(reader, &token);
        reader->keep = reader->at;
    }
}

/* Anything beside the snapshots that libvirt did not write. */
static void
judge_beside(struct reader *reader, const xmlNode *root,
             const struct document *map)
{
    const xmlAttr *attribute;
    const xmlNode *node;

    if (map->outside.len)
        problem_add(reader->problems, PROBLEM_OUTSIDE_CONTENT, &reader->place,
                    "'%.*s'",
                    (int)(map->outside.len < 60 ? map->outside.len : 60),
                    reader->frame.data + map->outside.start);
    for (attribute = root->properties; attribute; attribute = attribute->next) {
        if (attribute->ns || strcmp((const char *)attribute->name, "current"))
            problem_add(reader->problems, PROBLEM_OUTSIDE_CONTENT,
                        &reader->place, "attribute '%.80s' of <snapshots>",
                        attribute->name);
    }
    for (node = root->children; node; node = node->next) {
        struct place place = reader->place;
        long line = xmlGetLineNo(node);

        if (node->type == XML_ELEMENT_NODE ||
            (node->type == XML_TEXT_NODE && xmlIsBlankNode(node)))
            continue;
        place.line = file_line(reader, line > 0 ? (unsigned long)line : 1);
        problem_add(reader->problems, PROBLEM_OUTSIDE_CONTENT, &place,
                    "'%.60s'",
                    node->content ? (const char *)node->content : "");
    }
}

/*
 * Find the snapshot that current= names: by what a parser reads, or, because
 * libvirt writes a tab or a line break raw, by the bytes.
 */
static void
find_current(struct reader *reader, const char *read, const char *tag,
             size_t len)
{
    struct domain *domain = reader->domain;
    cleanup(free_ptr) char *raw = NULL;
    struct span value;
    size_t by_parser = domain_find(domain, read), by_bytes = NO_SNAPSHOT;

    if (span_attribute(tag, len, "current", &value))
        raw = span_decode(tag + value.start, value.len);
    if (raw && strcmp(raw, read)) {
        by_bytes = domain_find(domain, raw);
        /* A name with a raw carriage return is read with a line feed. */
        for (char *p = raw; *p; p++)
            *p = *p == '\r' ? '\n' : *p;
        if (by_bytes == NO_SNAPSHOT)
            by_bytes = domain_find(domain, raw);
    }
    if (by_parser != NO_SNAPSHOT && by_bytes != NO_SNAPSHOT) {
        problem_add(reader->problems, PROBLEM_CURRENT_AMBIGUOUS, &reader->place,
                    "'%.300s' or '%.300s'", domain->snaps[by_bytes].name, read);
        return;
    }
    domain->current = by_parser != NO_SNAPSHOT ? by_parser : by_bytes;
    if (domain->current == NO_SNAPSHOT)
        problem_add(reader->problems, PROBLEM_CURRENT_DANGLING, &reader->place,
                    "'%.300s'", read);
    else if (by_parser == NO_SNAPSHOT)
        problem_add(reader->problems, PROBLEM_CURRENT_RAW, &reader->place,
                    "'%.300s'", domain->snaps[by_bytes].name);
    if (domain->current != NO_SNAPSHOT)
        domain->snaps[domain->current].active = true;
}

static size_t
count_elements(const xmlNode *root)
{
    size_t count = 0;

    for (const xmlNode *node = root->children; node; node = node->next)
        count += node->type == XML_ELEMENT_NODE;
    return count;
}

/* Judge the frame, and with it that the members are where they seemed. */
static void
judge_frame(struct reader *reader)
{
    struct parse_failure failure = {0};
    cleanup(parse_free_doc) xmlDoc *doc = NULL;
    cleanup(parse_free_text) xmlChar *current = NULL;
    const char *bytes = reader->frame.data;
    struct document map;
    const xmlNode *root;
    long line;

    (void)span_document(bytes, reader->frame.len, &map);
    reader->place.line = 1;
    if (!snapshot_is_utf8(bytes, reader->frame.len, &map, &reader->place,
                          reader->problems))
        return;
    doc = parse_document(bytes, reader->frame.len, &failure);
    if (!doc) {
        reader->place.column = failure.column;
        add_problem(reader, PROBLEM_XML_MALFORMED,
                    file_line(reader, failure.line), failure.message);
        free(failure.message);
        return;
    }
    free(failure.message);
    root = xmlDocGetRootElement(doc);
    line = xmlGetLineNo(root);
    reader->place.line = line > 0 ? (unsigned long)line : 1;
    if (strcmp((const char *)root->name, "snapshots") ||
        (root->ns && root->ns->prefix)) {
        problem_add(reader->problems, PROBLEM_ROOT_WRONG, &reader->place,
                    "<%.80s> instead of <snapshots>", root->name);
        return;
    }
    if (root->nsDef) {
        problem_add(reader->problems, PROBLEM_LIST_NAMESPACE, &reader->place,
                    "'%.80s'",
                    root->nsDef->href ? (const char *)root->nsDef->href : "");
        return;
    }
    if (count_elements(root) != reader->children) {
        add_problem(reader, PROBLEM_XML_MALFORMED, reader->place.line,
                    "its elements cannot be told apart");
        return;
    }
    judge_beside(reader, root, &map);
    if (!reader->domain->count && !reader->foreign)
        problem_add(reader->problems, PROBLEM_LIST_EMPTY, &reader->place, NULL);
    current = xmlGetNoNsProp(root, (const xmlChar *)"current");
    if (current)
        find_current(reader, (const char *)current,
                     bytes + reader->root_tag.start, reader->root_tag.len);
}

static int
read_members(struct reader *reader, size_t max, struct error *error)
{
    int result;

    if (reader->size > (off_t)max) {
        problem_add(reader->problems, PROBLEM_BULK_TOO_BIG, &reader->place,
                    "%lld bytes; the limit is %zu", (long long)reader->size,
                    max);
        return 0;
    }
    if (!reader->size) {
        add_problem(reader, PROBLEM_XML_MALFORMED, 1, "the file is empty");
        return 0;
    }
    result = scan(reader, error);
    if (result < 0)
        return -1;
    if (result)
        judge_frame(reader);
    check_domain(reader->domain, NULL, reader->problems);
    return 0;
}

int
bulk_read(struct domain *domain, const struct source *source,
          struct problems *problems, struct error *error)
{
    struct stat stat;
    cleanup(free_reader) struct reader reader = {
        .domain = domain,
        .problems = problems,
        .place = {.domain = source->name, .file = source->entry},
        .line = 1,
        .frame_line = 1,
    };

    *domain = (struct domain){
        .name = xstrdup(source->name),
        .entry = xstrdup(source->entry),
        .layout = LAYOUT_BULK,
        .fd = file_open(source->base, source->entry, &stat, error),
        .current = NO_SNAPSHOT,
    };
    if (domain->fd < 0)
        return -1;
    domain->id = file_id(&stat);
    reader.size = stat.st_size;
    if (stat.st_nlink > 1)
        problem_add(problems, PROBLEM_HARD_LINK, &reader.place, NULL);
    if (read_members(&reader, source->max_bulk, error) < 0)
        return error_prefix(error, "bulk file '%s'", source->entry);
    return 0;
}
