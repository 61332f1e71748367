/*
 * test-build.c - shows that readback_prove() takes a copy that build_copy()
 * wrote, and refuses one that was tampered with in any way, in both layouts.
 */
#include "bench.h"

/* Byte for byte what libvirt writes; parents first, for all that b is older. */
static void
test_copies(void **state)
{
    struct bench bench;

    (void)state;
    bench_make(&bench, LAYOUT_BULK);
    assert_int_equal(bench_build(&bench), 0);
    assert_text(bench_dir(&bench), "new", BULK);
    assert_int_equal(bench_prove(&bench), 0);
    bench_free(&bench);
    bench_make(&bench, LAYOUT_LEGACY);
    assert_int_equal(bench_build(&bench), 0);
    assert_text(bench_dir(&bench), "new/a.xml", A);
    assert_text(bench_dir(&bench), "new/b.xml", B);
    assert_text(bench_dir(&bench), "new/c.xml", C);
    assert_int_equal(bench_prove(&bench), 0);
    assert_null(bench.error.message);
    bench_free(&bench);
}

#define EDITS_MAX 5

/* What is done to the copy, and a part of what is said of it. */
struct tampering {
    struct edit edits[EDITS_MAX];
    const char *said;
};

#define PROBLEM_SAID "the new copy, read back: "
#define COUNT_SAID(count) "holds " #count " snapshots"
#define CURRENT_SAID "another current snapshot"
#define SNAPSHOT_SAID(name) "snapshot '" name "' of the new copy"

static const struct tampering bulk_tamperings[] = {
    /* One snapshot. */
    {{{"new", "of b", "of B"}}, SNAPSHOT_SAID("b")},
    {{{"new", "of c\n    and", "of c\n      and"}}, SNAPSHOT_SAID("c")},
    {{{"new", " arch='x86_64'", ""}}, SNAPSHOT_SAID("a")},
    {{{"new", "text\n  <m:a>", "text\n    <m:a>"}}, SNAPSHOT_SAID("a")},
    {{{"new", "CDATA[x\n  y", "CDATA[x\n    y"}}, SNAPSHOT_SAID("a")},
    {{{"new", "<!-- a\n  comment -->", ""}}, SNAPSHOT_SAID("a")},
    {{{"new", "170", "171"}}, SNAPSHOT_SAID("a")},
    {{{"new", "<name>a</name>\n    </parent>", "<name>c</name>\n    </parent>"},
      {"new", PARENT_LINES("  ", "b"), ""}},
     SNAPSHOT_SAID("b")},
    {{{"new", PARENT_LINES("  ", "a"), ""}}, SNAPSHOT_SAID("b")},
    /* Two that have each other's content. */
    {{{"new", "of a", "of x"},
      {"new", "of c", "of a"},
      {"new", "of x", "of c"}},
     SNAPSHOT_SAID("a")},
    /* As many as there should be, but one is another. */
    {{{"new", "<name>c</name>", "<name>x</name>"}}, SNAPSHOT_SAID("c")},
    {{{"new", IN_BULK_C, BULK_SNAPSHOT("x", CHILD_OF_B, "180")}},
     SNAPSHOT_SAID("c")},
    /* Too few or too many. */
    {{{"new", IN_BULK_C, ""}}, COUNT_SAID(2)},
    {{{"new", BULK_TAIL, BULK_SNAPSHOT("x", ROOT, "1") BULK_TAIL}},
     COUNT_SAID(4)},
    {{{"new", IN_BULK_C, IN_BULK_C IN_BULK_C}}, PROBLEM_SAID},
    /* Another one is current, or none. */
    {{{"new", "current='b'", "current='a'"}}, CURRENT_SAID},
    {{{"new", "current='b'", "current='c'"}}, CURRENT_SAID},
    {{{"new", " current='b'", ""}}, CURRENT_SAID},
    {{{"new", "current='b'", "current='x'"}}, PROBLEM_SAID},
    /* What is damaged, or holds more than snapshots. */
    {{{"new", IN_BULK_B, ""}}, PROBLEM_SAID},
    {{{"new", "</snapshots>", "</snapshot>"}}, PROBLEM_SAID},
    {{{"new", "</description>", ""}}, PROBLEM_SAID},
    {{{"new", BULK_TAIL, ""}}, PROBLEM_SAID},
    {{{"new", NULL, ""}}, PROBLEM_SAID},
    {{{"new", NULL, BULK_HEAD("") BULK_TAIL}}, PROBLEM_SAID},
    {{{"new", "<snapshots", "<snapshots x='1'"}}, PROBLEM_SAID},
    {{{"new", BULK_TAIL, "<!-- x -->" BULK_TAIL}}, PROBLEM_SAID},
    {{{"new", BULK_TAIL, "<x/>" BULK_TAIL}}, PROBLEM_SAID},
    {{{"new", BULK_TAIL, BULK_TAIL "<!-- x -->"}}, PROBLEM_SAID},
    {{{"new", "<snapshots", "<!DOCTYPE snapshots><snapshots"}}, PROBLEM_SAID},
    {{{"new", "<snapshots", "<snapshots xmlns='urn:x'"}}, PROBLEM_SAID},
    {{{"new", "hvm", "h\xffm"}}, PROBLEM_SAID},
    /* It is not there. */
    {{{"new", NULL, NULL}}, "'new'"},
};

