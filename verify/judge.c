/* judge.c - see judge.h. */
#include "judge.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "memory.h"
#include "parse.h"

struct position
judge_at(struct judge *judge, const xmlNode *node)
{
    struct position position = where_node(&judge->where, node);

    if (!position.line)
        position = judge->where.start;
    position_put(position, &judge->place);
    return position;
}

xmlChar *
judge_text(const xmlNode *node)
{
    xmlChar *text = node ? xmlNodeGetContent(node) : NULL;

    return text ? text : xmlStrdup((const xmlChar *)"");
}

bool
judge_integer(const char *text, long long *value)
{
    char *end;

    errno = 0;
    *value = strtoll(text, &end, 10);
    return !errno && end != text && !*end;
}

void
judge_time(struct judge *judge, const xmlNode *root)
{
    const xmlNode *node = parse_child(root, "creationTime", NULL);
    cleanup(parse_free_text) xmlChar *text = judge_text(node);

    (void)judge_at(judge, node ? node : root);
    if (!node)
        problem_add(judge->problems, PROBLEM_TIME_MISSING, &judge->place, NULL);
    else if (!judge_integer((const char *)text, &judge->snapshot->created))
        problem_add(judge->problems, PROBLEM_TIME_BAD, &judge->place,
                    "found '%.80s', expected seconds since 1970",
                    (const char *)text);
    else
        judge->snapshot->has_created = true;
}

/* The one of the KNOWN words that TEXT is; or NULL. */
const char *
judge_one_of(const xmlChar *text, const char *const *known)
{
    while (*known && strcmp((const char *)text, *known))
        known++;
    return *known;
}

/* For a message: "a, b or c"; the caller owns it. */
static char *
listed(const char *const *known)
{
    struct buffer out = {0};

    for (size_t i = 0; known[i]; i++) {
        if (i)
            buffer_puts(&out, known[i + 1] ? ", " : " or ");
        buffer_puts(&out, known[i]);
    }
    buffer_add(&out, "", 1);
    return out.data;
}

/* FOUND, when it is none of what is KNOWN; the caller owns the message. */
static char *
unknown(const char *attribute, const xmlChar *found, const char *const *known)
{
    cleanup(free_ptr) char *list = listed(known);

    return xasprintf("found %s='%.80s', expected %s", attribute,
                     (const char *)found, list);
}

/* libvirt's virDomainSnapshotState; its first, nostate, does not load. */
void
judge_state(struct judge *judge, const xmlNode *root)
{
    static const char *const known[] = {
        "running", "blocked",     "paused",        "shutdown", "shutoff",
        "crashed", "pmsuspended", "disk-snapshot", NULL,
    };
    const xmlNode *node = parse_child(root, "state", NULL);
    cleanup(parse_free_text) xmlChar *text = judge_text(node);
    cleanup(free_ptr) char *list = NULL;

    (void)judge_at(judge, node ? node : root);
    judge->snapshot->state = judge_one_of(text, known);
    if (!text[0]) {
        problem_add(judge->problems, PROBLEM_STATE_MISSING, &judge->place,
                    node ? "found an empty <state>" : NULL);
    } else if (!judge->snapshot->state) {
        list = listed(known);
        problem_add(judge->problems, PROBLEM_STATE_BAD, &judge->place,
                    "found '%.80s', expected %s", (const char *)text, list);
    }
}

static int
hex_digit(char c)
{
    static const char set[] = "0123456789abcdef";
    const char *digit = c ? strchr(set, tolower((unsigned char)c)) : NULL;

    return digit ? (int)(digit - set) : -1;
}

bool
judge_uuid(const char *text, unsigned char uuid[16])
{
    size_t count = 0;

    while (isspace((unsigned char)*text))
        text++;
    while (count < 16) {
        int high, low;

        if (*text == '-') {
            text++;
            continue;
        }
        high = hex_digit(text[0]);
        low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0)
            return false;
        uuid[count++] = (unsigned char)(high << 4 | low);
        text += 2;
    }
    while (isspace((unsigned char)*text))
        text++;
    return !*text;
}

