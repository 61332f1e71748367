/*
 * test-frame.c - shows how what is left of a bulk file is put together, that
 * places are those of the file though its members are gone, and which snapshot
 * is found to be the current one. test-bulk.c has what is wrong with a file.
 */
#include "support.h"

#include "../../verify/frame.h"

#define FRAME_MAX 4194304 /* as frame.c has it */

/*
 * A frame from a text in which each @ is a member: it becomes a stub of the
 * given name, and has as many more lines in the file.
 */
static void
frame_make(struct frame *frame, const char *text, const char *name,
           unsigned long lines)
{
    size_t len = strlen(text), depth = 0;
    struct position at_file = POSITION_FIRST;

    *frame = (struct frame){0};
    for (size_t at = 0; at < len;) {
        size_t end = at + strcspn(text + at, "@");
        struct token token = span_token(text + at, end - at, false);

        if (text[at] == '@') {
            struct position start = at_file;

            /* Its last line is <x/>, or it is <x/> and nothing more. */
            at_file.line += lines;
            at_file.column = lines ? 5 : at_file.column + 4;
            frame_stub(frame, name, strlen(name), start, at_file);
            at++;
            continue;
        }
        if (!token.len)
            token.len = end - at;
        assert_int_equal(frame_add(frame, text + at, token, !depth), 0);
        at_file = position_behind(at_file, text + at, token.len);
        depth += token.kind == TOKEN_START;
        depth -= token.kind == TOKEN_END;
        at += token.len;
    }
}

/* A domain with snapshots of these names, up to NULL. */
static void
domain_make(struct domain *domain, const char *const *names)
{
    *domain = (struct domain){.fd = -1, .current = NO_SNAPSHOT};
    for (size_t i = 0; names[i]; i++) {
        struct snapshot snapshot = {.name = xstrdup(names[i])};

        (void)domain_add(domain, &snapshot);
    }
}

/* What is found in a frame with members of two lines each. */
static void
judge(const char *text, struct domain *domain, struct problems *problems)
{
    struct place place = {.domain = "web", .file = "web.xml", .line = 99};
    struct frame frame;

    frame_make(&frame, text, "domainsnapshot", 2);
    frame_judge(&frame, domain, &place, problems);
    frame_free(&frame);
}

static void
test_add(void **state)
{
    struct frame frame;

    (void)state;
    frame_make(&frame,
               "<!-- <x>\n -->\n<snapshots\n  a='b'>\n @ \n@</snapshots>",
               "member", 100);
    assert_int_equal(frame.children, 2);
    assert_int_equal(frame.bytes.len, strlen("<!-- <x>\n -->\n<snapshots\n"
                                             "  a='b'>\n <member/> \n<member/>"
                                             "</snapshots>"));
    assert_memory_equal(frame.bytes.data,
                        "<!-- <x>\n -->\n<snapshots\n  a='b'>\n <member/> \n"
                        "<member/></snapshots>",
                        frame.bytes.len);
    assert_int_equal(frame.root_tag.start, strlen("<!-- <x>\n -->\n"));
    assert_int_equal(frame.root_tag.len, strlen("<snapshots\n  a='b'>"));
    assert_int_equal(frame.anchors[0].stub.start, 35);
    assert_int_equal(frame.anchors[0].stub.len, strlen("<member/>"));
    assert_int_equal(frame.anchors[0].start.line, 5);
    assert_int_equal(frame.anchors[0].start.column, 2);
    assert_int_equal(frame.anchors[0].behind.line, 105);
    assert_int_equal(frame.anchors[0].behind.column, 5);
    assert_int_equal(frame.anchors[1].stub.start, 46);
    assert_int_equal(frame.anchors[1].start.line, 106);
    assert_int_equal(frame.anchors[1].start.column, 1);
    assert_int_equal(frame.anchors[1].behind.line, 206);
    assert_int_equal(frame.anchors[1].behind.column, 5);
    frame_free(&frame);
}

