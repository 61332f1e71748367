/*
 * test-format.c - shows that every format makes something of every report, and
 * that a stylesheet reaches nothing but the report.
 *
 * With the arguments SCENE FORMAT it writes that instead, and with SCENE FORMAT
 * BASELINE it compares with an earlier report: for tests/formats.py.
 */
#include "support.h"

#include "../../verify/error.h"
#include "../../verify/format.h"
#include "../../verify/program.h"
#include "../../verify/report-xml.h"
#include "scenes.h"

/* A stylesheet with this in its template for the root. */
#define SHEET(before, inside)                                                  \
    "<xsl:stylesheet version='1.0' xmlns:xt='http://www.jclark.com/xt' "       \
    "extension-element-prefixes='xt' "                                         \
    "xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>"                        \
    "<xsl:output method='text'/>" before "<xsl:template match='/'>" inside     \
    "</xsl:template></xsl:stylesheet>"

/* The report of a scene. */
static void
make_report(struct buffer *report, const char *scene,
            const struct baseline *baseline)
{
    struct policy policy = policy_default();
    struct listing listing;

    scene_make(&listing, scene);
    report_xml(report, &listing, &policy, baseline);
    listing_free(&listing);
}

/* What is written; NULL with the error set where that failed. */
static char *
written(const char *format, const struct buffer *report, struct error *error)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    int result;

    assert_non_null(out);
    result = format_write(out, format, report, error);
    assert_int_equal(fclose(out), 0);
    if (result < 0) {
        assert_int_equal(len, 0);
        free(text);
        text = NULL;
    }
    return text;
}

static void
test_every_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(scenes); i++) {
        cleanup(buffer_free) struct buffer report = {0};

        /* The large ones are for formats.py: they take their time. */
        if (scenes[i].large)
            continue;
        make_report(&report, scenes[i].name, NULL);
        for (const char *const *name = format_names(); *name; name++) {
            struct error error = {0};
            cleanup(free_ptr) char *text = written(*name, &report, &error);

            if (!text)
                print_error("%s of %s: %s\n", *name, scenes[i].name,
                            error.message);
            assert_non_null(text);
            assert_true(*text || !strcmp(*name, "jsonl"));
        }
    }
}

static void
test_names(void **state)
{
    static const char *const yes[] = {"xml",   "json",   "jsonl", "junit",
                                      "sarif", "github", "html",  "dot",
                                      "x.xsl", "./x",    "a/b"};
    static const char *const no[] = {"text",   "",     "XML",
                                     "x.xslt", ".xsl", "relations"};

    (void)state;
    for (size_t i = 0; i < LENGTH(yes); i++)
        assert_true(format_exists(yes[i]));
    for (size_t i = 0; i < LENGTH(no); i++)
        assert_false(format_exists(no[i]));
}

/* The file of the test, with a stylesheet in it, and what comes of it. */
static char *
run_sheet(const struct temp *temp, const char *sheet, struct error *error)
{
    cleanup(free_ptr) char *path = xasprintf("%s/x.xsl", temp->path);
    cleanup(buffer_free) struct buffer report = {0};

    make_report(&report, "common", NULL);
    put_text(temp->fd, "x.xsl", sheet);
    return written(path, &report, error);
}

static void
test_own_stylesheet(void **state)
{
    struct error error = {0};
    cleanup(free_ptr) char *text =
        run_sheet(*state,
                  SHEET("", "<xsl:message>quiet</xsl:message>"
                            "<xsl:value-of select='report/summary/@errors'/>"
                            "<xsl:value-of select=\"count(document(''))\"/>"),
                  &error);

    assert_string_equal(text, "41");
}

