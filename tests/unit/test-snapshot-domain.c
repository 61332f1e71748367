/*
 * test-snapshot-domain.c - shows what is demanded of a snapshot's domain,
 * memory and disks, and of the document as a whole: its encoding, its root and
 * its depth. What counts as accepted was measured on libvirt 9.0.0.
 */
#include "snapshot-parts.h"

#define TYPED(body) "<domain type='qemu'>" body "</domain>"
#define NAME "<name>d</name>"
#define MEMORY "<memory>1024</memory>"
#define OS "<os><type>hvm</type></os>"
#define UUID(text) "<uuid>" text "</uuid>"
#define INACTIVE(body) "<inactiveDomain type='qemu'>" body "</inactiveDomain>"

static void
test_domain(void **state)
{
    static const struct part_case cases[] = {
        {GOOD_DOMAIN, ""},
        {"<domain type='kvm'>" GOOD_DOMAIN_BODY "</domain>", ""},
        {"<domain type='lxc'>" GOOD_DOMAIN_BODY "</domain>", ""},
        {"<domain type='xen'>" GOOD_DOMAIN_BODY "</domain>", ""},
        {TYPED(GOOD_DOMAIN_BODY "<unknown/>"), ""},
        {TYPED(NAME GOOD_UUID MEMORY "<os><type arch='i686'>hvm</type></os>"),
         ""},
        {TYPED(NAME GOOD_UUID "<memory unit='KiB'>1</memory>" OS), ""},
        {TYPED("<name>a\nb</name>" GOOD_UUID MEMORY OS), ""},
        {"", "domain-missing"},
        {"<domain/>", "domain-missing"},
        {"<domain>" GOOD_UUID "</domain>", "domain-missing"},
        {"<domain>" GOOD_DOMAIN_BODY "</domain>", "domain-missing"},
        {"<domain type=''>" GOOD_DOMAIN_BODY "</domain>", "domain-missing"},
        {"<domain>" UUID("zz") "</domain>", "domain-missing"},
        {"<domain xmlns='urn:x' type='qemu'/>", "domain-missing"},
        {"<x>" GOOD_DOMAIN "</x>", "domain-missing"},
        {TYPED(""), "domain-incomplete"},
        {TYPED(GOOD_UUID MEMORY OS), "domain-incomplete"},
        {TYPED("<name/>" GOOD_UUID MEMORY OS), "domain-incomplete"},
        {TYPED(NAME GOOD_UUID OS), "domain-incomplete"},
        {TYPED(NAME GOOD_UUID MEMORY), "domain-incomplete"},
        {TYPED(NAME GOOD_UUID MEMORY "<os/>"), "domain-incomplete"},
        {TYPED(NAME GOOD_UUID MEMORY "<os><type/></os>"), "domain-incomplete"},
        {TYPED(NAME UUID("zz") MEMORY OS), "domain-incomplete"},
        /* A stock libvirt loads these; in a bulk file the uuid is random. */
        {TYPED(NAME MEMORY OS), "domain-incomplete"},
        {TYPED(NAME "<uuid/>" MEMORY OS), "domain-incomplete"},
        /* The first counts. */
        {GOOD_DOMAIN TYPED(""), ""},
        {TYPED("") GOOD_DOMAIN, "domain-incomplete"},
    };

    (void)state;
    run_parts(PART_DOMAIN, NULL, cases, LENGTH(cases));
}

/* libvirt hides these as well. */
static void
test_domain_values(void **state)
{
    static const struct part_case cases[] = {
        {TYPED(NAME GOOD_UUID "<memory>0</memory>" OS), "domain-incomplete"},
        {TYPED("<name>a/b</name>" GOOD_UUID MEMORY OS), "domain-incomplete"},
        {"<domain type='bogus'>" GOOD_DOMAIN_BODY "</domain>",
         "domain-incomplete"},
        {"<domain type='QEMU'>" GOOD_DOMAIN_BODY "</domain>",
         "domain-incomplete"},
        {"<domain type=' qemu'>" GOOD_DOMAIN_BODY "</domain>",
         "domain-incomplete"},
        {TYPED(GOOD_DOMAIN_BODY "<vcpu>x</vcpu>"), "domain-incomplete"},
    };

    (void)state;
    run_parts(PART_DOMAIN, NULL, cases, LENGTH(cases));
}

/* "Has it a type" is asked of any <domain>, what is in it of the first. */
static void
test_domain_type_of_second(void **state)
{
    static const struct part_case cases[] = {
        {"<domain>" GOOD_UUID "</domain>" GOOD_DOMAIN, "domain-incomplete"},
    };

    (void)state;
    run_parts(PART_DOMAIN, NULL, cases, LENGTH(cases));
}

