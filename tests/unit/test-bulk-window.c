/*
 * test-bulk-window.c - shows that it does not matter where in a bulk file the
 * reader's window ends, that lines and offsets are right far into a large file,
 * and that the limits hold.
 */
#include "bulk-reader.h"

#include "../../verify/error.h"

/* How many bytes the reader takes at a time. */
#define WINDOW 1048576

#define FIRST                                                                  \
    "<domainsnapshot><name>a</name><state>shutoff</state><!-- > -->"           \
    "<creationTime>1</creationTime></domainsnapshot>"
#define SECOND                                                                 \
    "<domainsnapshot a='>'><name>b</name><state>shutoff</state>"               \
    "<creationTime>2</creationTime><![CDATA[]]></domainsnapshot>"
#define PAIR FIRST "\n  " SECOND "\n</snapshots>\n"

static char *
filled(const char *before, char with, size_t count, const char *after,
       size_t *len)
{
    struct buffer out = {0};

    buffer_puts(&out, before);
    buffer_reserve(&out, count);
    memset(out.data + out.len, with, count);
    out.len += count;
    buffer_puts(&out, after);
    *len = out.len;
    return out.data;
}

/* The bytes at a snapshot's place are those of its element. */
static void
assert_element(const struct bulk *bulk, size_t index, const char *bytes,
               const char *element)
{
    struct span span = bulk->domain.snaps[index].element;
    cleanup(buffer_free) struct buffer loaded = {0};
    struct span within;
    struct error error = {0};

    assert_int_equal(span.len, strlen(element));
    assert_memory_equal(bytes + span.start, element, span.len);
    assert_int_equal(
        domain_load(&bulk->domain, index, &loaded, &within, &error), 0);
    assert_int_equal(within.start, 0);
    assert_int_equal(within.len, span.len);
    assert_int_equal(loaded.len, span.len);
    assert_memory_equal(loaded.data, element, span.len);
}

/* Let the window end at every byte of two members and what is around them. */
static void
test_window_ends_anywhere(void **state)
{
    static const char head[] = "<snapshots current='b'>\n\n";

    for (size_t back = 0; back <= strlen(PAIR) + 2; back++) {
        size_t len, fill = WINDOW - strlen(head) - back;
        cleanup(free_ptr) char *bytes = filled(head, ' ', fill, PAIR, &len);
        struct bulk bulk;

        bulk_read_bytes(&bulk, *state, bytes, len);
        assert_found(&bulk.problems, "domain-missing domain-missing", "both");
        assert_int_equal(bulk.domain.count, 2);
        assert_int_equal(bulk.domain.current, 1);
        assert_element(&bulk, 0, bytes, FIRST);
        assert_element(&bulk, 1, bytes, SECOND);
        assert_int_equal(bulk.domain.snaps[0].at.line, 3);
        assert_int_equal(bulk.domain.snaps[1].at.line, 4);
        bulk_free(&bulk);
    }
}

static void
test_member_larger_than_window(void **state)
{
    static const size_t sizes[] = {WINDOW - 100,   WINDOW,     WINDOW + 1,
                                   2 * WINDOW - 1, 3 * WINDOW, 2000003};

    for (size_t i = 0; i < LENGTH(sizes); i++) {
        size_t len, whole;
        cleanup(free_ptr) char *member =
            filled("<domainsnapshot><name>big</name><state>shutoff</state>"
                   "<creationTime>1</creationTime><description>",
                   'x', sizes[i], "</description></domainsnapshot>", &len);
        cleanup(buffer_free) struct buffer out = {0};
        struct bulk bulk;

        buffer_puts(&out, "<snapshots>" FIRST);
        buffer_add(&out, member, len);
        whole = out.len;
        buffer_puts(&out, PAIR);
        /* The name "a" is there twice. */
        bulk_read_bytes(&bulk, *state, out.data, out.len);
        assert_found(&bulk.problems,
                     "domain-missing domain-missing domain-missing "
                     "domain-missing name-duplicate",
                     "big");
        assert_int_equal(bulk.domain.count, 4);
        assert_int_equal(span_end(bulk.domain.snaps[1].element), whole);
        assert_int_equal(bulk.domain.snaps[1].element.len, len);
        assert_element(&bulk, 3, out.data, SECOND);
        bulk_free(&bulk);
    }
}

