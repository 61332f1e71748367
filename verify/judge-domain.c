/*
 * judge-domain.c - see judge.h: the definitions of the domain in a snapshot, of
 * which libvirt reads more than a conversion has to.
 */
#include "judge.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "memory.h"
#include "parse.h"

/* libvirt's virDomainVirtType, of all its versions. */
static bool
known_type(const xmlChar *type)
{
    static const char *const known[] = {
        "qemu",      "kqemu", "kvm",    "xen",    "lxc",  "uml",
        "openvz",    "test",  "vmware", "hyperv", "vbox", "phyp",
        "parallels", "bhyve", "vz",     "hvf",    "none", NULL,
    };

    return judge_one_of(type, known) != NULL;
}

/* libvirt's virScaleInteger(): bytes, or k, m, g, t, p, e with b or ib. */
static long long
unit_bytes(const char *unit)
{
    static const char prefixes[] = "kmgtpe";
    char lower[] = {(char)(unit[0] | 0x20), '\0'};
    size_t power = strcspn(prefixes, lower) + 1;
    long long base, bytes = 1;

    if (!unit[0])
        return 1024;
    if (!strcasecmp(unit, "b") || !strcasecmp(unit, "byte") ||
        !strcasecmp(unit, "bytes"))
        return 1;
    if (!unit[1] || !strcasecmp(unit + 1, "ib"))
        base = 1024;
    else if (!strcasecmp(unit + 1, "b"))
        base = 1000;
    else
        return 0;
    if (power > strlen(prefixes))
        return 0;
    while (power--)
        bytes *= base;
    return bytes;
}

static void
free_verdict(struct verdict *verdict)
{
    free(verdict->wrong);
    free(verdict->doubt);
}

/* Is the text of NODE a whole number from LEAST to MOST? */
static bool
is_number(struct verdict *verdict, const xmlNode *node, long long least,
          long long most, long long *number)
{
    cleanup(parse_free_text) xmlChar *text = judge_text(node);

    verdict->at = node;
    if (judge_integer((const char *)text, number) && *number >= least &&
        *number <= most)
        return true;
    if (most < LLONG_MAX)
        verdict->wrong = xasprintf("found <%s> '%.80s', expected %lld to %lld",
                                   node->name, (const char *)text, least, most);
    else
        verdict->wrong =
            xasprintf("found <%s> '%.80s', expected a whole number%s",
                      node->name, (const char *)text, least ? " above 0" : "");
    return false;
}

/* libvirt's virDomainParseMemory(): in KiB, the bytes in a long long. */
static void
check_memory(struct verdict *verdict, const xmlNode *node, long long least)
{
    cleanup(parse_free_text) xmlChar *text =
        xmlGetNoNsProp(node, (const xmlChar *)"unit");
    const char *unit = text ? (const char *)text : "";
    long long bytes = unit_bytes(unit), number = 0;

    if (!is_number(verdict, node, least, LLONG_MAX, &number))
        return;
    if (!bytes)
        verdict->wrong = xasprintf(
            "found unit='%.80s' of <%s>, expected KiB, MiB or the like", unit,
            node->name);
    else if (number > (LLONG_MAX - 1023) / bytes)
        verdict->wrong =
            xasprintf("found <%s> of %lld %s, more than libvirt can count",
                      node->name, number, unit[0] ? unit : "KiB");
}

/* libvirt takes the sum of the cells where a domain has no <memory>. */
static bool
has_cells(const xmlNode *domain)
{
    const xmlNode *cpu = parse_child(domain, "cpu", NULL);
    const xmlNode *numa = cpu ? parse_child(cpu, "numa", NULL) : NULL;
    const xmlNode *cell = numa ? parse_child(numa, "cell", NULL) : NULL;

    return cell && xmlHasProp(cell, (const xmlChar *)"memory");
}

static void
check_numbers(struct verdict *verdict)
{
    const xmlNode *domain = verdict->domain;
    const xmlNode *memory = parse_child(domain, "memory", NULL);
    const xmlNode *vcpu = parse_child(domain, "vcpu", NULL);
    const xmlNode *current = parse_child(domain, "currentMemory", NULL);
    long long number;

    if (memory)
        check_memory(verdict, memory, 1);
    else if (!has_cells(domain))
        verdict->wrong = xstrdup("found no <memory>");
    if (!verdict->wrong && vcpu)
        (void)is_number(verdict, vcpu, 1, UINT_MAX, &number);
    if (!verdict->wrong && current)
        check_memory(verdict, current, 0);
}

static void
check_type(struct verdict *verdict)
{
    cleanup(parse_free_text) xmlChar *type =
        xmlGetNoNsProp(verdict->domain, (const xmlChar *)"type");

    if (!type)
        verdict->wrong = xstrdup("found no type=");
    else if (!known_type(type))
        verdict->wrong = xasprintf(
            "found type='%.80s', expected kvm, qemu or another that libvirt "
            "knows",
            (const char *)type);
}

