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
#include "schemas.h"
#include "shortcut.h"
#include "workspace.h"

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

void
judge_name(struct judge *judge, const xmlNode *root, const char *bytes,
           const struct document *map)
{
    const xmlNode *node = parse_child(root, "name", NULL);
    cleanup(parse_free_text) xmlChar *text = judge_text(node);
    struct snapshot *snapshot = judge->snapshot;

    snapshot->name_at = judge_at(judge, node ? node : root);
    snapshot->name = xstrdup((const char *)text);
    snapshot->stem = stem_of(snapshot->name, bytes, map);
    judge->place.snapshot = snapshot->name;
    if (!snapshot->name[0])
        problem_add(judge->problems, PROBLEM_NAME_MISSING, &judge->place,
                    node ? "found an empty <name>" : NULL);
}

/* At the place of the name, which was judged just before. */
static void
judge_stem(struct judge *judge)
{
    const char *unsafe = snapshot_name_unsafe(judge->snapshot->stem);

    if (judge->snapshot->name[0] && unsafe)
        problem_add(judge->problems, PROBLEM_NAME_UNSAFE, &judge->place, "%s",
                    unsafe);
}

/* XPath string(./parent/name): the first <name> of any <parent>. */
void
judge_parent(struct judge *judge, const xmlNode *root)
{
    const xmlNode *parent = NULL, *name = NULL;

    while (!name && (parent = parse_child(root, "parent", parent)))
        name = parse_child(parent, "name", NULL);
    if (name) {
        cleanup(parse_free_text) xmlChar *text = judge_text(name);

        judge->snapshot->parent_at = judge_at(judge, name);
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
            (void)judge_at(judge, other);
            problem_add(judge->problems, PROBLEM_ACTIVE_AMBIGUOUS,
                        &judge->place,
                        "found it in a namespace, expected none");
        }
    }
    judge->snapshot->active_at = judge_at(judge, node ? node : root);
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
                    "found '%.80s', expected 0 or 1", value);
        number = 0;
    } else if (parse_child(root, "active", node)) {
        (void)judge_at(judge, parse_child(root, "active", node));
        problem_add(judge->problems, PROBLEM_ACTIVE_AMBIGUOUS, &judge->place,
                    "found another <active>, expected one");
    } else if (strcmp(value, "0") && strcmp(value, "1")) {
        problem_add(judge->problems, PROBLEM_ACTIVE_ODD, &judge->place,
                    "found '%.80s'", value);
    }
    judge->snapshot->active = number != 0;
}

char *
snapshot_not_utf8(const char *bytes, size_t len, const struct document *map,
                  size_t *offset)
{
    static const char *const fine[] = {"UTF-8", "UTF8", "US-ASCII", "ASCII"};
    struct span name = map->encoding;
    size_t valid = utf8_valid_prefix(bytes, len);
    size_t i, high = 0;

    if (valid < len) {
        *offset = valid;
        return xasprintf("found byte 0x%02x", (unsigned char)bytes[valid]);
    }
    if (!name.len)
        return NULL;
    for (i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        if (strlen(fine[i]) == name.len &&
            !strncasecmp(bytes + name.start, fine[i], name.len))
            return NULL;
    }
    /* Latin-1 without a letter above ASCII is the same text. */
    while (high < len && (unsigned char)bytes[high] < 0x80)
        high++;
    if (high == len && name.len > 8 &&
        !strncasecmp(bytes + name.start, "ISO-8859", 8))
        return NULL;
    *offset = name.start;
    return xasprintf("found encoding='%.*s'",
                     (int)(name.len < 80 ? name.len : 80), bytes + name.start);
}

/* Let the place of the next problem be that of a byte. */
static void
judge_byte(struct judge *judge, size_t offset)
{
    position_put(where_byte(&judge->where, offset), &judge->place);
}

