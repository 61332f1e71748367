/* splice-diff.c - see splice.h: the changes as a unified diff. */
#include "splice.h"

#include <assert.h>
#include <string.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/escape.h"
#include "../verify/memory.h"
#include "../verify/root.h"
#include "splice-range.h"

/* Lines of context. */
#define CONTEXT 3
#define CHUNK 4096

/* Hunks while they are printed. */
struct diff {
    const struct spliced *file;
    FILE *out;
    bool safe;
    char sign;          /* in front of the lines: ' ', '-' or '+' */
    bool inside;        /* of a line */
    struct buffer line; /* SAFE: what there is of it */
    size_t counted;     /* up to this offset there are so many lines: */
    size_t lines;
    size_t added; /* lines, by the hunks before */
    size_t removed;
};

/* The start of the line that is BACK lines before the one that AT is in. */
static int
find_start(const struct spliced *file, size_t at, size_t back, size_t *start,
           struct error *error)
{
    cleanup(buffer_free) struct buffer bytes = {0};

    while (at) {
        size_t len = at < CHUNK ? at : CHUNK;

        bytes.len = 0;
        if (file_read(file->fd, (off_t)(at - len), len, &bytes, error) < 0)
            return -1;
        for (; len; len--, at--) {
            if (bytes.data[len - 1] == '\n' && !back--) {
                *start = at;
                return 0;
            }
        }
    }
    *start = 0;
    return 0;
}

/* The end of the last of the COUNT lines from AT on. */
static int
find_end(const struct spliced *file, size_t at, size_t count, size_t *end,
         struct error *error)
{
    cleanup(buffer_free) struct buffer bytes = {0};

    while (count && at < file->size) {
        size_t left = file->size - at, len = left < CHUNK ? left : CHUNK;

        bytes.len = 0;
        if (file_read(file->fd, (off_t)at, len, &bytes, error) < 0)
            return -1;
        for (size_t i = 0; i < len && count; i++, at++)
            count -= bytes.data[i] == '\n';
    }
    *end = at;
    return 0;
}

/* Lines as they go by; the last one need not end in a newline. */
struct tally {
    size_t newlines;
    char last; /* byte, 0: there was none */
};

static int
tally_piece(void *data, const char *bytes, size_t len, struct error *error)
{
    struct tally *tally = data;

    (void)error;
    tally->newlines += span_lines(bytes, len);
    if (len)
        tally->last = bytes[len - 1];
    return 0;
}

static size_t
tally_lines(const struct tally *tally)
{
    return tally->newlines + (tally->last && tally->last != '\n');
}

/* Do both sides of the block end where a line does? */
static int
is_closed(const struct spliced *file, struct block block, struct error *error)
{
    struct tally old = {0}, new = {0};

    if (block.to == file->size)
        return 1;
    if (range_old(file, block.to > block.from ? block.to - 1 : block.to,
                  block.to, tally_piece, &old, error) < 0 ||
        range_new(file, block, tally_piece, &new, error) < 0)
        return -1;
    return (!old.last || old.last == '\n') && (!new.last || new.last == '\n');
}

/* The whole lines around change FIRST, and around those that they reach. */
static int
find_block(const struct spliced *file, size_t first, struct block *block,
           struct error *error)
{
    const struct splices *splices = file->splices;
    int closed;

    *block = (struct block){
        .to = splices->list[first].start + splices->list[first].len,
        .first = first,
        .end = first + 1,
    };
    if (find_start(file, splices->list[first].start, 0, &block->from, error) <
        0)
        return -1;
    while (!(closed = is_closed(file, *block, error))) {
        if (find_end(file, block->to, 1, &block->to, error) < 0)
            return -1;
        for (; block->end < splices->count &&
               splices->list[block->end].start < block->to;
             block->end++) {
            const struct splice *next = &splices->list[block->end];

            if (next->start + next->len > block->to)
                block->to = next->start + next->len;
        }
    }
    /* What comes behind a last line that is open belongs to it. */
    if (block->to == file->size)
        block->end = splices->count;
    return closed < 0 ? -1 : 0;
}

/* A line for a terminal: what it could act on is escaped. */
static void
put_safe_line(struct diff *diff)
{
    const char *text;
    cleanup(free_ptr) char *safe = NULL;

    buffer_add(&diff->line, "", 1);
    text = diff->line.data;
    while ((*text >= ' ' && *text <= '~') || *text == '\t')
        text++;
    safe = *text ? escape_text(diff->line.data) : NULL;
    fputs(safe ? safe : diff->line.data, diff->out);
    diff->line.len = 0;
}

static int
put_piece(void *data, const char *bytes, size_t len, struct error *error)
{
    struct diff *diff = data;

    (void)error;
    while (len) {
        const char *newline = memchr(bytes, '\n', len);
        size_t part = newline ? (size_t)(newline - bytes) : len;

        if (!diff->inside)
            fputc(diff->sign, diff->out);
        diff->inside = !newline;
        if (diff->safe)
            buffer_add(&diff->line, bytes, part);
        else
            fwrite(bytes, 1, part, diff->out);
        if (newline && diff->safe)
            put_safe_line(diff);
        if (newline)
            fputc('\n', diff->out);
        bytes += part + !!newline;
        len -= part + !!newline;
    }
    return 0;
}