static const struct tampering legacy_tamperings[] = {
    {{{"new/b.xml", "of b", "of B"}}, SNAPSHOT_SAID("b")},
    {{{"new/c.xml", "of c\n    and", "of c\n  and"}}, SNAPSHOT_SAID("c")},
    {{{"new/a.xml", " arch='x86_64'", ""}}, SNAPSHOT_SAID("a")},
    {{{"new/a.xml", "text\n  <m:a>", "text\n<m:a>"}}, SNAPSHOT_SAID("a")},
    {{{"new/a.xml", "CDATA[x\n  y", "CDATA[x\ny"}}, SNAPSHOT_SAID("a")},
    {{{"new/a.xml", "<!-- a\n  comment -->", ""}}, SNAPSHOT_SAID("a")},
    {{{"new/a.xml", "170", "171"}}, SNAPSHOT_SAID("a")},
    {{{"new/c.xml", "<name>b</name>", "<name>a</name>"}}, SNAPSHOT_SAID("c")},
    {{{"new/b.xml", PARENT_LINES("", "a"), ""}}, SNAPSHOT_SAID("b")},
    {{{"new/a.xml", "of a", "of c"}, {"new/c.xml", "of c", "of a"}},
     SNAPSHOT_SAID("a")},
    /* Each has the other's name. */
    {{{"new/a.xml", "<name>a<", "<name>c<"},
      {"new/c.xml", "<name>c<", "<name>a<"}},
     PROBLEM_SAID},
    /* In each other's file, and a number that no copy has. */
    {{{"new/a.xml", NULL, C}, {"new/c.xml", NULL, A}}, PROBLEM_SAID},
    {{{"new/b.xml", "<active>1<", "<active>7<"}}, PROBLEM_SAID},
    /* As many as there should be, but one is another. */
    {{{"new/c.xml", "<name>c<", "<name>x<"}}, PROBLEM_SAID},
    {{{"new/c.xml", NULL, NULL},
      {"new/x.xml", NULL, LEGACY_SNAPSHOT("x", CHILD_OF_B, "180", "0")}},
     SNAPSHOT_SAID("c")},
    /* Too few or too many. */
    {{{"new/c.xml", NULL, NULL}}, COUNT_SAID(2)},
    {{{"new/x.xml", NULL, LEGACY_SNAPSHOT("x", ROOT, "1", "0")}},
     COUNT_SAID(4)},
    {{{"new/x.xml", NULL, C}}, PROBLEM_SAID},
    /* What is none, beside those that are. */
    {{{"new/README", NULL, "text"}}, COUNT_SAID(3)},
    {{{"new/a.xml~", NULL, A}}, COUNT_SAID(3)},
    {{{"new/x.xml", NULL, "<domaincheckpoint/>"}}, COUNT_SAID(3)},
    {{{"new/x.xml", NULL, "text"}}, PROBLEM_SAID},
    {{{"new/a.xml.new", NULL, A}}, PROBLEM_SAID},
    {{{"new/x", NULL, LEGACY_SNAPSHOT("x", ROOT, "1", "0")}}, PROBLEM_SAID},
    /* Another one is current, or none, or several. */
    {{{"new/b.xml", "<active>1<", "<active>0<"}}, CURRENT_SAID},
    {{{"new/b.xml", "<active>1<", "<active>0<"},
      {"new/a.xml", "<active>0<", "<active>1<"}},
     CURRENT_SAID},
    {{{"new/a.xml", "<active>0<", "<active>1<"}}, PROBLEM_SAID},
    {{{"new/c.xml", "  <active>0</active>\n", ""}}, PROBLEM_SAID},
    /* Damaged. */
    {{{"new/a.xml", NULL, NULL}}, PROBLEM_SAID},
    {{{"new/b.xml", NULL, ""}}, PROBLEM_SAID},
    {{{"new/c.xml", "</domain>", ""}}, PROBLEM_SAID},
    {{{"new/c.xml", "</domainsnapshot>\n", ""}}, PROBLEM_SAID},
    {{{"new/c.xml", "</domainsnapshot>\n", "</domainsnapshot>\n<!-- x -->\n"}},
     PROBLEM_SAID},
    {{{"new/c.xml", "hvm", "h\xffm"}}, PROBLEM_SAID},
};

