/*
 * judge-parts.c - see judge.h: what in a <domain> depends on more than one
 * value of it. Sources: the functions of libvirt 9.0.0 that stand above each.
 */
#include "judge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "lookup.h"
#include "memory.h"
#include "parse.h"

/* How many <boot> libvirt looks at: VIR_DOMAIN_BOOT_LAST. */
#define BOOT_MAX 4

static xmlChar *
attribute(const xmlNode *node, const char *name)
{
    return node ? xmlGetNoNsProp(node, (const xmlChar *)name) : NULL;
}

static bool
is(const xmlChar *text, const char *word)
{
    return text && !strcmp((const char *)text, word);
}

static void
wrong(struct verdict *verdict, const xmlNode *at, char *what)
{
    judge_remark(verdict, at, true, what);
}

/* virDomainDefParseCaps(), virDomainDefParseBootXML(). */
static void
check_os(struct verdict *verdict)
{
    static const char *const types[] = {"hvm", "xen",    "linux", "exe",
                                        "uml", "xenpvh", NULL};
    static const char *const devices[] = {"fd", "cdrom", "hd", "network", NULL};
    const xmlNode *os = parse_child(verdict->domain, "os", NULL);
    const xmlNode *type = os ? parse_child(os, "type", NULL) : NULL;
    const xmlNode *boot = NULL;
    cleanup(parse_free_text) xmlChar *text = judge_text(type);

    if (!os || !text[0])
        return;
    if (!judge_one_of(text, types))
        wrong(verdict, type,
              xasprintf("found <type> '%.80s' of <os>, expected hvm",
                        (const char *)text));
    if (!is(text, "hvm"))
        return;
    for (int i = 0; i < BOOT_MAX && (boot = parse_child(os, "boot", boot));
         i++) {
        cleanup(parse_free_text) xmlChar *dev = attribute(boot, "dev");

        if (!dev || !judge_one_of(dev, devices))
            wrong(verdict, boot,
                  xasprintf("found %s%.80s%s of <boot>, expected fd, cdrom, hd "
                            "or network",
                            dev ? "dev='" : "no dev=",
                            dev ? (const char *)dev : "", dev ? "'" : ""));
    }
}

/* virDomainVcpuParse(); what is in <vcpus> counts for more. */
static void
check_vcpu(struct verdict *verdict)
{
    const xmlNode *vcpu = parse_child(verdict->domain, "vcpu", NULL);
    cleanup(parse_free_text) xmlChar *all = judge_text(vcpu);
    cleanup(parse_free_text) xmlChar *current = attribute(vcpu, "current");
    long long most = 0, number = 0;

    if (!current || parse_child(verdict->domain, "vcpus", NULL) ||
        !judge_integer((const char *)all, &most))
        return;
    if (!judge_integer((const char *)current, &number) || number < 1 ||
        number > most)
        wrong(verdict, vcpu,
              xasprintf("found current='%.80s' of <vcpu>, expected 1 to %lld",
                        (const char *)current, most));
}

/* virDomainDefClockParse(): an attribute that is empty counts as none. */
static void
check_clock(struct verdict *verdict)
{
    static const char *const bases[] = {"utc", "localtime", NULL};
    const xmlNode *clock = parse_child(verdict->domain, "clock", NULL);
    cleanup(parse_free_text) xmlChar *offset = attribute(clock, "offset");
    cleanup(parse_free_text) xmlChar *adjustment =
        attribute(clock, "adjustment");
    cleanup(parse_free_text) xmlChar *basis = attribute(clock, "basis");
    cleanup(parse_free_text) xmlChar *zone = attribute(clock, "timezone");
    cleanup(parse_free_text) xmlChar *start = attribute(clock, "start");
    long long number;

    if (!clock)
        return;
    if (!offset || !offset[0] || judge_one_of(offset, bases)) {
        if (adjustment && adjustment[0] && !is(adjustment, "reset") &&
            !judge_integer((const char *)adjustment, &number))
            wrong(verdict, clock,
                  xasprintf("found adjustment='%.80s' of <clock>, expected "
                            "reset or seconds",
                            (const char *)adjustment));
    } else if (is(offset, "variable")) {
        if (basis && basis[0] && !judge_one_of(basis, bases))
            wrong(verdict, clock,
                  xasprintf("found basis='%.80s' of <clock>, expected utc or "
                            "localtime",
                            (const char *)basis));
    } else if (is(offset, "timezone")) {
        if (!zone || !zone[0])
            wrong(verdict, clock, xstrdup("found no timezone= of <clock>"));
    } else if (is(offset, "absolute")) {
        if (!start || !start[0] ||
            (!judge_integer((const char *)start, &number) && errno != ERANGE))
            wrong(verdict, clock,
                  xstrdup("found no start= in seconds of <clock>"));
    } else {
        judge_remark(verdict, clock, false,
                     xasprintf("found offset='%.80s' of <clock>, expected utc, "
                               "localtime, variable, timezone or absolute",
                               (const char *)offset));
    }
}

