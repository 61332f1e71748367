/*
 * test-report.c - shows how a finding looks on its line, that nothing from disk
 * reaches a terminal as it is, and what is said of an id.
 */
#include "support.h"

#include "../../verify/report.h"

#define INFO(name) problem_info(PROBLEM_##name)

/* What is printed, gathered in memory. */
struct printed {
    FILE *out;
    char *text;
    size_t len;
};

static void
printed_start(struct printed *printed)
{
    *printed = (struct printed){0};
    printed->out = open_memstream(&printed->text, &printed->len);
    assert_non_null(printed->out);
}

/* Compare what was printed, all of it, and start anew. */
static void
assert_printed(struct printed *printed, const char *expected)
{
    assert_int_equal(fclose(printed->out), 0);
    assert_string_equal(printed->text, expected);
    assert_int_equal(printed->len, strlen(expected));
    free(printed->text);
    printed_start(printed);
}

static void
printed_free(struct printed *printed)
{
    assert_int_equal(fclose(printed->out), 0);
    free(printed->text);
}

/* What stands before " error:", and behind the title. */
static void
test_places(void **state)
{
    static const struct {
        struct place place;
        const char *detail;
        const char *before;
        const char *behind;
    } cases[] = {
        {{"web", "s2", "web/s2.xml", 14, 0},
         "'s1'",
         "web/s2.xml:14:",
         ": 's1'"},
        {{"web", "s2", "web/s2.xml", 14, 3},
         "'s1'",
         "web/s2.xml:14:3:",
         ": 's1'"},
        {{"web", "s2", "web/s2.xml", 0, 0}, NULL, "web/s2.xml:", ""},
        {{"web", "", "web/s2.xml", 1, 1}, NULL, "web/s2.xml:1:1:", ""},
        /* A column says nothing without its line. */
        {{"web", NULL, "web.xml", 0, 3}, NULL, "web.xml:", ""},
        {{"web", NULL, NULL, 0, 0}, "x", "web:", ": x"},
        {{NULL, NULL, "stray", 1, 0}, "x", "stray:1:", ": x"},
        {{"web", NULL, "web.xml", 70000, 80000},
         "",
         "web.xml:70000:80000:",
         ": "},
        {{"d", NULL, "d/a\nb.xml", 1, 0},
         "a\tb\\",
         "d/a\\nb.xml:1:",
         ": a\\tb\\\\"},
        {{"\x1b[2J", NULL, NULL, 0, 0},
         "\xff\xe2\x80\xae",
         "\\x1b[2J:",
         ": \\xff\\u{202e}"},
        {{"%s%n", NULL, NULL, 0, 0}, "%s%n", "%s%n:", ": %s%n"},
        {{"\xc3\xa9", NULL, NULL, 0, 0},
         "'\xc3\xa9'",
         "\xc3\xa9:",
         ": '\xc3\xa9'"},
    };
    struct printed printed;

    (void)state;
    printed_start(&printed);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(problems_free) struct problems problems = {0};
        cleanup(free_ptr) char *expected =
            xasprintf("%s error: %s%s [%s]\n", cases[i].before,
                      INFO(PARENT_MISSING)->title, cases[i].behind,
                      INFO(PARENT_MISSING)->id);

        problem_add(&problems, PROBLEM_PARENT_MISSING, &cases[i].place,
                    cases[i].detail ? "%s" : NULL, cases[i].detail);
        report_problem(printed.out, &problems.list[0], SEVERITY_ERROR, false);
        assert_printed(&printed, expected);
    }
    printed_free(&printed);
}