/* Refused, and with a word on why. */
static void
refuse(enum layout to, const struct tampering *tampering)
{
    const struct edit *first = &tampering->edits[0];
    const char *of = first->find ? first->find : first->path;
    struct bench bench;
    int result;

    bench_make(&bench, to);
    assert_int_equal(bench_build(&bench), 0);
    for (size_t i = 0; i < EDITS_MAX && tampering->edits[i].path; i++)
        edit_file(bench_dir(&bench), tampering->edits[i]);
    result = bench_prove(&bench);
    if (result != -1)
        print_error("of case: %s -> %s\n", of, first->with);
    assert_int_equal(result, -1);
    assert_said(&bench.error, tampering->said, of);
    bench_free(&bench);
}

static void
test_wrong_bulk(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(bulk_tamperings); i++)
        refuse(LAYOUT_BULK, &bulk_tamperings[i]);
}

static void
test_wrong_legacy(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(legacy_tamperings); i++)
        refuse(LAYOUT_LEGACY, &legacy_tamperings[i]);
}

/* Where none is current, none may become it. */
static void
test_wrong_current(void **state)
{
    static const struct edit bulk = {"new", "<snapshots",
                                     "<snapshots current='a'"};
    static const struct edit legacy = {"new/a.xml", "<active>0<", "<active>1<"};

    (void)state;
    for (int to = LAYOUT_LEGACY; to <= LAYOUT_BULK; to++) {
        struct bench bench;

        bench_set(&bench, (enum layout)to);
        edit_file(bench.temp.fd,
                  (struct edit){"d/b.xml", "<active>1<", "<active>0<"});
        edit_file(bench.temp.fd, (struct edit){"d.xml", " current='b'", ""});
        bench_want(&bench);
        assert_int_equal(bench_build(&bench), 0);
        assert_int_equal(bench_prove(&bench), 0);
        edit_file(bench_dir(&bench), to == LAYOUT_BULK ? bulk : legacy);
        assert_int_equal(bench_prove(&bench), -1);
        assert_said(&bench.error, CURRENT_SAID, "none is current");
        bench_free(&bench);
    }
}

/* What may be otherwise: only the layout of a snapshot. */
static void
test_other_form(void **state)
{
    struct bench bench;

    (void)state;
    bench_make(&bench, LAYOUT_LEGACY);
    assert_int_equal(bench_build(&bench), 0);
    edit_file(bench_dir(&bench),
              (struct edit){"new/a.xml", "  <state>", "<state>"});
    assert_int_equal(bench_prove(&bench), 0);
    bench_free(&bench);
}