/* Names that were seen, for there can be ten thousands of them. */
struct seen {
    xmlChar **list;
    size_t count;
    struct lookup lookup;
};

static void
free_seen(struct seen *seen)
{
    lookup_free(&seen->lookup);
    while (seen->count)
        xmlFree(seen->list[--seen->count]);
    free(seen->list);
}

/* Was it there already? If not, it is now; NAME is taken over. */
static bool
see_again(struct seen *seen, xmlChar *name)
{
    const char *text = (const char *)name;
    const size_t number = seen->count;

    seen->list = xgrow(seen->list, seen->count, sizeof(*seen->list));
    seen->list[seen->count++] = name;
    lookup_add(&seen->lookup, text, number);
    return lookup_find(&seen->lookup, text, number) != number;
}

/* virCPUDefParseXML(). */
static void
check_cpu(struct verdict *verdict)
{
    const xmlNode *cpu = parse_child(verdict->domain, "cpu", NULL);
    const xmlNode *model = cpu ? parse_child(cpu, "model", NULL) : NULL;
    const xmlNode *feature = NULL;
    cleanup(parse_free_text) xmlChar *mode = attribute(cpu, "mode");
    cleanup(parse_free_text) xmlChar *text = judge_text(model);
    cleanup(free_seen) struct seen seen = {0};

    while (cpu && !verdict->wrong &&
           (feature = parse_child(cpu, "feature", feature))) {
        xmlChar *name = attribute(feature, "name");
        bool named = name && name[0];

        if (!text[0] && (!mode || is(mode, "custom")))
            wrong(verdict, feature,
                  xstrdup("found <feature> of a <cpu> without <model>"));
        else if (!named)
            wrong(verdict, feature, xstrdup("found no name= of <feature>"));
        if (!name)
            continue;
        if (see_again(&seen, name) && named)
            wrong(verdict, feature,
                  xasprintf("found <feature> '%.80s' more than once",
                            (const char *)name));
    }
}

/* virMacAddrParse(): six numbers of one or two hexadecimal digits. */
static bool
is_mac(const char *text)
{
    for (int i = 0; i < 6; i++) {
        size_t len = strspn(text, "0123456789abcdefABCDEF");

        if (len < 1 || len > 2)
            return false;
        text += len;
        if (i < 5 && *text++ != ':')
            return false;
    }
    return (unsigned char)*text <= ' ';
}

/* virDomainNetDefParseXML(). */
static void
check_interface(struct verdict *verdict, const xmlNode *interface)
{
    static const struct {
        const char *type, *attribute;
    } needs[] = {{"network", "network"},
                 {"bridge", "bridge"},
                 {"internal", "name"},
                 {"direct", "dev"}};
    const xmlNode *source = parse_child(interface, "source", NULL);
    const xmlNode *mac = parse_child(interface, "mac", NULL);
    cleanup(parse_free_text) xmlChar *type = attribute(interface, "type");
    cleanup(parse_free_text) xmlChar *address = attribute(mac, "address");

    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        cleanup(parse_free_text) xmlChar *named =
            source ? xmlGetProp(source, (const xmlChar *)needs[i].attribute)
                   : NULL;

        if (is(type, needs[i].type) && !named)
            wrong(verdict, source ? source : interface,
                  xasprintf("found no %s= in <source> of an <interface> of "
                            "type %s",
                            needs[i].attribute, needs[i].type));
    }
    if (!address)
        return;
    if (!is_mac((const char *)address))
        wrong(verdict, mac,
              xasprintf("found address='%.80s' of <mac>, expected six numbers "
                        "of two hexadecimal digits with ':' between them",
                        (const char *)address));
    else if (strtoul((const char *)address, NULL, 16) & 1)
        wrong(verdict, mac,
              xasprintf("found address='%.80s' of <mac>, which is one of a "
                        "group of hosts",
                        (const char *)address));
}

