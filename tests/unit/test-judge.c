/*
 * test-judge.c - shows how libvirt's numbers and uuids are read, where a
 * finding is said to be, and what is said of an image of the memory and of a
 * disk. test-snapshot*.c have what makes libvirt skip a snapshot,
 * test-judge-domain.c the definition of the domain.
 */
#include "judge-trial.h"

#include <limits.h>

static void
test_integer(void **state)
{
    static const struct {
        const char *text;
        bool is;
        long long value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"7", true, 7},
        {"+7", true, 7},
        {"-7", true, -7},
        {"007", true, 7},
        {"09", true, 9},
        {" \t\n\v\f\r7", true, 7},
        {"000000000000000000000000000000000000000007", true, 7},
        {"9223372036854775807", true, LLONG_MAX},
        {"-9223372036854775808", true, LLONG_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999999999999999999999", false, 0},
        {"", false, 0},
        {" ", false, 0},
        {"+", false, 0},
        {"-", false, 0},
        {"--7", false, 0},
        {"+-7", false, 0},
        {"- 7", false, 0},
        {"7 ", false, 0},
        {"7\n", false, 0},
        {"7-", false, 0},
        {"7,000", false, 0},
        {"7.0", false, 0},
        {"7e0", false, 0},
        {"0x7", false, 0},
        {"7L", false, 0},
        {"a", false, 0},
        {"inf", false, 0},
        {"\xc2\xa0"
         "7",
         false, 0},
        {"\xef\xbc\x97", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        long long value = 4711;
        bool is = judge_integer(cases[i].text, &value);

        if (is != cases[i].is)
            print_error("of case: %s\n", cases[i].text);
        assert_int_equal(is, cases[i].is);
        if (is)
            assert_true(value == cases[i].value);
    }
}

/* An error of before is not taken for one of its own. */
static void
test_integer_after_error(void **state)
{
    long long value;

    (void)state;
    assert_false(judge_integer("9223372036854775808", &value));
    assert_true(judge_integer("8", &value));
    assert_int_equal(value, 8);
}

static void
test_uuid(void **state)
{
    static const unsigned char expected[16] = {
        0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
        0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};
    static const struct {
        const char *text;
        bool is;
    } cases[] = {
        {"01234567-89ab-cdef-fedc-ba9876543210", true},
        {"0123456789abcdeffedcba9876543210", true},
        {"01234567-89AB-CDEF-FEDC-BA9876543210", true},
        {"01-23-45-67-89-ab-cd-ef-fe-dc-ba-98-76-54-32-10", true},
        {"----0123456789abcdef----fedcba9876543210", true},
        {" \t\r\n0123456789abcdeffedcba9876543210 \t\r\n", true},
        {"", false},
        {"-", false},
        {"    ", false},
        /* Between the halves of a byte, behind the last, or a blank. */
        {"0-123456789abcdeffedcba9876543210", false},
        {"0123456789abcdeffedcba9876543210-", false},
        {"01 23456789abcdeffedcba9876543210", false},
        {"0123456789abcdef fedcba9876543210", false},
        {"0123456789abcdeffedcba987654321", false},
        {"0123456789abcdeffedcba98765432", false},
        {"0123456789abcdeffedcba98765432100", false},
        {"0123456789abcdeffedcba9876543210 x", false},
        {"0123456789abcdeffedcba987654321g", false},
        {"g123456789abcdeffedcba9876543210", false},
        {"0x23456789abcdeffedcba9876543210", false},
        {"{01234567-89ab-cdef-fedc-ba9876543210}", false},
        {"urn:uuid:01234567-89ab-cdef-fedc-ba9876543210", false},
        {"\xc2\xa0"
         "0123456789abcdeffedcba9876543210",
         false},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(free_ptr) char *text =
            exact_copy(cases[i].text, strlen(cases[i].text) + 1);
        unsigned char uuid[16] = {0};
        bool is = judge_uuid(text, uuid);

        if (is != cases[i].is)
            print_error("of case: %s\n", cases[i].text);
        assert_int_equal(is, cases[i].is);
        if (is)
            assert_memory_equal(uuid, expected, sizeof(uuid));
    }
}

static void
test_text(void **state)
{
    static const char *const texts[] = {"", "", " a\n", "abc", "a<&", "xyz"};
    const xmlNode *node;
    struct trial trial;
    size_t i = 0;

    (void)state;
    trial_start(&trial, "<a/><a></a><a> a\n</a><a>a<!--x-->b<?x?><b>c</b></a>"
                        "<a><![CDATA[a<]]>&amp;</a><a>x<b><c>y</c></b>z</a>");
    for (node = trial.root->children; node; node = node->next, i++) {
        cleanup(parse_free_text) xmlChar *text = judge_text(node);

        assert_non_null(text);
        assert_string_equal((const char *)text, texts[i]);
    }
    assert_int_equal(i, LENGTH(texts));
    {
        cleanup(parse_free_text) xmlChar *text = judge_text(NULL);

        assert_non_null(text);
        assert_string_equal((const char *)text, "");
    }
    trial_end(&trial);
}

/* Places are the file's, though the document is a member that begins later. */
static void
test_at(void **state)
{
    static const unsigned long first[] = {1, 2, 1000, 4000000000};
    struct trial trial;

    (void)state;
    trial_start(&trial, "\n\né <a/>");
    for (size_t i = 0; i < LENGTH(first); i++) {
        struct position at;

        trial.judge.where = where_start(trial.text, strlen(trial.text),
                                        (struct position){first[i], 7});
        at = judge_at(&trial.judge, trial.root);
        assert_int_equal(at.line, first[i]);
        assert_int_equal(at.column, 7);
        assert_int_equal(trial.judge.place.line, first[i]);
        assert_int_equal(trial.judge.place.column, 7);
        at = judge_at(&trial.judge, parse_child(trial.root, "a", NULL));
        assert_int_equal(at.line, first[i] + 2);
        assert_int_equal(at.column, 3);
        assert_int_equal(trial.judge.place.line, first[i] + 2);
        assert_int_equal(trial.judge.place.column, 3);
    }
    trial_end(&trial);
}

/* A finding is where its element is, or else where the snapshot begins. */
static void
test_lines(void **state)
{
    static const struct {
        void (*function)(struct judge *, const xmlNode *);
        const char *content;
        enum problem_id id;
        unsigned long line;
        unsigned long column;
    } cases[] = {
        {judge_time, "\n\n<creationTime>x</creationTime>", PROBLEM_TIME_BAD, 3,
         1},
        {judge_time, "\n\n<x/>", PROBLEM_TIME_MISSING, 1, 1},
        {judge_state, "\n <state>x</state>", PROBLEM_STATE_BAD, 2, 2},
        {judge_state, "\n<state/>", PROBLEM_STATE_MISSING, 2, 1},
        {judge_state, "\n<x/>", PROBLEM_STATE_MISSING, 1, 1},
        {judge_memory, "\n\n\n<memory snapshot='x'/>", PROBLEM_MEMORY_BAD, 4,
         1},
        {judge_disks, "\n<disks>\n<disk name='a'/>\n<disk/></disks>",
         PROBLEM_DISK_BAD, 4, 1},
        {judge_disks, "\n<disks><disk name='a'/><!--<disk/>--><disk/></disks>",
         PROBLEM_DISK_BAD, 2, 38},
        {judge_disks,
         "\n<disks><disk name='a'><driver type='x'/></disk></disks>",
         PROBLEM_DISK_BAD, 2, 23},
        {judge_disks,
         "\n<disks><disk name='a'><source file='x'/></disk></disks>",
         PROBLEM_DISK_BAD, 2, 23},
        {judge_domain, "\n<domain/>", PROBLEM_DOMAIN_MISSING, 2, 1},
        {judge_domain, "\n<x/>", PROBLEM_DOMAIN_MISSING, 1, 1},
        {judge_domain, "\n\n<domain type='x'/>", PROBLEM_DOMAIN_INCOMPLETE, 3,
         1},
        {judge_domain, "\n" GOOD_DOMAIN "\n<inactiveDomain/>",
         PROBLEM_DOMAIN_INCOMPLETE, 3, 1},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct trial trial;

        trial_start(&trial, cases[i].content);
        cases[i].function(&trial.judge, trial.root);
        assert_found(&trial.problems, problem_info(cases[i].id)->id,
                     cases[i].content);
        assert_int_equal(trial.problems.list[0].line, cases[i].line);
        assert_int_equal(trial.problems.list[0].column, cases[i].column);
        assert_string_equal(trial.problems.list[0].file, "d/s.xml");
        trial_end(&trial);
    }
}

/* What is said of a value from disk is bounded. */
static void
test_long_value(void **state)
{
    cleanup(free_ptr) char *text =
        xasprintf("<creationTime>%0300d.</creationTime>", 0);
    struct trial trial;

    (void)state;
    trial_start(&trial, text);
    judge_time(&trial.judge, trial.root);
    assert_found(&trial.problems, "time-bad", "long");
    assert_int_equal(strlen(trial.problems.list[0].detail),
                     strlen("found ''") + 80 +
                         strlen(", expected seconds since 1970"));
    trial_end(&trial);
}

/* Why an image of the memory does not fit; what is said first counts. */
static void
test_memory(void **state)
{
    static const struct verdict_case cases[] = {
        {"<state>shutoff</state>", NULL},
        {"<memory snapshot='no'/>", NULL},
        {"<memory snapshot='no' file='/m'/>", "external or no file="},
        {"<memory/>", NULL},
        {"<memory file='m'/>", "absolute"},
        {"<memory snapshot='external' file='m'/>", "absolute"},
        {"<memory snapshot='internal' file='m'/>", "external or no file="},
        {"<memory snapshot='Internal'/>", "no, internal or external"},
        {"<memory snapshot='bogus' file='/m'/>", "no, internal or external"},
        {"<state>shutoff</state><memory/>", NULL},
        {"<state>shutoff</state><memory snapshot='internal'/>",
         "in state 'shutoff'"},
        {"<state>shutoff</state><memory snapshot='external'/>",
         "in state 'shutoff'"},
        {"<state>shutdown</state><memory/>", NULL},
        {"<state>bogus</state><memory/>", NULL},
        /* The first of two counts, of either. */
        {"<memory/><memory snapshot='x'/>", NULL},
        {"<state>running</state><state>shutoff</state><memory/>", NULL},
        {"<x:memory xmlns:x='urn:x' snapshot='x'/>", NULL},
        {"<memory xmlns:x='urn:x' x:snapshot='x' x:file='m'/>", NULL},
    };

    (void)state;
    run_verdicts(judge_memory, PROBLEM_MEMORY_BAD, cases, LENGTH(cases));
}

#define DISK(attributes, content)                                              \
    "<disks><disk name='a'" attributes ">" content "</disk></disks>"

/* Why a disk does not, and which element it is. */
static void
test_disks(void **state)
{
    static const struct verdict_case cases[] = {
        {"<x/>", NULL},
        {"<disks/><disks><disk/></disks>", "<disk>: found no name="},
        {"<revertDisks><disk name='a'/></revertDisks>", NULL},
        {"<revertDisks><disk/></revertDisks>", "<disk>: found no name="},
        {"<other><disk/></other>", NULL},
        {DISK(" type='dir'", ""), "type="},
        {DISK(" type='volume'", ""), "type="},
        {DISK("", "<driver type='none'/>"), "<driver>"},
        {DISK(" type='block'", "<source dev='sda'/>"), "<source>"},
        {DISK(" type='block'", "<source dev='/dev/sda' file='a'/>"), NULL},
        {"<disks><disk/></disks>", "<disk>: found no name="},
        {"<disks><disc/></disks>", "<disc>: "},
        {DISK(" snapshot=''", ""), "snapshot="},
        {DISK(" snapshot='No'", ""), "snapshot="},
        {DISK(" type='File'", ""), "type="},
        {DISK(" type=''", ""), "type="},
        {DISK("", "<driver/>"), NULL},
        {DISK("", "<driver type=''/>"), NULL},
        {DISK("", "<driver type='qcow3'/>"), "<driver>"},
        {DISK("", "<driver name='qcow3'/>"), NULL},
        {DISK("", "<source/>"), NULL},
        {DISK("", "<source file=''/>"), NULL},
        {DISK("", "<source file='/a'/>"), NULL},
        {DISK("", "<source file='a'/>"), "<source>"},
        {DISK("", "<source name='a'/>"), NULL},
        {DISK("", "<x><source file='a'/><driver type='x'/></x>"), NULL},
    };

    (void)state;
    run_verdicts(judge_disks, PROBLEM_DISK_BAD, cases, LENGTH(cases));
}

/* Every value that libvirt takes here. */
static void
test_disk_values(void **state)
{
    static const char *const types[] = {"file", "block", "network", "nvme",
                                        "vhostuser"};
    static const char *const formats[] = {
        "raw", "dir", "bochs", "cloop", "dmg",  "iso",   "vpc", "vdi",
        "fat", "vhd", "ploop", "cow",   "qcow", "qcow2", "qed", "vmdk"};

    (void)state;
    for (size_t i = 0; i < LENGTH(types) * LENGTH(formats); i++) {
        cleanup(free_ptr) char *content =
            xasprintf(DISK(" type='%s'", "<driver type='%s'/>"),
                      types[i % LENGTH(types)], formats[i / LENGTH(types)]);
        const struct verdict_case one = {content, NULL};

        run_verdicts(judge_disks, PROBLEM_DISK_BAD, &one, 1);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integer),
        cmocka_unit_test(test_integer_after_error),
        cmocka_unit_test(test_uuid),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_at),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_long_value),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_disks),
        cmocka_unit_test(test_disk_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
