/*
 * test-fit.c - shows that a conversion is refused whose result is a byte or a
 * level more than libvirt reads, and none that fits.
 */
#include "fitting.h"

/* Is the size of the bulk file that d becomes that of BULK, to the byte? */
static void
assert_bulk_size(struct fitting *fitting, const char *bulk, const char *of)
{
    size_t size = strlen(bulk);
    cleanup(free_ptr) char *shown = xasprintf("%zu bytes", size);

    fitting->settings.max_bulk = size;
    assert_fits(fitting, PROBLEM_BULK_TOO_BIG, 0, "", of);
    assert_found(&fitting->reading.problems, "", of);
    fitting->settings.max_bulk = size - 1;
    assert_fits(fitting, PROBLEM_BULK_TOO_BIG, 1, shown, of);
    assert_found(&fitting->reading.problems, "bulk-too-big", of);
    fitting->settings.max_bulk = 0;
    assert_fits(fitting, PROBLEM_BULK_TOO_BIG, 1, shown, of);
}

static void
test_bulk_size(void **state)
{
    struct fitting fitting;

    (void)state;
    fitting_make(&fitting, LAYOUT_BULK);
    fitting_put(&fitting, "d/a.xml", A);
    fitting_put(&fitting, "d/b.xml", B);
    fitting_put(&fitting, "d/c.xml", C);
    assert_bulk_size(&fitting, BULK, "with a current one");
    assert_int_equal(fitting.item.count, 3);
    edit_file(fitting.temp.fd,
              (struct edit){"d/b.xml", "<active>1<", "<active>0<"});
    assert_bulk_size(&fitting,
                     BULK_HEAD("") IN_BULK_A IN_BULK_B IN_BULK_C BULK_TAIL,
                     "without one");
    /* A name that gets longer in an attribute. */
    edit_file(fitting.temp.fd, (struct edit){"d/b.xml", NULL, NULL});
    edit_file(fitting.temp.fd, (struct edit){"d/c.xml", NULL, NULL});
    fitting_put(&fitting, "d/'''.xml", LEGACY_SNAPSHOT("'''", ROOT, "1", "1"));
    assert_bulk_size(&fitting,
                     BULK_HEAD(" current='&apos;&apos;&apos;'")
                         BULK_SNAPSHOT("'''", ROOT, "1") IN_BULK_A BULK_TAIL,
                     "with an awkward name");
    assert_int_equal(fitting.item.count, 2);
    fitting_free(&fitting);
}

/* TEXT with PART so many times in front of the first FIND. */
static char *
pad(const char *text, const char *find, const char *part, size_t times)
{
    const char *at = strstr(text, find);
    struct buffer out = {0};

    assert_non_null(at);
    buffer_add(&out, text, (size_t)(at - text));
    for (size_t i = 0; i < times; i++)
        buffer_puts(&out, part);
    buffer_add(&out, at, strlen(at) + 1);
    return out.data;
}

/* Nothing grows more than empty lines, each of which gets two blanks. */
static void
test_bulk_size_grown(void **state)
{
    cleanup(free_ptr) char *legacy = pad(A, "  <state>", "\n", 50000);
    cleanup(free_ptr) char *bulk =
        pad(BULK_HEAD("") IN_BULK_A BULK_TAIL, "    <state>", "  \n", 50000);
    struct fitting fitting;

    (void)state;
    fitting_make(&fitting, LAYOUT_BULK);
    fitting_put(&fitting, "d/a.xml", legacy);
    assert_bulk_size(&fitting, bulk, "empty lines");
    fitting_free(&fitting);
}

/* Both layouts together, when they are merged. */
static void
test_bulk_size_merged(void **state)
{
    struct fitting fitting;

    (void)state;
    fitting_make(&fitting, LAYOUT_BULK);
    fitting_put(&fitting, "d/a.xml", A);
    fitting_put(&fitting, "d/b.xml", B);
    fitting_put_bulk(&fitting, BULK_HEAD(" current='c'") BULK_SNAPSHOT(
                                   "b", CHILD_OF_A, "1") IN_BULK_C BULK_TAIL);
    fitting.settings.merge = MERGE_LEGACY;
    fitting.item.merging = true;
    assert_int_equal(fitting.item.count, 0);
    fitting.settings.max_bulk = strlen(BULK);
    assert_fits(&fitting, PROBLEM_BULK_TOO_BIG, 0, "", "merged");
    assert_int_equal(fitting.item.count, 3);
    fitting.settings.max_bulk--;
    assert_fits(&fitting, PROBLEM_BULK_TOO_BIG, 1, "", "merged");
    fitting_free(&fitting);
}