static void
check_names(struct verdict *verdict)
{
    const xmlNode *domain = verdict->domain;
    const xmlNode *name = parse_child(domain, "name", NULL);
    const xmlNode *os = parse_child(domain, "os", NULL);
    cleanup(parse_free_text) xmlChar *text = judge_text(name);
    cleanup(parse_free_text) xmlChar *os_type =
        judge_text(os ? parse_child(os, "type", NULL) : NULL);

    if (!text[0]) {
        verdict->wrong = xstrdup("found no <name>");
    } else if (strchr((const char *)text, '/')) {
        verdict->at = name;
        verdict->wrong = xstrdup("found a '/' in its <name>");
    } else if (!os_type[0]) {
        verdict->at = os;
        verdict->wrong = xstrdup("found no <os> with <type>");
    }
}

static void
check_title_and_uuid(struct verdict *verdict)
{
    const xmlNode *title = parse_child(verdict->domain, "title", NULL);
    const xmlNode *uuid = parse_child(verdict->domain, "uuid", NULL);
    cleanup(parse_free_text) xmlChar *text = judge_text(title);
    cleanup(parse_free_text) xmlChar *digits = judge_text(uuid);
    unsigned char parsed[16];

    if (strchr((const char *)text, '\n')) {
        verdict->at = title;
        verdict->wrong =
            xstrdup("found a <title> of several lines, expected one");
    } else if (digits[0] && !judge_uuid((const char *)digits, parsed)) {
        verdict->at = uuid;
        verdict->wrong =
            xasprintf("found <uuid> '%.80s', expected 32 hexadecimal digits",
                      (const char *)digits);
    }
}

/* Find the first thing that libvirt stumbles over. */
static void
check_definition(struct verdict *verdict, const xmlNode *domain)
{
    static void (*const checks[])(struct verdict *) = {
        check_type,           check_names,      check_numbers,
        check_title_and_uuid, judge_definition, judge_values};

    *verdict = (struct verdict){.domain = domain};
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if (!verdict->wrong)
            checks[i](verdict);
    }
}

bool
judge_inactive_sound(const xmlNode *inactive)
{
    cleanup(free_verdict) struct verdict verdict = {0};

    check_definition(&verdict, inactive);
    return !verdict.wrong && !verdict.doubt;
}

bool
judge_domain_sound(const xmlNode *domain)
{
    cleanup(parse_free_text) xmlChar *uuid =
        judge_text(parse_child(domain, "uuid", NULL));

    /* An unknown type is wrong, so this one has one. */
    return uuid[0] && judge_inactive_sound(domain);
}

static void
report_definition(struct judge *judge, const struct verdict *verdict)
{
    const xmlNode *domain = verdict->domain;

    if (verdict->wrong) {
        (void)judge_at(judge, verdict->at ? verdict->at : domain);
        problem_add(judge->problems, PROBLEM_DOMAIN_INCOMPLETE, &judge->place,
                    "<%s>: %s", domain->name, verdict->wrong);
    } else if (verdict->doubt) {
        (void)judge_at(judge, verdict->doubtful);
        problem_add(judge->problems, PROBLEM_VALUE_UNKNOWN, &judge->place,
                    "<%s>: %s", domain->name, verdict->doubt);
    }
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
    cleanup(free_verdict) struct verdict first = {0};
    cleanup(free_verdict) struct verdict second = {0};
    size_t before;

    if (inactive)
        check_definition(&second, inactive);
    report_definition(judge, &second);
    before = judge->problems->count;
    (void)judge_at(judge, domain ? domain : root);
    if (domain && parse_child(domain, "name", NULL)) {
        cleanup(parse_free_text) xmlChar *name =
            judge_text(parse_child(domain, "name", NULL));

        judge->snapshot->domain_name = xstrdup((const char *)name);
    }
    if (!domain || !has_type(root)) {
        problem_add(judge->problems, PROBLEM_DOMAIN_MISSING, &judge->place,
                    domain ? "found <domain> without type=" : NULL);
        return;
    }
    check_definition(&first, domain);
    uuid = judge_text(parse_child(domain, "uuid", NULL));
    if (!first.wrong && !uuid[0]) {
        first.at = domain;
        first.wrong = xstrdup("found no <uuid>");
        report_definition(judge, &first);
        problems_tolerate(judge->problems, before);
        return;
    }
    report_definition(judge, &first);
    if (first.wrong)
        return;
    judge->snapshot->uuid_at =
        judge_at(judge, parse_child(domain, "uuid", NULL));
    judge->snapshot->has_uuid =
        judge_uuid((const char *)uuid, judge->snapshot->uuid);
}
