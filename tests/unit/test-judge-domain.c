/*
 * test-judge-domain.c - shows which values in the definition of a domain are
 * known, which facts are taken from it, and what is said to be wrong with it.
 * test-snapshot-domain.c has what makes libvirt skip a snapshot.
 */
#include "judge-trial.h"

#define OS "<os><type>hvm</type></os>"
#define TYPED(body) "<domain type='qemu'>" body "</domain>"
#define MEMORY(text) TYPED("<name>d</name>" GOOD_UUID text OS)

static void
test_domain_facts(void **state)
{
    static const unsigned char expected[2] = {0xc7, 0xa5};
    struct trial trial;

    (void)state;
    trial_start(&trial, "\n<domain type='kvm'>\n<name>other</name>\n" GOOD_UUID
                        "<memory>1</memory>" OS "</domain>");
    judge_domain(&trial.judge, trial.root);
    assert_found(&trial.problems, "", "sound");
    assert_string_equal(trial.snapshot.domain_name, "other");
    assert_true(trial.snapshot.has_uuid);
    assert_memory_equal(trial.snapshot.uuid, expected, sizeof(expected));
    assert_int_equal(trial.snapshot.uuid_at.line, 4);
    trial_end(&trial);
    /* The name is known though libvirt does not look at the domain. */
    trial_start(&trial, "<domain><name>other</name></domain>");
    judge_domain(&trial.judge, trial.root);
    assert_found(&trial.problems, "domain-missing", "without a type");
    assert_string_equal(trial.snapshot.domain_name, "other");
    assert_false(trial.snapshot.has_uuid);
    trial_end(&trial);
    trial_start(&trial, "<domain/>");
    judge_domain(&trial.judge, trial.root);
    assert_null(trial.snapshot.domain_name);
    trial_end(&trial);
}

static void
test_domain_types(void **state)
{
    static const char *const known[] = {
        "qemu",      "kqemu", "kvm",    "xen",    "lxc",  "uml",
        "openvz",    "test",  "vmware", "hyperv", "vbox", "phyp",
        "parallels", "bhyve", "vz",     "hvf",    "none"};
    static const char *const unknown[] = {"KVM", "kv", "kvmx", " "};

    (void)state;
    for (size_t i = 0; i < LENGTH(known) + LENGTH(unknown); i++) {
        const bool is = i < LENGTH(known);
        cleanup(free_ptr) char *content =
            xasprintf("<domain type='%s'>" GOOD_DOMAIN_BODY "</domain>",
                      is ? known[i] : unknown[i - LENGTH(known)]);
        const struct verdict_case one = {content, is ? NULL : "type="};

        run_verdicts(judge_domain, PROBLEM_DOMAIN_INCOMPLETE, &one, 1);
    }
}

/* virScaleInteger(): without regard to case, KB and KiB alike; no blanks. */
static void
test_domain_memory(void **state)
{
    static const char *const units[] = {
        "",    "b",  "B",   "byte", "bytes", "BYTES", "k",   "K",
        "kb",  "KB", "KiB", "kib",  "m",     "MB",    "MiB", "g",
        "GiB", "t",  "TiB", "p",    "PB",    "PiB",   "e",   "EiB"};
    static const char *const no_units[] = {
        "x",   " KiB",     "KiB ", "Ki",  "KK",  "KBB", "z",
        "ZiB", "kilobyte", "bit",  "byt", "bib", "-",   "1"};
    static const struct verdict_case cases[] = {
        {MEMORY("<memory>1</memory>"), NULL},
        {MEMORY("<memory> 1</memory>"), NULL},
        {MEMORY("<cpu><numa><cell memory='1'/></numa></cpu>"), NULL},
        {MEMORY("<cpu><numa><cell/></numa></cpu>"), "<memory>"},
        {MEMORY("<memory>9223372036854775808</memory>"), "<memory>"},
        {MEMORY("<memory>1 </memory>"), "<memory>"},
        {MEMORY("<memory>-1</memory>"), "<memory>"},
        {MEMORY("<memory>1KiB</memory>"), "<memory>"},
        {MEMORY("<memory/>"), "<memory>"},
        {MEMORY("<memory>1</memory><memory>x</memory>"), NULL},
        {MEMORY("<memory>x</memory><memory>1</memory>"), "<memory>"},
        {MEMORY("<maxMemory>1</maxMemory>"), "<memory>"},
        /* The bytes in a long long, and rounded up to KiB as well. */
        {MEMORY("<memory>9007199254740991</memory>"), NULL},
        {MEMORY("<memory>9007199254740992</memory>"), "992 KiB, more than"},
        {MEMORY("<memory unit='b'>9223372036854774784</memory>"), NULL},
        {MEMORY("<memory unit='b'>9223372036854774785</memory>"), "more than"},
        {MEMORY("<memory unit='eib'>7</memory>"), NULL},
        {MEMORY("<memory unit='E'>8</memory>"), "8 E, more than"},
        {MEMORY("<memory unit='EB'>9</memory>"), NULL},
        {MEMORY("<memory unit='EB'>10</memory>"), "more than"},
        {MEMORY("<memory unit='TB'>9223372</memory>"), NULL},
        {MEMORY("<memory unit='TB'>9223373</memory>"), "more than"},
        {MEMORY("<memory>1</memory><currentMemory unit='E'>8</currentMemory>"),
         "<currentMemory> of 8 E"},
    };

    (void)state;
    run_verdicts(judge_domain, PROBLEM_DOMAIN_INCOMPLETE, cases, LENGTH(cases));
    for (size_t i = 0; i < LENGTH(units) + LENGTH(no_units); i++) {
        const bool is = i < LENGTH(units);
        cleanup(free_ptr) char *content =
            xasprintf(MEMORY("<memory unit='%s'>1</memory>"),
                      is ? units[i] : no_units[i - LENGTH(units)]);
        const struct verdict_case one = {content, is ? NULL : "unit"};

        run_verdicts(judge_domain, PROBLEM_DOMAIN_INCOMPLETE, &one, 1);
    }
}

