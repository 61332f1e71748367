/* report-xml.c - see report-xml.h. */
#include "report-xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "cleanup.h"
#include "escape.h"
#include "fingerprint.h"
#include "memory.h"
#include "placing.h"

/* What is gathered once for the whole report. */
struct writer {
    struct buffer *out;
    const struct listing *listing;
    const struct policy *policy;
    const struct baseline *baseline;
    const struct fingerprint *prints;
    struct placing placing;
    size_t found[PROBLEM_COUNT]; /* how many findings of each id */
    size_t known;
    size_t count[SEVERITY_ERROR + 1]; /* of those that are not known */
    size_t snapshots;
    size_t lost_by_upgrade;
    size_t lost_by_downgrade;
};

/*
 * Text without control characters. U+FFFE and U+FFFF, which are UTF-8 but not
 * XML, may be left.
 */
static void
add_plain(struct buffer *out, const char *at)
{
    while (*at) {
        size_t plain = strcspn(at, "&<>'\"\xef");

        buffer_add(out, at, plain);
        at += plain;
        if (!strncmp(at, "\xef\xbf\xbe", 3) ||
            !strncmp(at, "\xef\xbf\xbf", 3)) {
            buffer_printf(out, "\\u{fff%c}", at[2] == '\xbe' ? 'e' : 'f');
            at += 3;
        } else if (*at) {
            switch (*at) {
            case '&':
                buffer_puts(out, "&amp;");
                break;
            case '<':
                buffer_puts(out, "&lt;");
                break;
            case '>':
                buffer_puts(out, "&gt;");
                break;
            case '\'':
                buffer_puts(out, "&apos;");
                break;
            case '"':
                buffer_puts(out, "&quot;");
                break;
            default:
                buffer_add(out, at, 1);
                break;
            }
            at++;
        }
    }
}

/* Text for content and attribute values. */
static void
add_text(struct buffer *out, const char *text)
{
    cleanup(free_ptr) char *safe = escape_text(text);

    add_plain(out, safe);
}

/* An attribute; none where the value is not known. */
static void
add_attribute(struct buffer *out, const char *name, const char *value)
{
    if (!value)
        return;
    buffer_printf(out, " %s='", name);
    add_text(out, value);
    buffer_puts(out, "'");
}

static void
add_number(struct buffer *out, const char *name, unsigned long long value)
{
    buffer_printf(out, " %s='%llu'", name, value);
}

static void
add_element(struct buffer *out, const char *indent, const char *name,
            const char *text)
{
    buffer_printf(out, "%s<%s>", indent, name);
    add_text(out, text);
    buffer_printf(out, "</%s>\n", name);
}

/*
 * The path as part of a URI (RFC 3986): of the bytes on disk, which the file=
 * that people read no longer has where they are no text.
 */
static void
add_uri(struct buffer *out, const char *name, const char *path,
        const char *behind)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789-._~/";

    buffer_printf(out, " %s='", name);
    if (*path == '/')
        buffer_puts(out, "file://");
    while (*path) {
        size_t len = strspn(path, plain);

        buffer_add(out, path, len);
        path += len;
        if (*path)
            buffer_printf(out, "%%%02X", (unsigned char)*path++);
    }
    buffer_printf(out, "%s'", behind);
}

/* What to do, which can be a command and is plain text already. */
static void
add_remedy(struct buffer *out, const char *indent, const char *remedy)
{
    buffer_printf(out, "%s<remedy>", indent);
    add_plain(out, remedy);
    buffer_puts(out, "</remedy>\n");
}