static void
test_inactive_domain(void **state)
{
    static const struct part_case cases[] = {
        {INACTIVE(GOOD_DOMAIN_BODY), ""},
        {INACTIVE(NAME MEMORY OS), ""},
        {INACTIVE(NAME UUID("c7a5fdbd-edaf-9455-926a-d65c16db1800") MEMORY OS),
         ""},
        {INACTIVE(GOOD_DOMAIN_BODY) INACTIVE(GOOD_DOMAIN_BODY), ""},
        {INACTIVE(GOOD_UUID MEMORY OS), "domain-incomplete"},
        {INACTIVE(NAME GOOD_UUID OS), "domain-incomplete"},
        {INACTIVE(NAME GOOD_UUID MEMORY), "domain-incomplete"},
        {"<inactiveDomain/>", "domain-incomplete"},
        {"<inactiveDomain>" GOOD_DOMAIN_BODY "</inactiveDomain>",
         "domain-incomplete"},
    };

    (void)state;
    run_parts(PART_EXTRA, NULL, cases, LENGTH(cases));
}

static void
test_inactive_domain_values(void **state)
{
    static const struct part_case cases[] = {
        {INACTIVE(NAME UUID("zz") MEMORY OS), "domain-incomplete"},
        {"<inactiveDomain type='bogus'>" GOOD_DOMAIN_BODY "</inactiveDomain>",
         "domain-incomplete"},
    };

    (void)state;
    run_parts(PART_EXTRA, NULL, cases, LENGTH(cases));
}

static void
test_uuid(void **state)
{
    static const unsigned char expected[16] = {
        0xc7, 0xa5, 0xfd, 0xbd, 0xed, 0xaf, 0x94, 0x55,
        0x92, 0x6a, 0xd6, 0x5c, 0x16, 0xdb, 0x18, 0x09};
    static const char *const same[] = {
        "c7a5fdbd-edaf-9455-926a-d65c16db1809",
        "C7A5FDBD-EDAF-9455-926A-D65C16DB1809",
        "c7a5fdbdedaf9455926ad65c16db1809",
        " \nc7a5fdbd-edaf-9455-926a-d65c16db1809\n ",
        "<!--c-->c7a5fdbd-edaf-9455-926a-d65c16db1809",
    };
    static const char *const bad[] = {
        "c7a5fdbd-edaf-9455-926a-d65c16db180",
        "c7a5fdbd-edaf-9455-926a-d65c16db18090",
        "c7a5fdbd-edaf-9455-926a-d65c16db180g",
        "{c7a5fdbd-edaf-9455-926a-d65c16db1809}",
        "x",
    };
    struct judged judged;

    (void)state;
    for (size_t i = 0; i < LENGTH(same); i++) {
        cleanup(free_ptr) char *text =
            xasprintf(TYPED(NAME UUID("%s") MEMORY OS), same[i]);

        judge_part(&judged, PART_DOMAIN, text);
        assert_found(&judged.problems, "", text);
        assert_true(judged.snapshot.has_uuid);
        assert_memory_equal(judged.snapshot.uuid, expected, 16);
        judged_free(&judged);
    }
    for (size_t i = 0; i < LENGTH(bad); i++) {
        cleanup(free_ptr) char *text =
            xasprintf(TYPED(NAME UUID("%s") MEMORY OS), bad[i]);

        judge_part(&judged, PART_DOMAIN, text);
        assert_found(&judged.problems, "domain-incomplete", text);
        assert_false(judged.snapshot.has_uuid);
        judged_free(&judged);
    }
    judge_part(
        &judged, PART_DOMAIN,
        TYPED(NAME UUID("00000000-0000-0000-0000-000000000000") MEMORY OS));
    assert_found(&judged.problems, "", "all zero");
    assert_true(judged.snapshot.has_uuid);
    judged_free(&judged);
    /* Without a type the domain is not looked at. */
    judge_part(&judged, PART_DOMAIN, "<domain>" GOOD_UUID "</domain>");
    assert_false(judged.snapshot.has_uuid);
    judged_free(&judged);
}

static void
test_memory_while_off(void **state)
{
    static const struct part_case cases[] = {
        {"", ""},
        {"<memory snapshot='no'/>", ""},
        {"<memory snapshot='internal'/>", "memory-bad"},
        {"<memory snapshot='external' file='/m'/>", "memory-bad"},
        {"<memory snapshot='external'/>", "memory-bad"},
        {"<memory file='/m'/>", "memory-bad"},
        {"<memory snapshot='bogus'/>", "memory-bad"},
    };

    (void)state;
    run_parts(PART_MEMORY, "<state>shutoff</state>", cases, LENGTH(cases));
    run_parts(PART_MEMORY, "<state>disk-snapshot</state>", cases,
              LENGTH(cases));
}

