/*
 * test-baseline.c - shows that a report is read again, that what it held is
 * known and all else is not, and that anything else is refused with a reason.
 */
#include "support.h"

#include "../../verify/baseline.h"
#include "../../verify/program.h"
#include "../../verify/report-xml.h"
#include "scenes.h"
#include "store.h"

/* The file of the group's directory that is read. */
static char *
path_in(const struct temp *temp)
{
    return xasprintf("%s/known.xml", temp->path);
}

static void
put_report(const struct temp *temp, const struct listing *listing)
{
    cleanup(buffer_free) struct buffer out = {0};
    struct policy policy = policy_default();

    report_xml(&out, listing, &policy, NULL);
    put_file(temp->fd, "known.xml", out.data, out.len);
}

/* The number of findings that the baseline of the file knows. */
static size_t
count_known(const struct temp *temp, const struct listing *listing)
{
    cleanup(free_ptr) char *path = path_in(temp);
    cleanup(baseline_free) struct baseline baseline;
    cleanup(free_ptr) bool *known = NULL;
    struct error error = {0};
    size_t count = 0;

    assert_int_equal(baseline_read(&baseline, KIND_SNAPSHOT, path, &error), 0);
    known = baseline_known(&baseline, listing);
    for (size_t i = 0; i < listing->problems.count; i++)
        count += known[i];
    return count;
}

static void
test_known(void **state)
{
    for (size_t i = 0; i < LENGTH(scenes); i++) {
        cleanup(listing_free) struct listing listing;

        scene_make(&listing, scenes[i].name);
        put_report(*state, &listing);
        assert_int_equal(count_known(*state, &listing), listing.problems.count);
    }
}

/* One more of the same kind in the same snapshot is new, and only that one. */
static void
test_one_more(void **state)
{
    const struct place place = {"web", "orphan", "web/orphan.xml", 1, 0};
    cleanup(listing_free) struct listing listing;
    size_t before;

    scene_make(&listing, "common");
    put_report(*state, &listing);
    before = listing.problems.count;
    problem_add(&listing.problems, PROBLEM_PARENT_MISSING, &place, "'other'");
    problems_sort(&listing.problems);
    assert_int_equal(listing.problems.count, before + 1);
    assert_int_equal(count_known(*state, &listing), before);
    /* One of another kind. */
    problem_add(&listing.problems, PROBLEM_PARENT_SELF, &place, NULL);
    assert_int_equal(count_known(*state, &listing), before);
    listing.problems.list[0].line += 100;
    assert_int_equal(count_known(*state, &listing), before);
}

/* In the report itself, and in its sums. */
static void
test_marked(void **state)
{
    cleanup(free_ptr) char *path = path_in(*state);
    cleanup(listing_free) struct listing listing;
    cleanup(baseline_free) struct baseline baseline;
    cleanup(buffer_free) struct buffer out = {0};
    struct policy policy = policy_default();
    struct error error = {0};

    scene_make(&listing, "common");
    put_report(*state, &listing);
    assert_int_equal(baseline_read(&baseline, KIND_SNAPSHOT, path, &error), 0);
    problem_add(&listing.problems, PROBLEM_STATE_BAD,
                &(struct place){"db", "before", "db.xml", 3, 0}, NULL);
    report_xml(&out, &listing, &policy, &baseline);
    buffer_add(&out, "", 1);
    assert_non_null(strstr(out.data, " baseline='yes'>"));
    assert_non_null(strstr(out.data, "errors='1' warnings='0' known='7'"));
    assert_non_null(strstr(out.data, "fingerprint='f30645e5415a43e6-2' "
                                     "known='yes'>"));
}

static void
test_none(void **state)
{
    struct fingerprint print = {"0123456789abcdef"};
    struct baseline baseline = {0};

    (void)state;
    assert_false(baseline_has(NULL, &print));
    assert_false(baseline_has(&baseline, &print));
}

static void
test_refused(void **state)
{
    static const struct {
        const char *text;
        const char *said;
    } cases[] = {
        {"", "empty"},
        {"{\"version\": \"0.1.0\"}", "line 1"},
        {"<report>\n<domain>\n</report>", "line 3"},
        {"<testsuites/>", "its root is <testsuites>"},
        {"<report xmlns='urn:x'/>", "its root is <report>"},
        {"<report><problem/></report>", "no fingerprint"},
        {"<report><domain><problem fingerprint=''/></domain></report>",
         "no fingerprint"},
        {"<report><problem fingerprint='0123456789abcdef-"
         "123456789012345678901'/></report>",
         "no fingerprint"},
    };
    const struct temp *temp = *state;
    cleanup(free_ptr) char *path = path_in(temp);
    struct baseline baseline;
    struct error error = {0};

    for (size_t i = 0; i < LENGTH(cases); i++) {
        put_text(temp->fd, "known.xml", cases[i].text);
        assert_int_equal(baseline_read(&baseline, KIND_SNAPSHOT, path, &error),
                         -1);
        assert_non_null(strstr(error.message, path));
        assert_said(&error, cases[i].said, cases[i].text);
        assert_int_equal(baseline.count, 0);
    }
    assert_int_equal(unlinkat(temp->fd, "known.xml", 0), 0);
    assert_int_equal(baseline_read(&baseline, KIND_SNAPSHOT, path, &error), -1);
    assert_said(&error, "No such file", "absent");
    assert_int_equal(
        baseline_read(&baseline, KIND_SNAPSHOT, "/dev/zero", &error), -1);
    assert_said(&error, "is a device, not a file", "device");
    assert_int_equal(
        baseline_read(&baseline, KIND_SNAPSHOT, temp->path, &error), -1);
    assert_said(&error, "is a directory, not a file", "directory");
}

/* A pipe has no size; a file that is too large is not read to its end. */
static void
test_sizes(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *path = path_in(temp);
    cleanup(baseline_free) struct baseline baseline = {0};
    static const char text[] =
        "<report><problem fingerprint='0123456789abcdef'/></report>";
    cleanup(free_ptr) char *name = NULL;
    struct error error = {0};
    int ends[2];

    put_text(temp->fd, "known.xml", "");
    assert_int_equal(truncate(path, (off_t)BASELINE_MAX + 1), 0);
    assert_int_equal(baseline_read(&baseline, KIND_SNAPSHOT, path, &error), -1);
    assert_said(&error, "has more than 268435456 bytes", "large");
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
    assert_int_equal(close(ends[1]), 0);
    name = xasprintf("/dev/fd/%d", ends[0]);
    assert_int_equal(baseline_read(&baseline, KIND_SNAPSHOT, name, &error), 0);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(baseline.count, 1);
    assert_true(
        baseline_has(&baseline, &(struct fingerprint){"0123456789abcdef"}));
    assert_true(baseline_knows(&baseline, PROBLEM_STATE_BAD,
                               &(struct fingerprint){"0123456789abcdef"}));
    /* What was cut off may be anything. */
    assert_false(baseline_knows(&baseline, PROBLEM_FINDINGS_CUT,
                                &(struct fingerprint){"0123456789abcdef"}));
    assert_false(baseline_knows(&baseline, PROBLEM_WARNINGS_CUT,
                                &(struct fingerprint){"0123456789abcdef"}));
    assert_false(
        baseline_has(&baseline, &(struct fingerprint){"0123456789abcdef-2"}));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),   cmocka_unit_test(test_one_more),
        cmocka_unit_test(test_marked),  cmocka_unit_test(test_none),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_sizes),
    };
    int status;

    program_start_xml();
    status = cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
    program_end_xml();
    return status;
}
