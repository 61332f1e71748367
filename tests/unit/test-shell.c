/*
 * test-shell.c - shows that a shell reads each word as the bytes it was made
 * of, and that a terminal can be shown it.
 */
#include "support.h"

#include "../../verify/escape.h"
#include "../../verify/memory.h"
#include "../../verify/shell.h"

static char *
quoted(const char *word)
{
    struct buffer out = {0};

    shell_word(&out, word);
    buffer_add(&out, "", 1);
    return out.data;
}

/* What the shell makes of it, with the next word behind it to see its end. */
static void
assert_read(const char *word)
{
    char *text = quoted(word);
    char *command = xasprintf("printf '%%s|' %s next", text);
    char *expected = xasprintf("%s|next|", word);
    char *found = xcalloc(strlen(expected) + 2, 1);
    FILE *shell = popen(command, "r");
    size_t len;

    assert_non_null(shell);
    len = fread(found, 1, strlen(expected) + 1, shell);
    assert_int_equal(pclose(shell), 0);
    assert_int_equal(len, strlen(expected));
    assert_string_equal(found, expected);
    free(found);
    free(expected);
    free(command);
    free(text);
}

/* Nothing in it but backslashes would be escaped. */
static void
assert_plain(const char *word)
{
    char *text = quoted(word);
    char *safe = escape_text(text);
    size_t slashes = 0;

    for (const char *at = text; *at; at++)
        slashes += *at == '\\';
    assert_int_equal(strlen(safe), strlen(text) + slashes);
    free(safe);
    free(text);
}

static const char *const words[] = {
    "web",
    "-a\tb",
    "/var/lib/libvirt/qemu/checkpoint/web/",
    "",
    " ",
    "two words",
    "it's",
    "'",
    "''\"\"",
    "$HOME `id` $(id) ${x}",
    "back\\slash \\n",
    "-n",
    "~root",
    "#no",
    "a*b?c[d]",
    "a;b&c|d<e>f(g)h{i}j!k",
    "tab\there",
    "line\nbreak",
    "\n\nx",
    "100%s %d%%",
    "\x1b[31mred\x07",
    "\xc3\xa9 is fine",
    "\xc3 is not \xff",
    "\xe2\x80\xae right to left '\\%",
    "\xef\xbf\xbf no character",
    "\x7f\x01\x02 0123",
};

static void
test_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(words); i++) {
        assert_read(words[i]);
        assert_plain(words[i]);
    }
}

/* Any byte, between digits that could be taken for part of its number. */
static void
test_bytes(void **state)
{
    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        char word[] = {'7', (char)byte, '7', 'x', '\0'};

        assert_read(word);
        assert_plain(word);
    }
}

/* A person should not have to read quotes where none are needed. */
static void
test_short(void **state)
{
    static const char *const same[] = {"web", "/a/b-c_d.xml", "a:b,c=d+e@f"};

    (void)state;
    for (size_t i = 0; i < LENGTH(same); i++) {
        char *text = quoted(same[i]);

        assert_string_equal(text, same[i]);
        free(text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
