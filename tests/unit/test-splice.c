/*
 * test-splice.c - shows that changes are made where they should be and nowhere
 * else; and that patch(1) makes of the printed diff what splice_apply() does,
 * on random files with random changes.
 */
#include "support.h"

#include <sys/wait.h>

#include "../../migrate/splice.h"
#include "../../verify/error.h"

static int
open_file(const struct temp *temp, const char *name, size_t *size)
{
    int fd = openat(temp->fd, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat stat;

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &stat), 0);
    *size = (size_t)stat.st_size;
    return fd;
}

/* Write `old' with its changes to `new', and the diff to `diff'. */
static void
make(const struct temp *temp, const struct splices *splices, const char *shown)
{
    struct error error = {0};
    struct spliced file = {.splices = splices};
    cleanup(close_fd) int fd = open_file(temp, "old", &file.size);
    cleanup(close_fd) int new = -1;
    cleanup(free_ptr) char *path = xasprintf("%s/diff", temp->path);
    FILE *out = fopen(path, "w");
    size_t size;

    assert_non_null(out);
    (void)unlinkat(temp->fd, "new", 0);
    new = open_file(temp, "new", &size);
    file.fd = fd;
    assert_int_equal(splice_apply(&file, new, &error), 0);
    assert_int_equal(splice_diff(&file, shown, false, out, &error), 0);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(lseek(new, 0, SEEK_END) >= 0, 1);
    size = (size_t)lseek(new, 0, SEEK_END);
    assert_int_equal(splice_prove(&file, new, size, &error), 1);
    /* And the proof can fail: a byte more, a byte less, another byte. */
    assert_int_equal(splice_prove(&file, fd, file.size, &error), 0);
    assert_int_equal(splice_prove(&file, new, size + 1, &error), 0);
    if (size)
        assert_int_equal(splice_prove(&file, new, size - 1, &error), 0);
}

static int
run(const char *command)
{
    /* Of the test's own making; its directory is TMPDIR's. */
    int status = system(command); /* NOLINT */

    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Does patch(1) take it, and without fuzz? */
static void
assert_patched(const struct temp *temp, const char *of)
{
    cleanup(free_ptr) char *command = xasprintf(
        "cd '%s' && cp old patched && "
        "patch -s --fuzz=0 --binary --no-backup-if-mismatch patched <diff && "
        "cmp patched new",
        temp->path);

    if (run(command)) {
        cleanup(free_ptr) char *diff = file_text(temp->fd, "diff");

        print_error("of case: %s\n%s", of, diff);
        fail();
    }
}

struct change {
    size_t start;
    size_t len;
    const char *text;
};

static const struct {
    const char *old;
    struct change changes[3]; /* to the first without effect */
    const char *diff;         /* but for its first two lines */
} cases[] = {
    {"a\nb\nc\n", {{2, 2, ""}}, "@@ -1,3 +1,2 @@\n a\n-b\n c\n"},
    {"a\nb\nc\n", {{2, 0, "x\n"}}, "@@ -1,3 +1,4 @@\n a\n+x\n b\n c\n"},
    {"a\nb\nc\n", {{3, 0, "x"}}, "@@ -1,3 +1,3 @@\n a\n-b\n+bx\n c\n"},
    {"a\nb\nc\n", {{3, 1, ""}}, "@@ -1,3 +1,2 @@\n a\n-b\n-c\n+bc\n"},
    {"a\nb\nc\n", {{2, 2, "y"}}, "@@ -1,3 +1,2 @@\n a\n-b\n-c\n+yc\n"},
    {"a\nb\n", {{4, 0, "c\n"}}, "@@ -1,2 +1,3 @@\n a\n b\n+c\n"},
    {"a\nb",
     {{3, 0, "c"}},
     "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+bc\n"
     "\\ No newline at end of file\n"},
    {"a\nb",
     {{0, 1, "c"}},
     "@@ -1,2 +1,2 @@\n-a\n+c\n b\n\\ No newline at end of file\n"},
    {"a\n", {{0, 2, ""}}, "@@ -1,1 +0,0 @@\n-a\n"},
    {"", {{0, 0, "a\n"}}, "@@ -0,0 +1,1 @@\n+a\n"},
    {"a b c\n",
     {{0, 1, "x"}, {4, 1, "y"}},
     "@@ -1,1 +1,1 @@\n-a b c\n+x b y\n"},
    {"1\n2\n3\n4\n5\n6\n7\n8\n9\n",
     {{0, 1, "x"}, {14, 1, "y"}},
     "@@ -1,9 +1,9 @@\n-1\n+x\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+y\n 9\n"},
    {"1\n2\n3\n4\n5\n6\n7\n8\n9\n",
     {{0, 2, ""}, {16, 1, "y"}},
     "@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n"
     "@@ -6,4 +5,4 @@\n 6\n 7\n 8\n-9\n+y\n"},
};

static void
test_diffs(void **state)
{
    struct temp *temp = *state;

    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct splices splices = {0};
        cleanup(free_ptr) char *diff = NULL;

        put_text(temp->fd, "old", cases[i].old);
        for (size_t j = 0; j < 3 && cases[i].changes[j].text; j++)
            splice_add(&splices, cases[i].changes[j].start,
                       cases[i].changes[j].len, cases[i].changes[j].text);
        make(temp, &splices, "f");
        diff = file_text(temp->fd, "diff");
        assert_string_equal(strchr(strchr(diff, '\n') + 1, '\n') + 1,
                            cases[i].diff);
        assert_patched(temp, cases[i].diff);
        splices_free(&splices);
    }
}