/* virDiskNameParse(): of a known kind, then letters, then digits or none. */
static bool
is_disk_name(const char *name)
{
    static const char *const kinds[] = {"fd", "hd", "vd", "sd", "xvd", "ubd"};
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = strlen(kinds[i]);
        size_t more =
            strncmp(name, kinds[i], len) ? 0 : strspn(name + len, letters);
        const char *rest = name + len + more;

        if (more)
            return !rest[strspn(rest, "0123456789")];
    }
    return !strncmp(name, "nvme", 4); /* of a libvirt that is newer */
}

/* virDomainStorageSourceParse(), virDomainDiskDefAssignAddress(). */
static void
check_disk(struct verdict *verdict, const xmlNode *disk)
{
    const xmlNode *target = parse_child(disk, "target", NULL);
    const xmlNode *at = disk;
    cleanup(parse_free_text) xmlChar *type = attribute(disk, "type");
    cleanup(parse_free_text) xmlChar *name = attribute(target, "dev");
    bool certain = true;
    char *what = judge_source(disk, type, &at, &certain);

    if (what)
        judge_remark(verdict, at, certain, what);
    if (name && !parse_child(disk, "address", NULL) &&
        !is_disk_name((const char *)name))
        judge_remark(
            verdict, target, false,
            xasprintf("found dev='%.80s' of <target> of a disk without "
                      "<address>, expected vda, sdb or the like",
                      (const char *)name));
}

/* virDomainDefParseXML(): at most one. */
static void
check_single(struct verdict *verdict, const xmlNode *devices, const char *name,
             bool certain)
{
    const xmlNode *first = parse_child(devices, name, NULL);
    const xmlNode *second = first ? parse_child(devices, name, first) : NULL;

    if (second)
        judge_remark(verdict, second, certain,
                     xasprintf("found <%s> more than once", name));
}

static void
check_devices(struct verdict *verdict)
{
    const xmlNode *devices = parse_child(verdict->domain, "devices", NULL);

    if (!devices)
        return;
    for (const xmlNode *node = devices->children; node; node = node->next) {
        if (parse_is(node, "disk"))
            check_disk(verdict, node);
        else if (parse_is(node, "interface"))
            check_interface(verdict, node);
    }
    check_single(verdict, devices, "memballoon", true);
    /* libvirt 9.1 and later take several. */
    check_single(verdict, devices, "watchdog", false);
}

/* virDomainDefParseIDs(), virDomainDefParseMemory(). */
static void
check_odds(struct verdict *verdict)
{
    const xmlNode *genid = parse_child(verdict->domain, "genid", NULL);
    const xmlNode *most = parse_child(verdict->domain, "maxMemory", NULL);
    cleanup(parse_free_text) xmlChar *id = judge_text(genid);
    cleanup(parse_free_text) xmlChar *text = judge_text(most);
    unsigned char uuid[16];
    long long number;

    if (genid && parse_child(verdict->domain, "genid", genid))
        judge_remark(verdict, genid, false,
                     xstrdup("found <genid> more than once"));
    else if (id[0] && !judge_uuid((const char *)id, uuid))
        judge_remark(verdict, genid, false,
                     xasprintf("found <genid> '%.80s', expected 32 hexadecimal "
                               "digits",
                               (const char *)id));
    if (text[0] && (!judge_integer((const char *)text, &number) || number < 0))
        judge_remark(verdict, most, false,
                     xasprintf("found <maxMemory> '%.80s', expected a whole "
                               "number",
                               (const char *)text));
}

void
judge_definition(struct verdict *verdict)
{
    check_os(verdict);
    check_vcpu(verdict);
    check_clock(verdict);
    check_cpu(verdict);
    check_devices(verdict);
    check_odds(verdict);
}