static void
test_domain_values(void **state)
{
    static const struct verdict_case cases[] = {
        {TYPED(GOOD_DOMAIN_BODY "<vcpu>1</vcpu>"), NULL},
        {TYPED(GOOD_DOMAIN_BODY "<vcpu>512</vcpu>"), NULL},
        {TYPED(GOOD_DOMAIN_BODY "<vcpu>4294967296</vcpu>"),
         "expected 1 to 4294967295"},
        {TYPED(GOOD_DOMAIN_BODY "<vcpu>0</vcpu>"), "<vcpu>"},
        {TYPED(GOOD_DOMAIN_BODY "<vcpu>-1</vcpu>"), "<vcpu>"},
        {TYPED(GOOD_DOMAIN_BODY "<currentMemory>0</currentMemory>"), NULL},
        {TYPED(GOOD_DOMAIN_BODY "<currentMemory>5</currentMemory>"), NULL},
        {TYPED(GOOD_DOMAIN_BODY "<currentMemory>-1</currentMemory>"),
         "<currentMemory>"},
        {TYPED(GOOD_DOMAIN_BODY "<currentMemory unit='MiB'>1</currentMemory>"),
         NULL},
        {TYPED(GOOD_DOMAIN_BODY
               "<currentMemory unit='bogus'>1</currentMemory>"),
         "<currentMemory>"},
        {TYPED(GOOD_DOMAIN_BODY "<currentMemory>x</currentMemory>"),
         "<currentMemory>"},
        {TYPED(GOOD_DOMAIN_BODY "<title>one line</title>"), NULL},
        {TYPED(GOOD_DOMAIN_BODY "<title/>"), NULL},
        {TYPED(GOOD_DOMAIN_BODY "<title>two\nlines</title>"), "<title>"},
        {TYPED(GOOD_DOMAIN_BODY "<description>two\nlines</description>"), NULL},
        {"<domain type='qemu'/>", "<name>"},
        {TYPED("<name>a/b</name>"), "'/'"},
        {TYPED("<name>d</name><os/>"), "<os>"},
        {TYPED("<name>d</name><memory>1</memory>" OS), "found no <uuid>"},
        {TYPED("<name>d</name><memory>1</memory>" OS "<uuid>x</uuid>"),
         "found <uuid> 'x', expected 32"},
        /* Which of the two definitions is meant. */
        {TYPED(""), "<domain>: "},
        {GOOD_DOMAIN "<inactiveDomain/>", "<inactiveDomain>: found no type="},
    };

    (void)state;
    run_verdicts(judge_domain, PROBLEM_DOMAIN_INCOMPLETE, cases, LENGTH(cases));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_domain_facts),
        cmocka_unit_test(test_domain_types),
        cmocka_unit_test(test_domain_memory),
        cmocka_unit_test(test_domain_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
