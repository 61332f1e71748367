/*
 * test-schema.c - shows that our schema and the checks that libvirt's loader is
 * written down in agree on every document that a schema can judge, and what
 * becomes of that among the findings.
 */
#include "schema-trial.h"

static struct schemas schemas;

static int
open_schemas(void **state)
{
    struct error error = {0};

    if (schemas_open(&schemas, KIND_SNAPSHOT, true, NULL, &error) < 0)
        print_error("%s\n", error.message);
    return schemas.own ? group_temp_make(state) : -1;
}

static int
close_schemas(void **state)
{
    schemas_close(&schemas);
    return group_temp_remove(state);
}

/* What schema and loader both have an opinion on. */
static const struct {
    const char *part;
    const char *with;
    bool sound;
} rows[] = {
    {NAME, "", false},
    {NAME, "<name/>", false},
    {NAME, "<name> </name>", true},
    {NAME, "<name>a/b</name>", true}, /* unsafe, but it loads */
    {STATE, "", false},
    {STATE, "<state/>", false},
    {STATE, "<state>nostate</state>", false},
    {STATE, "<state> running</state>", false},
    {STATE, "<state>Running</state>", false},
    {STATE, "<state>running</state>", true},
    {STATE, "<state>blocked</state>", true},
    {STATE, "<state>paused</state>", true},
    {STATE, "<state>shutdown</state>", true},
    {STATE, "<state>crashed</state>", true},
    {STATE, "<state>pmsuspended</state>", true},
    {STATE, "<state>disk-snapshot</state>", true},
    {TIME, "", false},
    {TIME, "<creationTime/>", false},
    {TIME, "<creationTime>+5</creationTime>", true},
    {TIME, "<creationTime>-5</creationTime>", true},
    {TIME, "<creationTime>007</creationTime>", true},
    {TIME, "<creationTime>0</creationTime>", true},
    {TIME, "<creationTime> 5</creationTime>", true},
    {TIME, "<creationTime>5 </creationTime>", false},
    {TIME, "<creationTime>5\n</creationTime>", false},
    {TIME, "<creationTime>1.5</creationTime>", false},
    {TIME, "<creationTime>12x</creationTime>", false},
    {TIME, "<creationTime>0x10</creationTime>", false},
    {TIME, "<creationTime>9223372036854775807</creationTime>", true},
    {TIME, "<creationTime>9223372036854775808</creationTime>", false},
    {TIME, "<creationTime>-9223372036854775808</creationTime>", true},
    {TIME, "<creationTime>-9223372036854775809</creationTime>", false},
    {ACTIVE, "<active>1</active>", true},
    {ACTIVE, "<active>-1</active>", true},
    {ACTIVE, "<active> 00</active>", true},
    {ACTIVE, "<active>2147483647</active>", true},
    {ACTIVE, "<active>2147483648</active>", false},
    {ACTIVE, "<active>yes</active>", false},
    {ACTIVE, "<active>1 </active>", false},
    {ACTIVE, "<active/>", false},
    {TIME, TIME "<memory snapshot='no'/>", true},
    {TIME, TIME "<memory/>", true},
    {TIME, TIME "<memory snapshot='manual'/>", false},
    {TIME, TIME "<memory snapshot='x'/>", false},
    {TIME, TIME "<memory snapshot='no' file='/m'/>", false},
    {TIME, TIME "<disks/>", true},
    {TIME, TIME "<disks><disk name='a'/></disks>", true},
    {TIME, TIME "<disks><disk/></disks>", false},
    {TIME, TIME "<disks><disk name='a' snapshot='manual'/></disks>", true},
    {TIME, TIME "<disks><disk name='a' snapshot='x'/></disks>", false},
    {TIME, TIME "<disks><disk name='a' type='nvme'/></disks>", true},
    {TIME, TIME "<disks><disk name='a' type='dir'/></disks>", false},
    {TIME, TIME "<disks><disk name='a'><driver type='vhd'/></disk></disks>",
     true},
    {TIME, TIME "<disks><disk name='a'><driver type='none'/></disk></disks>",
     false},
    {TIME, TIME "<disks><disk name='a'><source file='/x'/></disk></disks>",
     true},
    {TIME, TIME "<disks><disk name='a'><source file='x'/></disk></disks>",
     false},
    {TIME, TIME "<disks><disk name='a'><source file=''/></disk></disks>", true},
    {TIME,
     TIME "<disks><disk name='a' type='block'><source dev='x'/></disk></disks>",
     false},
    {TIME,
     TIME
     "<disks><disk name='a' type='block'><source file='x'/></disk></disks>",
     true},
    {TIME, TIME "<revertDisks><disk/></revertDisks>", false},
    {GOOD_DOMAIN, "", true},
    {GOOD_DOMAIN, "<domain/>", true},
    {GOOD_DOMAIN, "<domain>" GOOD_UUID "</domain>", true},
    {GOOD_DOMAIN, "<domain id='1'><uuid>x</uuid>t<a b='c'/></domain>", true},
    {GOOD_DOMAIN, "<domain type=''><vcpu>x</vcpu></domain>", true},
    {GOOD_DOMAIN, "<domain type='kvm'/>", false},
    {"type='qemu'", "type='vz'", true},
    {"type='qemu'", "type='none'", true},
    {"type='qemu'", "type='qemu' id='3' xmlns:q='urn:q' q:a='b'", true},
    {GOOD_UUID, "", false},
    {GOOD_UUID, "<uuid/>", false},
    {GOOD_UUID, "<uuid>c7a5fdbdedaf9455926ad65c16db1809</uuid>", true},
    {GOOD_UUID, "<uuid> c7-a5-fdbdedaf9455926ad65C16DB1809 </uuid>", true},
    {GOOD_UUID, "<uuid>c-7a5fdbdedaf9455926ad65c16db1809</uuid>", false},
    {GOOD_UUID, "<uuid>c7a5fdbdedaf9455926ad65c16db180</uuid>", false},
    {GOOD_UUID, "<uuid>c7a5fdbdedaf9455926ad65c16db1809-</uuid>", false},
    {"<name>d</name>", "", false},
    {"<name>d</name>", "<name/>", false},
    {"<name>d</name>", "<name>a/b</name>", false},
    {"<name>d</name>", "<name>a\nb</name>", true},
    {"<memory>1024</memory>", "", false},
    {"<memory>1024</memory>", "<memory>0</memory>", false},
    {"<memory>1024</memory>", "<memory>-1</memory>", false},
    {"<memory>1024</memory>", "<memory>1 </memory>", false},
    {"<memory>1024</memory>", "<memory unit='KiB'>1</memory>", true},
    {"<memory>1024</memory>", "<memory unit='bytes'>1</memory>", true},
    {"<memory>1024</memory>", "<memory unit='eb'>1</memory>", true},
    {"<memory>1024</memory>", "<memory unit=''>1</memory>", true},
    {"<memory>1024</memory>", "<memory unit='kis'>1</memory>", false},
    {"<memory>1024</memory>", "<memory unit='x'>1</memory>", false},
    {"<memory>1024</memory>", "<memory dumpCore='on'>1</memory>", true},
    {"<os><type>hvm</type></os>", "", false},
    {"<os><type>hvm</type></os>", "<os/>", false},
    {"<os><type>hvm</type></os>", "<os><type/></os>", false},
    {"<os><type>hvm</type></os>", "<os f='e'><a/><type m='x'>hvm</type>t</os>",
     true},
    {"</os>", "</os><vcpu>2</vcpu>", true},
    {"</os>", "</os><vcpu>+2</vcpu>", true},
    {"</os>", "</os><vcpu/>", false},
    {"</os>", "</os><vcpu>0</vcpu>", false},
    {"</os>", "</os><vcpu>4294967295</vcpu>", true},
    {"</os>", "</os><vcpu>4294967296</vcpu>", false},
    {"</os>", "</os><currentMemory unit='MiB'>0</currentMemory>", true},
    {"</os>", "</os><currentMemory>-1</currentMemory>", false},
    {"</os>", "</os><currentMemory unit='q'>1</currentMemory>", false},
    {"</os>", "</os><title>one line</title>", true},
    {"</os>", "</os><title>two\nlines</title>", false},
    {"</os>", "</os>text<x/><y z='1'>t<z/></y><m:vcpu xmlns:m='u'/>", true},
    {ACTIVE, "<inactiveDomain/>" ACTIVE, false},
    {ACTIVE,
     "<inactiveDomain type='kvm'>" GOOD_DOMAIN_BODY "</inactiveDomain>" ACTIVE,
     true},
    {ACTIVE,
     "<inactiveDomain type='kvm'><name>d</name><memory>1</memory><uuid/>"
     "<os><type>hvm</type></os></inactiveDomain>" ACTIVE,
     true},
    {ACTIVE, "<cookie><any a='b'>t</any>t</cookie>" ACTIVE, true},
};