/* A source that is not what it was cannot be compared with. */
static void
test_source_changed(void **state)
{
    struct bench bench;

    (void)state;
    bench_make(&bench, LAYOUT_BULK);
    assert_int_equal(bench_build(&bench), 0);
    edit_file(bench.temp.fd, (struct edit){"d/c.xml", "of c", "of x"});
    edit_file(bench_dir(&bench), (struct edit){"new", "of c", "of x"});
    assert_int_equal(bench_prove(&bench), -1);
    assert_said(&bench.error, "changed", "a file");
    bench_free(&bench);
    bench_make(&bench, LAYOUT_LEGACY);
    assert_int_equal(bench_build(&bench), 0);
    edit_file(bench.temp.fd, (struct edit){"d.xml", "of c", "of x"});
    assert_int_equal(bench_prove(&bench), -1);
    assert_said(&bench.error, SNAPSHOT_SAID("c"), "the bulk file");
    put_text(bench.temp.fd, "d.xml", BULK_HEAD(""));
    assert_int_equal(bench_prove(&bench), -1);
    assert_said(&bench.error, "shorter", "a bulk file cut off");
    bench_free(&bench);
}

/* A copy that the reader may not read, or cannot. */
static void
test_unreadable(void **state)
{
    struct source copy = {
        .name = "d", .entry = "new", .max_bulk = strlen(BULK)};
    struct bench bench;

    (void)state;
    bench_make(&bench, LAYOUT_BULK);
    assert_int_equal(bench_build(&bench), 0);
    copy.base = bench_dir(&bench);
    assert_int_equal(
        readback_prove(&copy, LAYOUT_BULK, &bench.wanted, &bench.error), 0);
    copy.max_bulk--;
    assert_int_equal(
        readback_prove(&copy, LAYOUT_BULK, &bench.wanted, &bench.error), -1);
    assert_said(&bench.error, PROBLEM_SAID, "too large");
    assert_int_equal(
        readback_prove(&copy, LAYOUT_LEGACY, &bench.wanted, &bench.error), -1);
    assert_said(&bench.error, "'new'", "a file for a directory");
    edit_file(copy.base, (struct edit){"new", NULL, NULL});
    assert_int_equal(symlinkat("../../d.xml", copy.base, "new"), 0);
    assert_int_equal(bench_prove(&bench), -1);
    assert_said(&bench.error, "'new'", "a link");
    edit_file(copy.base, (struct edit){"new", NULL, NULL});
    assert_int_equal(mkdirat(copy.base, "new", 0700), 0);
    assert_int_equal(bench_prove(&bench), -1);
    assert_said(&bench.error, "'new'", "a directory for a file");
    bench_free(&bench);
}

/* Entries of the copy that are neither files nor directories. */
static void
test_special_entries(void **state)
{
    struct bench bench;

    (void)state;
    bench_make(&bench, LAYOUT_LEGACY);
    assert_int_equal(bench_build(&bench), 0);
    assert_int_equal(mkfifoat(bench_dir(&bench), "new/x", 0600), 0);
    assert_int_equal(bench_prove(&bench), -1);
    assert_said(&bench.error, PROBLEM_SAID, "a fifo");
    edit_file(bench_dir(&bench), (struct edit){"new/x", NULL, NULL});
    assert_int_equal(symlinkat("a.xml", bench_dir(&bench), "new/x"), 0);
    assert_int_equal(bench_prove(&bench), -1);
    assert_said(&bench.error, PROBLEM_SAID, "a link");
    edit_file(bench_dir(&bench), (struct edit){"new/x", NULL, NULL});
    assert_int_equal(mkdirat(bench_dir(&bench), "new/x", 0700), 0);
    assert_int_equal(bench_prove(&bench), -1);
    assert_said(&bench.error, COUNT_SAID(3), "a directory");
    assert_int_equal(unlinkat(bench_dir(&bench), "new/x", AT_REMOVEDIR), 0);
    assert_int_equal(bench_prove(&bench), 0);
    bench_free(&bench);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_wrong_bulk),
        cmocka_unit_test(test_wrong_legacy),
        cmocka_unit_test(test_wrong_current),
        cmocka_unit_test(test_other_form),
        cmocka_unit_test(test_source_changed),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_special_entries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
