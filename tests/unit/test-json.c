/*
 * test-json.c - the JSON reader: what it takes for JSON, what it reads in it,
 * and that random bytes never lead it astray.
 */
#include "support.h"

#include "../../verify/escape.h"
#include "../../verify/json.h"

/* What is read, in short: { } [ ] kText: sText; nText; t f n, and ! if bad. */
static char *
pieces(const char *bytes, size_t len)
{
    static const char signs[] = "{}[]ksntf0.!";
    struct json json = json_start(bytes, len);
    struct buffer out = {0};
    enum json_kind kind;

    do {
        kind = json_next(&json);
        if (kind != JSON_END)
            buffer_add(&out, &signs[kind], 1);
        if (kind == JSON_KEY || kind == JSON_STRING || kind == JSON_NUMBER) {
            buffer_puts(&out, json.text.data);
            buffer_puts(&out, kind == JSON_KEY ? ":" : ";");
        }
    } while (kind != JSON_END && kind != JSON_BAD);
    assert_int_equal(json_next(&json), kind);
    json_free(&json);
    buffer_add(&out, "", 1);
    return out.data;
}

static void
test_pieces(void **state)
{
    static const struct {
        const char *text;
        const char *pieces;
    } cases[] = {
        {"{}", "{}"},
        {"[]", "[]"},
        {" \t\r\n[ ] ", "[]"},
        {"[1,-0,0.5,1e9,-12.25E-3,1E+2]",
         "[n1;n-0;n0.5;n1e9;n-12.25E-3;n1E+2;]"},
        {"[true,false,null]", "[tf0]"},
        {"\"\"", "s;"},
        {"7", "n7;"},
        {"{\"a\":{\"b\":[{},[]]},\"c\" : \"d\"}", "{ka:{kb:[{}[]]}kc:sd;}"},
        {"{\"a\":1,\"a\":2}", "{ka:n1;ka:n2;}"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "s\"\\/\b\f\n\r\t;"},
        {"\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"", "sA\xc3\xa9\xe2\x82\xac"
                                                    "\xf0\x9f\x98\x80;"},
        {"\"\xc3\xa9\x7f\"", "s\xc3\xa9\x7f;"},
        /* Not JSON. */
        {"", "!"},
        {" ", "!"},
        {"{", "{!"},
        {"[", "[!"},
        {"]", "!"},
        {"[}", "[!"},
        {"{]", "{!"},
        {"[1,]", "[n1;!"},
        {"[,1]", "[!"},
        {"[1 2]", "[n1;!"},
        {"{\"a\"}", "{!"},
        {"{\"a\":}", "{ka:!"},
        {"{\"a\":1,}", "{ka:n1;!"},
        {"{\"a\" 1}", "{!"},
        {"{a:1}", "{!"},
        {"{1:1}", "{!"},
        {"{\"a\":1 \"b\":2}", "{ka:n1;!"},
        {"{\"a\":\"b\":\"c\"}", "{ka:sb;!"},
        {"[1]]", "[n1;]!"},
        {"{} {}", "{}!"},
        {"1 1", "n1;!"},
        {"01", "n0;!"},
        {"-", "!"},
        {"+1", "!"},
        {".5", "!"},
        {"1.", "!"},
        {"1e", "!"},
        {"1e+", "!"},
        {"0x1", "n0;!"},
        {"NaN", "!"},
        {"tru", "!"},
        {"trueish", "t!"},
        {"'a'", "!"},
        {"\"a", "!"},
        {"\"\\x\"", "!"},
        {"\"\\u12\"", "!"},
        {"\"\\u12g4\"", "!"},
        {"\"\\u0000\"", "!"},
        {"\"\\ud800\"", "!"},
        {"\"\\ud800\\u0041\"", "!"},
        {"\"\\udc00\"", "!"},
        {"\"a\nb\"", "!"},
        {"\"\x1f\"", "!"},
        {"\"\xff\"", "!"},
        {"\"\xc0\x80\"", "!"},
        {"\"\xc3\"", "!"},
        {"\xef\xbb\xbf{}", "!"},
        {"/**/{}", "!"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t len = strlen(cases[i].text);
        cleanup(free_ptr) char *text = exact_copy(cases[i].text, len);
        cleanup(free_ptr) char *found = pieces(text, len);

        if (strcmp(found, cases[i].pieces))
            print_error("of case: %s\n", cases[i].text);
        assert_string_equal(found, cases[i].pieces);
    }
}

/* A NUL is not the end of it. */
static void
test_nul(void **state)
{
    static const char *const expected[] = {"!", "{!", "{ka:!", "{}!"};
    static const char *const texts[] = {"\0{}", "{\0}", "{\"a\":\"\0\"}",
                                        "{}\0"};
    static const size_t lengths[] = {3, 3, 9, 3};

    (void)state;
    for (size_t i = 0; i < LENGTH(texts); i++) {
        cleanup(free_ptr) char *found = pieces(texts[i], lengths[i]);

        assert_string_equal(found, expected[i]);
    }
}

static void
test_depth(void **state)
{
    char text[2 * JSON_DEPTH_MAX + 2];

    (void)state;
    for (size_t depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        cleanup(free_ptr) char *found = NULL;

        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        found = pieces(text, 2 * depth);
        assert_int_equal(strchr(found, '!') != NULL, depth > JSON_DEPTH_MAX);
    }
}

/* Whatever is skipped, what comes next is the same. */
static void
test_skip(void **state)
{
    static const char *const values[] = {
        "1", "\"[\"", "null", "{}", "[]", "{\"x\":[1,{\"y\":{}}],\"z\":[]}",
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(values); i++) {
        cleanup(free_ptr) char *text = xasprintf(
            "{\"a\":%s,\"b\":[%s,%s]}", values[i], values[i], values[i]);
        struct json json = json_start(text, strlen(text));

        assert_int_equal(json_next(&json), JSON_OBJECT);
        assert_int_equal(json_next(&json), JSON_KEY);
        assert_int_not_equal(json_skip(&json, JSON_KEY), JSON_BAD);
        assert_int_equal(json_next(&json), JSON_KEY);
        assert_string_equal(json.text.data, "b");
        assert_int_equal(json_next(&json), JSON_ARRAY);
        assert_int_not_equal(json_skip(&json, json_next(&json)), JSON_BAD);
        assert_int_equal(json_skip(&json, JSON_ARRAY), JSON_ARRAY_END);
        assert_int_equal(json_next(&json), JSON_OBJECT_END);
        assert_int_equal(json_next(&json), JSON_END);
        json_free(&json);
    }
}

/*
 * Random bytes, and mutations of what is right: the reader ends, at JSON_BAD
 * or JSON_END, all its text is UTF-8, and it opens as much as it closes.
 */
static void
test_random(void **state)
{
    static const char seed[] =
        "{\"snapshots\": [{\"name\": \"a\\u00e9\\n\", \"id\": \"1\", "
        "\"vm-state-size\": -0.5e+3}, {}], \"format\": \"qcow2\", "
        "\"x\": [true, false, null, [[]]]}";
    static const char likely[] = "{}[]\",:\\ue0123.-+tfn \n";
    struct prng prng = {.state = 20261125};
    size_t good = 0;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        size_t len = round % 2 ? sizeof(seed) - 1 : prng_below(&prng, 40);
        cleanup(free_ptr) char *text = exact_copy(seed, len);
        struct json json = json_start(text, len);
        enum json_kind kind;
        size_t steps = 0, depth = 0;

        for (size_t i = 0; i < (round % 2 ? 2 : len); i++) {
            char byte = (char)prng_below(&prng, 256);

            if (prng_below(&prng, 8))
                byte = likely[prng_below(&prng, sizeof(likely) - 1)];
            if (len)
                text[round % 2 ? prng_below(&prng, len) : i] = byte;
        }
        while ((kind = json_next(&json)) != JSON_END && kind != JSON_BAD) {
            depth += kind == JSON_OBJECT || kind == JSON_ARRAY;
            depth -= kind == JSON_OBJECT_END || kind == JSON_ARRAY_END;
            assert_int_equal(depth, json.depth);
            assert_true(++steps <= 2 * len);
            assert_true(json.at <= len);
            if (kind == JSON_KEY || kind == JSON_STRING)
                assert_int_equal(
                    utf8_valid_prefix(json.text.data, json.text.len),
                    json.text.len);
        }
        assert_true(kind == JSON_BAD || (!depth && json.at == len));
        good += kind == JSON_END;
        json_free(&json);
    }
    assert_true(good > 1000);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces), cmocka_unit_test(test_nul),
        cmocka_unit_test(test_depth),  cmocka_unit_test(test_skip),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
