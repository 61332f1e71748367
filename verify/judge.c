/* judge.c - see judge.h. */
#include "judge.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "memory.h"
#include "parse.h"

void
judge_at(struct judge *judge, const xmlNode *node)
{
    long line = xmlGetLineNo(node);

    judge->place.line =
        judge->first_line - 1 + (line > 0 ? (unsigned long)line : 1);
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

    judge_at(judge, node ? node : root);
    if (!node)
        problem_add(judge->problems, PROBLEM_TIME_MISSING, &judge->place, NULL);
    else if (!judge_integer((const char *)text, &judge->snapshot->created))
        problem_add(judge->problems, PROBLEM_TIME_BAD, &judge->place, "'%.80s'",
                    (const char *)text);
    else
        judge->snapshot->has_created = true;
}

/* The one of the KNOWN words that TEXT is; or NULL. */
static const char *
one_of(const xmlChar *text, const char *const *known)
{
    while (*known && strcmp((const char *)text, *known))
        known++;
    return *known;
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

    judge_at(judge, node ? node : root);
    judge->snapshot->state = one_of(text, known);
    if (!text[0])
        problem_add(judge->problems, PROBLEM_STATE_MISSING, &judge->place,
                    NULL);
    else if (!judge->snapshot->state)
        problem_add(judge->problems, PROBLEM_STATE_BAD, &judge->place,
                    "'%.80s'", (const char *)text);
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

/* libvirt's virDomainVirtType, of all its versions. */
static bool
known_type(const xmlChar *type)
{
    static const char *const known[] = {
        "qemu",      "kqemu", "kvm",    "xen",    "lxc",  "uml",
        "openvz",    "test",  "vmware", "hyperv", "vbox", "phyp",
        "parallels", "bhyve", "vz",     "hvf",    NULL,
    };

    return one_of(type, known) != NULL;
}

/* Is the text of child NAME a whole number from LEAST to MOST? */
static bool
number_of(const xmlNode *domain, const char *name, long long most,
          long long least)
{
    cleanup(parse_free_text) xmlChar *text =
        judge_text(parse_child(domain, name, NULL));
    long long number;

    return judge_integer((const char *)text, &number) && number >= least &&
           number <= most;
}

/* libvirt's virScaleInteger(): bytes, or k, m, g, t, p, e with b or ib. */
static bool
known_unit(const xmlNode *domain, const char *name)
{
    cleanup(parse_free_text) xmlChar *unit = xmlGetNoNsProp(
        parse_child(domain, name, NULL), (const xmlChar *)"unit");
    const char *text = unit ? (const char *)unit : "";

    if (!text[0] || !strcasecmp(text, "b") || !strcasecmp(text, "byte") ||
        !strcasecmp(text, "bytes"))
        return true;
    return strchr("kmgtpeKMGTPE", text[0]) &&
           (!text[1] || !strcasecmp(text + 1, "b") ||
            !strcasecmp(text + 1, "ib"));
}

/* What libvirt stumbles over in a definition of a domain; NULL: nothing. */
static const char *
definition_wrong(const xmlNode *domain)
{
    const xmlNode *os = parse_child(domain, "os", NULL);
    const xmlNode *uuid = parse_child(domain, "uuid", NULL);
    unsigned char parsed[16] = {0};
    cleanup(parse_free_text) xmlChar *type =
        xmlGetNoNsProp(domain, (const xmlChar *)"type");
    cleanup(parse_free_text) xmlChar *name =
        judge_text(parse_child(domain, "name", NULL));
    cleanup(parse_free_text) xmlChar *os_type =
        judge_text(os ? parse_child(os, "type", NULL) : NULL);
    cleanup(parse_free_text) xmlChar *title =
        judge_text(parse_child(domain, "title", NULL));
    cleanup(parse_free_text) xmlChar *text = judge_text(uuid);

    if (!type)
        return "it has no type=";
    if (!known_type(type))
        return "its type= is unknown";
    if (!name[0])
        return "it lacks <name>";
    if (strchr((const char *)name, '/'))
        return "its <name> has a '/'";
    if (!os_type[0])
        return "it lacks <os> with <type>";
    if (!number_of(domain, "memory", LLONG_MAX, 1) ||
        !known_unit(domain, "memory"))
        return "it lacks a <memory> in a known unit";
    if (parse_child(domain, "vcpu", NULL) &&
        !number_of(domain, "vcpu", UINT_MAX, 1))
        return "its <vcpu> is not a number";
    if (parse_child(domain, "currentMemory", NULL) &&
        (!number_of(domain, "currentMemory", LLONG_MAX, 0) ||
         !known_unit(domain, "currentMemory")))
        return "its <currentMemory> is not a number in a known unit";
    if (strchr((const char *)title, '\n'))
        return "its <title> has more than one line";
    if (text[0] && !judge_uuid((const char *)text, parsed))
        return "its <uuid> is not a uuid";
    return NULL;
}

static void
report_definition(struct judge *judge, const xmlNode *definition,
                  const char *wrong)
{
    judge_at(judge, definition);
    problem_add(judge->problems, PROBLEM_DOMAIN_INCOMPLETE, &judge->place,
                "<%s>: %s", definition->name, wrong);
}

/* libvirt asks of any <domain> whether it has a type, and parses the first. */
static bool
has_type(const xmlNode *root)
{
    const xmlNode *domain = NULL;

    while ((domain = parse_child(root, "domain", domain))) {
        cleanup(parse_free_text) xmlChar *type =
            xmlGetNoNsProp(domain, (const xmlChar *)"type");

        if (type && type[0])
            return true;
    }
    return false;
}

/*
 * A <domain> with a type is parsed in full by libvirt, and in a bulk file its
 * uuid compared (one without uuid gets a random one); without a type it is not
 * looked at. An <inactiveDomain> is always parsed, its uuid never compared.
 */
void
judge_domain(struct judge *judge, const xmlNode *root)
{
    const xmlNode *domain = parse_child(root, "domain", NULL);
    const xmlNode *inactive = parse_child(root, "inactiveDomain", NULL);
    cleanup(parse_free_text) xmlChar *uuid = NULL;
    const char *wrong = inactive ? definition_wrong(inactive) : NULL;

    if (wrong)
        report_definition(judge, inactive, wrong);
    judge_at(judge, domain ? domain : root);
    if (domain && parse_child(domain, "name", NULL)) {
        cleanup(parse_free_text) xmlChar *name =
            judge_text(parse_child(domain, "name", NULL));

        judge->snapshot->domain_name = xstrdup((const char *)name);
    }
    if (!domain || !has_type(root)) {
        problem_add(judge->problems, PROBLEM_DOMAIN_MISSING, &judge->place,
                    NULL);
        return;
    }
    wrong = definition_wrong(domain);
    uuid = judge_text(parse_child(domain, "uuid", NULL));
    if (!wrong && !uuid[0])
        wrong = "it lacks <uuid>";
    if (wrong) {
        report_definition(judge, domain, wrong);
        return;
    }
    judge_at(judge, parse_child(domain, "uuid", NULL));
    judge->snapshot->uuid_line = judge->place.line;
    judge->snapshot->has_uuid =
        judge_uuid((const char *)uuid, judge->snapshot->uuid);
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
    judge_at(judge, memory);
    if (wrong)
        problem_add(judge->problems, PROBLEM_MEMORY_BAD, &judge->place, "%s",
                    wrong);
}

/* What libvirt stumbles over in a <disk> of <disks>; NULL: nothing. */
static const char *
disk_wrong(const xmlNode *disk)
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

    if (!xmlHasProp(disk, (const xmlChar *)"name"))
        return "it has no name";
    if (kind && !one_of(kind, kinds))
        return "its snapshot= is unknown";
    if (type && !one_of(type, types))
        return "its type= is unknown";
    if (format && !one_of(format, formats))
        return "the type= of its <driver> is unknown";
    if (path && path[0] && path[0] != '/')
        return "the file of its <source> is not an absolute name";
    return NULL;
}

static void
judge_each_disk(struct judge *judge, const xmlNode *disks)
{
    for (const xmlNode *disk = disks->children; disk; disk = disk->next) {
        const char *wrong =
            disk->type == XML_ELEMENT_NODE ? disk_wrong(disk) : NULL;

        if (!wrong)
            continue;
        judge_at(judge, disk);
        problem_add(judge->problems, PROBLEM_DISK_BAD, &judge->place,
                    "<%.80s>: %s", disk->name, wrong);
    }
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