/* The snapshot's name, where its file does not have it. */
static void
test_snapshots(void **state)
{
    static const struct {
        struct place place;
        const char *before; /* of the title */
    } cases[] = {
        {{"web", "s2", "web/s2.xml", 0, 0}, ""},
        {{"web", "s2", "dir/web/s2.xml", 0, 0}, ""},
        {{"web", "s2", "web/s1.xml", 0, 0}, "snapshot 's2': "},
        {{"web", "s2", "web/s2.xml.new", 0, 0}, "snapshot 's2': "},
        {{"web", "s2", "web/s2", 0, 0}, "snapshot 's2': "},
        {{"web", "s2", "web/xs2.xml", 0, 0}, "snapshot 's2': "},
        {{"web", "s2", "cobweb/s2.xml", 0, 0}, "snapshot 's2': "},
        {{"web", "s2", "web.xml", 31, 7}, "snapshot 's2': "},
        {{"web", "s2", NULL, 0, 0}, "snapshot 's2': "},
        /* A bulk file may have the name of its domain and of a snapshot. */
        {{"web", "web", "web.xml", 31, 7}, "snapshot 'web': "},
        {{"web", "web", "web/web.xml", 1, 1}, ""},
        {{NULL, "s2", "s2.xml", 1, 1}, ""},
        {{NULL, "s2", "s3.xml", 1, 1}, "snapshot 's2': "},
        {{"web", "a\n\x1b", "web.xml", 1, 1}, "snapshot 'a\\n\\x1b': "},
        {{"web", "a\n", "web/a\n.xml", 1, 1}, ""},
        {{"web", "", "web.xml", 1, 1}, ""},
        {{"web", NULL, "web.xml", 1, 1}, ""},
    };
    struct printed printed;

    (void)state;
    printed_start(&printed);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(problems_free) struct problems problems = {0};
        cleanup(free_ptr) char *expected = xasprintf(
            " error: %s%s [", cases[i].before, INFO(PARENT_MISSING)->title);

        problem_add(&problems, PROBLEM_PARENT_MISSING, &cases[i].place, NULL);
        report_problem(printed.out, &problems.list[0], SEVERITY_ERROR, false);
        assert_int_equal(fflush(printed.out), 0);
        if (!strstr(printed.text, expected))
            print_error("of case %zu: %s", i, printed.text);
        assert_non_null(strstr(printed.text, expected));
        printed_free(&printed);
        printed_start(&printed);
    }
    printed_free(&printed);
}

/* The caller says how bad it is, for it knows what is being done. */
static void
test_severity(void **state)
{
    static const struct place place = {.domain = "d"};
    const struct problem_info *info = INFO(FOREIGN_ENTRY);
    cleanup(problems_free) struct problems problems = {0};
    cleanup(free_ptr) char *error =
        xasprintf("d: error: %s [%s]\n", info->title, info->id);
    cleanup(free_ptr) char *warning =
        xasprintf("d: warning: %s [%s]\n", info->title, info->id);
    struct printed printed;

    (void)state;
    printed_start(&printed);
    problem_add(&problems, PROBLEM_FOREIGN_ENTRY, &place, NULL);
    report_problem(printed.out, &problems.list[0], SEVERITY_ERROR, false);
    assert_printed(&printed, error);
    report_problem(printed.out, &problems.list[0], SEVERITY_WARNING, false);
    assert_printed(&printed, warning);
    printed_free(&printed);
}

/* One line each; consequence and remedy are on lines of their own. */
static void
test_verbose(void **state)
{
    static const struct place place = {.domain = "d", .file = "d.xml"};
    struct printed printed;

    (void)state;
    printed_start(&printed);
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        const struct problem_info *info = problem_info((enum problem_id)i);
        cleanup(problems_free) struct problems problems = {0};
        cleanup(free_ptr) char *expected =
            xasprintf("d.xml: error: %s: x [%s]\n    so: %s\n    do: %s\n",
                      info->title, info->id, info->consequence, info->remedy);

        problem_add(&problems, (enum problem_id)i, &place, "x");
        report_problem(printed.out, &problems.list[0], SEVERITY_ERROR, true);
        assert_printed(&printed, expected);
    }
    printed_free(&printed);
}

/* In the order of the list, as bad as the table says. */
static void
print_all(FILE *out, const struct problems *problems, bool verbose)
{
    for (size_t i = 0; i < problems->count; i++)
        report_problem(out, &problems->list[i],
                       problem_info(problems->list[i].id)->severity, verbose);
}