/* The root's tag is the first one outside of all elements. */
static void
test_root_tag(void **state)
{
    static const struct {
        const char *text;
        const char *tag;
    } cases[] = {
        {"<a/>", "<a/>"},
        {"<a></a>", "<a>"},
        {"<a><b></b></a>", "<a>"},
        {"<a/><b/>", "<a/>"},
        {"</x><a>", "<a>"},
        {"text<?a?><!--<b>--><a>", "<a>"},
        {"text", ""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const char *text = cases[i].text;
        struct frame frame = {0};
        bool top = true;

        for (size_t at = 0; text[at];) {
            struct token token =
                span_token(text + at, strlen(text + at), false);

            assert_true(token.len > 0);
            assert_int_equal(frame_add(&frame, text + at, token, top), 0);
            top = top && token.kind != TOKEN_START;
            at += token.len;
        }
        assert_int_equal(frame.root_tag.len, strlen(cases[i].tag));
        if (frame.root_tag.len)
            assert_memory_equal(frame.bytes.data + frame.root_tag.start,
                                cases[i].tag, frame.root_tag.len);
        frame_free(&frame);
    }
}

/* A tag that is said to stand in an element is not the root's. */
static void
test_no_root_tag(void **state)
{
    const struct token tag = {.kind = TOKEN_EMPTY, .len = 12};
    struct frame frame = {0};

    (void)state;
    assert_false(frame_is_list(&frame));
    assert_int_equal(frame_add(&frame, "<snapshots/>", tag, false), 0);
    assert_int_equal(frame.root_tag.len, 0);
    assert_false(frame_is_list(&frame));
    assert_int_equal(frame_add(&frame, "<snapshots/>", tag, true), 0);
    assert_int_equal(frame.root_tag.start, 12);
    assert_true(frame_is_list(&frame));
    frame_free(&frame);
}

/* So much and no more, and what does not fit leaves no trace. */
static void
test_add_too_much(void **state)
{
    const struct token half = {.kind = TOKEN_TEXT, .len = FRAME_MAX / 2};
    const struct token one = {.kind = TOKEN_TEXT, .len = 1};
    const struct token tag = {.kind = TOKEN_EMPTY, .len = 4};
    struct frame frame = {0};
    cleanup(free_ptr) char *bytes = xcalloc(FRAME_MAX / 2 + 1, 1);

    (void)state;
    memset(bytes, '\n', FRAME_MAX / 2);
    assert_int_equal(frame_add(&frame, bytes, half, true), 0);
    assert_int_equal(frame_add(&frame, bytes, half, true), 0);
    assert_int_equal(frame_add(&frame, "<a/>", tag, true), -1);
    assert_int_equal(frame_add(&frame, "\n", one, true), -1);
    assert_int_equal(frame.bytes.len, FRAME_MAX);
    assert_int_equal(frame.root_tag.len, 0);
    frame_free(&frame);
}

static void
test_is_list(void **state)
{
    static const struct {
        const char *text;
        bool is;
    } cases[] = {
        {"<snapshots>", true},
        {"<snapshots/>", true},
        {"<snapshots >", true},
        {"<snapshots\n>", true},
        {"<snapshots\r\n>", true},
        {"<snapshots\tcurrent='a'>", true},
        {"<!-- c --><snapshots>", true},
        {"<snapshots><other/>", true},
        {"<snapshotsx>", false},
        {"<snapshot>", false},
        {"<snapshots:x>", false},
        {"<x:snapshots>", false},
        {"<Snapshots>", false},
        {"<domainsnapshot>", false},
        {"<other><snapshots/>", false},
        {"<a>", false},
        {"text", false},
        {"<!-- <snapshots> -->", false},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct frame frame;

        frame_make(&frame, cases[i].text, "x", 0);
        if (frame_is_list(&frame) != cases[i].is)
            print_error("of case: %s\n", cases[i].text);
        assert_int_equal(frame_is_list(&frame), cases[i].is);
        frame_free(&frame);
    }
}

/* Where in the file a finding is said to be, and what of it. */
static void
test_findings(void **state)
{
    static const struct {
        const char *text;
        const char *id;
        unsigned long line;
        unsigned long column;
        const char *detail;
    } cases[] = {
        {"<snapshots>@</snapshots>", "", 0, 0, ""},
        {"\n<snapshots/>", "list-empty", 2, 1, ""},
        {"\n<a>\n@</a>", "root-wrong", 2, 1, "found <a>, expected <snapshots>"},
        {"<domainsnapshot>\n@</domainsnapshot>", "root-wrong", 1, 1,
         "directory"},
        {"<x:snapshots xmlns:x='u'>\n@</x:snapshots>", "root-wrong", 1, 1,
         "<x:snapshots>"},
        {"\n <snapshots xmlns='urn:x'>\n@</snapshots>", "list-namespace", 2, 2,
         "found xmlns='urn:x'"},
        {"<snapshots xmlns:p='urn:x'>\n@</snapshots>", "list-prefix", 1, 1,
         "found xmlns:p='urn:x'"},
        {"<!-- c\n -->\n<snapshots>@</snapshots>", "outside-content", 1, 1,
         "found '<!-- c\n -->'"},
        {"\n<snapshots\na='b'>@</snapshots>", "outside-content", 2, 1,
         "found attribute 'a'"},
        {"<snapshots>\n\n text\n@</snapshots>", "outside-content", 3, 2,
         "'text"},
        /* Before, between and behind members that begin or end on its line. */
        {"<snapshots>\n text@</snapshots>", "outside-content", 2, 2, "'text'"},
        {"<snapshots>\n@\n\ntext</snapshots>", "outside-content", 6, 1,
         "'text'"},
        {"<snapshots>@@@text</snapshots>", "outside-content", 7, 5, "'text'"},
        {"<snapshots>@@text@</snapshots>", "outside-content", 5, 5, "'text'"},
        {"<snapshots>text@@@</snapshots>", "outside-content", 1, 12, "'text'"},
        {"<snapshots>\n@ text\n@</snapshots>", "outside-content", 4, 6,
         "'text"},
        {"<snapshots>\n@\n@\n</snapshots>\n<!--x-->", "outside-content", 9, 1,
         "'<!--x-->'"},
        {"<snapshots>\n@\n@\n\n&bogus;</snapshots>", "xml-malformed", 9, 8,
         "bogus"},
        {"<snapshots>@é&bogus;@</snapshots>", "xml-malformed", 3, 13, "bogus"},
        {"<snapshots>\n@\n@\n\n\xff</snapshots>", "xml-not-utf8", 9, 1,
         "found byte 0xff"},
        {"<snapshots>@éa\xff@</snapshots>", "xml-not-utf8", 3, 7,
         "found byte 0xff"},
        {"<?xml version='1.0' encoding='UTF-16'?>\n<snapshots>@</snapshots>",
         "xml-not-utf8", 1, 31, "found encoding='UTF-16'"},
        {"\xef\xbb\xbf<snapshots>é@</snapshots>", "outside-content", 1, 12,
         "'é'"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        static const char *const names[] = {NULL};
        cleanup(problems_free) struct problems problems = {0};
        struct domain domain;
        const struct problem *first;
        const char *detail;

        domain_make(&domain, names);
        judge(cases[i].text, &domain, &problems);
        domain_free(&domain);
        assert_found(&problems, cases[i].id, cases[i].text);
        if (!problems.count)
            continue;
        first = &problems.list[0];
        assert_string_equal(first->domain, "web");
        assert_string_equal(first->file, "web.xml");
        detail = first->detail ? first->detail : "";
        if (first->line != cases[i].line || first->column != cases[i].column ||
            !strstr(detail, cases[i].detail))
            print_error("of case: %s: %lu:%lu: %s\n", cases[i].text,
                        first->line, first->column, detail);
        assert_int_equal(first->line, cases[i].line);
        assert_int_equal(first->column, cases[i].column);
        assert_non_null(strstr(detail, cases[i].detail));
    }
}

/* A stub that the parser does not see where the scanner put it. */
static void
test_stub_elsewhere(void **state)
{
    static const struct token empty = {.kind = TOKEN_TEXT, .len = 4};
    static const char *const names[] = {NULL};
    static const struct place place = {.domain = "web", .file = "web.xml"};
    cleanup(problems_free) struct problems problems = {0};
    struct domain domain;
    struct frame frame;

    (void)state;
    domain_make(&domain, names);
    /* In a comment, or below another element: one too few. */
    judge("<snapshots><!-- @ --></snapshots>", &domain, &problems);
    assert_found(&problems, "xml-malformed", "in a comment");
    problems_free(&problems);
    judge("<snapshots><x>@</x></snapshots>", &domain, &problems);
    assert_found(&problems, "", "below another");
    /* An element that the scanner took for text: one too many. */
    frame_make(&frame, "<snapshots>@", "x", 0);
    assert_int_equal(frame_add(&frame, "<y/>", empty, false), 0);
    assert_int_equal(frame_add(&frame, "</snapshots>",
                               (struct token){.kind = TOKEN_END, .len = 12},
                               false),
                     0);
    frame_judge(&frame, &domain, &place, &problems);
    assert_found(&problems, "xml-malformed", "too many");
    assert_int_equal(problems.list[0].line, 1);
    frame_free(&frame);
    domain_free(&domain);
}

/* Which of the snapshots current= names: NO_SNAPSHOT if none. */
static void
test_current(void **state)
{
    static const struct {
        const char *text;
        const char *names[4];
        const char *ids;
        size_t current;
    } cases[] = {
        {"<snapshots>@@</snapshots>", {"a", "b"}, "", NO_SNAPSHOT},
        {"<snapshots current='b'>@@</snapshots>", {"a", "b"}, "", 1},
        {"<snapshots\ncurrent=\"a'b\">@</snapshots>", {"a'b"}, "", 0},
        {"<snapshots current='c'>@@</snapshots>",
         {"a", "b"},
         "current-dangling",
         NO_SNAPSHOT},
        /* It may be a member that could not be read. */
        {"<snapshots current='c'>@@@</snapshots>", {"a", "b"}, "", NO_SNAPSHOT},
        {"<snapshots current='b'>@@@</snapshots>", {"a", "b"}, "", 1},
        {"<snapshots current='a\tb'>@@</snapshots>",
         {"x", "a\tb"},
         "current-raw",
         1},
        {"<snapshots current='a\tb'>@@</snapshots>", {"a b", "x"}, "", 0},
        {"<snapshots current='a\tb'>@@</snapshots>",
         {"a b", "a\tb"},
         "current-ambiguous",
         NO_SNAPSHOT},
        {"<snapshots current='a\rb'>@@</snapshots>",
         {"a\nb", "a\rb"},
         "current-raw",
         1},
        {"<snapshots current='a\r\nb'>@</snapshots>",
         {"a\n\nb"},
         "current-raw",
         0},
        {"<snapshots xml:current='a'>@</snapshots>",
         {"a"},
         "outside-content",
         NO_SNAPSHOT},
        /* Without a list there is nothing to look for. */
        {"<snapshot current='a'>@</snapshot>",
         {"a"},
         "root-wrong",
         NO_SNAPSHOT},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(problems_free) struct problems problems = {0};
        struct domain domain;

        domain_make(&domain, cases[i].names);
        judge(cases[i].text, &domain, &problems);
        assert_found(&problems, cases[i].ids, cases[i].text);
        if (domain.current != cases[i].current)
            print_error("of case: %s\n", cases[i].text);
        assert_true(domain.current == cases[i].current);
        for (size_t j = 0; j < domain.count; j++)
            assert_int_equal(domain.snaps[j].active, j == cases[i].current);
        domain_free(&domain);
    }
}

/* What it is called by stands in the finding, on the line of the root. */
static void
test_current_detail(void **state)
{
    static const char *const names[] = {"a b", "a\tb", NULL};
    cleanup(problems_free) struct problems problems = {0};
    struct domain domain;

    (void)state;
    domain_make(&domain, names);
    judge("\n<snapshots current='a\tb'>\n@@</snapshots>", &domain, &problems);
    judge("\n\n<snapshots current='c'>\n@@</snapshots>", &domain, &problems);
    domain_free(&domain);
    assert_found(&problems, "current-ambiguous current-dangling", "details");
    assert_int_equal(problems.list[0].line, 2);
    assert_string_equal(problems.list[0].detail, "'a\tb' or 'a b'");
    assert_int_equal(problems.list[1].line, 3);
    assert_string_equal(problems.list[1].detail, "'c'");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_root_tag),
        cmocka_unit_test(test_no_root_tag),
        cmocka_unit_test(test_add_too_much),
        cmocka_unit_test(test_is_list),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_stub_elsewhere),
        cmocka_unit_test(test_current),
        cmocka_unit_test(test_current_detail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
