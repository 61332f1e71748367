/* snapshot.c - see snapshot.h. */
#include "snapshot.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "escape.h"
#include "judge.h"
#include "memory.h"
#include "parse.h"
#include "problem.h"

const char *
snapshot_name_unsafe(const char *name)
{
    if (!name[0])
        return "it is empty";
    if (strchr(name, '/'))
        return "it has a '/'";
    if (name[0] == '.')
        return "it starts with a '.'";
    if (strlen(name) > SNAPSHOT_NAME_MAX)
        return "it is longer than 247 bytes";
    return NULL;
}

/* Does a parser read these bytes as NAME (XML 1.0, 2.11: line ends)? */
static bool
reads_as(const char *raw, const char *name)
{
    for (; *raw; raw++, name++) {
        if (*raw == '\r' && *name == '\r')
            continue;
        if (raw[0] == '\r' && raw[1] == '\n')
            raw++;
        if (*name != (*raw == '\r' ? '\n' : *raw))
            return false;
    }
    return !*name;
}

/*
 * libvirt writes a carriage return in a name raw, so a parser reads a line
 * feed; but it named the file by what it had in memory. Take it from the bytes.
 */
static char *
stem_of(const char *name, const char *bytes, const struct document *map)
{
    const char *element = bytes + map->root.start;
    struct span whole, content;
    char *raw = NULL;

    if (strchr(name, '\n') &&
        span_child(element, map->root.len, "name", &whole, &content))
        raw = span_decode(element + content.start, content.len);
    if (raw && !reads_as(raw, name)) {
        free(raw);
        raw = NULL;
    }
    return raw ? raw : xstrdup(name);
}

static void
judge_name(struct judge *judge, const xmlNode *root, const char *bytes,
           const struct document *map)
{
    const xmlNode *node = parse_child(root, "name", NULL);
    cleanup(parse_free_text) xmlChar *text = judge_text(node);
    struct snapshot *snapshot = judge->snapshot;
    const char *unsafe;

    judge_at(judge, node ? node : root);
    snapshot->name_line = judge->place.line;
    snapshot->name = xstrdup((const char *)text);
    snapshot->stem = stem_of(snapshot->name, bytes, map);
    judge->place.snapshot = snapshot->name;
    unsafe = snapshot_name_unsafe(snapshot->stem);
    if (!snapshot->name[0])
        problem_add(judge->problems, PROBLEM_NAME_MISSING, &judge->place, NULL);
    else if (unsafe)
        problem_add(judge->problems, PROBLEM_NAME_UNSAFE, &judge->place,
                    "'%.300s': %s", snapshot->name, unsafe);
}

/* XPath string(./parent/name): the first <name> of any <parent>. */
static void
judge_parent(struct judge *judge, const xmlNode *root)
{
    const xmlNode *parent = NULL, *name = NULL;

    while (!name && (parent = parse_child(root, "parent", parent)))
        name = parse_child(parent, "name", NULL);
    if (name) {
        cleanup(parse_free_text) xmlChar *text = judge_text(name);

        judge_at(judge, name);
        judge->snapshot->parent_line = judge->place.line;
        if (text[0])
            judge->snapshot->parent = xstrdup((const char *)text);
    }
}

static void
judge_active(struct judge *judge, const xmlNode *root)
{
    const xmlNode *node = parse_child(root, "active", NULL);
    cleanup(parse_free_text) xmlChar *text = judge_text(node);
    const char *value = (const char *)text;
    long long number = 0;

    for (const xmlNode *other = root->children; other; other = other->next) {
        if (other->type == XML_ELEMENT_NODE && other->ns &&
            !other->ns->prefix &&
            !strcmp((const char *)other->name, "active")) {
            judge_at(judge, other);
            problem_add(judge->problems, PROBLEM_ACTIVE_BAD, &judge->place,
                        "it is in a namespace");
        }
    }
    judge_at(judge, node ? node : root);
    if (judge->layout == LAYOUT_BULK) {
        if (node)
            problem_add(judge->problems, PROBLEM_ACTIVE_IN_BULK, &judge->place,
                        NULL);
        return;
    }
    if (!node) {
        problem_add(judge->problems, PROBLEM_ACTIVE_MISSING, &judge->place,
                    NULL);
    } else if (!judge_integer(value, &number) || number > INT_MAX ||
               number < INT_MIN) {
        problem_add(judge->problems, PROBLEM_ACTIVE_BAD, &judge->place,
                    "'%.80s'", value);
    } else if (parse_child(root, "active", node)) {
        problem_add(judge->problems, PROBLEM_ACTIVE_BAD, &judge->place,
                    "there is more than one <active>");
    } else if (strcmp(value, "0") && strcmp(value, "1")) {
        problem_add(judge->problems, PROBLEM_ACTIVE_ODD, &judge->place,
                    "'%.80s'", value);
    }
    judge->snapshot->active = number != 0;
    judge->snapshot->active_line = judge->place.line;
}

