/*
 * test-snapshot.c - shows which values of name, parent, creationTime, state and
 * active are accepted, which fact is read from them, and which problem the
 * others are. What counts as accepted was measured on libvirt 9.0.0: it takes
 * the text of the first element of a name in no namespace, with the elements
 * and CDATA in it flattened, comments and processing instructions left out.
 */
#include "snapshot-parts.h"

#include <limits.h>

static void
test_time(void **state)
{
    static const struct {
        const char *text;
        const char *ids;
        long long created;
    } cases[] = {
        {"<creationTime>170</creationTime>", "", 170},
        {"<creationTime> 170</creationTime>", "", 170},
        {"<creationTime>\n170</creationTime>", "", 170},
        {"<creationTime>\t170</creationTime>", "", 170},
        {"<creationTime>+5</creationTime>", "", 5},
        {"<creationTime>010</creationTime>", "", 10},
        {"<creationTime>0</creationTime>", "", 0},
        {"<creationTime>-0</creationTime>", "", 0},
        {"<creationTime>-5</creationTime>", "", -5},
        {"<creationTime>9223372036854775807</creationTime>", "", LLONG_MAX},
        {"<creationTime>-9223372036854775808</creationTime>", "", LLONG_MIN},
        {"<creationTime>1<!--c-->70</creationTime>", "", 170},
        {"<creationTime>1<?p q?>70</creationTime>", "", 170},
        {"<creationTime><![CDATA[170]]></creationTime>", "", 170},
        {"<creationTime><b>170</b></creationTime>", "", 170},
        {"<creationTime>&#49;70</creationTime>", "", 170},
        {"<creationTime>1</creationTime><creationTime>x</creationTime>", "", 1},
        {"<creationTime>1</creationTime><creationTime>2</creationTime>", "", 1},
        {"<creationTime>x</creationTime><creationTime>1</creationTime>",
         "time-bad", 0},
        {"<creationTime>170 </creationTime>", "time-bad", 0},
        {"<creationTime>170\n</creationTime>", "time-bad", 0},
        {"<creationTime>+</creationTime>", "time-bad", 0},
        {"<creationTime>-</creationTime>", "time-bad", 0},
        {"<creationTime>- 5</creationTime>", "time-bad", 0},
        {"<creationTime>0x10</creationTime>", "time-bad", 0},
        {"<creationTime>1e3</creationTime>", "time-bad", 0},
        {"<creationTime>1.5</creationTime>", "time-bad", 0},
        {"<creationTime>170L</creationTime>", "time-bad", 0},
        {"<creationTime/>", "time-bad", 0},
        {"<creationTime> </creationTime>", "time-bad", 0},
        {"<creationTime>\xc2\xa0"
         "170</creationTime>",
         "time-bad", 0},
        {"<creationTime>\xd9\xa1</creationTime>", "time-bad", 0},
        {"<creationTime>9223372036854775808</creationTime>", "time-bad", 0},
        {"<creationTime>-9223372036854775809</creationTime>", "time-bad", 0},
        {"", "time-missing", 0},
        {"<x><creationTime>1</creationTime></x>", "time-missing", 0},
        {"<creationTime xmlns='urn:x'>1</creationTime>", "time-missing", 0},
        {"<creationtime>1</creationtime>", "time-missing", 0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct judged judged;

        judge_part(&judged, PART_TIME, cases[i].text);
        assert_found(&judged.problems, cases[i].ids, cases[i].text);
        if (!cases[i].ids[0])
            assert_true(judged.snapshot.created == cases[i].created);
        judged_free(&judged);
    }
}

static void
test_state(void **state)
{
    static const struct part_case cases[] = {
        {"<state>running</state>", ""},
        {"<state>blocked</state>", ""},
        {"<state>paused</state>", ""},
        {"<state>shutdown</state>", ""},
        {"<state>shutoff</state>", ""},
        {"<state>crashed</state>", ""},
        {"<state>pmsuspended</state>", ""},
        {"<state>disk-snapshot</state>", ""},
        {"<state>run<!--c-->ning</state>", ""},
        {"<state><![CDATA[running]]></state>", ""},
        {"<state><b>running</b></state>", ""},
        {"<state>running</state><state>bogus</state>", ""},
        {"<state>bogus</state><state>running</state>", "state-bad"},
        {"<state>nostate</state>", "state-bad"},
        {"<state>offline</state>", "state-bad"},
        {"<state>last</state>", "state-bad"},
        {"<state>no state</state>", "state-bad"},
        {"<state>1</state>", "state-bad"},
        {"<state>Running</state>", "state-bad"},
        {"<state>RUNNING</state>", "state-bad"},
        {"<state> running</state>", "state-bad"},
        {"<state>running </state>", "state-bad"},
        {"<state>\nrunning</state>", "state-bad"},
        {"<state/>", "state-missing"},
        {"<state></state><state>running</state>", "state-missing"},
        {"", "state-missing"},
        {"<x><state>running</state></x>", "state-missing"},
    };

    (void)state;
    run_parts(PART_STATE, NULL, cases, LENGTH(cases));
}

static void
test_active(void **state)
{
    static const struct {
        const char *text;
        const char *ids;
        bool active;
    } cases[] = {
        {"<active>0</active>", "", false},
        {"<active>1</active>", "", true},
        {"<active x='y'>1</active>", "", true},
        {"<active>&#49;</active>", "", true},
        {"<active>1<!--c--></active>", "", true},
        {"<active><!--c-->1</active>", "", true},
        {"<active>1<?p?></active>", "", true},
        {"<active><![CDATA[1]]></active>", "", true},
        {"<active><b>1</b></active>", "", true},
        {"<active>1<!--c-->0</active>", "active-odd", true},
        {"<active>\n1</active>", "active-odd", true},
        {"<active> 1</active>", "active-odd", true},
        {"<active>+1</active>", "active-odd", true},
        {"<active>01</active>", "active-odd", true},
        {"<active>2</active>", "active-odd", true},
        {"<active>-1</active>", "active-odd", true},
        {"<active>2147483647</active>", "active-odd", true},
        {"<active>-2147483648</active>", "active-odd", true},
        {"<active>00</active>", "active-odd", false},
        {"<active>+0</active>", "active-odd", false},
        {"<active>-0</active>", "active-odd", false},
        {"<active>1 </active>", "active-bad", false},
        {"<active>1\n</active>", "active-bad", false},
        {"<active>0x1</active>", "active-bad", false},
        {"<active>1e0</active>", "active-bad", false},
        {"<active>0.5</active>", "active-bad", false},
        {"<active>true</active>", "active-bad", false},
        {"<active>yes</active>", "active-bad", false},
        {"<active/>", "active-bad", false},
        {"<active><!-- 1 --></active>", "active-bad", false},
        {"<active>\xc2\xa0"
         "1</active>",
         "active-bad", false},
        {"<active>2147483648</active>", "active-bad", false},
        {"<active>4294967296</active>", "active-bad", false},
        {"<active>bad</active><active>1</active>", "active-bad", false},
        {"", "active-missing", false},
        {"<x><active>1</active></x>", "active-missing", false},
        {"<active xmlns='urn:x'>1</active>", "active-ambiguous active-missing",
         false},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct judged judged;

        judge_part(&judged, PART_ACTIVE, cases[i].text);
        assert_found(&judged.problems, cases[i].ids, cases[i].text);
        if (!problems_errors(&judged.problems, 0))
            assert_int_equal(judged.snapshot.active, cases[i].active);
        judged_free(&judged);
    }
}

/* Wherever it is among the children; and not what the domain is said to be. */
static void
test_active_elsewhere(void **state)
{
    struct judged judged;

    (void)state;
    judge_part(&judged, PART_NAME, "<active>1</active><name>s</name>");
    assert_true(judged.snapshot.active);
    judged_free(&judged);
    judge_part(&judged, PART_DOMAIN,
               "<domain type='qemu'>" GOOD_DOMAIN_BODY
               "<metadata><active>1</active></metadata></domain>");
    assert_found(&judged.problems, "", "metadata");
    assert_false(judged.snapshot.active);
    judged_free(&judged);
}

/* A member of a bulk file has none, and one that is there does not count. */
static void
test_active_in_bulk(void **state)
{
    cleanup(free_ptr) char *with =
        part_document(PART_ACTIVE, "<active>1</active>", NULL);
    cleanup(free_ptr) char *without = part_document(PART_ACTIVE, "", NULL);
    struct judged judged;

    (void)state;
    judge_bytes(&judged, LAYOUT_BULK, with, strlen(with));
    assert_found(&judged.problems, "active-in-bulk", "with");
    assert_false(judged.snapshot.active);
    assert_int_equal(judged.kind, SNAPSHOT_SOUND);
    judged_free(&judged);
    judge_bytes(&judged, LAYOUT_BULK, without, strlen(without));
    assert_found(&judged.problems, "", "without");
    judged_free(&judged);
}

static void
test_name(void **state)
{
    static const struct {
        const char *text;
        const char *ids;
        const char *name;
        const char *stem;
    } cases[] = {
        {"<name>s</name>", "", "s", "s"},
        {"<name>x</name><name>y</name>", "", "x", "x"},
        {"<name>y</name><name/>", "", "y", "y"},
        {"<name/><name>y</name>", "name-missing", "", ""},
        {"<name>a<b>c</b>d</name>", "", "acd", "acd"},
        {"<name><b>c</b></name>", "", "c", "c"},
        {"<name>a<!--c-->b</name>", "", "ab", "ab"},
        {"<name>a<?p q?>b</name>", "", "ab", "ab"},
        {"<name><![CDATA[a<&b]]></name>", "", "a<&b", "a<&b"},
        {"<name><!--c--></name>", "name-missing", "", ""},
        {"<name><![CDATA[]]></name>", "name-missing", "", ""},
        {"<name/>", "name-missing", "", ""},
        {"", "name-missing", "", ""},
        {"<x><name>n</name></x>", "name-missing", "", ""},
        {"<name xmlns='urn:x'>n</name>", "name-missing", "", ""},
        {"<name xmlns='urn:x'>n</name><name>m</name>", "", "m", "m"},
        {"<name> </name>", "", " ", " "},
        {"<name>\n</name>", "", "\n", "\n"},
        {"<name> a\n</name>", "", " a\n", " a\n"},
        {"<name>x.xml.new</name>", "", "x.xml.new", "x.xml.new"},
        {"<name>--help</name>", "", "--help", "--help"},
        {"<name>a/b</name>", "name-unsafe", "a/b", "a/b"},
        {"<name>../../x</name>", "name-unsafe", "../../x", "../../x"},
        {"<name>.</name>", "name-unsafe", ".", "."},
        {"<name>..</name>", "name-unsafe", "..", ".."},
        {"<name>.x</name>", "name-unsafe", ".x", ".x"},
        /* libvirt writes a carriage return raw, and names the file by it. */
        {"<name>a\r\nb</name>", "", "a\nb", "a\r\nb"},
        {"<name>a\rb</name>", "", "a\nb", "a\rb"},
        {"<name>a&#13;b</name>", "", "a\rb", "a\rb"},
        {"<name>\xe2\x80\xae\xcc\x81</name>", "", "\xe2\x80\xae\xcc\x81",
         "\xe2\x80\xae\xcc\x81"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct judged judged;

        judge_part(&judged, PART_NAME, cases[i].text);
        assert_found(&judged.problems, cases[i].ids, cases[i].text);
        assert_string_equal(judged.snapshot.name, cases[i].name);
        assert_string_equal(judged.snapshot.stem, cases[i].stem);
        judged_free(&judged);
    }
}

/* NAME.xml.new must be a file name: 247 bytes, not characters, are the limit.
 */
static void
test_name_length(void **state)
{
    (void)state;
    for (size_t len = 245; len <= 300; len++) {
        cleanup(free_ptr) char *name = xcalloc(len + 1, 1);
        cleanup(free_ptr) char *text = NULL;
        struct judged judged;

        memset(name, 'n', len);
        memcpy(name, "\xc3\xa9", 2);
        text = xasprintf("<name>%s</name>", name);
        judge_part(&judged, PART_NAME, text);
        assert_found(&judged.problems, len <= 247 ? "" : "name-unsafe", text);
        assert_int_equal(snapshot_name_unsafe(name) != NULL, len > 247);
        judged_free(&judged);
    }
    assert_non_null(snapshot_name_unsafe(""));
    assert_non_null(snapshot_name_unsafe("/"));
    assert_non_null(snapshot_name_unsafe(".hidden"));
    assert_null(snapshot_name_unsafe("a.b"));
}

static void
test_parent(void **state)
{
    static const struct {
        const char *text;
        const char *parent; /* NULL: a root */
    } cases[] = {
        {"", NULL},
        {"<parent><name>p</name></parent>", "p"},
        {"<parent/>", NULL},
        {"<parent><name/></parent>", NULL},
        {"<parent>p</parent>", NULL},
        {"<parent><name> </name></parent>", " "},
        {"<parent><name> p</name></parent>", " p"},
        {"<parent><name>p\n</name></parent>", "p\n"},
        {"<parent><name>p</name></parent><parent><name>q</name></parent>", "p"},
        {"<parent><name>p</name><name>q</name></parent>", "p"},
        {"<parent/><parent><name>p</name></parent>", "p"},
        {"<parent><name/></parent><parent><name>p</name></parent>", NULL},
        {"<parent><name>p<!--c--></name></parent>", "p"},
        {"<parent><name><![CDATA[p]]></name></parent>", "p"},
        {"<parent><name><b>p</b></name></parent>", "p"},
        {"<parent><x><name>p</name></x></parent>", NULL},
        {"<x><parent><name>p</name></parent></x>", NULL},
        {"<parent><name>a&amp;b</name></parent>", "a&b"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct judged judged;

        judge_part(&judged, PART_PARENT, cases[i].text);
        assert_found(&judged.problems, "", cases[i].text);
        if (cases[i].parent) {
            assert_non_null(judged.snapshot.parent);
            assert_string_equal(judged.snapshot.parent, cases[i].parent);
        } else {
            assert_null(judged.snapshot.parent);
        }
        judged_free(&judged);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_active),
        cmocka_unit_test(test_active_elsewhere),
        cmocka_unit_test(test_active_in_bulk),
        cmocka_unit_test(test_name),
        cmocka_unit_test(test_name_length),
        cmocka_unit_test(test_parent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