/* What keeps the document from being parsed at all? True: a problem says so. */
static bool
is_unparsed(struct judge *judge, const struct document *map)
{
    /* A member of a bulk file is one level further down than it looks. */
    size_t depth = map->depth + (judge->layout == LAYOUT_BULK), offset = 0;
    size_t before = judge->problems->count;
    cleanup(free_ptr) char *found = NULL;

    if (map->has_doctype) {
        judge_byte(judge, map->doctype);
        problem_add(judge->problems, PROBLEM_XML_DOCTYPE, &judge->place, NULL);
        return true;
    }
    found =
        snapshot_not_utf8(judge->where.bytes, judge->where.len, map, &offset);
    if (found) {
        judge_byte(judge, offset);
        problem_add(judge->problems, PROBLEM_XML_NOT_UTF8, &judge->place, "%s",
                    found);
        /* libvirt's parser knows more encodings, where one is declared. */
        if (map->encoding.len)
            problems_tolerate(judge->problems, before);
    } else if (depth > NESTING_MAX) {
        judge_byte(judge, map->deepest);
        problem_add(judge->problems, PROBLEM_TOO_DEEP, &judge->place,
                    "found %zu levels, expected at most %d", depth,
                    NESTING_MAX);
    } else if (map->attributes > ATTRIBUTES_MAX) {
        judge_byte(judge, map->widest);
        problem_add(judge->problems, PROBLEM_ATTRIBUTES_MANY, &judge->place,
                    "found %zu", map->attributes);
    } else if (map->namespaces > NAMESPACES_MAX) {
        judge_byte(judge, map->crowded);
        problem_add(judge->problems, PROBLEM_NAMESPACES_MANY, &judge->place,
                    "found %zu", map->namespaces);
    } else {
        return false;
    }
    return true;
}

xmlDoc *
judge_parse(struct judge *judge, const char *bytes, size_t len,
            const struct document *map)
{
    struct parse_failure failure = {0};
    xmlDoc *doc = NULL;

    if (is_unparsed(judge, map))
        return NULL;
    judge->snapshot->depth = map->depth;
    if (map->depth + 1 > NESTING_MAX)
        judge->snapshot->deepest_at = where_byte(&judge->where, map->deepest);
    doc = judge->parser ? parser_read(judge->parser, bytes, len, &failure)
                        : parse_document(bytes, len, NULL, &failure);
    if (!doc || !map->root.len) {
        judge_byte(judge, failure.offset);
        problem_add(judge->problems, PROBLEM_XML_MALFORMED, &judge->place,
                    "%.300s",
                    failure.message ? failure.message
                                    : "its root element cannot be found");
        if (doc)
            xmlFreeDoc(doc);
        doc = NULL;
    }
    free(failure.message);
    return doc;
}

/* All that stands beside the parts of a snapshot. */
static void
judge_beside_parts(struct judge *judge, const xmlNode *root, const char *bytes,
                   const struct document *map)
{
    judge_name(judge, root, bytes, map);
    judge_stem(judge);
    judge_parent(judge, root);
    judge_time(judge, root);
    judge_state(judge, root);
    judge_active(judge, root);
    judge_memory(judge, root);
    judge_disks(judge, root);
}

static enum snapshot_kind
judge_whole(struct judge *judge, const char *bytes, size_t len,
            const struct document *map, const struct schemas *schemas)
{
    cleanup(parse_free_doc) xmlDoc *doc = judge_parse(judge, bytes, len, map);
    size_t before = judge->problems->count;
    const xmlNode *root;

    if (!doc)
        return SNAPSHOT_NO_XML;
    root = xmlDocGetRootElement(doc);
    judge->snapshot->at = judge_at(judge, root);
    if (!parse_is(root, "domainsnapshot")) {
        problem_add(judge->problems, PROBLEM_ROOT_WRONG, &judge->place,
                    "found <%.*s>%s, expected <domainsnapshot>%s",
                    (int)(map->root_name.len < 80 ? map->root_name.len : 80),
                    bytes + map->root_name.start,
                    root->ns ? " in a namespace" : "",
                    root->ns ? " in none" : "");
        /* libvirt overlooks a prefix here, but not among the children. */
        if (root->ns && root->ns->prefix &&
            !xmlStrcmp(root->name, (const xmlChar *)"domainsnapshot"))
            problems_tolerate(judge->problems, before);
        return SNAPSHOT_OTHER;
    }
    judge_beside_parts(judge, root, bytes, map);
    judge_domain(judge, root);
    schemas_check(schemas, judge, doc, before);
    return problems_errors(judge->problems, before) ? SNAPSHOT_DAMAGED
                                                    : SNAPSHOT_SOUND;
}

