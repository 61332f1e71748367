/* checkpoint-disks.c - see checkpoint-disks.h. */
#include "checkpoint-disks.h"

#include <stdlib.h>
#include <libxml/hash.h>

#include "cleanup.h"
#include "judge.h"
#include "memory.h"
#include "parse.h"

/* By name, so that many of them take no longer each. */
struct disks {
    xmlHashTable *known; /* of the <domain>, by target and by path */
    xmlHashTable *taken; /* the targets of those that were asked for */
    size_t count;
};

static void
free_disks(struct disks *disks)
{
    xmlHashFree(disks->known, NULL);
    xmlHashFree(disks->taken, NULL);
}

static xmlChar *
attribute_of(const xmlNode *node, const char *name)
{
    return node ? xmlGetNoNsProp(node, (const xmlChar *)name) : NULL;
}

static xmlChar *
target_of(const xmlNode *disk)
{
    return attribute_of(parse_child(disk, "target", NULL), "dev");
}

/* A path is one that starts with a slash, and a target one that does not. */
static void
know(struct disks *disks, xmlNode *disk, const xmlChar *name, bool path)
{
    if (name && name[0] && (name[0] == '/') == path)
        (void)xmlHashAddEntry(disks->known, name, disk);
}

static void
find_disks(struct disks *disks, const xmlNode *domain)
{
    static const char *const paths[] = {"file", "dev", "dir"};
    const xmlNode *devices = parse_child(domain, "devices", NULL);

    disks->known = xmlHashCreate(0);
    disks->taken = xmlHashCreate(0);
    if (!disks->known || !disks->taken)
        memory_exhausted();
    for (xmlNode *disk = devices ? devices->children : NULL; disk;
         disk = disk->next) {
        cleanup(parse_free_text) xmlChar *target = NULL;

        if (!parse_is(disk, "disk"))
            continue;
        disks->count++;
        target = target_of(disk);
        know(disks, disk, target, false);
        for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
            cleanup(parse_free_text) xmlChar *path =
                attribute_of(parse_child(disk, "source", NULL), paths[i]);

            know(disks, disk, path, true);
        }
    }
}

/* Has it nothing that could be written to? */
static bool
is_fixed(const xmlNode *disk)
{
    cleanup(parse_free_text) xmlChar *device = attribute_of(disk, "device");

    return parse_child(disk, "readonly", NULL) ||
           !parse_child(disk, "source", NULL) ||
           !xmlStrcmp(device, (const xmlChar *)"cdrom");
}

/* What is wrong with one that is asked for; or NULL. */
static const char *
refused(struct disks *disks, const xmlNode *wanted, const xmlChar *name)
{
    xmlNode *disk = xmlHashLookup(disks->known, name);
    cleanup(parse_free_text) xmlChar *how = attribute_of(wanted, "checkpoint");
    cleanup(parse_free_text) xmlChar *target = disk ? target_of(disk) : NULL;

    if (!disk)
        return "the <domain> has no such disk";
    if (target && xmlHashAddEntry(disks->taken, target, disk) < 0)
        return "it is there twice";
    if ((!how || !xmlStrcmp(how, (const xmlChar *)"bitmap")) && is_fixed(disk))
        return "in the <domain> it is read-only or empty";
    return NULL;
}

void
checkpoint_disks(struct judge *judge, const xmlNode *root)
{
    const xmlNode *domain = parse_child(root, "domain", NULL);
    const xmlNode *list = parse_child(root, "disks", NULL);
    cleanup(free_disks) struct disks disks = {0};

    if (!domain)
        return;
    find_disks(&disks, domain);
    if (!disks.count) {
        (void)judge_at(judge, domain);
        problem_add(judge->problems, PROBLEM_CHECKPOINT_DISK_REFUSED,
                    &judge->place, "the <domain> has none");
        judge->snapshot->refused = true;
    }
    for (const xmlNode *wanted = list ? list->children : NULL;
         wanted && !judge->snapshot->refused; wanted = wanted->next) {
        cleanup(parse_free_text) xmlChar *name =
            parse_is(wanted, "disk") ? attribute_of(wanted, "name") : NULL;
        const char *why = name ? refused(&disks, wanted, name) : NULL;

        if (!why)
            continue;
        (void)judge_at(judge, wanted);
        problem_add(judge->problems, PROBLEM_CHECKPOINT_DISK_REFUSED,
                    &judge->place, "'%.80s': %s", (const char *)name, why);
        judge->snapshot->refused = true;
    }
}
