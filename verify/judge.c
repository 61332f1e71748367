/* judge.c - see judge.h. */
#include "judge.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
    if (!text[0])
        problem_add(judge->problems, PROBLEM_STATE_MISSING, &judge->place,
                    NULL);
    else if (!one_of(text, known))
        problem_add(judge->problems, PROBLEM_STATE_BAD, &judge->place,
                    "'%.80s'", (const char *)text);
}

bool
judge_uuid(const char *text, unsigned char uuid[16])
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
        judge_text(parse_child(domain, "name", NULL));
    cleanup(parse_free_text) xmlChar *type =
        judge_text(os ? parse_child(os, "type", NULL) : NULL);

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
void
judge_domain(struct judge *judge, const xmlNode *root)
{
    const xmlNode *domain = parse_child(root, "domain", NULL);
    const xmlNode *inactive = parse_child(root, "inactiveDomain", NULL);
    cleanup(parse_free_text) xmlChar *type =
        domain ? xmlGetNoNsProp(domain, (const xmlChar *)"type") : NULL;
    cleanup(parse_free_text) xmlChar *uuid = NULL;
    const char *lacks;

    if (inactive) {
        judge_at(judge, inactive);
        lacks = definition_lacks(inactive);
        if (!lacks && !xmlHasProp(inactive, (const xmlChar *)"type"))
            lacks = "a type=";
        if (lacks)
            problem_add(judge->problems, PROBLEM_DOMAIN_INCOMPLETE,
                        &judge->place, "<inactiveDomain> lacks %s", lacks);
    }
    judge_at(judge, domain ? domain : root);
    if (domain && parse_child(domain, "name", NULL)) {
        cleanup(parse_free_text) xmlChar *name =
            judge_text(parse_child(domain, "name", NULL));

        judge->snapshot->domain_name = xstrdup((const char *)name);
    }
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
    judge_at(judge, parse_child(domain, "uuid", NULL));
    uuid = judge_text(parse_child(domain, "uuid", NULL));
    judge->snapshot->has_uuid =
        judge_uuid((const char *)uuid, judge->snapshot->uuid);
    if (!judge->snapshot->has_uuid)
        problem_add(judge->problems, PROBLEM_DOMAIN_INCOMPLETE, &judge->place,
                    "'%.80s' is not a uuid", (const char *)uuid);
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

void
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
        judge_at(judge, disk);
        if (!xmlHasProp(disk, (const xmlChar *)"name"))
            problem_add(judge->problems, PROBLEM_DISK_BAD, &judge->place,
                        "<%.80s> has no name", disk->name);
        else if (kind && !one_of(kind, known))
            problem_add(judge->problems, PROBLEM_DISK_BAD, &judge->place,
                        "snapshot='%.80s'", kind);
    }
}