/* Take the facts from the <domain> that was taken out. */
static void
recall_domain(struct judge *judge, const struct shortcut *shortcut)
{
    struct snapshot *snapshot = judge->snapshot;
    size_t start = 0;
    const struct met *met = shortcut_part(shortcut, PART_DOMAIN, &start);

    if (!met) {
        judge_domain(judge, xmlDocGetRootElement(shortcut->doc));
        return;
    }
    snapshot->domain_name = xstrdup(met->part->domain_name);
    snapshot->uuid_at = where_byte(&judge->where, start + met->uuid_at);
    snapshot->has_uuid = true;
    memcpy(snapshot->uuid, met->part->uuid, sizeof(snapshot->uuid));
}

/* True: it is sound, without a word. False: as if nothing had been done. */
static bool
judge_parts(struct judge judge, size_t len, struct document *map,
            const struct schemas *schemas, struct workspace *workspace)
{
    cleanup(shortcut_free) struct shortcut shortcut;
    cleanup(problems_free) struct problems found = {0};
    const char *bytes = judge.where.bytes;
    const xmlNode *root;

    if (!shortcut_take(&shortcut, bytes, len, map, schemas, workspace))
        return false;
    shortcut_guide(&shortcut, workspace, &judge.where);
    if (outlines_know(&workspace->outlines, &workspace->memo.variants,
                      &shortcut, &workspace->rest, &judge)) {
        judge.snapshot->depth = map->depth;
        recall_domain(&judge, &shortcut);
        return true;
    }
    if (!shortcut_parse(&shortcut, workspace))
        return false;
    judge.problems = &found;
    root = xmlDocGetRootElement(shortcut.doc);
    judge.snapshot->depth = map->depth;
    judge.snapshot->at = judge_at(&judge, root);
    judge_beside_parts(&judge, root, bytes, map);
    recall_domain(&judge, &shortcut);
    if (!found.count && shortcut_valid(&shortcut)) {
        outlines_add(&workspace->outlines, &workspace->memo.variants, &shortcut,
                     &workspace->rest, &judge);
        return true;
    }
    snapshot_free(judge.snapshot);
    return false;
}

enum snapshot_kind
snapshot_parse(struct snapshot *snapshot, enum layout layout, const char *bytes,
               size_t len, struct document *map, struct workspace *workspace,
               const struct schemas *schemas, const struct place *place,
               struct problems *problems)
{
    struct position start = {place->line ? place->line : 1,
                             place->column ? place->column : 1};
    struct judge judge = {
        .snapshot = snapshot,
        .layout = layout,
        .parser = workspace ? workspace->parser : NULL,
        .place = *place,
        .where = where_start(bytes, len, start),
        .problems = problems,
    };

    *snapshot = (struct snapshot){0};
    if (workspace && !workspace->no_memo &&
        judge_parts(judge, len, map, schemas, workspace))
        return SNAPSHOT_SOUND;
    (void)scan_document(bytes, len, map);
    return judge_whole(&judge, bytes, len, map, schemas);
}

char *
snapshot_uuid_text(const unsigned char uuid[16])
{
    struct buffer out = {0};

    for (size_t i = 0; i < 16; i++)
        buffer_printf(&out, i >= 4 && i <= 10 && i % 2 == 0 ? "-%02x" : "%02x",
                      uuid[i]);
    buffer_add(&out, "", 1);
    return out.data;
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
