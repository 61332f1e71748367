/*
 * test-survey.c - shows which domains are found in a snapshot directory, when
 * only the type of an entry says whose it is.
 */
#include "reading.h"

#include "../../verify/error.h"
#include "../../verify/contain.h"
#include "../../verify/staging.h"
#include "../../verify/survey.h"

/* A name that ends in a slash is a directory, in ">" a link, in "|" a fifo. */
static void
make_entry(const struct temp *temp, const char *entry)
{
    size_t len = strlen(entry);
    cleanup(free_ptr) char *name = xstrndup(entry, len - 1);

    if (entry[len - 1] == '/')
        assert_int_equal(mkdirat(temp->fd, name, 0700), 0);
    else if (entry[len - 1] == '>')
        assert_int_equal(symlinkat("x", temp->fd, name), 0);
    else if (entry[len - 1] == '|')
        assert_int_equal(mkfifoat(temp->fd, name, 0600), 0);
    else
        put_text(temp->fd, entry, "");
}

/* "name(legacy,bulk) ..." of each domain. */
static char *
found_domains(const struct survey *survey)
{
    struct buffer out = {0};

    for (size_t i = 0; i < survey->count; i++) {
        const char *legacy = survey->list[i].entry[LAYOUT_LEGACY];
        const char *bulk = survey->list[i].entry[LAYOUT_BULK];

        buffer_printf(&out, "%s%s(%s,%s)", i ? " " : "", survey->list[i].name,
                      legacy ? legacy : "", bulk ? bulk : "");
    }
    buffer_add(&out, "", 1);
    return out.data;
}

#define ENTRIES_MAX 6

static const struct {
    const char *entries[ENTRIES_MAX];
    bool no_suffix;
    const char *domains;
    const char *ids;
} cases[] = {
    {{NULL}, false, "", ""},
    {{"foo/"}, false, "foo(foo,)", ""},
    {{"foo.xml"}, false, "foo(,foo.xml)", ""},
    {{"foo/", "foo.xml"}, false, "foo(foo,foo.xml)", ""},
    {{"foo/", "foo.xml/"}, false, "foo(foo,) foo.xml(foo.xml,)", ""},
    {{"foo/", "foo.xml/", "foo.xml.xml"},
     false,
     "foo(foo,) foo.xml(foo.xml,foo.xml.xml)",
     ""},
    {{"foo.xml", "foo.xml.xml"},
     false,
     "foo(,foo.xml) foo.xml(,foo.xml.xml)",
     ""},
    {{"foo.xml", "foo.xml.xml/"},
     false,
     "foo(,foo.xml) foo.xml.xml(foo.xml.xml,)",
     ""},
    {{"b/", "a.xml", "B/", "a-b.xml", " /"},
     false,
     " ( ,) B(B,) a(,a.xml) a-b(,a-b.xml) b(b,)",
     ""},
    {{".hidden/", ".hidden.xml"}, false, ".hidden(.hidden,.hidden.xml)", ""},
    {{".xml"}, false, "", "foreign-entry"},
    {{".xml/"}, false, ".xml(.xml,)", ""},
    {{"README", "foo.xml~"}, false, "", "foreign-entry foreign-entry"},
    {{STAGE_NAME "/", "foo/"}, false, "foo(foo,)", "interrupted-run"},
    {{"link>", "foo/"}, false, "foo(foo,) link(,)", "symlink"},
    {{"foo.xml>", "foo/"}, false, "foo(foo,)", "symlink"},
    {{"foo.xml|"}, false, "foo(,)", "special-file"},
    {{"foo.xml", "bar"}, true, "bar(,bar) foo.xml(,foo.xml)", ""},
    {{"foo.xml/", "foo"}, true, "foo(,foo) foo.xml(foo.xml,)", ""},
};

