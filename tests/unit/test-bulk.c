/*
 * test-bulk.c - shows that the reader of bulk files takes what libvirt's reader
 * takes, whatever its form, and reports everything that libvirt would ignore,
 * or hide the domain for. test-bulk-window.c has the large files.
 */
#include "bulk-reader.h"

/* Some members without a definition of the domain, in short. */
#define BARE(name, more)                                                       \
    "<domainsnapshot><name>" name "</name><state>shutoff</state>"              \
    "<creationTime>1</creationTime>" GOOD_DOMAIN more "</domainsnapshot>"
#define S1 BARE("s1", "")
#define S2 BARE("s2", "<parent><name>s1</name></parent>")

struct bulk_case {
    const char *bytes;
    const char *ids;   /* sorted */
    const char *names; /* in the order of the file, * marks the current */
};

static void
run_case(const struct temp *temp, const struct bulk_case *one)
{
    struct bulk bulk;
    cleanup(free_ptr) char *names = NULL;

    bulk_read_bytes(&bulk, temp, one->bytes, strlen(one->bytes));
    assert_found(&bulk.problems, one->ids, one->bytes);
    names = bulk_names(&bulk);
    assert_string_equal(names, one->names);
    bulk_free(&bulk);
}

static void
run_cases(void **state, const struct bulk_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        run_case(*state, &cases[i]);
}

static void
test_forms(void **state)
{
    static const struct bulk_case cases[] = {
        {WARNING_COMMENT "<snapshots current='s2'>\n  " S1 "\n  " S2
                         "\n</snapshots>\n",
         "", "s1|s2*"},
        {"<snapshots>" S2 S1 "</snapshots>", "", "s2|s1"},
        {"<snapshots current=\"s1\"\n>\n\n\t" S1 "\t</snapshots>\n\n", "",
         "s1*"},
        {"<?xml version='1.0' encoding='UTF-8'?>\r\n<snapshots>\r\n" S1
         "\r\n</snapshots>\r\n",
         "", "s1"},
        {"\xef\xbb\xbf<snapshots>" S1 "</snapshots>", "", "s1"},
        {"<?xml version='1.0' encoding='ISO-8859-1'?><snapshots>" S1
         "</snapshots>",
         "", "s1"},
        {"<snapshots current='s&#49;'>" S1 "</snapshots>", "", "s1*"},
        {"<snapshots>" BARE("<![CDATA[a<b]]>", "") "</snapshots>", "", "a<b"},
        {"<snapshots>" BARE(
             "x", "<m><domainsnapshot/><!-- </domainsnapshot> --></m>") S1
         "</snapshots>",
         "", "x|s1"},
        {"<snapshots>" BARE("x", "<active>1</active>") "</snapshots>",
         "active-in-bulk", "x"},
    };

    run_cases(state, cases, LENGTH(cases));
}

static void
test_beside_the_snapshots(void **state)
{
    static const struct bulk_case cases[] = {
        {"<snapshots><!-- note -->" S1 "</snapshots>", "outside-content", "s1"},
        {"<snapshots>" S1 "text</snapshots>", "outside-content", "s1"},
        {"<snapshots>" S1 "<![CDATA[ ]]></snapshots>", "outside-content", "s1"},
        {"<snapshots><?p?>" S1 "</snapshots>", "outside-content", "s1"},
        {"<snapshots>" S1 "</snapshots><!-- note -->", "outside-content", "s1"},
        {"<!-- note --><snapshots>" S1 "</snapshots>", "outside-content", "s1"},
        {"<snapshots other='x'>" S1 "</snapshots>", "outside-content", "s1"},
        {"<snapshots xml:space='preserve'>" S1 "</snapshots>",
         "outside-content", "s1"},
        {"<snapshots>" S1 "<domaincheckpoint/></snapshots>", "list-foreign",
         "s1"},
        {"<snapshots><DomainSnapshot/>" S1 "</snapshots>", "list-foreign",
         "s1"},
        {"<snapshots><other>" S1 "</other></snapshots>", "list-foreign", ""},
        {"<snapshots><domainsnapshots/></snapshots>", "list-foreign", ""},
        {"<snapshots xmlns:x='urn:x'><x:domainsnapshot/>" S1 "</snapshots>",
         "list-foreign list-prefix", "s1"},
        {"<snapshots xmlns='urn:x'>" S1 "</snapshots>", "list-namespace", "s1"},
        {"<x:snapshots xmlns:x='urn:x'>" S1 "</x:snapshots>", "root-wrong",
         "s1"},
        {"<snapshots><domainsnapshot xmlns='urn:x'><name>n</name>"
         "</domainsnapshot>" S1 "</snapshots>",
         "list-foreign", "s1"},
    };

    run_cases(state, cases, LENGTH(cases));
}

