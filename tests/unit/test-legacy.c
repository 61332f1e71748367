/*
 * test-legacy.c - shows what is made of each kind of entry that may lie in a
 * domain's legacy directory: which are its snapshots, which are left alone, and
 * which stand in the way.
 */
#include "support.h"

#include "../../verify/error.h"

/* A directory with files of a name and a text each, and what is found. */
struct file {
    const char *name;
    const char *text;
};

#define FILES_MAX 4

struct directory_case {
    const char *what;
    struct file files[FILES_MAX];
    const char *ids;   /* sorted */
    const char *names; /* in their order, * marks the current */
    size_t foreign;
};

#define ELEMENT(name, more)                                                    \
    "<domainsnapshot><name>" name "</name><state>shutoff</state>"              \
    "<creationTime>1</creationTime>" GOOD_DOMAIN more "</domainsnapshot>\n"
#define FILE_OF(name) WARNING_COMMENT ELEMENT(name, "<active>0</active>")
#define CURRENT(name) WARNING_COMMENT ELEMENT(name, "<active>1</active>")
#define CHILD(name, parent)                                                    \
    ELEMENT(name, "<parent><name>" parent "</name></parent><active>0</active>")

/* A legacy directory that was read. */
struct legacy {
    struct domain domain;
    struct problems problems;
};

static void
legacy_read_dir(struct legacy *legacy, const struct temp *temp,
                const struct domain *other)
{
    struct source source = {
        .base = temp->fd, .name = "d", .entry = "d", .other = other};
    struct error error = {0};

    *legacy = (struct legacy){.domain = {.fd = -1}};
    assert_int_equal(
        legacy_read(&legacy->domain, &source, &legacy->problems, &error), 0);
}

static void
legacy_free(struct legacy *legacy)
{
    domain_free(&legacy->domain);
    problems_free(&legacy->problems);
}

static char *
ordered(const struct domain *domain)
{
    struct buffer out = {0};

    for (size_t i = 0; i < domain->count; i++) {
        buffer_puts(&out, i ? "|" : "");
        buffer_puts(&out, domain->snaps[domain->order[i]].name);
        buffer_puts(&out, domain->order[i] == domain->current ? "*" : "");
    }
    buffer_add(&out, "", 1);
    return out.data;
}

/* Makes the directory "d" in a scratch directory of its own. */
static int
make_dir(struct temp *temp)
{
    temp_make(temp);
    assert_int_equal(mkdirat(temp->fd, "d", 0700), 0);
    return openat(temp->fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
assert_legacy(const struct temp *temp, const char *ids, const char *names,
              size_t foreign, const char *what)
{
    cleanup(free_ptr) char *order = NULL;
    struct legacy legacy;

    legacy_read_dir(&legacy, temp, NULL);
    assert_found(&legacy.problems, ids, what);
    order = ordered(&legacy.domain);
    assert_string_equal(order, names);
    assert_int_equal(legacy.domain.foreign, foreign);
    legacy_free(&legacy);
}

static const struct directory_case cases[] = {
    {"empty", {{0}}, "", "", 0},
    {"plain", {{"a.xml", FILE_OF("a")}}, "", "a", 0},
    {"current", {{"a.xml", CURRENT("a")}}, "", "a*", 0},
    {"parent and child",
     {{"a.xml", CHILD("a", "b")}, {"b.xml", CURRENT("b")}},
     "",
     "b*|a",
     0},
    {"two current",
     {{"a.xml", CURRENT("a")}, {"b.xml", CURRENT("b")}},
     "current-several current-several",
     "a|b*",
     0},
    {"orphan", {{"a.xml", CHILD("a", "b")}}, "parent-missing", "a", 0},
    {"another name", {{"b.xml", FILE_OF("a")}}, "file-name-differs", "a", 0},
    {"twice",
     {{"a.xml", FILE_OF("a")}, {"b.xml", FILE_OF("a")}},
     "file-name-differs name-duplicate",
     "a|a",
     0},
    {"hidden file", {{".a.xml", FILE_OF("a")}}, "file-name-differs", "a", 0},
    {"a carriage return", {{"a\rb.xml", FILE_OF("a\rb")}}, "", "a\nb", 0},
    {"content beside",
     {{"a.xml", "<!-- note -->" ELEMENT("a", "<active>0</active>")}},
     "outside-content",
     "a",
     0},
    {"without an <active>",
     {{"a.xml", ELEMENT("a", "")}},
     "active-missing",
     "a",
     0},
    {"not well-formed",
     {{"a.xml", "<domainsnapshot>"}},
     "xml-malformed",
     "",
     0},
    {"empty file", {{"a.xml", ""}}, "xml-malformed", "", 0},
    {"another kind", {{"a.xml", "<domain/>"}}, "root-wrong", "", 0},
    {"a checkpoint",
     {{"a.xml", "<domaincheckpoint/>"}},
     "checkpoint-misplaced",
     "",
     1},
    {"a note", {{"README", "text"}}, "foreign-entry", "", 1},
    {"XML of another kind under another name",
     {{"a.bak", "<domain/>"}},
     "foreign-entry",
     "",
     1},
    {"only .xml in the name", {{".xml", "text"}}, "foreign-entry", "", 1},
    {"spare copy",
     {{"a.xml", FILE_OF("a")}, {"a.xml~", FILE_OF("a")}},
     "spare-copy",
     "a",
     1},
    {"spare copy of another content",
     {{"a.xml", FILE_OF("a")}, {"a.xml.bak", CURRENT("a")}},
     "spare-copy",
     "a",
     1},
    {"the only copy under a strange name",
     {{"a.xml~", FILE_OF("a")}, {"b.xml", FILE_OF("b")}},
     "file-name-strange",
     "a|b",
     0},
    {"damaged under a strange name",
     {{"a.xml~", ELEMENT("a", "")}},
     "active-missing file-name-strange",
     "a",
     0},
    {"stale .new beside the file",
     {{"a.xml", FILE_OF("a")}, {"a.xml.new", CURRENT("a")}},
     "stale-new",
     "a",
     0},
    {"stale .new, the only copy",
     {{"a.xml.new", FILE_OF("a")}},
     "stale-new",
     "",
     0},
    {"torn .new beside the file",
     {{"a.xml", FILE_OF("a")}, {"a.xml.new", "<domainsnap"}},
     "foreign-entry",
     "a",
     1},
    {"torn .new, the only copy",
     {{"a.xml.new", "<domainsnap"}},
     "xml-malformed",
     "",
     0},
    {"a snapshot called x.xml.new",
     {{"x.xml.new.xml", FILE_OF("x.xml.new")}},
     "",
     "x.xml.new",
     0},
};

static void
test_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct temp temp;
        cleanup(close_fd) int dir = make_dir(&temp);

        for (size_t n = 0; n < FILES_MAX && cases[i].files[n].name; n++)
            put_text(dir, cases[i].files[n].name, cases[i].files[n].text);
        assert_legacy(&temp, cases[i].ids, cases[i].names, cases[i].foreign,
                      cases[i].what);
        temp_remove(&temp);
    }
}