static void
write_snapshot(struct writer *writer, const struct listed_snapshot *snapshot,
               size_t index, size_t below)
{
    const enum showing *showing = snapshot->showing;
    struct buffer *out = writer->out;
    char time[CALENDAR_SIZE];

    buffer_puts(out, "    <snapshot");
    add_number(out, "index", index);
    add_attribute(out, "name", snapshot->name);
    add_attribute(out, "parent", snapshot->parent);
    if (snapshot->current)
        add_attribute(out, "current", "yes");
    if (snapshot->has_created)
        buffer_printf(out, " created='%lld'", snapshot->created);
    if (snapshot->has_created && calendar_utc(snapshot->created, time))
        add_attribute(out, "time", time);
    add_attribute(out, "state", snapshot->state);
    add_attribute(out, "file", snapshot->file);
    if (snapshot->line)
        add_number(out, "line", snapshot->line);
    add_number(out, "depth", snapshot->depth);
    if (below)
        add_number(out, "below", below);
    add_attribute(out, "legacy-loader", showing_name(showing[LAYOUT_LEGACY]));
    add_attribute(out, "bulk-loader", showing_name(showing[LAYOUT_BULK]));
    add_attribute(out, "legacy-reason", snapshot->reason[LAYOUT_LEGACY]);
    add_attribute(out, "bulk-reason", snapshot->reason[LAYOUT_BULK]);
    buffer_puts(out, "/>\n");
    writer->lost_by_upgrade += showing[LAYOUT_LEGACY] != SHOWING_HIDDEN &&
                               showing[LAYOUT_BULK] == SHOWING_HIDDEN;
    writer->lost_by_downgrade += showing[LAYOUT_BULK] != SHOWING_HIDDEN &&
                                 showing[LAYOUT_LEGACY] == SHOWING_HIDDEN;
}

static void
write_snapshots(struct writer *writer, const struct listed_domain *domain)
{
    /* The numbers of the snapshots from a root down to the last one written. */
    cleanup(free_ptr) size_t *path = xcalloc(domain->count + 1, sizeof(*path));
    size_t deep = 0;

    for (size_t i = 0; i < domain->count; i++) {
        size_t depth = domain->list[i].depth;

        if (depth > deep)
            depth = deep;
        write_snapshot(writer, &domain->list[i], i + 1,
                       depth ? path[depth - 1] : 0);
        path[depth] = i + 1;
        deep = depth + 1;
    }
    writer->snapshots += domain->seen;
}

static void
write_problem(struct writer *writer, size_t index, const char *indent)
{
    const struct problem *problem = &writer->listing->problems.list[index];
    const struct problem_words words = problem_told(problem);
    enum severity severity = writer->policy->severity[problem->id];
    size_t snapshot = writer->placing.snapshot[index];
    bool known =
        baseline_knows(writer->baseline, problem->id, &writer->prints[index]);
    struct buffer *out = writer->out;
    cleanup(free_ptr) char *message =
        problem->detail ? xasprintf("%s: %s", words.title, problem->detail)
                        : xstrdup(words.title);
    cleanup(free_ptr) char *inner = xasprintf("%s  ", indent);

    if (severity == SEVERITY_IGNORE)
        return;
    writer->found[problem->id]++;
    writer->known += known;
    writer->count[severity] += !known;
    buffer_printf(out, "%s<problem", indent);
    add_attribute(out, "id", problem_info(problem->id)->id);
    add_attribute(out, "severity", severity_name(severity));
    add_attribute(out, "domain", problem->domain);
    add_attribute(out, "snapshot", problem->snapshot);
    if (snapshot != PLACED_NOWHERE)
        add_number(out, "snapshot-index", snapshot + 1);
    add_attribute(out, "file", problem->file);
    if (problem->file)
        add_uri(out, "uri", problem->file, "");
    if (problem->line)
        add_number(out, "line", problem->line);
    if (problem->line && problem->column)
        add_number(out, "column", problem->column);
    add_attribute(out, "fingerprint", writer->prints[index].text);
    if (known)
        add_attribute(out, "known", "yes");
    buffer_puts(out, ">\n");
    add_element(out, inner, "title", words.title);
    add_element(out, inner, "message", message);
    add_element(out, inner, "consequence", words.consequence);
    add_remedy(out, inner, words.remedy);
    buffer_printf(out, "%s</problem>\n", indent);
}

/* The findings of a domain; of none where INDEX is the number of domains. */
static void
write_problems(struct writer *writer, size_t index, const char *indent)
{
    const struct placing *placing = &writer->placing;
    size_t end = index < writer->listing->count
                     ? placing->start[index + 1]
                     : writer->listing->problems.count;

    for (size_t i = placing->start[index]; i < end; i++)
        write_problem(writer, placing->order[i], indent);
}