static void
test_hides_all(void **state)
{
    static const struct bulk_case cases[] = {
        {"", "xml-malformed", ""},
        {" ", "xml-malformed", ""},
        {"text", "xml-malformed", ""},
        {"<snapshots/>", "list-empty", ""},
        {"<snapshots>\n</snapshots>\n", "list-empty", ""},
        {"<snapshots current='x'/>", "current-dangling list-empty", ""},
        {"<snapshot>" S1 "</snapshot>", "root-wrong", "s1"},
        {"<domainsnapshot/>", "root-wrong", ""},
        {"<snapshots>" S1, "xml-malformed", "s1"},
        {"<snapshots>" S1 "</snapshots><b/>", "xml-malformed", "s1"},
        {"<snapshots>" S1 "</snapshots></snapshots>", "xml-malformed", "s1"},
        {"<snapshots>" S1 "</snapshot>", "xml-malformed", "s1"},
        {"<snapshots>" S1 "<", "xml-malformed", "s1"},
        {"<snapshots>" S1 "&bogus;</snapshots>", "xml-malformed", "s1"},
        {"<snapshots>" S1 "<domainsnapshot></x></snapshots>", "xml-malformed",
         "s1"},
        {"<snapshots a='1' a='2'>" S1 "</snapshots>", "xml-malformed", "s1"},
        {" <?xml version='1.0'?><snapshots>" S1 "</snapshots>", "xml-malformed",
         "s1"},
        {"<snapshots><?xml version='1.0'?>" S1 "</snapshots>", "xml-malformed",
         "s1"},
        {"<snapshots>\xe9" S1 "</snapshots>", "xml-not-utf8", "s1"},
        {"<snapshots>" BARE("\xe9", "") S1 "</snapshots>", "xml-not-utf8",
         "s1"},
        {"\xff\xfe<\0s\0", "xml-not-utf8", ""},
        {"<?xml version='1.0' encoding='UTF-16'?><snapshots>" S1 "</snapshots>",
         "xml-not-utf8", "s1"},
        {"<!DOCTYPE snapshots><snapshots>" S1 "</snapshots>", "xml-doctype",
         ""},
        {"<snapshots>" S1 S1 "</snapshots>", "name-duplicate", "s1|s1"},
        {"<snapshots>" S2 "</snapshots>", "parent-missing", "s2"},
        {"<snapshots>" BARE("s",
                            "<parent><name>s</name></parent>") "</snapshots>",
         "parent-self", "s"},
        {"<snapshots>" S1 "<domainsnapshot/></snapshots>",
         "domain-missing name-missing state-missing time-missing", "s1|"},
        {"<snapshots current='s2'>" S1 "</snapshots>", "current-dangling",
         "s1"},
        {"<snapshots current=''>" S1 "</snapshots>", "current-dangling", "s1"},
        {"<snapshots current='S1'>" S1 "</snapshots>", "current-dangling",
         "s1"},
    };

    run_cases(state, cases, LENGTH(cases));
}

static void
test_doctype_with_subset(void **state)
{
    static const struct bulk_case cases[] = {
        {"<!DOCTYPE snapshots [<!ENTITY e 'x'>]><snapshots>" S1 "</snapshots>",
         "xml-doctype", ""},
        {"<!DOCTYPE snapshots SYSTEM 'x' [\n<!-- ]> -->\n]><snapshots>" S1
         "</snapshots>",
         "xml-doctype", ""},
    };

    run_cases(state, cases, LENGTH(cases));
}

/* A file with a member that is damaged is not "empty, delete it". */
static void
test_damaged_is_not_empty(void **state)
{
    static const struct bulk_case cases[] = {
        {"<snapshots>" BARE("\xe9", "") "</snapshots>", "xml-not-utf8", ""},
        {"<snapshots>" BARE("x", "&bogus;") "</snapshots>", "xml-malformed",
         ""},
    };

    run_cases(state, cases, LENGTH(cases));
}

/* libvirt writes a tab or line break in current= raw, and reads a blank. */
static void
test_current_raw(void **state)
{
    static const struct bulk_case cases[] = {
        {"<snapshots current='t\tb'>" BARE("t\tb", "") "</snapshots>",
         "current-raw", "t\tb*"},
        {"<snapshots current='t\nb'>" BARE("t\nb", "") "</snapshots>",
         "current-raw", "t\nb*"},
        {"<snapshots current='t\rb'>" BARE("t\rb", "") "</snapshots>",
         "current-raw", "t\nb*"},
        {"<snapshots current='t\rb'>" BARE("t&#13;b", "") "</snapshots>",
         "current-raw", "t\rb*"},
        {"<snapshots current='t&#9;b'>" BARE("t\tb", "") "</snapshots>", "",
         "t\tb*"},
        {"<snapshots current='t\tb'>" BARE("t b", "") "</snapshots>", "",
         "t b*"},
        {"<snapshots current='t&#9;b'>" BARE("t b", "") "</snapshots>",
         "current-dangling", "t b"},
        {"<snapshots current='t\tb'>" BARE("t\tb", "")
             BARE("t b", "") "</snapshots>",
         "current-ambiguous", "t\tb|t b"},
        {"<snapshots current='t&#9;b'>" BARE("t\tb", "")
             BARE("t b", "") "</snapshots>",
         "", "t\tb*|t b"},
        {"<snapshots current='t\tb &amp;&lt;'>" BARE("t\tb &amp;&lt;",
                                                     "") "</snapshots>",
         "current-raw", "t\tb &<*"},
        {"<!-- <snapshots current='x'> --><snapshots\tcurrent='a\tb'>" BARE(
             "a\tb", "") "</snapshots>",
         "current-raw outside-content", "a\tb*"},
    };

    run_cases(state, cases, LENGTH(cases));
}