/* Source: virDomainSnapshotDefParse(), and measured on libvirt 9.0.0. */
void
judge_memory(struct judge *judge, const xmlNode *root)
{
    static const char *const known[] = {"no", "internal", "external", NULL};
    static const char *const off[] = {"shutoff", "disk-snapshot", NULL};
    const xmlNode *memory = parse_child(root, "memory", NULL);
    cleanup(parse_free_text) xmlChar *state =
        judge_text(parse_child(root, "state", NULL));
    cleanup(parse_free_text) xmlChar *kind = NULL;
    cleanup(parse_free_text) xmlChar *file = NULL;
    cleanup(free_ptr) char *wrong = NULL;

    if (!memory)
        return;
    kind = xmlGetNoNsProp(memory, (const xmlChar *)"snapshot");
    file = xmlGetNoNsProp(memory, (const xmlChar *)"file");
    if (!kind)
        kind = xmlStrdup((const xmlChar *)(file ? "external"
                                           : judge_one_of(state, off)
                                               ? "no"
                                               : "internal"));
    if (!judge_one_of(kind, known))
        wrong = unknown("snapshot", kind, known);
    else if (xmlStrcmp(kind, (const xmlChar *)"no") && judge_one_of(state, off))
        wrong = xasprintf("found snapshot='%s' in state '%s', expected no",
                          (const char *)kind, (const char *)state);
    else if (!xmlStrcmp(kind, (const xmlChar *)"external") &&
             (!file || file[0] != '/'))
        wrong = xasprintf("found %s%.80s%s, expected an absolute file name",
                          file ? "file='" : "no file=",
                          file ? (const char *)file : "", file ? "'" : "");
    else if (xmlStrcmp(kind, (const xmlChar *)"external") && file)
        wrong = xasprintf(
            "found file= with snapshot='%s', expected external or no file=",
            (const char *)kind);
    (void)judge_at(judge, memory);
    if (wrong)
        problem_add(judge->problems, PROBLEM_MEMORY_BAD, &judge->place, "%s",
                    wrong);
}

/* What libvirt stumbles over in a <disk> of <disks>; NULL: nothing. */
static char *
disk_wrong(const xmlNode *disk, const xmlNode **at, bool *certain)
{
    static const char *const kinds[] = {"no", "internal", "external", "manual",
                                        NULL};
    static const char *const types[] = {
        "file", "block", "network", "nvme", "vhostuser", "vhostvdpa", NULL};
    static const char *const formats[] = {
        "raw", "dir",   "bochs", "cloop", "dmg",   "iso", "vpc",  "vdi", "fat",
        "vhd", "ploop", "cow",   "qcow",  "qcow2", "qed", "vmdk", NULL};
    const xmlNode *source = parse_child(disk, "source", NULL);
    const xmlNode *driver = parse_child(disk, "driver", NULL);
    cleanup(parse_free_text) xmlChar *kind =
        xmlGetNoNsProp(disk, (const xmlChar *)"snapshot");
    cleanup(parse_free_text) xmlChar *type =
        xmlGetNoNsProp(disk, (const xmlChar *)"type");
    cleanup(parse_free_text) xmlChar *format =
        driver ? xmlGetNoNsProp(driver, (const xmlChar *)"type") : NULL;
    bool block = !xmlStrcmp(type, (const xmlChar *)"block");
    cleanup(parse_free_text) xmlChar *path =
        source
            ? xmlGetNoNsProp(source, (const xmlChar *)(block ? "dev" : "file"))
            : NULL;

    *certain = true;
    if (!xmlHasProp(disk, (const xmlChar *)"name"))
        return xstrdup("found no name=");
    if (kind && !judge_one_of(kind, kinds))
        return unknown("snapshot", kind, kinds);
    if (type && !judge_one_of(type, types))
        return unknown("type", type, types);
    if (format && format[0] && !judge_one_of(format, formats)) {
        *at = driver;
        return unknown("type", format, formats);
    }
    if (path && path[0] && path[0] != '/') {
        *at = source;
        return xasprintf("found %s='%.300s', expected an absolute file name",
                         block ? "dev" : "file", (const char *)path);
    }
    return judge_source(disk, type, at, certain);
}

static void
judge_each_disk(struct judge *judge, const xmlNode *disks)
{
    for (const xmlNode *disk = disks->children; disk; disk = disk->next) {
        const xmlNode *at = disk;
        bool certain = true;
        cleanup(free_ptr) char *wrong = disk->type == XML_ELEMENT_NODE
                                            ? disk_wrong(disk, &at, &certain)
                                            : NULL;

        if (!wrong)
            continue;
        (void)judge_at(judge, at);
        problem_add(judge->problems,
                    certain ? PROBLEM_DISK_BAD : PROBLEM_VALUE_UNKNOWN,
                    &judge->place, "<%.80s>: %s", at->name, wrong);
    }
}

bool
judge_disks_sound(const xmlNode *disks)
{
    for (const xmlNode *disk = disks->children; disk; disk = disk->next) {
        const xmlNode *at = disk;
        bool certain = true;
        cleanup(free_ptr) char *wrong = disk->type == XML_ELEMENT_NODE
                                            ? disk_wrong(disk, &at, &certain)
                                            : NULL;

        if (wrong)
            return false;
    }
    return true;
}

/* All of ./disks and ./revertDisks: virDomainSnapshotDefParse(). */
void
judge_disks(struct judge *judge, const xmlNode *root)
{
    const xmlNode *disks = root->children;

    for (; disks; disks = disks->next) {
        if (parse_is(disks, "disks") || parse_is(disks, "revertDisks"))
            judge_each_disk(judge, disks);
    }
}