/* What libvirt's loader makes of it, by the problem table. */
static bool
loads(const char *text, struct problems *problems)
{
    struct snapshot snapshot;
    struct document map;
    struct place place = {.domain = "d", .file = "d/s.xml"};

    assert_int_equal(scan_document(text, strlen(text), &map), 0);
    (void)snapshot_parse(&snapshot, LAYOUT_LEGACY, text, strlen(text), &map,
                         NULL, NULL, &place, problems);
    snapshot_free(&snapshot);
    for (size_t i = 0; i < problems->count; i++) {
        if (problem_info(problems->list[i].id)->hides & HIDES_STOCK)
            return false;
    }
    return true;
}

static void
test_agreement(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        cleanup(free_ptr) char *text =
            snapshot_with(rows[i].part, rows[i].with);
        cleanup(free_ptr) char *found = judged(schemas.own, text);
        cleanup(problems_free) struct problems problems = {0};
        bool loaded = loads(text, &problems);

        if (loaded != rows[i].sound || !found[0] != rows[i].sound) {
            cleanup(free_ptr) char *ids = problem_ids(&problems);

            print_error("%s\n  schema: %s\n  loader: %s\n", rows[i].with, found,
                        ids);
        }
        assert_int_equal(loaded, rows[i].sound);
        assert_int_equal(!found[0], rows[i].sound);
    }
}