/* Each of these ends in an error that says so, and with nothing written. */
static void
test_forbidden(void **state)
{
    static const struct {
        const char *sheet;
        const char *said;
    } cases[] = {
        {SHEET("", "<xsl:copy-of select=\"document('/etc/passwd')\"/>"),
         "read rights for /etc/passwd denied"},
        {SHEET("", "a<xsl:copy-of select=\"document('x.xsl')\"/>"), "denied"},
        {SHEET("", "<xsl:copy-of select=\"document('http://[::1]/')\"/>"),
         "denied"},
        {SHEET("<xsl:variable name='v' select=\"document('/etc/passwd')\"/>",
               "<xsl:value-of select='$v'/>"),
         "denied"},
        {SHEET("<xsl:key name='k' match='*' "
               "use=\"document('/etc/passwd')\"/>",
               "<xsl:value-of select=\"key('k', 'x')\"/>"),
         "denied"},
        {SHEET("<xsl:include href='/etc/passwd'/>", ""),
         "reads other stylesheets"},
        {SHEET("<xsl:import href='http://[::1]/'/>", ""),
         "reads other stylesheets"},
        {SHEET("", "<xt:document href='written'>a</xt:document>"), "denied"},
        {SHEET("", "<xsl:document href='written'>a</xsl:document>"), ""},
        {SHEET("", "a<xsl:message terminate='yes'>I will\nnot</xsl:message>"),
         "I will not"},
        {SHEET("", "<xsl:value-of select='no-such-function()'/>"), ""},
        {SHEET("", "<xsl:value-of select='('/>"), "cannot be used"},
        {SHEET("", "<xsl:call-template name='none'/>"), ""},
        {SHEET("<xsl:template name='r'><xsl:call-template name='r'/>"
               "</xsl:template>",
               "<xsl:call-template name='r'/>"),
         "recursion"},
        {"<!DOCTYPE x [<!ENTITY e SYSTEM '/etc/passwd'>]>" SHEET("", "&e;"),
         "DOCTYPE"},
        {"<a", "line 1"},
        {"", "empty"},
        {"<a/>", "cannot be used"},
    };
    const struct temp *temp = *state;

    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct error error = {0};
        char *text = run_sheet(temp, cases[i].sheet, &error);

        if (text)
            print_error("of %s: %s\n", cases[i].sheet, text);
        assert_null(text);
        assert_non_null(error.message);
        if (!strstr(error.message, cases[i].said))
            print_error("%s\n", error.message);
        assert_non_null(strstr(error.message, cases[i].said));
        assert_null(strchr(error.message, '\n'));
        error_clear(&error);
    }
    assert_false(entry_exists(temp->fd, "written"));
    assert_false(entry_exists(AT_FDCWD, "written"));
}

static void
test_files(void **state)
{
    const struct temp *temp = *state;
    cleanup(buffer_free) struct buffer report = {0};
    struct error error = {0};

    buffer_puts(&report, "<report/>");
    assert_null(written("/nonexistent/x.xsl", &report, &error));
    assert_non_null(strstr(error.message, "No such file"));
    assert_null(written("/dev/null", &report, &error));
    assert_non_null(strstr(error.message, "is a device, not a file"));
    assert_null(written(temp->path, &report, &error));
    assert_non_null(strstr(error.message, "is a directory, not a file"));
    assert_null(written("none", &report, &error));
    assert_non_null(strstr(error.message, "there is no format 'none'"));
    error_clear(&error);
}

/* A full disk is an error in every format. */
static void
test_full(void **state)
{
    (void)state;
    for (const char *const *name = format_names(); *name; name++) {
        cleanup(buffer_free) struct buffer report = {0};
        struct error error = {0};
        FILE *full = fopen("/dev/full", "w");

        assert_non_null(full);
        make_report(&report, "common", NULL);
        assert_int_equal(format_write(full, *name, &report, &error), -1);
        assert_non_null(strstr(error.message, "No space left"));
        error_clear(&error);
        (void)fclose(full);
    }
}

static int
write_scene(const char *scene, const char *format, const char *earlier)
{
    cleanup(buffer_free) struct buffer report = {0};
    struct baseline baseline = {0};
    struct error error = {0};
    int result =
        earlier ? baseline_read(&baseline, KIND_SNAPSHOT, earlier, &error) : 0;

    if (!result) {
        make_report(&report, scene, earlier ? &baseline : NULL);
        result = format_write(stdout, format, &report, &error);
    }
    if (result < 0)
        fprintf(stderr, "%s\n", error.message);
    baseline_free(&baseline);
    error_clear(&error);
    return result < 0;
}

int
main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_format),   cmocka_unit_test(test_names),
        cmocka_unit_test(test_own_stylesheet), cmocka_unit_test(test_forbidden),
        cmocka_unit_test(test_files),          cmocka_unit_test(test_full),
    };
    int status;

    program_start_xml();
    if (argc > 2)
        status = write_scene(argv[1], argv[2], argc > 3 ? argv[3] : NULL);
    else
        status =
            cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
    program_end_xml();
    return status;
}