/* A tag, a comment and white space larger than the window. */
static void
test_token_larger_than_window(void **state)
{
    static const struct {
        const char *before;
        char with;
        const char *after;
        const char *ids;
    } cases[] = {
        {"<snapshots>", '\n', PAIR, "domain-missing domain-missing"},
        {"<snapshots><!--", 'x', "-->" PAIR,
         "domain-missing domain-missing outside-content"},
        {"<snapshots ", ' ', ">" PAIR, "domain-missing domain-missing"},
        {"<snapshots", ' ', "", "xml-malformed"},
        {"<snapshots><domainsnapshot>", 'x', "", "xml-malformed"},
        {"<snapshots><!--", 'x', "", "xml-malformed"},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t len;
        cleanup(free_ptr) char *bytes =
            filled(cases[i].before, cases[i].with, 3 * WINDOW + 17,
                   cases[i].after, &len);
        struct bulk bulk;

        bulk_read_bytes(&bulk, *state, bytes, len);
        assert_found(&bulk.problems, cases[i].ids, cases[i].before);
        bulk_free(&bulk);
    }
}

static void
test_lines_past_65535(void **state)
{
    static const struct {
        const char *what;
        const char *before;
        const char *after;
        enum problem_id id;
        unsigned long beyond; /* the line, when 70000 line feeds are between */
        unsigned long column;
    } cases[] = {
        {"between members", "<snapshots>\n" FIRST "\n",
         "<domainsnapshot>\n<name>b</name>\n<state>x</state>\n"
         "<creationTime>1</creationTime></domainsnapshot></snapshots>",
         PROBLEM_STATE_BAD, 5, 1},
        {"in a member",
         "<snapshots>\n<domainsnapshot><name>b</name>\n<description>",
         "</description>\n<state>x</state><creationTime>1</creationTime>"
         "</domainsnapshot></snapshots>",
         PROBLEM_STATE_BAD, 4, 1},
        {"parent in a member",
         "<snapshots>\n<domainsnapshot><name>b</name><state>shutoff</state>\n"
         "<creationTime>1</creationTime><description>",
         "</description>\n<parent>\n<name>x</name></parent></domainsnapshot>"
         "</snapshots>",
         PROBLEM_PARENT_MISSING, 5, 1},
        {"foreign element", "<snapshots>\n" FIRST "\n", "<x/></snapshots>",
         PROBLEM_LIST_FOREIGN, 3, 1},
        {"malformed frame", "<snapshots>\n" FIRST "\n", "&bogus;</snapshots>",
         PROBLEM_XML_MALFORMED, 3, 8},
        {"malformed member",
         "<snapshots>\n<domainsnapshot><name>b</name>\n<description>",
         "&bogus;</description></domainsnapshot></snapshots>",
         PROBLEM_XML_MALFORMED, 3, 8},
        {"cut short", "<snapshots>\n" FIRST "\n", "<domainsnapshot>",
         PROBLEM_XML_MALFORMED, 3, 1},
        {"text behind a member", "<snapshots>\n",
         FIRST "\n" FIRST "text</snapshots>", PROBLEM_OUTSIDE_CONTENT, 3,
         1 + strlen(FIRST)},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t len;
        cleanup(free_ptr) char *bytes =
            filled(cases[i].before, '\n', 70000, cases[i].after, &len);
        struct bulk bulk;
        const struct problem *problem;
        unsigned long line, column;

        bulk_read_bytes(&bulk, *state, bytes, len);
        problem = find_problem(&bulk.problems, cases[i].id);
        line = problem ? problem->line : 0;
        column = problem ? problem->column : 0;
        if (line != 70000 + cases[i].beyond || column != cases[i].column)
            print_error("of case: %s\n", cases[i].what);
        assert_int_equal(line, 70000 + cases[i].beyond);
        assert_int_equal(column, cases[i].column);
        bulk_free(&bulk);
    }
}