/* Only at the end of a file can a line be open. */
static void
end_lines(struct diff *diff)
{
    if (!diff->inside)
        return;
    if (diff->safe)
        put_safe_line(diff);
    fputs("\n\\ No newline at end of file\n", diff->out);
    diff->inside = false;
}

static int
put_old(struct diff *diff, char sign, size_t from, size_t to,
        struct error *error)
{
    diff->sign = sign;
    if (range_old(diff->file, from, to, put_piece, diff, error) < 0)
        return -1;
    end_lines(diff);
    return 0;
}

static int
put_new(struct diff *diff, struct block block, struct error *error)
{
    diff->sign = '+';
    if (range_new(diff->file, block, put_piece, diff, error) < 0)
        return -1;
    end_lines(diff);
    return 0;
}

/* Where a side of the hunk begins: a side of no lines, behind a line. */
static void
put_side(struct diff *diff, char sign, size_t before, size_t lines)
{
    fprintf(diff->out, " %c%zu,%zu", sign, before + (lines > 0), lines);
}

/* Print the hunk [FROM, TO) with its blocks. */
static int
put_hunk(struct diff *diff, size_t from, size_t to, const struct block *blocks,
         size_t count, struct error *error)
{
    struct tally before = {0}, old = {0}, gone = {0}, come = {0};
    size_t lines, at = from;

    if (range_old(diff->file, diff->counted, from, tally_piece, &before,
                  error) < 0 ||
        range_old(diff->file, from, to, tally_piece, &old, error) < 0)
        return -1;
    diff->counted = from;
    diff->lines += before.newlines;
    lines = tally_lines(&old);
    for (size_t i = 0; i < count; i++) {
        struct tally out = {0}, in = {0};

        if (range_old(diff->file, blocks[i].from, blocks[i].to, tally_piece,
                      &out, error) < 0 ||
            range_new(diff->file, blocks[i], tally_piece, &in, error) < 0)
            return -1;
        gone.newlines += tally_lines(&out);
        come.newlines += tally_lines(&in);
    }
    fputs("@@", diff->out);
    put_side(diff, '-', diff->lines, lines);
    put_side(diff, '+', diff->lines + diff->added - diff->removed,
             lines + come.newlines - gone.newlines);
    fputs(" @@\n", diff->out);
    diff->added += come.newlines;
    diff->removed += gone.newlines;
    for (size_t i = 0; i < count; i++) {
        if (put_old(diff, ' ', at, blocks[i].from, error) < 0 ||
            put_old(diff, '-', blocks[i].from, blocks[i].to, error) < 0 ||
            put_new(diff, blocks[i], error) < 0)
            return -1;
        at = blocks[i].to;
    }
    return put_old(diff, ' ', at, to, error);
}

/*
 * The name in C's quotes where it has what a line cannot, as git does, which
 * patch(1) takes; and with a tab behind it where blanks could end it.
 */
static void
put_name(FILE *out, const char *mark, const char *side, const char *name)
{
    bool plain = true;

    for (const char *p = name; *p; p++)
        plain = plain && *p >= ' ' && *p <= '~' && *p != '"' && *p != '\\';
    fprintf(out, "%s %s%s/", mark, plain ? "" : "\"", side);
    for (; *name; name++) {
        if (plain ||
            (*name >= ' ' && *name <= '~' && *name != '"' && *name != '\\'))
            fputc(*name, out);
        else if (*name == '"' || *name == '\\')
            fprintf(out, "\\%c", *name);
        else
            fprintf(out, "\\%03o", (unsigned char)*name);
    }
    fputs(plain ? "\t\n" : "\"\n", out);
}

/* Print the hunk that begins with change FIRST; *FIRST is the next one then. */
static int
next_hunk(struct diff *diff, size_t *first, struct error *error)
{
    const struct spliced *file = diff->file;
    cleanup(free_ptr) struct block *blocks = NULL;
    size_t count = 0, from = 0, to = 0;

    while (*first < file->splices->count) {
        struct block block;
        size_t near;

        if (find_block(file, *first, &block, error) < 0)
            return -1;
        if (count && (find_end(file, to, 2 * CONTEXT, &near, error) < 0))
            return -1;
        if (count && near < block.from)
            break;
        blocks = xgrow(blocks, count, sizeof(*blocks));
        blocks[count++] = block;
        *first = block.end;
        to = block.to;
    }
    assert(blocks);
    if (find_start(file, blocks[0].from, CONTEXT, &from, error) < 0 ||
        find_end(file, to, CONTEXT, &to, error) < 0)
        return -1;
    return put_hunk(diff, from, to, blocks, count, error);
}

int
splice_diff(const struct spliced *file, const char *shown, bool safe, FILE *out,
            struct error *error)
{
    struct diff diff = {.file = file, .out = out, .safe = safe};
    size_t first = 0;
    int result = 0;

    put_name(out, "---", "a", shown);
    put_name(out, "+++", "b", shown);
    while (!result && first < file->splices->count)
        result = next_hunk(&diff, &first, error);
    buffer_free(&diff.line);
    return result;
}