static void
assert_nul_found(const struct temp *temp, const char *text, size_t at)
{
    size_t len = strlen(text);
    cleanup(free_ptr) char *bytes = xasprintf("%s ", text);
    struct bulk bulk;

    memmove(bytes + at + 1, bytes + at, len - at);
    bytes[at] = '\0';
    bulk_read_bytes(&bulk, temp, bytes, len + 1);
    assert_true(problems_errors(&bulk.problems, 0) > 0);
    bulk_free(&bulk);
}

/* A NUL byte is no XML; libvirt ends reading there. */
static void
test_nul_anywhere(void **state)
{
    static const char text[] =
        WARNING_COMMENT "<snapshots>\n  " S1 "\n</snapshots>\n";

    for (size_t at = 0; at <= strlen(text); at++)
        assert_nul_found(*state, text, at);
}

/* A file cut short anywhere is never clean. */
static void
test_truncated_anywhere(void **state)
{
    static const char text[] =
        WARNING_COMMENT "<snapshots current='s2'>\n  <!-- c --><?p?>\n  " BARE(
            "s1", "<x a='>'><![CDATA[x]]>&amp;</x>") "\n  " S2
                                                     "\n</snapshots>\n";
    size_t whole = strlen(text) - 1;

    for (size_t len = 0; len < whole; len++) {
        struct bulk bulk;

        bulk_read_bytes(&bulk, *state, text, len);
        assert_non_null(find_problem(&bulk.problems, PROBLEM_XML_MALFORMED));
        bulk_free(&bulk);
    }
    for (size_t len = whole; len <= whole + 1; len++) {
        struct bulk bulk;

        bulk_read_bytes(&bulk, *state, text, len);
        assert_found(&bulk.problems, "outside-content outside-content",
                     "whole");
        bulk_free(&bulk);
    }
}

/* Whatever is changed in it: the reader ends, within its bytes. */
static void
test_mutated(void **state)
{
    static const char text[] = "<snapshots current='s1'>\n  " BARE(
        "s1", "<x a='>'><![CDATA[x]]>&amp;</x>") "<!-- c -->"
                                                 "\n</snapshots>\n";
    static const char set[] = "<>/'\"=!-?[]& \n\0ax\xff";
    struct prng prng = {99};

    for (int round = 0; round < 3000; round++) {
        cleanup(free_ptr) char *bytes = xstrdup(text);
        size_t changes = 1 + prng_below(&prng, 3);
        struct bulk bulk;

        for (size_t i = 0; i < changes; i++)
            bytes[prng_below(&prng, strlen(text))] =
                set[prng_below(&prng, sizeof(set) - 1)];
        bulk_read_bytes(&bulk, *state, bytes, strlen(text));
        /* One of the two must come of it. */
        assert_true(bulk.problems.count || bulk.domain.count);
        bulk_free(&bulk);
    }
}

static void
test_not_a_regular_file(void **state)
{
    const struct temp *temp = *state;
    static const char *const names[] = {"fifo.xml", "link.xml", "dir.xml",
                                        "none.xml"};

    assert_int_equal(mkfifoat(temp->fd, "fifo.xml", 0600), 0);
    assert_int_equal(mkdirat(temp->fd, "dir.xml", 0700), 0);
    assert_int_equal(symlinkat("d.xml", temp->fd, "link.xml"), 0);
    for (size_t i = 0; i < LENGTH(names); i++) {
        struct source source = {.base = temp->fd,
                                .name = "x",
                                .entry = names[i],
                                .max_bulk = BULK_FILE_MAX};
        struct bulk bulk = {.domain = {.fd = -1}};
        struct error error = {0};

        assert_int_equal(
            bulk_read(&bulk.domain, &source, &bulk.problems, &error), -1);
        assert_non_null(error.message);
        error_clear(&error);
        bulk_free(&bulk);
    }
}

static void
test_hard_link(void **state)
{
    const struct temp *temp = *state;
    const struct bulk_case linked = {"<snapshots>" S1 "</snapshots>",
                                     "hard-link", "s1"};

    put_text(temp->fd, "d.xml", "");
    assert_int_equal(linkat(temp->fd, "d.xml", temp->fd, "second.xml", 0), 0);
    run_case(temp, &linked);
    assert_int_equal(unlinkat(temp->fd, "second.xml", 0), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_beside_the_snapshots),
        cmocka_unit_test(test_hides_all),
        cmocka_unit_test(test_doctype_with_subset),
        cmocka_unit_test(test_damaged_is_not_empty),
        cmocka_unit_test(test_current_raw),
        cmocka_unit_test(test_nul_anywhere),
        cmocka_unit_test(test_truncated_anywhere),
        cmocka_unit_test(test_mutated),
        cmocka_unit_test(test_not_a_regular_file),
        cmocka_unit_test(test_hard_link),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