/* Nothing is followed, nothing waited for, and all of it is said. */
static void
test_special_entries(void **state)
{
    struct temp temp;
    cleanup(close_fd) int dir = make_dir(&temp);

    (void)state;
    put_text(dir, "a.xml", FILE_OF("a"));
    put_text(temp.fd, "outside", FILE_OF("b"));
    assert_int_equal(symlinkat("../outside", dir, "b.xml"), 0);
    assert_legacy(&temp, "symlink", "a", 0, "link");
    assert_int_equal(unlinkat(dir, "b.xml", 0), 0);
    assert_int_equal(symlinkat("nowhere", dir, "c.xml.new"), 0);
    assert_legacy(&temp, "symlink", "a", 0, "dangling link");
    assert_int_equal(unlinkat(dir, "c.xml.new", 0), 0);
    assert_int_equal(mkfifoat(dir, "f.xml", 0600), 0);
    assert_legacy(&temp, "special-file", "a", 0, "fifo");
    assert_int_equal(unlinkat(dir, "f.xml", 0), 0);
    assert_int_equal(mkdirat(dir, "g.xml", 0700), 0);
    assert_int_equal(mkdirat(dir, "old", 0700), 0);
    assert_legacy(&temp, "foreign-entry foreign-entry", "a", 2, "directories");
    assert_int_equal(unlinkat(dir, "g.xml", AT_REMOVEDIR), 0);
    assert_int_equal(unlinkat(dir, "old", AT_REMOVEDIR), 0);
    assert_int_equal(linkat(dir, "a.xml", temp.fd, "second", 0), 0);
    assert_legacy(&temp, "hard-link", "a", 0, "hard link");
    temp_remove(&temp);
}

/* What is in the other layout makes a strange file a copy, or a .new torn. */
static void
test_other_layout(void **state)
{
    struct domain other = {.fd = -1, .current = NO_SNAPSHOT};
    struct snapshot held = {.name = xstrdup("a")};
    struct legacy legacy;
    struct temp temp;
    cleanup(close_fd) int dir = make_dir(&temp);

    (void)state;
    (void)domain_add(&other, &held);
    put_text(dir, "a.xml~", FILE_OF("a"));
    put_text(dir, "a.xml.new", "<torn");
    put_text(dir, "b.xml", CHILD("b", "a"));
    legacy_read_dir(&legacy, &temp, &other);
    assert_found(&legacy.problems, "foreign-entry spare-copy", "other layout");
    assert_int_equal(legacy.domain.count, 1);
    assert_string_equal(legacy.domain.snaps[0].name, "b");
    legacy_free(&legacy);
    domain_free(&other);
    temp_remove(&temp);
}

/* A file of LEN bytes: white space behind its element. */
static void
put_padded(int dir, const char *name, const char *text, size_t len)
{
    cleanup(free_ptr) char *bytes = xcalloc(len, 1);

    memset(bytes, '\n', len);
    memcpy(bytes, text, strlen(text));
    put_file(dir, name, bytes, len);
}

