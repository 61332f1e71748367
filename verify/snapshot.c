/* snapshot.c - see snapshot.h. */
#include "snapshot.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "escape.h"
#include "memory.h"
#include "parse.h"
#include "problem.h"

/* What is being judged, handed through the checks of one document. */
struct judge {
    struct snapshot *snapshot;
    enum layout layout;
    struct place place; /* its line: that of the document's first byte */
    unsigned long first_line;
    struct problems *problems;
};

static void
set_line(struct judge *judge, const xmlNode *node)
{
    long line = xmlGetLineNo(node);

    judge->place.line =
        judge->first_line - 1 + (line > 0 ? (unsigned long)line : 1);
}

static xmlChar *
text_of(const xmlNode *node)
{
    xmlChar *text = node ? xmlNodeGetContent(node) : NULL;

    return text ? text : xmlStrdup((const xmlChar *)"");
}

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
        span_child(element, map->root.len, 0, "name", &whole, &content))
        raw = span_decode(element + content.start, content.len);
    return raw ? raw : xstrdup(name);
}

static void
judge_name(struct judge *judge, const xmlNode *root, const char *bytes,
           const struct document *map)
{
    const xmlNode *node = parse_child(root, "name", NULL);
    cleanup(parse_free_text) xmlChar *text = text_of(node);
    struct snapshot *snapshot = judge->snapshot;
    const char *unsafe;

    set_line(judge, node ? node : root);
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

/* libvirt's virStrToLong_ll(): strtoll() that must end at the text's end. */
static bool
parse_integer(const char *text, long long *value)
{
    char *end;

    errno = 0;
    *value = strtoll(text, &end, 10);
    return !errno && end != text && !*end;
}

static void
judge_time(struct judge *judge, const xmlNode *root)
{
    const xmlNode *node = parse_child(root, "creationTime", NULL);
    cleanup(parse_free_text) xmlChar *text = text_of(node);

    set_line(judge, node ? node : root);
    if (!node)
        problem_add(judge->problems, PROBLEM_TIME_MISSING, &judge->place, NULL);
    else if (!parse_integer((const char *)text, &judge->snapshot->created))
        problem_add(judge->problems, PROBLEM_TIME_BAD, &judge->place, "'%.80s'",
                    (const char *)text);
}

static bool
one_of(const xmlChar *text, const char *const *known)
{
    for (; *known; known++) {
        if (!strcmp((const char *)text, *known))
            return true;
    }
    return false;
}

/* libvirt's virDomainSnapshotState; its first, nostate, does not load. */
static void
judge_state(struct judge *judge, const xmlNode *root)
{
    static const char *const known[] = {
        "running", "blocked",     "paused",        "shutdown", "shutoff",
        "crashed", "pmsuspended", "disk-snapshot", NULL,
    };
    const xmlNode *node = parse_child(root, "state", NULL);
    cleanup(parse_free_text) xmlChar *text = text_of(node);

    set_line(judge, node ? node : root);
    if (!text[0])
        problem_add(judge->problems, PROBLEM_STATE_MISSING, &judge->place,
                    NULL);
    else if (!one_of(text, known))
        problem_add(judge->problems, PROBLEM_STATE_BAD, &judge->place,
                    "'%.80s'", (const char *)text);
}

/* XPath string(./parent/name): the first <name> of any <parent>. */
static void
judge_parent(struct judge *judge, const xmlNode *root)
{
    const xmlNode *parent = NULL, *name = NULL;

    while (!name && (parent = parse_child(root, "parent", parent)))
        name = parse_child(parent, "name", NULL);
    if (name) {
        cleanup(parse_free_text) xmlChar *text = text_of(name);

        set_line(judge, name);
        judge->snapshot->parent_line = judge->place.line;
        if (text[0])
            judge->snapshot->parent = xstrdup((const char *)text);
    }
}

static void
judge_active(struct judge *judge, const xmlNode *root)
{
    const xmlNode *node = parse_child(root, "active", NULL);
    cleanup(parse_free_text) xmlChar *text = text_of(node);
    const char *value = (const char *)text;
    long long number = 0;

    set_line(judge, node ? node : root);
    if (judge->layout == LAYOUT_BULK) {
        if (node)
            problem_add(judge->problems, PROBLEM_ACTIVE_IN_BULK, &judge->place,
                        NULL);
        return;
    }
    if (!node) {
        problem_add(judge->problems, PROBLEM_ACTIVE_MISSING, &judge->place,
                    NULL);
    } else if (!parse_integer(value, &number) || number > INT_MAX ||
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
}

/* libvirt's virUUIDParse(): 32 hexadecimal digits, hyphens anywhere between. */
static bool
parse_uuid(const char *text, unsigned char uuid[16])
{
    size_t digits = 0;

    while (isspace((unsigned char)*text))
        text++;
    for (; digits < 32; text++) {
        static const char set[] = "0123456789abcdef";
        const char *digit;

        if (*text == '-')
            continue;
        digit = *text ? strchr(set, tolower((unsigned char)*text)) : NULL;
        if (!digit)
            return false;
        uuid[digits / 2] =
            (unsigned char)(uuid[digits / 2] << 4 | (digit - set));
        digits++;
    }
    while (isspace((unsigned char)*text))
        text++;
    return !*text;
}

/* What libvirt cannot do without in the definition of a domain; NULL: nothing.
 */
static const char *
definition_lacks(const xmlNode *domain)
{
    const xmlNode *os = parse_child(domain, "os", NULL);
    cleanup(parse_free_text) xmlChar *name =
        text_of(parse_child(domain, "name", NULL));
    cleanup(parse_free_text) xmlChar *type =
        text_of(os ? parse_child(os, "type", NULL) : NULL);

    if (!name[0])
        return "<name>";
    if (!type[0])
        return "<os> with <type>";
    if (!parse_child(domain, "memory", NULL))
        return "<memory>";
    return NULL;
}

/*
 * A <domain> with a type is parsed in full by libvirt, and in a bulk file its
 * uuid compared (one without uuid gets a random one); without a type it is not
 * looked at. An <inactiveDomain> is always parsed, its uuid never compared.
 */
static void
judge_domain(struct judge *judge, const xmlNode *root)
{
    const xmlNode *domain = parse_child(root, "domain", NULL);
    const xmlNode *inactive = parse_child(root, "inactiveDomain", NULL);
    cleanup(parse_free_text) xmlChar *type =
        domain ? xmlGetNoNsProp(domain, (const xmlChar *)"type") : NULL;
    cleanup(parse_free_text) xmlChar *uuid = NULL;
    const char *lacks;

    if (inactive) {
        set_line(judge, inactive);
        lacks = definition_lacks(inactive);
        if (!lacks && !xmlHasProp(inactive, (const xmlChar *)"type"))
            lacks = "a type=";
        if (lacks)
            problem_add(judge->problems, PROBLEM_DOMAIN_INCOMPLETE,
                        &judge->place, "<inactiveDomain> lacks %s", lacks);
    }
    set_line(judge, domain ? domain : root);
    if (!type || !type[0]) {
        problem_add(judge->problems, PROBLEM_DOMAIN_MISSING, &judge->place,
                    NULL);
        return;
    }
    lacks = definition_lacks(domain);
    if (!lacks && !parse_child(domain, "uuid", NULL))
        lacks = "<uuid>";
    if (lacks) {
        problem_add(judge->problems, PROBLEM_DOMAIN_INCOMPLETE, &judge->place,
                    "<domain> lacks %s", lacks);
        return;
    }
    set_line(judge, parse_child(domain, "uuid", NULL));
    uuid = text_of(parse_child(domain, "uuid", NULL));
    judge->snapshot->has_uuid =
        parse_uuid((const char *)uuid, judge->snapshot->uuid);
    if (!judge->snapshot->has_uuid)
        problem_add(judge->problems, PROBLEM_DOMAIN_INCOMPLETE, &judge->place,
                    "'%.80s' is not a uuid", (const char *)uuid);
}

/* Source: virDomainSnapshotDefParse(), and measured on libvirt 9.0.0. */
static void
judge_memory(struct judge *judge, const xmlNode *root)
{
    static const char *const known[] = {"no", "internal", "external", NULL};
    static const char *const off[] = {"shutoff", "disk-snapshot", NULL};
    const xmlNode *memory = parse_child(root, "memory", NULL);
    cleanup(parse_free_text) xmlChar *state =
        text_of(parse_child(root, "state", NULL));
    cleanup(parse_free_text) xmlChar *kind = NULL;
    cleanup(parse_free_text) xmlChar *file = NULL;
    const char *wrong = NULL;

    if (!memory)
        return;
    kind = xmlGetNoNsProp(memory, (const xmlChar *)"snapshot");
    file = xmlGetNoNsProp(memory, (const xmlChar *)"file");
    if (!kind)
        kind = xmlStrdup((const xmlChar *)(file ? "external" : "internal"));
    if (!one_of(kind, known))
        wrong = "unknown kind of snapshot";
    else if (xmlStrcmp(kind, (const xmlChar *)"no") && one_of(state, off))
        wrong = "memory was saved while the domain did not run";
    else if (!xmlStrcmp(kind, (const xmlChar *)"external") &&
             (!file || file[0] != '/'))
        wrong = "an external image without an absolute file name";
    else if (xmlStrcmp(kind, (const xmlChar *)"external") && file)
        wrong = "a file name, but the image is not external";
    set_line(judge, memory);
    if (wrong)
        problem_add(judge->problems, PROBLEM_MEMORY_BAD, &judge->place, "%s",
                    wrong);
}

static void
judge_disks(struct judge *judge, const xmlNode *root)
{
    static const char *const known[] = {"no", "internal", "external", "manual",
                                        NULL};
    const xmlNode *disks = parse_child(root, "disks", NULL);
    const xmlNode *disk = disks ? disks->children : NULL;

    for (; disk; disk = disk->next) {
        cleanup(parse_free_text) xmlChar *kind = NULL;

        if (disk->type != XML_ELEMENT_NODE)
            continue;
        kind = xmlGetNoNsProp(disk, (const xmlChar *)"snapshot");
        set_line(judge, disk);
        if (!xmlHasProp(disk, (const xmlChar *)"name"))
            problem_add(judge->problems, PROBLEM_DISK_BAD, &judge->place,
                        "<%.80s> has no name", disk->name);
        else if (kind && !one_of(kind, known))
            problem_add(judge->problems, PROBLEM_DISK_BAD, &judge->place,
                        "snapshot='%.80s'", kind);
    }
}

static void
judge_depth(struct judge *judge, const xmlNode *root,
            const struct document *map)
{
    /* A member of a bulk file is one level further down than it looks. */
    size_t depth = map->depth + (judge->layout == LAYOUT_BULK);

    judge->snapshot->depth = map->depth;
    set_line(judge, root);
    if (depth > NESTING_MAX)
        problem_add(judge->problems, PROBLEM_TOO_DEEP, &judge->place,
                    "%zu levels", depth);
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
        for (i = 0; i < valid; i++)
            where.line += bytes[i] == '\n';
        problem_add(problems, PROBLEM_XML_NOT_UTF8, &where,
                    "byte 0x%02x at offset %zu", (unsigned char)bytes[valid],
                    valid);
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

    if (map->has_doctype) {
        problem_add(judge->problems, PROBLEM_XML_DOCTYPE, &judge->place, NULL);
        return NULL;
    }
    if (!snapshot_is_utf8(bytes, len, map, &judge->place, judge->problems))
        return NULL;
    doc = parse_document(bytes, len, &failure);
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
               size_t len, const struct document *map,
               const struct place *place, struct problems *problems)
{
    struct judge judge = {
        .snapshot = snapshot,
        .layout = layout,
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
    set_line(&judge, root);
    snapshot->line = judge.place.line;
    if (!parse_is(root, "domainsnapshot")) {
        problem_add(problems, PROBLEM_ROOT_WRONG, &judge.place,
                    "<%.80s> instead of <domainsnapshot>%s", root->name,
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
    judge_depth(&judge, root, map);
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
    *snapshot = (struct snapshot){0};
}