static void
write_domain(struct writer *writer, size_t index)
{
    const struct listed_domain *domain = &writer->listing->list[index];
    struct buffer *out = writer->out;
    size_t current = 0;

    while (current < domain->count && !domain->list[current].current)
        current++;
    buffer_puts(out, "  <domain");
    add_number(out, "index", index + 1);
    add_attribute(out, "name", domain->name);
    add_attribute(out, "base", domain->base);
    add_attribute(out, "layout", listed_layout(domain));
    if (current < domain->count)
        add_attribute(out, "current", domain->list[current].name);
    if (domain->forgotten)
        add_attribute(out, "current-forgotten", "yes");
    add_attribute(out, "legacy-reason", domain->reason[LAYOUT_LEGACY]);
    add_attribute(out, "bulk-reason", domain->reason[LAYOUT_BULK]);
    buffer_puts(out, ">\n");
    write_snapshots(writer, domain);
    write_problems(writer, index, "    ");
    buffer_puts(out, "  </domain>\n");
}

/* Every problem that was found, once, in the order of the table. */
static void
write_rules(struct writer *writer)
{
    struct buffer *out = writer->out;
    size_t index = 0;

    for (int i = 0; i < PROBLEM_COUNT; i++) {
        const struct problem_words words =
            problem_words(writer->listing->kind, (enum problem_id)i);

        if (!writer->found[i])
            continue;
        buffer_puts(out, "  <rule");
        add_number(out, "index", ++index);
        add_attribute(out, "id", problem_info((enum problem_id)i)->id);
        add_attribute(out, "severity",
                      severity_name(writer->policy->severity[i]));
        add_number(out, "count", writer->found[i]);
        buffer_puts(out, ">\n");
        add_element(out, "    ", "title", words.title);
        add_element(out, "    ", "consequence", words.consequence);
        add_element(out, "    ", "remedy", words.remedy);
        buffer_puts(out, "  </rule>\n");
    }
}

static void
write_summary(struct writer *writer)
{
    const struct listing *listing = writer->listing;
    struct buffer *out = writer->out;

    buffer_puts(out, "  <summary");
    add_number(out, "domains", listing->count);
    add_number(out, "snapshots", writer->snapshots);
    add_number(out, "errors", writer->count[SEVERITY_ERROR]);
    add_number(out, "warnings", writer->count[SEVERITY_WARNING]);
    add_number(out, "known", writer->known);
    add_number(out, "unchecked", listing->trouble.count);
    add_number(out, "lost-by-upgrade", writer->lost_by_upgrade);
    add_number(out, "lost-by-downgrade", writer->lost_by_downgrade);
    buffer_puts(out, "/>\n");
}

/*
 * The directory as the start of a URI. A relative one stays relative to where
 * the program was run: in CI that is the top of the repository.
 */
static void
add_base(struct buffer *out, const char *base)
{
    const char *path = base;
    size_t len;
    cleanup(free_ptr) char *trimmed = NULL;

    add_attribute(out, "base", base);
    while (path[0] == '.' && path[1] == '/')
        path += 2 + strspn(path + 2, "/");
    if (!strcmp(path, "."))
        path = "";
    len = strlen(path);
    while (len && path[len - 1] == '/')
        len--;
    trimmed = xstrndup(path, len ? len : *path == '/');
    add_uri(out, "base-uri", trimmed, len ? "/" : "");
}

void
report_xml(struct buffer *out, const struct listing *listing,
           const struct policy *policy, const struct baseline *baseline)
{
    cleanup(free_ptr) struct fingerprint *prints = NULL;
    struct writer writer = {
        .out = out, .listing = listing, .policy = policy, .baseline = baseline};

    placing_make(&writer.placing, listing);
    prints = fingerprints_of(listing, &writer.placing);
    writer.prints = prints;
    buffer_puts(out, "<?xml version='1.0' encoding='UTF-8'?>\n<report");
    add_attribute(out, "version", VERSION);
    if (listing->kind != KIND_SNAPSHOT)
        add_attribute(out, "kind", kind_info(listing->kind)->name);
    if (listing->base)
        add_base(out, listing->base);
    if (baseline)
        add_attribute(out, "baseline", "yes");
    buffer_puts(out, ">\n");
    for (size_t i = 0; i < listing->count; i++)
        write_domain(&writer, i);
    write_problems(&writer, listing->count, "  ");
    for (size_t i = 0; i < listing->trouble.count; i++)
        add_element(out, "  ", "unchecked", listing->trouble.list[i]);
    write_rules(&writer);
    write_summary(&writer);
    buffer_puts(out, "</report>\n");
    placing_free(&writer.placing);
}