/* The limit of libvirt itself is fine, a byte more is not. */
static void
test_size(void **state)
{
    struct temp temp;
    cleanup(close_fd) int dir = make_dir(&temp);

    (void)state;
    put_padded(dir, "a.xml", FILE_OF("a"), LEGACY_FILE_MAX);
    assert_legacy(&temp, "", "a", 0, "just so");
    put_padded(dir, "a.xml", FILE_OF("a"), LEGACY_FILE_MAX + 1);
    assert_legacy(&temp, "file-too-big", "", 0, "too big");
    assert_int_equal(unlinkat(dir, "a.xml", 0), 0);
    put_padded(dir, "a.xml.new", FILE_OF("a"), LEGACY_FILE_MAX + 1);
    assert_legacy(&temp, "file-too-big", "", 0, "too big, .new");
    assert_int_equal(unlinkat(dir, "a.xml.new", 0), 0);
    put_padded(dir, "notes", "", LEGACY_FILE_MAX + 1);
    assert_legacy(&temp, "foreign-entry", "", 1, "too big, but no snapshot");
    temp_remove(&temp);
}

/* Where the findings are. */
static void
test_places(void **state)
{
    const struct problem *problem;
    struct legacy legacy;
    struct temp temp;
    cleanup(close_fd) int dir = make_dir(&temp);

    (void)state;
    put_text(dir, "a.xml", WARNING_COMMENT CHILD("a", "gone"));
    legacy_read_dir(&legacy, &temp, NULL);
    problem = find_problem(&legacy.problems, PROBLEM_PARENT_MISSING);
    assert_string_equal(problem ? problem->file : NULL, "d/a.xml");
    assert_string_equal(problem ? problem->domain : NULL, "d");
    assert_string_equal(problem ? problem->snapshot : NULL, "a");
    assert_int_equal(line_of(&legacy.problems, PROBLEM_PARENT_MISSING), 8);
    legacy_free(&legacy);
    temp_remove(&temp);
}

/* The bytes of a file come again, unless it has changed meanwhile. */
static void
test_load(void **state)
{
    cleanup(buffer_free) struct buffer bytes = {0};
    struct error error = {0};
    struct legacy legacy;
    struct span span;
    struct temp temp;
    cleanup(close_fd) int dir = make_dir(&temp);

    (void)state;
    put_text(dir, "a.xml", FILE_OF("a"));
    legacy_read_dir(&legacy, &temp, NULL);
    assert_int_equal(domain_load(&legacy.domain, 0, &bytes, &span, &error), 0);
    assert_int_equal(bytes.len, strlen(FILE_OF("a")));
    assert_memory_equal(bytes.data, FILE_OF("a"), bytes.len);
    assert_int_equal(span.start, strlen(WARNING_COMMENT));
    assert_int_equal(span_end(span), bytes.len - 1);
    assert_int_equal(domain_unchanged(&legacy.domain, temp.fd, NULL, &error),
                     0);
    put_text(dir, "a.xml", FILE_OF("b") "\n");
    assert_int_equal(domain_load(&legacy.domain, 0, &bytes, &span, &error), -1);
    assert_int_equal(domain_unchanged(&legacy.domain, temp.fd, NULL, &error),
                     -1);
    assert_non_null(error.message);
    error_clear(&error);
    legacy_free(&legacy);
    temp_remove(&temp);
}

/* A file that comes or goes changes the directory. */
static void
test_unchanged_entries(void **state)
{
    struct error error = {0};
    struct legacy legacy;
    struct temp temp;
    cleanup(close_fd) int dir = make_dir(&temp);
    struct timespec past[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

    (void)state;
    put_text(dir, "a.xml", FILE_OF("a"));
    assert_int_equal(futimens(dir, past), 0);
    legacy_read_dir(&legacy, &temp, NULL);
    assert_int_equal(domain_unchanged(&legacy.domain, temp.fd, NULL, &error),
                     0);
    put_text(dir, "b.xml", FILE_OF("b"));
    assert_int_equal(domain_unchanged(&legacy.domain, temp.fd, NULL, &error),
                     -1);
    error_clear(&error);
    legacy_free(&legacy);
    temp_remove(&temp);
}

static void
test_no_directory(void **state)
{
    static const char *const names[] = {"none", "file", "link"};
    struct temp temp;

    (void)state;
    temp_make(&temp);
    put_text(temp.fd, "file", "");
    assert_int_equal(mkdirat(temp.fd, "dir", 0700), 0);
    assert_int_equal(symlinkat("dir", temp.fd, "link"), 0);
    for (size_t i = 0; i < LENGTH(names); i++) {
        struct source source = {
            .base = temp.fd, .name = "d", .entry = names[i]};
        struct legacy legacy = {.domain = {.fd = -1}};
        struct error error = {0};

        assert_int_equal(
            legacy_read(&legacy.domain, &source, &legacy.problems, &error), -1);
        assert_non_null(error.message);
        error_clear(&error);
        legacy_free(&legacy);
    }
    temp_remove(&temp);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_special_entries),
        cmocka_unit_test(test_other_layout),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_unchanged_entries),
        cmocka_unit_test(test_no_directory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