/* Ranges that do not touch, in any order, over lines of any length. */
static void
add_changes(struct prng *prng, struct splices *splices, size_t size)
{
    static const char *const texts[] = {
        "", "x", "\n", "x\n", "\nx", "x\ny", "\n\n\n", "x\ny\nz\n", "abc abc"};
    size_t at = 0;

    while (at <= size && splices->count < 6) {
        size_t start = at + prng_below(prng, 1 + (size - at) / 2);
        size_t len = prng_below(prng, 1 + (size - start) / 3);
        const char *text = texts[prng_below(prng, LENGTH(texts))];

        at = start + len + 1;
        if (len || text[0])
            splice_add(splices, start, len, text);
    }
}

static void
test_random(void **state)
{
    struct temp *temp = *state;
    struct prng prng = {.state = 7};

    for (int i = 0; i < 300; i++) {
        struct splices splices = {0};
        size_t size = prng_below(&prng, 1 + (size_t)i);
        cleanup(free_ptr) char *old = xcalloc(size + 1, 1);
        cleanup(free_ptr) char *of = xasprintf("%d", i);

        for (size_t j = 0; j < size; j++)
            old[j] = "abc\n\n"[prng_below(&prng, 5)];
        put_text(temp->fd, "old", old);
        add_changes(&prng, &splices, size);
        if (splices.count) {
            make(temp, &splices, "f");
            assert_patched(temp, of);
        }
        splices_free(&splices);
    }
}

/* Lines and gaps of more than the pieces that are read. */
static void
test_large(void **state)
{
    struct temp *temp = *state;
    struct splices splices = {0};
    struct buffer old = {0};

    for (int i = 0; i < 60000; i++)
        buffer_printf(&old, "line %d\n", i);
    for (int i = 0; i < 30000; i++)
        buffer_puts(&old, "a long line ");
    buffer_puts(&old, "\nend\n");
    put_file(temp->fd, "old", old.data, old.len);
    splice_add(&splices, 0, 4, "LINE");
    splice_add(&splices, old.len - 300000, 1, "_");
    splice_add(&splices, 300007, 0, "mark");
    make(temp, &splices, "f");
    assert_patched(temp, "large");
    splices_free(&splices);
    buffer_free(&old);
}