/* The findings of SNAPSHOT, a legacy file, held against our schema and FOREIGN.
 */
static char *
found_in(const char *snapshot_text, struct schema *further,
         struct problems *problems)
{
    struct schemas both = {
        .own = schemas.own, .further = &further, .count = further != NULL};
    struct place place = {.domain = "d", .file = "d/s.xml"};
    struct snapshot snapshot;
    struct document map;

    assert_int_equal(scan_document(snapshot_text, strlen(snapshot_text), &map),
                     0);
    (void)snapshot_parse(&snapshot, LAYOUT_LEGACY, snapshot_text,
                         strlen(snapshot_text), &map, NULL, &both, &place,
                         problems);
    snapshot_free(&snapshot);
    return problem_ids(problems);
}

static const struct {
    const char *part;
    const char *with;
    const char *ids;
} findings[] = {
    {NAME, NAME, ""},
    {NAME, NAME "<foo/>", "schema-invalid"},
    {NAME, NAME "<foo/><foo/>", "schema-invalid schema-invalid"},
    {NAME, "", "name-missing"},
    {STATE, "<state>x</state>", "state-bad"},
    {GOOD_UUID, "<uuid>x</uuid>", "domain-incomplete"},
    {"<memory>1024</memory>", "<memory unit='x' a='b'>0</memory>",
     "domain-incomplete"},
    {ACTIVE, "<active>x</active><a/>", "active-bad schema-invalid"},
    {"<domainsnapshot>" NAME, "<domainsnapshot a='b'>",
     "name-missing schema-invalid"},
    {TIME, TIME "<disks><disk><a/></disk><disk name='b'><b/></disk></disks>",
     "disk-bad schema-invalid"},
};

static void
test_findings(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(findings); i++) {
        cleanup(free_ptr) char *text =
            snapshot_with(findings[i].part, findings[i].with);
        cleanup(problems_free) struct problems problems = {0};
        cleanup(free_ptr) char *ids = found_in(text, NULL, &problems);

        if (strcmp(ids, findings[i].ids))
            print_error("%s\n", text);
        assert_string_equal(ids, findings[i].ids);
    }
}

/* A further schema complains, whatever ours has to say: never an error. */
static void
test_further(void **state)
{
    const struct problem *problem;
    struct error error = {0};
    cleanup(problems_free) struct problems problems = {0};
    cleanup(free_ptr) char *text = snapshot_with(NAME, NAME "<foo/>");
    cleanup(free_ptr) char *ids = NULL;
    struct schema *schema =
        made_schema(*state, "f.rng",
                    GRAMMAR "<start><element name='domainsnapshot'><interleave>"
                            "<element name='name'><value>t</value></element>"
                            "<element name='state'><text/></element>"
                            "<element name='creationTime'><text/></element>"
                            "<element name='active'><text/></element>"
                            "</interleave></element></start></grammar>",
                    &error);

    assert_non_null(schema);
    ids = found_in(text, schema, &problems);
    assert_string_equal(
        ids, "schema-foreign schema-foreign schema-foreign schema-invalid");
    assert_int_equal(problems_errors(&problems, 0), 0);
    problem = find_problem(&problems, PROBLEM_SCHEMA_FOREIGN);
    assert_true(
        problem && problem->detail &&
        strstr(problem->detail, "f.rng: found 's' in <name>, expected t"));
    schema_free(schema);
}

/* Too many siblings: that is said, and nothing else made of it. */
static void
test_many(void **state)
{
    static const struct {
        size_t count;
        const char *ids;
    } many[] = {
        {500, ""},
        {10000, "schema-unchecked"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(many); i++) {
        cleanup(problems_free) struct problems problems = {0};
        cleanup(buffer_free) struct buffer deep = {0};
        cleanup(free_ptr) char *text = NULL, *ids = NULL;

        buffer_puts(&deep, "<many>");
        for (size_t j = 0; j < many[i].count; j++)
            buffer_puts(&deep, "<a/>");
        buffer_add(&deep, "</many></os>", sizeof("</many></os>"));
        text = snapshot_with("</os>", deep.data);
        ids = found_in(text, NULL, &problems);
        assert_string_equal(ids, many[i].ids);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agreement),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_further),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, open_schemas, close_schemas);
}
