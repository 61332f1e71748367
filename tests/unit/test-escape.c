/*
 * test-escape.c - shows what counts as UTF-8, and that escaped text is one
 * harmless line from which the bytes can be told again.
 */
#include "support.h"

#include "../../verify/escape.h"

static void
test_utf8_length(void **state)
{
    static const struct {
        const char *bytes;
        size_t length; /* 0: not UTF-8 */
        unsigned int code;
    } cases[] = {
        {"a", 1, 'a'},
        {"\x7f", 1, 0x7f},
        {"\xc2\x80", 2, 0x80},
        {"\xdf\xbf", 2, 0x7ff},
        {"\xe0\xa0\x80", 3, 0x800},
        {"\xed\x9f\xbf", 3, 0xd7ff},
        {"\xee\x80\x80", 3, 0xe000},
        {"\xef\xbf\xbf", 3, 0xffff},
        {"\xf0\x90\x80\x80", 4, 0x10000},
        {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
        {"", 0, 0},
        {"\x80", 0, 0},
        {"\xbf", 0, 0},
        {"\xc0\x80", 0, 0},
        {"\xc1\xbf", 0, 0},
        {"\xe0\x9f\xbf", 0, 0},
        {"\xed\xa0\x80", 0, 0},
        {"\xed\xbf\xbf", 0, 0},
        {"\xf0\x8f\xbf\xbf", 0, 0},
        {"\xf4\x90\x80\x80", 0, 0},
        {"\xf5\x80\x80\x80", 0, 0},
        {"\xff", 0, 0},
        {"\xc3", 0, 0},
        {"\xc3(", 0, 0},
        {"\xe2\x82", 0, 0},
        {"\xe2\x82(", 0, 0},
        {"\xf0\x9f\x98", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t len = strlen(cases[i].bytes);
        cleanup(free_ptr) char *bytes = exact_copy(cases[i].bytes, len);
        unsigned int code = 0;

        assert_int_equal(utf8_length(bytes, len, &code), cases[i].length);
        assert_int_equal(utf8_length(bytes, len, NULL), cases[i].length);
        assert_int_equal(code, cases[i].code);
        assert_int_equal(utf8_valid_prefix(bytes, len), cases[i].length);
    }
}

static void
test_valid_prefix(void **state)
{
    (void)state;
    assert_int_equal(utf8_valid_prefix("", 0), 0);
    assert_int_equal(utf8_valid_prefix("ab\0c", 4), 4);
    assert_int_equal(utf8_valid_prefix("ab\xff"
                                       "c",
                                       4),
                     2);
    assert_int_equal(utf8_valid_prefix("\xc3\xa9\xc3", 3), 2);
    assert_int_equal(utf8_valid_prefix("\xc3\xa9\xc3\xa9", 4), 4);
}

static void
test_escape_text(void **state)
{
    static const struct {
        const char *text;
        const char *escaped;
    } cases[] = {
        {"", ""},
        {"plain 'text' <&>", "plain 'text' <&>"},
        {"\xc3\xa9\xf0\x9f\x98\x80", "\xc3\xa9\xf0\x9f\x98\x80"},
        {"a\tb\nc\rd", "a\\tb\\nc\\rd"},
        {"back\\slash", "back\\\\slash"},
        {"\\n", "\\\\n"},
        {"\x1b[31m", "\\x1b[31m"},
        {"\x01\x7f", "\\x01\\x7f"},
        {"\xff\xc3(", "\\xff\\xc3("},
        {"\xc2\x9b"
         "31m",
         "\\u{009b}31m"},
        {"\xe2\x80\xae", "\\u{202e}"},
        {"\xe2\x80\xa8", "\\u{2028}"},
        {"\xe2\x80\x8f", "\\u{200f}"},
        {"\xe2\x81\xa6", "\\u{2066}"},
        {"\xef\xbb\xbf", "\\u{feff}"},
        {"\xf3\xa0\x81\x81", "\\u{e0041}"},
        {"%s%n", "%s%n"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(free_ptr) char *escaped = escape_text(cases[i].text);

        assert_string_equal(escaped, cases[i].escaped);
    }
}

/* Two texts never look the same, and nothing in them steers a terminal. */
static void
test_escape_random(void **state)
{
    struct prng prng = {12};

    (void)state;
    for (int round = 0; round < 20000; round++) {
        static const char set[] = "\\nxu{}\xc3\xa9\xe2\x80\xae\x1b\n\t\r\x80";
        char text[2][8] = {{0}};
        cleanup(free_ptr) char *first = NULL;
        cleanup(free_ptr) char *second = NULL;

        for (int which = 0; which < 2; which++) {
            for (size_t i = 0; i < prng_below(&prng, 6); i++)
                text[which][i] = set[prng_below(&prng, sizeof(set) - 1)];
        }
        first = escape_text(text[0]);
        second = escape_text(text[1]);
        assert_int_equal(!strcmp(first, second), !strcmp(text[0], text[1]));
        assert_int_equal(utf8_valid_prefix(first, strlen(first)),
                         strlen(first));
        for (const char *p = first; *p; p++)
            assert_false((unsigned char)*p < 0x20 || *p == 0x7f);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_length),
        cmocka_unit_test(test_valid_prefix),
        cmocka_unit_test(test_escape_text),
        cmocka_unit_test(test_escape_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
