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
#include "frame.h"
#include "layout.h"
#include "memory.h"
#include "members.h"
#include "problem.h"

#define CHUNK 1048576

struct reader {
    struct domain *domain;
    struct problems *problems;
    struct place place;
    off_t size;
    struct buffer window;     /* bytes of the file ... */
    off_t window_start;       /* ... from this offset on */
    size_t at;                /* what is scanned next, in the window */
    size_t keep;              /* what is needed still begins here */
    struct position position; /* of `at` */
    struct frame frame;       /* all but the members */
    struct members members;   /* that were scanned, to be judged */
};

static void
free_reader(struct reader *reader)
{
    buffer_free(&reader->window);
    frame_free(&reader->frame);
    members_free(&reader->members);
}

/* Judge all members that wait, as long as the window holds them. */
static int
judge_members(struct reader *reader, struct error *error)
{
    return members_judge(&reader->members, reader->window.data,
                         reader->window_start, frame_is_list(&reader->frame),
                         error);
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

    if (judge_members(reader, error) < 0)
        return -1;
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

/*
 * The next token; TOKEN_MORE at the end of the file, TOKEN_BAD also for what is
 * larger than any snapshot: memory stays bounded.
 */
static int
next_token(struct reader *reader, struct token *token, struct error *error)
{
    for (;;) {
        bool more =
            reader->window_start + (off_t)reader->window.len < reader->size;

        if (reader->window.len - reader->keep > MEMBER_MAX + CHUNK) {
            *token = (struct token){.kind = TOKEN_BAD};
            return 0;
        }
        *token = span_token(reader->window.data + reader->at,
                            reader->window.len - reader->at, more);
        if (token->kind != TOKEN_MORE || !more)
            return 0;
        if (refill(reader, error) < 0)
            return -1;
    }
}

static void
skip_token(struct reader *reader, const struct token *token)
{
    reader->position = position_behind(
        reader->position, reader->window.data + reader->at, token->len);
    reader->at += token->len;
}

static void
add_problem(struct reader *reader, enum problem_id id, struct position position,
            const char *detail)
{
    struct place place = reader->place;

    position_put(position, &place);
    problem_add(reader->problems, id, &place, detail ? "%s" : NULL, detail);
}

/* The scanner is at a loss inside of the member that begins at START. */
static void
report_unread(struct reader *reader, struct token token, struct position start)
{
    if (token.kind == TOKEN_MORE)
        add_problem(reader, PROBLEM_XML_MALFORMED, start,
                    "the file ends inside of this element");
    else if (reader->window.len - reader->keep > MEMBER_MAX)
        add_problem(reader, PROBLEM_FILE_TOO_BIG, start,
                    "an element of more than 16 MiB");
    else
        add_problem(reader, PROBLEM_XML_MALFORMED, reader->position,
                    "a '<' that begins no tag");
}

/* Go behind a part that was met before, if one begins here. */
static bool
skip_known(struct reader *reader)
{
    struct met met;

    if (!members_know(&reader->members, reader->window.data + reader->at,
                      reader->window.len - reader->at, &met))
        return false;
    reader->position = position_leap(reader->position, &met.cut);
    reader->at += met.len;
    return true;
}

/*
 * Scan a child of the root to its end; it is judged later. FIRST is its start
 * tag.
 * 1: done, 0: the rest of the file cannot be made sense of, -1: error.
 */
static int
read_member(struct reader *reader, struct token first, struct error *error)
{
    struct position start = reader->position;
    size_t depth = first.kind == TOKEN_START;

    reader->keep = reader->at;
    skip_token(reader, &first);
    while (depth) {
        struct token token;

        if (depth == 1 && skip_known(reader))
            continue;
        if (next_token(reader, &token, error) < 0)
            return -1;
        if (token.kind == TOKEN_MORE || token.kind == TOKEN_BAD) {
            report_unread(reader, token, start);
            return 0;
        }
        depth += token.kind == TOKEN_START;
        depth -= token.kind == TOKEN_END;
        skip_token(reader, &token);
    }
    frame_stub(&reader->frame,
               reader->window.data + reader->keep + first.name.start,
               first.name.len, start, reader->position);
    members_add(&reader->members, reader->keep, reader->at - reader->keep,
                first.name, start);
    reader->keep = reader->at;
    return 1;
}

/*
 * Scan the whole file. 1: to its end. 0: not so, and a problem that hinders
 * every conversion says why: what was not read must never be taken for nothing.
 */
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
            add_problem(reader, PROBLEM_XML_MALFORMED, reader->position,
                        "neither a tag nor text of less than 16 MiB");
            return 0;
        }
        if (token.kind == TOKEN_DOCTYPE) {
            add_problem(reader, PROBLEM_XML_DOCTYPE, reader->position, NULL);
            return 0;
        }
        if (depth == 1 &&
            (token.kind == TOKEN_START || token.kind == TOKEN_EMPTY)) {
            int result = read_member(reader, token, error);

            if (result <= 0)
                return result;
            if (reader->frame.children > SNAPSHOTS_MAX) {
                if (judge_members(reader, error) < 0)
                    return -1;
                /* check_domain() says it of snapshots; these are others. */
                if (reader->domain->count <= SNAPSHOTS_MAX)
                    add_problem(reader, PROBLEM_TOO_MANY, reader->position,
                                "or elements that are none");
                return 0;
            }
            continue;
        }
        if (token.attributes > ATTRIBUTES_MAX) {
            cleanup(free_ptr) char *found =
                xasprintf("found %zu", token.attributes);

            add_problem(reader, PROBLEM_ATTRIBUTES_MANY, reader->position,
                        found);
            return 0;
        }
        if (frame_add(&reader->frame, reader->window.data + reader->at, token,
                      !depth) < 0) {
            add_problem(reader, PROBLEM_FILE_TOO_BIG, reader->position,
                        "more than 4 MiB beside the snapshots");
            return 0;
        }
        depth += token.kind == TOKEN_START;
        if (token.kind == TOKEN_END && depth)
            depth--;
        skip_token(reader, &token);
        reader->keep = reader->at;
    }
}