bool
snapshot_is_utf8(const char *bytes, size_t len, const struct document *map,
                 const struct place *place, struct problems *problems)
{
    static const char *const fine[] = {"UTF-8", "UTF8", "US-ASCII", "ASCII"};
    struct span name = map->encoding;
    size_t valid = utf8_valid_prefix(bytes, len);
    struct place where = *place;
    size_t i, high = 0;

    if (valid < len) {
        where.line += span_lines(bytes, valid);
        problem_add(problems, PROBLEM_XML_NOT_UTF8, &where, "byte 0x%02x",
                    (unsigned char)bytes[valid]);
        return false;
    }
    if (!name.len)
        return true;
    for (i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        if (strlen(fine[i]) == name.len &&
            !strncasecmp(bytes + name.start, fine[i], name.len))
            return true;
    }
    /* Latin-1 without a letter above ASCII is the same text. */
    while (high < len && (unsigned char)bytes[high] < 0x80)
        high++;
    if (high == len && name.len > 8 &&
        !strncasecmp(bytes + name.start, "ISO-8859", 8))
        return true;
    problem_add(problems, PROBLEM_XML_NOT_UTF8, &where,
                "it is declared as '%.*s'",
                (int)(name.len < 80 ? name.len : 80), bytes + name.start);
    return false;
}

/* Parse, or say why it cannot be parsed. */
static xmlDoc *
parse_or_report(struct judge *judge, const char *bytes, size_t len,
                const struct document *map)
{
    struct parse_failure failure = {0};
    xmlDoc *doc = NULL;
    /* A member of a bulk file is one level further down than it looks. */
    size_t depth = map->depth + (judge->layout == LAYOUT_BULK);

    if (map->has_doctype) {
        judge->place.line += span_lines(bytes, map->doctype);
        problem_add(judge->problems, PROBLEM_XML_DOCTYPE, &judge->place, NULL);
        return NULL;
    }
    if (!snapshot_is_utf8(bytes, len, map, &judge->place, judge->problems))
        return NULL;
    if (depth > NESTING_MAX) {
        judge->place.line += span_lines(bytes, map->root.start);
        problem_add(judge->problems, PROBLEM_TOO_DEEP, &judge->place,
                    "%zu levels", depth);
        return NULL;
    }
    if (map->attributes > ATTRIBUTES_MAX) {
        judge->place.line += span_lines(bytes, map->root.start);
        problem_add(judge->problems, PROBLEM_ATTRIBUTES_MANY, &judge->place,
                    "%zu attributes", map->attributes);
        return NULL;
    }
    judge->snapshot->depth = map->depth;
    doc = parse_document(bytes, len, judge->dictionary, &failure);
    if (!doc || !map->root.len) {
        struct place place = judge->place;

        if (failure.line)
            place.line = judge->first_line - 1 + failure.line;
        place.column = failure.column;
        problem_add(judge->problems, PROBLEM_XML_MALFORMED, &place, "%.300s",
                    failure.message ? failure.message
                                    : "its root element cannot be found");
        if (doc)
            xmlFreeDoc(doc);
        doc = NULL;
    }
    free(failure.message);
    return doc;
}

enum snapshot_kind
snapshot_parse(struct snapshot *snapshot, enum layout layout, const char *bytes,
               size_t len, const struct document *map, xmlDict *dictionary,
               const struct place *place, struct problems *problems)
{
    struct judge judge = {
        .snapshot = snapshot,
        .layout = layout,
        .dictionary = dictionary,
        .place = *place,
        .first_line = place->line ? place->line : 1,
        .problems = problems,
    };
    cleanup(parse_free_doc) xmlDoc *doc = NULL;
    const xmlNode *root;
    size_t before = problems->count;

    *snapshot = (struct snapshot){0};
    judge.place.line = judge.first_line;
    doc = parse_or_report(&judge, bytes, len, map);
    if (!doc)
        return SNAPSHOT_NO_XML;
    root = xmlDocGetRootElement(doc);
    judge_at(&judge, root);
    snapshot->line = judge.place.line;
    if (!parse_is(root, "domainsnapshot")) {
        problem_add(problems, PROBLEM_ROOT_WRONG, &judge.place,
                    "<%.*s> instead of <domainsnapshot>%s",
                    (int)(map->root_name.len < 80 ? map->root_name.len : 80),
                    bytes + map->root_name.start,
                    root->ns ? ", in a namespace" : "");
        return SNAPSHOT_OTHER;
    }
    judge_name(&judge, root, bytes, map);
    judge_parent(&judge, root);
    judge_time(&judge, root);
    judge_state(&judge, root);
    judge_active(&judge, root);
    judge_memory(&judge, root);
    judge_disks(&judge, root);
    judge_domain(&judge, root);
    return problems_errors(problems, before) ? SNAPSHOT_DAMAGED
                                             : SNAPSHOT_SOUND;
}

void
snapshot_free(struct snapshot *snapshot)
{
    free(snapshot->name);
    free(snapshot->stem);
    free(snapshot->parent);
    free(snapshot->file);
    free(snapshot->domain_name);
    *snapshot = (struct snapshot){0};
}