/* Lines of a member count on from where it stands. */
static void
test_lines(void **state)
{
    static const char text[] = "<snapshots>\n"
                               "\n"
                               "  <domainsnapshot>\n"
                               "    <state>shutoff</state>\n"
                               "    <name>x</name>\n"
                               "    <parent>\n"
                               "      <name>y</name>\n"
                               "    </parent>\n"
                               "    <creationTime>1</creationTime>\n"
                               "  </domainsnapshot><domainsnapshot>\n"
                               "    <name>y</name>\n"
                               "    <state>shutoff</state>\n"
                               "    <creationTime>1x</creationTime>\n"
                               "  </domainsnapshot>\n"
                               "  <!-- c -->\n"
                               "</snapshots>\n";
    struct bulk bulk;

    bulk_read_bytes(&bulk, *state, text, strlen(text));
    assert_int_equal(bulk.domain.count, 2);
    assert_int_equal(bulk.domain.snaps[0].at.line, 3);
    assert_int_equal(bulk.domain.snaps[0].name_at.line, 5);
    assert_int_equal(bulk.domain.snaps[0].parent_at.line, 7);
    assert_int_equal(bulk.domain.snaps[1].at.line, 10);
    assert_int_equal(bulk.domain.snaps[1].name_at.line, 11);
    assert_int_equal(line_of(&bulk.problems, PROBLEM_TIME_BAD), 13);
    assert_int_equal(line_of(&bulk.problems, PROBLEM_OUTSIDE_CONTENT), 15);
    bulk_free(&bulk);
}

/* The limit itself is fine, a byte more is not. */
static void
test_limit(void **state)
{
    static const char text[] = "<snapshots>" PAIR;
    struct bulk bulk;

    bulk_read_limited(&bulk, *state, text, strlen(text), strlen(text));
    assert_null(find_problem(&bulk.problems, PROBLEM_BULK_TOO_BIG));
    assert_int_equal(bulk.domain.count, 2);
    bulk_free(&bulk);
    bulk_read_limited(&bulk, *state, text, strlen(text), strlen(text) - 1);
    assert_found(&bulk.problems, "bulk-too-big", "over");
    assert_int_equal(bulk.domain.count, 0);
    bulk_free(&bulk);
}

/* A member that no libvirt could handle does not fill our memory. */
static void
test_huge_member(void **state)
{
    size_t len;
    cleanup(free_ptr) char *bytes =
        filled("<snapshots><domainsnapshot><name>b</name>\n<description>", '>',
               MEMBER_MAX + 3 * WINDOW,
               "</description></domainsnapshot></snapshots>", &len);
    struct bulk bulk;

    bulk_read_bytes(&bulk, *state, bytes, len);
    assert_true(problems_errors(&bulk.problems, 0) > 0);
    assert_int_equal(bulk.domain.count, 0);
    bulk_free(&bulk);
}

/* The file grows or shrinks under the reader: an error, not a verdict. */
static void
test_load_after_shrinking(void **state)
{
    const struct temp *temp = *state;
    static const char text[] = "<snapshots>" PAIR;
    cleanup(buffer_free) struct buffer bytes = {0};
    struct error error = {0};
    struct bulk bulk;
    struct span span;

    bulk_read_bytes(&bulk, temp, text, strlen(text));
    assert_int_equal(domain_unchanged(&bulk.domain, temp->fd, NULL, &error), 0);
    put_text(temp->fd, "d.xml", "<snapshots>");
    assert_int_equal(domain_load(&bulk.domain, 1, &bytes, &span, &error), -1);
    assert_non_null(error.message);
    assert_int_equal(domain_unchanged(&bulk.domain, temp->fd, NULL, &error),
                     -1);
    error_clear(&error);
    bulk_free(&bulk);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_ends_anywhere),
        cmocka_unit_test(test_member_larger_than_window),
        cmocka_unit_test(test_token_larger_than_window),
        cmocka_unit_test(test_lines_past_65535),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_huge_member),
        cmocka_unit_test(test_load_after_shrinking),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