static void
test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(problems_free) struct problems problems = {0};
        cleanup(messages_free) struct messages trouble = {0};
        cleanup(free_ptr) char *domains = NULL;
        struct error error = {0};
        const struct terms terms = {.no_suffix = cases[i].no_suffix,
                                    .max_bulk = BULK_FILE_MAX};
        struct survey survey;
        struct root root;
        struct temp temp;

        temp_make(&temp);
        for (size_t n = 0; n < ENTRIES_MAX && cases[i].entries[n]; n++)
            make_entry(&temp, cases[i].entries[n]);
        assert_int_equal(root_open(&root, temp.path, NULL, &error), 0);
        assert_int_equal(
            survey_read(&survey, &root, &terms, &problems, &trouble, &error),
            0);
        domains = found_domains(&survey);
        assert_string_equal(domains, cases[i].domains);
        assert_found(&problems, cases[i].ids, cases[i].domains);
        survey_free(&survey);
        root_close(&root);
        temp_remove(&temp);
    }
}

#define MEMBER(name, more)                                                     \
    "<domainsnapshot><name>" name "</name><state>shutoff</state>"              \
    "<creationTime>1</creationTime>" GOOD_DOMAIN more "</domainsnapshot>\n"

/* A bulk file under the name that bulk files have with the other setting. */
static void
test_suffix(void **state)
{
    static const char list[] = "<snapshots>" MEMBER("a", "") "</snapshots>";
    static const char *const entry[] = {NULL, "d.xml"};
    cleanup(problems_free) struct problems problems = {0};
    cleanup(messages_free) struct messages trouble = {0};
    const struct terms terms = {.max_bulk = BULK_FILE_MAX};
    struct error error = {0};
    struct reading reading;
    struct survey survey;
    struct root root;
    struct temp temp;

    (void)state;
    temp_make(&temp);
    put_text(temp.fd, "d", list);
    assert_int_equal(root_open(&root, temp.path, NULL, &error), 0);
    assert_int_equal(
        survey_read(&survey, &root, &terms, &problems, &trouble, &error), 0);
    assert_found(&problems, "suffix-differs", "without, but there should be");
    survey_free(&survey);
    root_close(&root);
    /* The members of d.xml say that they are of domain d, not of d.xml. */
    put_text(temp.fd, "d.xml", list);
    assert_int_equal(reading_read(&reading,
                                  &(struct source){.base = temp.fd,
                                                   .name = "d.xml",
                                                   .max_bulk = BULK_FILE_MAX},
                                  entry, &error),
                     0);
    assert_found(&reading.problems, "suffix-differs", "with, but not wanted");
    reading_free(&reading);
    assert_int_equal(reading_read(&reading,
                                  &(struct source){.base = temp.fd,
                                                   .name = "d",
                                                   .max_bulk = BULK_FILE_MAX},
                                  entry, &error),
                     0);
    assert_found(&reading.problems, "", "with, as wanted");
    reading_free(&reading);
    temp_remove(&temp);
}

/* A layout that is not there is empty, and contained in all. */
static void
test_one_layout(void **state)
{
    static const char *const entry[] = {NULL, "d.xml"};
    struct error error = {0};
    struct reading reading;
    struct temp temp;

    (void)state;
    temp_make(&temp);
    put_text(temp.fd, "d.xml", "<snapshots>" MEMBER("a", "") "</snapshots>");
    read_both(&reading, &temp, entry);
    assert_found(&reading.problems, "", "one layout");
    assert_int_equal(reading.domain[LAYOUT_LEGACY].fd, -1);
    assert_int_equal(reading.domain[LAYOUT_LEGACY].count, 0);
    assert_int_equal(reading.domain[LAYOUT_BULK].count, 1);
    assert_int_equal(domain_contained(&reading.domain[LAYOUT_LEGACY],
                                      &reading.domain[LAYOUT_BULK], NULL,
                                      &error),
                     1);
    reading_free(&reading);
    temp_remove(&temp);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_suffix),
        cmocka_unit_test(test_one_layout),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
