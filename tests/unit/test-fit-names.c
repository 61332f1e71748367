/*
 * test-fit-names.c - shows that a conversion is refused whose result has no
 * free name, or one that would say something else, and none that has one.
 */
#include "fitting.h"

/* Two snapshots that would need the same file: a name with a raw carriage
 * return is read with a line feed. */
static void
test_stems(void **state)
{
    static const char *const others[] = {"x&#13;y", "x&#13;z"};

    (void)state;
    for (size_t i = 0; i < LENGTH(others); i++) {
        cleanup(free_ptr) char *bulk =
            xasprintf(BULK_HEAD("") BULK_SNAPSHOT("x\ry", ROOT, "1")
                          BULK_SNAPSHOT("%s", ROOT, "2") BULK_TAIL,
                      others[i], others[i]);
        struct fitting fitting;

        fitting_make(&fitting, LAYOUT_LEGACY);
        fitting_put_bulk(&fitting, bulk);
        assert_fits(&fitting, PROBLEM_NAME_DUPLICATE, i == 0, "x\ry.xml",
                    others[i]);
        fitting_free(&fitting);
    }
}

/* An export of a, b and c into a directory that has a. */
static const struct {
    const char *file; /* what else is there */
    const char *text; /* NULL: a directory; "": a link */
    bool merging;
    bool elsewhere;
    const char *said; /* NULL: all names are free */
} ways[] = {
    {"d/README", "text", false, false, NULL},
    {"d/b.xml", NULL, false, false, "'d/b.xml' is in the way, a directory"},
    {"d/b.xml", "", false, false, "'d/b.xml' is in the way, a symbolic link"},
    {"d/b.xml", LEGACY_SNAPSHOT("x", ROOT, "1", "0"), false, false,
     "'d/b.xml' is in the way, a file"},
    {"d/b.xml", "damaged", false, false, "'d/b.xml' is in the way, a file"},
    {"d/b.xml", NULL, false, true, NULL},
    /* What it has under another name stays, but a merge would replace it. */
    {"d/x.xml", B, false, false, NULL},
    {"d/x.xml", B, true, false, "'d/x.xml' holds 'b'"},
    {"d/b.xml", B, true, false, NULL},
    {"d/b.xml", NULL, true, false, "'d/b.xml' is in the way, a directory"},
    {"d/x.xml", B, true, true, NULL},
};

static void
test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(ways); i++) {
        struct fitting fitting;

        fitting_make(&fitting, LAYOUT_LEGACY);
        fitting_put(&fitting, "d/a.xml", A);
        fitting_put_bulk(&fitting, BULK);
        if (!ways[i].text)
            assert_int_equal(mkdirat(fitting.temp.fd, ways[i].file, 0700), 0);
        else if (!ways[i].text[0])
            assert_int_equal(symlinkat("x", fitting.temp.fd, ways[i].file), 0);
        else
            put_text(fitting.temp.fd, ways[i].file, ways[i].text);
        fitting.item.merging = ways[i].merging;
        fitting.settings.merge = ways[i].merging ? MERGE_BULK : MERGE_NONE;
        fitting.settings.elsewhere = ways[i].elsewhere;
        assert_fits(&fitting, PROBLEM_NAME_CLASH, ways[i].said != NULL,
                    ways[i].said ? ways[i].said : "", ways[i].file);
        fitting_free(&fitting);
    }
}

/* Without suffix a bulk file takes the place of the directory. */
static void
test_no_suffix(void **state)
{
    struct fitting fitting;

    (void)state;
    fitting_make(&fitting, LAYOUT_BULK);
    fitting_put(&fitting, "d/a.xml", A);
    fitting.item.foreign = 1;
    assert_fits(&fitting, PROBLEM_NAME_CLASH, 0, "", "with suffix");
    fitting.settings.no_suffix = true;
    assert_fits(&fitting, PROBLEM_NAME_CLASH, 1, "other entries", "foreign");
    fitting.settings.elsewhere = true;
    assert_fits(&fitting, PROBLEM_NAME_CLASH, 0, "", "elsewhere");
    fitting.settings.elsewhere = false;
    fitting.item.foreign = 0;
    assert_fits(&fitting, PROBLEM_NAME_CLASH, 0, "", "nothing else");
    fitting_free(&fitting);
}

/* A file d.xml that is no bulk file of d must say that it is of d.xml. */
static void
test_no_suffix_like_suffix(void **state)
{
    struct fitting fitting;

    (void)state;
    fitting_make(&fitting, LAYOUT_BULK);
    assert_int_equal(mkdirat(fitting.temp.fd, "d.xml", 0700), 0);
    put_text(fitting.temp.fd, "d.xml/a.xml", A);
    put_text(fitting.temp.fd, "d.xml/b.xml", B);
    fitting.item.name = fitting.item.entry[LAYOUT_LEGACY] = "d.xml";
    assert_fits(&fitting, PROBLEM_SUFFIX_DIFFERS, 0, "", "with suffix");
    fitting.settings.no_suffix = true;
    assert_fits(&fitting, PROBLEM_SUFFIX_DIFFERS, 1, "no snapshot says", "d");
    fitting.settings.elsewhere = true;
    assert_fits(&fitting, PROBLEM_SUFFIX_DIFFERS, 1, "no snapshot says", "d");
    edit_file(fitting.temp.fd,
              (struct edit){"d.xml/b.xml", "<name>d<", "<name>d.xml<"});
    assert_fits(&fitting, PROBLEM_SUFFIX_DIFFERS, 0, "", "one says d.xml");
    fitting_free(&fitting);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stems),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_no_suffix),
        cmocka_unit_test(test_no_suffix_like_suffix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