/* How a snapshot is too large for a file, so a stock libvirt drops it. */
static void
test_legacy_size(void **state)
{
    static const char *const bulks[] = {
        BULK_HEAD("") IN_BULK_A BULK_TAIL,
        BULK_HEAD(" current='a'") IN_BULK_A IN_BULK_B BULK_TAIL,
    };

    (void)state;
    for (size_t i = 0; i < 2 * LENGTH(bulks); i++) {
        size_t more = i % 2;
        size_t len = LEGACY_FILE_MAX + more - strlen(A);
        cleanup(free_ptr) char *bulk = pad(bulks[i / 2], "of a", "x", len);
        cleanup(free_ptr) char *legacy = pad(A, "of a", "x", len);
        struct domain read;
        struct fitting fitting;

        fitting_make(&fitting, LAYOUT_LEGACY);
        fitting_put_bulk(&fitting, bulk);
        assert_fits(&fitting, PROBLEM_FILE_TOO_BIG, more,
                    "its file would have 1048", "a large file");
        assert_int_equal(fitting.item.count, 1 + i / 2);
        /* That is what the reader says of the result, too. */
        fitting_put(&fitting, "d/a.xml", legacy);
        read_domain(&read, LAYOUT_LEGACY, fitting.temp.fd, "d");
        assert_int_equal(read.count, 1 - more);
        domain_free(&read);
        fitting_free(&fitting);
    }
}

/*
 * To bulk files as well: what could not go back as it came is not converted. A
 * file without libvirt's comment is shorter than it would come back.
 */
static void
test_legacy_size_back(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        size_t len = LEGACY_FILE_MAX + more - strlen(A);
        cleanup(free_ptr) char *bare = edit_text(A, WARNING_COMMENT, "");
        cleanup(free_ptr) char *legacy = pad(bare, "of a", "x", len);
        struct fitting fitting;

        fitting_make(&fitting, LAYOUT_BULK);
        fitting_put(&fitting, "d/a.xml", legacy);
        assert_fits(&fitting, PROBLEM_FILE_TOO_BIG, more,
                    "its file would have 1048", "there and back");
        fitting_free(&fitting);
    }
}

/* What is in a bulk file already never came from a file of its own. */
static void
test_legacy_size_in_bulk(void **state)
{
    cleanup(free_ptr) char *bulk =
        pad(BULK_HEAD("") IN_BULK_A BULK_TAIL, "of a", "x", LEGACY_FILE_MAX);
    struct fitting fitting;

    (void)state;
    fitting_make(&fitting, LAYOUT_BULK);
    fitting.settings.elsewhere = true;
    fitting_put_bulk(&fitting, bulk);
    assert_fits(&fitting, PROBLEM_FILE_TOO_BIG, 0, "", "bulk to bulk");
    fitting.settings.to = LAYOUT_LEGACY;
    assert_fits(&fitting, PROBLEM_FILE_TOO_BIG, 1, "would have",
                "bulk to legacy");
    fitting_free(&fitting);
}

/* A bulk file is one level deeper; a directory is not. */
static void
test_nesting(void **state)
{
    (void)state;
    /* <domainsnapshot>, <domain> and <metadata> are levels as well. */
    for (size_t depth = 255; depth <= 257; depth++) {
        cleanup(free_ptr) char *opened = pad(A, "<!-- a", "<n>", depth - 3);
        cleanup(free_ptr) char *text =
            pad(opened, "\n    </metadata>", "</n>", depth - 3);
        struct fitting fitting;

        fitting_make(&fitting, LAYOUT_BULK);
        fitting_put(&fitting, "d/a.xml", text);
        assert_fits(&fitting, PROBLEM_TOO_DEEP, depth == 257,
                    "found 257 levels, expected at most 256", "nesting");
        fitting.settings.to = LAYOUT_LEGACY;
        assert_fits(&fitting, PROBLEM_TOO_DEEP, 0, "", "nesting, to legacy");
        fitting_free(&fitting);
    }
}

/* An exact size needs the bytes; if they are gone, that is no problem of the
 * data but a failure. */
static void
test_unreadable(void **state)
{
    cleanup(free_ptr) char *large =
        pad(BULK_HEAD("") IN_BULK_A BULK_TAIL, "of a", "x", LEGACY_FILE_MAX);
    struct fitting fitting;

    (void)state;
    fitting_make(&fitting, LAYOUT_BULK);
    fitting_put(&fitting, "d/a.xml", A);
    fitting.settings.max_bulk = strlen(BULK);
    fitting_read(&fitting);
    put_text(fitting.temp.fd, "d/a.xml", B);
    assert_int_equal(fitting_check(&fitting), -1);
    assert_said(&fitting.error, "changed", "a file");
    fitting_free(&fitting);
    fitting_make(&fitting, LAYOUT_LEGACY);
    fitting_put_bulk(&fitting, large);
    fitting_read(&fitting);
    put_text(fitting.temp.fd, "d.xml", BULK);
    assert_int_equal(fitting_check(&fitting), -1);
    assert_said(&fitting.error, "shorter", "a bulk file");
    fitting_free(&fitting);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bulk_size),
        cmocka_unit_test(test_bulk_size_grown),
        cmocka_unit_test(test_bulk_size_merged),
        cmocka_unit_test(test_legacy_size),
        cmocka_unit_test(test_legacy_size_back),
        cmocka_unit_test(test_legacy_size_in_bulk),
        cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_unreadable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