/* 1: the characters have more than one byte; nothing can be found in that. */
static int
is_wide(struct reader *reader, struct error *error)
{
    const char *bytes;

    if (refill(reader, error) < 0)
        return -1;
    bytes = reader->window.data;
    return reader->window.len >= 2 &&
           (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2) ||
            !bytes[0] || !bytes[1]);
}

static int
read_members(struct reader *reader, size_t max, struct error *error)
{
    int result;

    if (reader->size > (off_t)max) {
        problem_add(reader->problems, PROBLEM_BULK_TOO_BIG, &reader->place,
                    "found %lld bytes, expected at most %zu",
                    (long long)reader->size, max);
        return 0;
    }
    if (!reader->size) {
        add_problem(reader, PROBLEM_XML_MALFORMED, POSITION_FIRST,
                    "the file is empty");
        return 0;
    }
    result = is_wide(reader, error);
    if (result > 0)
        add_problem(reader, PROBLEM_XML_NOT_UTF8, POSITION_FIRST,
                    "found UTF-16 or UTF-32");
    if (result)
        return result < 0 ? -1 : 0;
    result = scan(reader, error);
    if (result < 0 || judge_members(reader, error) < 0)
        return -1;
    if (result)
        frame_judge(&reader->frame, reader->domain, &reader->place,
                    reader->problems);
    check_domain(reader->domain, NULL, reader->problems);
    return 0;
}

/* 1: read. 0: only one thread, without a memo, can tell if it is too much. */
static int
read_with(struct domain *domain, const struct source *source,
          const struct stat *stat, struct problems *problems,
          struct error *error)
{
    cleanup(free_reader) struct reader reader = {
        .domain = domain,
        .problems = problems,
        .place = {.domain = source->name, .file = source->entry},
        .size = stat->st_size,
        .position = POSITION_FIRST,
    };

    members_start(&reader.members, source, domain, problems);
    if (stat->st_nlink > 1)
        problem_add(problems, PROBLEM_HARD_LINK, &reader.place, NULL);
    if (read_members(&reader, source->max_bulk, error) < 0)
        return error_prefix(error, "bulk file '%s'", source->entry);
    return members_have_few_names(&reader.members);
}

static struct domain
new_domain(const struct source *source, int fd, const struct stat *stat)
{
    return (struct domain){
        .name = xstrdup(source->name),
        .entry = xstrdup(source->entry),
        .layout = LAYOUT_BULK,
        .fd = fd,
        .id = file_id(stat),
        .current = NO_SNAPSHOT,
    };
}

int
bulk_read(struct domain *domain, const struct source *source,
          struct problems *problems, struct error *error)
{
    struct source alone = *source;
    struct problems found = {.max = problems->max};
    struct stat stat = {0};
    int fd = file_open(source->base, source->entry, &stat, error), result;

    *domain = new_domain(source, fd, &stat);
    if (fd < 0)
        return -1;
    result = read_with(domain, source, &stat, &found, error);
    if (!result) {
        problems_free(&found);
        found.max = problems->max;
        domain->fd = -1;
        domain_free(domain);
        *domain = new_domain(source, fd, &stat);
        alone.effort = (struct effort){.no_memo = true};
        result = read_with(domain, &alone, &stat, &found, error);
    }
    problems_append(problems, &found);
    return result < 0 ? -1 : 0;
}