static void
test_list(void **state)
{
    static const struct place later = {.domain = "b", .line = 9};
    static const struct place earlier = {.domain = "a", .line = 1};
    const struct problem_info *error = INFO(PARENT_SELF);
    const struct problem_info *warning = INFO(HARD_LINK);
    cleanup(problems_free) struct problems problems = {0};
    cleanup(free_ptr) char *brief =
        xasprintf("b:9: error: %s: x [%s]\na:1: warning: %s [%s]\n",
                  error->title, error->id, warning->title, warning->id);
    cleanup(free_ptr) char *verbose = xasprintf(
        "b:9: error: %s: x [%s]\n    so: %s\n    do: %s\n"
        "a:1: warning: %s [%s]\n    so: %s\n    do: %s\n",
        error->title, error->id, error->consequence, error->remedy,
        warning->title, warning->id, warning->consequence, warning->remedy);
    struct printed printed;

    (void)state;
    assert_int_equal(error->severity, SEVERITY_ERROR);
    assert_int_equal(warning->severity, SEVERITY_WARNING);
    printed_start(&printed);
    problem_add(&problems, PROBLEM_PARENT_SELF, &later, "x");
    problem_add(&problems, PROBLEM_HARD_LINK, &earlier, NULL);
    print_all(printed.out, &problems, false);
    assert_printed(&printed, brief);
    print_all(printed.out, &problems, true);
    assert_printed(&printed, verbose);
    printed_free(&printed);
}

/* Make single line breaks blanks again; no line was too long. */
static void
unwrap(char *text)
{
    char *line = text;

    for (char *p = strchr(text, '\n'); p; p = strchr(p + 1, '\n')) {
        if (p != strchr(text, '\n'))
            assert_in_range(p - line, 0, 79);
        line = p + 1;
        if (p[1] && p[1] != '\n' && p > text && p[-1] != '\n')
            *p = ' ';
    }
}

static void
test_explanation(void **state)
{
    static const char *const unknown[] = {
        "",
        " ",
        "parent",
        "parent-missin",
        "parent-missing ",
        "PARENT-MISSING",
        "parent_missing",
    };
    static const char *const repairs[] = {
        [REPAIR_NOT] = "",
        [REPAIR_SAFE] = "\nRepair: virt-snapshot-migrate --repair=safe "
                        "--backup=DIR; see its manual.\n",
        [REPAIR_ALL] = "\nRepair: virt-snapshot-migrate --repair=all "
                       "--backup=DIR; see its manual.\n",
    };
    struct printed printed;

    (void)state;
    printed_start(&printed);
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        const struct problem_info *info = problem_info((enum problem_id)i);
        cleanup(free_ptr) char *expected = xasprintf(
            "%s (%s): %s\n\nConsequence: %s.\n\nWhat to do: %s.\n%s", info->id,
            info->severity == SEVERITY_ERROR ? "error" : "warning", info->title,
            info->consequence, info->remedy, repairs[info->repair]);

        assert_int_equal(
            report_explanation(printed.out, KIND_SNAPSHOT, info->id), 0);
        assert_int_equal(fflush(printed.out), 0);
        unwrap(printed.text);
        assert_printed(&printed, expected);
    }
    for (size_t i = 0; i < LENGTH(unknown); i++) {
        assert_int_equal(
            report_explanation(printed.out, KIND_SNAPSHOT, unknown[i]), -1);
        assert_printed(&printed, "");
    }
    printed_free(&printed);
}

static void
test_line(void **state)
{
    struct printed printed;

    (void)state;
    printed_start(&printed);
    report_line(printed.out, "");
    assert_printed(&printed, "\n");
    report_line(printed.out, "a %s of 'b\\'");
    assert_printed(&printed, "a %s of 'b\\\\'\n");
    report_line(printed.out, "two\nlines\r\x1b[0m\x80");
    assert_printed(&printed, "two\\nlines\\r\\x1b[0m\\x80\n");
    printed_free(&printed);
}

static void
test_count(void **state)
{
    static const struct {
        size_t count;
        const char *text;
    } cases[] = {
        {0, "0 entries"},     {1, "1 entry"},
        {2, "2 entries"},     {11, "11 entries"},
        {101, "101 entries"}, {4294967295, "4294967295 entries"},
    };
    cleanup(free_ptr) char *word = xcalloc(101, 1);
    struct counted counted;

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        counted = count_of(cases[i].count, "entry", "entries");
        assert_string_equal(counted.text, cases[i].text);
    }
    /* A word that does not fit is cut, and the text still ends. */
    memset(word, 'w', 100);
    counted = count_of(1, word, "x");
    assert_int_equal(strlen(counted.text), sizeof(counted.text) - 1);
    assert_memory_equal(counted.text, "1 www", 5);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),   cmocka_unit_test(test_snapshots),
        cmocka_unit_test(test_severity), cmocka_unit_test(test_verbose),
        cmocka_unit_test(test_list),     cmocka_unit_test(test_explanation),
        cmocka_unit_test(test_line),     cmocka_unit_test(test_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