static void
test_names(void **state)
{
    static const struct {
        const char *name;
        const char *line;
    } names[] = {
        {"web/s1.xml", "--- a/web/s1.xml\t\n"},
        {"a b/c", "--- a/a b/c\t\n"},
        {"a\tb\n", "--- \"a/a\\011b\\012\"\n"},
        {"q\"\\", "--- \"a/q\\\"\\\\\"\n"},
        {"\xc3\xa9\x1b", "--- \"a/\\303\\251\\033\"\n"},
    };
    struct temp *temp = *state;

    for (size_t i = 0; i < LENGTH(names); i++) {
        struct splices splices = {0};
        cleanup(free_ptr) char *diff = NULL;
        cleanup(free_ptr) char *path = xasprintf("d/%s", names[i].name);
        cleanup(free_ptr) char *command = xasprintf(
            "cd '%s' && rm -rf d && mkdir -p d/web 'd/a b'", temp->path);
        cleanup(free_ptr) char *again = xasprintf(
            "cd '%s/d' && patch -s -p1 --binary <../diff", temp->path);

        put_text(temp->fd, "old", "a\n");
        splice_add(&splices, 0, 1, "b");
        make(temp, &splices, names[i].name);
        diff = file_text(temp->fd, "diff");
        *(strchr(diff, '\n') + 1) = '\0';
        assert_string_equal(diff, names[i].line);
        /* patch(1) finds the file by that name. */
        assert_int_equal(run(command), 0);
        put_text(temp->fd, path, "a\n");
        assert_int_equal(run(again), 0);
        assert_text(temp->fd, path, "b\n");
        splices_free(&splices);
    }
}

static void
test_safe(void **state)
{
    struct temp *temp = *state;
    struct splices splices = {0};
    struct spliced file = {.splices = &splices};
    struct error error = {0};
    cleanup(close_fd) int fd = -1;
    cleanup(free_ptr) char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    put_text(temp->fd, "old", "\xc2\x9b\\\rx\n\ta\\\nb");
    splice_add(&splices, 6, 0, "\xe2\x80\xae");
    fd = open_file(temp, "old", &file.size);
    file.fd = fd;
    assert_non_null(out);
    assert_int_equal(splice_diff(&file, "f", true, out, &error), 0);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "--- a/f\t\n+++ b/f\t\n@@ -1,3 +1,3 @@\n"
                              " \\u{009b}\\\\\\rx\n-\ta\\\n+\\u{202e}\\ta\\\\\n"
                              " b\n\\ No newline at end of file\n");
    splices_free(&splices);
}

static void
test_lines(void **state)
{
    static const struct {
        const char *text; /* <e/> is the element */
        const char *rest;
    } lines[] = {
        {"<a>\n  <e/>\n</a>", "<a>\n</a>"},
        {"<a>\r\n\t<e/> \r\n</a>", "<a>\r\n</a>"},
        {"<a><e/>\n</a>", "<a>\n</a>"},
        {"<a>\n  <e/></a>", "<a>\n  </a>"},
        {"<a>\n<b/> <e/>\n</a>", "<a>\n<b/> \n</a>"},
        {"<e/>\n", "\n"},
        {"\n<e/>", "\n"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(lines); i++) {
        size_t len = strlen(lines[i].text);
        cleanup(free_ptr) char *text = exact_copy(lines[i].text, len);
        const char *at = strstr(lines[i].text, "<e/>");
        struct span span = splice_lines(
            text, len, (struct span){(size_t)(at - lines[i].text), 4});
        cleanup(free_ptr) char *rest =
            xasprintf("%.*s%s", (int)span.start, lines[i].text,
                      lines[i].text + span_end(span));

        assert_string_equal(rest, lines[i].rest);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_diffs), cmocka_unit_test(test_random),
        cmocka_unit_test(test_large), cmocka_unit_test(test_names),
        cmocka_unit_test(test_safe),  cmocka_unit_test(test_lines),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
