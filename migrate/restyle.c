/* restyle.c - see restyle.h. */
#include "restyle.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../verify/cleanup.h"
#include "../verify/lookup.h"
#include "../verify/memory.h"
#include "../verify/same.h"

/* The lines of a text, each ended by NUL in a copy of it. */
struct lines {
    char *text;
    char **list;
    size_t count;
};

static void
free_lines(struct lines *lines)
{
    free(lines->text);
    free(lines->list);
}

static void
free_strings(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->list[i]);
    free(lines->list);
}

static void
split(struct lines *lines, const char *text, size_t len)
{
    char *at = lines->text = xstrndup(text, len);

    while (at) {
        char *feed = strchr(at, '\n');

        if (feed)
            *feed++ = '\0';
        lines->list = xgrow(lines->list, lines->count, sizeof(*lines->list));
        lines->list[lines->count++] = at;
        at = feed;
    }
}

/*
 * A line as it looks with one kind of quotes and without the escapes that are a
 * matter of taste. What means something else may look the same: the whole is
 * compared in the end.
 */
static char *
look(const char *line)
{
    static const struct {
        const char *written;
        char as;
    } same[] = {
        {"\"", '\''},    {"&quot;", '\''}, {"&apos;", '\''},
        {"&#34;", '\''}, {"&#39;", '\''},  {"&gt;", '>'},
    };
    char *out = xstrdup(line), *end = out;

    while (*line) {
        size_t i = 0, count = sizeof(same) / sizeof(same[0]);

        while (i < count &&
               strncmp(line, same[i].written, strlen(same[i].written)) != 0)
            i++;
        *end++ = i < count ? same[i].as : *line;
        line += i < count ? strlen(same[i].written) : 1;
    }
    *end = '\0';
    return out;
}

/* A line that the source does not have, with libvirt's quotes in its tags. */
static void
requote(const char *line, struct buffer *out)
{
    bool tag = false, value = false;

    for (; *line; line++) {
        if (!value && (*line == '<' || *line == '>'))
            tag = *line == '<';
        if (tag && *line == '"') {
            value = !value;
            buffer_puts(out, "'");
        } else if (value && *line == '\'') {
            buffer_puts(out, "&apos;");
        } else {
            buffer_add(out, line, 1);
        }
    }
}

/* All lines again; those that SOURCE has, by their LOOKS, as it has them. */
static void
write_lines(const struct lines *lines, const struct lines *source,
            const struct lookup *looks, bool quotes, struct buffer *out)
{
    for (size_t i = 0; i < lines->count; i++) {
        cleanup(free_ptr) char *wanted = look(lines->list[i]);
        size_t found = lookup_find(looks, wanted, SIZE_MAX);

        if (i)
            buffer_puts(out, "\n");
        if (found < source->count)
            buffer_puts(out, source->list[found]);
        else if (quotes)
            requote(lines->list[i], out);
        else
            buffer_puts(out, lines->list[i]);
    }
}

void
restyle(struct buffer *made, const char *source, size_t len)
{
    cleanup(free_lines) struct lines there = {0};
    cleanup(free_lines) struct lines here = {0};
    cleanup(free_strings) struct lines looks = {0};
    cleanup(lookup_free) struct lookup known = {0};

    split(&there, source, len);
    split(&here, made->data, made->len);
    looks.list = xcalloc(there.count, sizeof(*looks.list));
    for (; looks.count < there.count; looks.count++) {
        looks.list[looks.count] = look(there.list[looks.count]);
        lookup_add(&known, looks.list[looks.count], looks.count);
    }
    for (int quotes = 1; quotes >= 0; quotes--) {
        struct buffer out = {0};

        write_lines(&here, &there, &known, quotes, &out);
        if (same_snapshot(out.data, out.len, made->data, made->len)) {
            buffer_free(made);
            *made = out;
            return;
        }
        buffer_free(&out);
    }
}