static void
test_memory_while_running(void **state)
{
    static const struct part_case cases[] = {
        {"", ""},
        {"<memory/>", ""},
        {"<memory snapshot='no'/>", ""},
        {"<memory snapshot='internal'/>", ""},
        {"<memory snapshot='external' file='/m'/>", ""},
        {"<memory file='/m'/>", ""},
        {"<memory snapshot='no' other='x'/>", ""},
        {"<memory snapshot='external'/>", "memory-bad"},
        {"<memory snapshot='external' file=''/>", "memory-bad"},
        {"<memory snapshot='external' file='m'/>", "memory-bad"},
        {"<memory snapshot='internal' file='/m'/>", "memory-bad"},
        {"<memory snapshot='bogus'/>", "memory-bad"},
        {"<memory snapshot='manual'/>", "memory-bad"},
        {"<memory snapshot=''/>", "memory-bad"},
    };
    static const char *const states[] = {"running", "paused", "crashed",
                                         "pmsuspended"};

    (void)state;
    for (size_t i = 0; i < LENGTH(states); i++) {
        cleanup(free_ptr) char *text =
            xasprintf("<state>%s</state>", states[i]);

        run_parts(PART_MEMORY, text, cases, LENGTH(cases));
    }
}

static void
test_disks(void **state)
{
    static const struct part_case cases[] = {
        {"<disks/>", ""},
        {"<disks>text<!--c--></disks>", ""},
        {"<disks><disk name='vda'/></disks>", ""},
        {"<disks><disk name=''/></disks>", ""},
        {"<disks><disk name='vda' snapshot='no'/></disks>", ""},
        {"<disks><disk name='vda' snapshot='internal'/></disks>", ""},
        {"<disks><disk name='vda' snapshot='external'/></disks>", ""},
        {"<disks><disk name='vda' snapshot='manual'/></disks>", ""},
        {"<disks><disk name='vda'/><disk name='vda'/></disks>", ""},
        {"<disks><disk name='vda' snapshot='internal'><source file='/s'/>"
         "</disk></disks>",
         ""},
        {"<disks><disk name='vda' x='y'><x/></disk></disks>", ""},
        {"<disks><disk/></disks>", "disk-bad"},
        {"<disks><other/></disks>", "disk-bad"},
        {"<disks><disk name='vda' snapshot='bogus'/></disks>", "disk-bad"},
        {"<disks><disk/><disk name='a' snapshot='x'/></disks>",
         "disk-bad disk-bad"},
    };

    (void)state;
    run_parts(PART_DISKS, NULL, cases, LENGTH(cases));
}

/* libvirt hides these as well. */
static void
test_disk_values(void **state)
{
    static const struct part_case cases[] = {
        {"<disks><disk name='vda' type='bogus'/></disks>", "disk-bad"},
        {"<disks><disk name='vda'><driver type='bogus'/></disk></disks>",
         "disk-bad"},
        {"<disks><disk name='vda' snapshot='external'><source file='s'/>"
         "</disk></disks>",
         "disk-bad"},
    };

    (void)state;
    run_parts(PART_DISKS, NULL, cases, LENGTH(cases));
}

/* Loaded, though not always kept. */
static void
test_other_children(void **state)
{
    static const struct part_case cases[] = {
        {"<cookie/>", ""},
        {"<cookie>text</cookie><cookie/>", ""},
        {"<revertDisks><disk name='vda'/></revertDisks>", ""},
        {"<revertDisks><disk/></revertDisks>", "disk-bad"},
        {"<snapshotDeleteInProgress/>", ""},
        {"<unknown/>text", ""},
        {"<description>a</description><description>b</description>", ""},
        {"<foo:bar/>", ""},
    };

    (void)state;
    run_parts(PART_EXTRA, NULL, cases, LENGTH(cases));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_domain),
        cmocka_unit_test(test_domain_values),
        cmocka_unit_test(test_domain_type_of_second),
        cmocka_unit_test(test_inactive_domain),
        cmocka_unit_test(test_inactive_domain_values),
        cmocka_unit_test(test_uuid),
        cmocka_unit_test(test_memory_while_off),
        cmocka_unit_test(test_memory_while_running),
        cmocka_unit_test(test_disks),
        cmocka_unit_test(test_disk_values),
        cmocka_unit_test(test_other_children),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
