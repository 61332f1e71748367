/*
 * test-fold.c - shows that no schema tells a text from the one that it is
 * folded into: for expressions that were wrong once, for those of libvirt's
 * kind, and for many made at random.
 */
#include "schema-trial.h"

#include "../../verify/fold.h"
#include "../../verify/variant.h"

#include <libxml/xmlerror.h>

#define ROUNDS 3000
#define TEXTS 40

/* Of a <source> with this expression for its path; NULL: no such schema. */
static struct schema *
schema_with(const struct temp *temp, const char *expression)
{
    struct buffer text = {0};
    struct error error = {0};
    struct schema *schema;

    buffer_puts(&text,
                "<grammar xmlns='http://relaxng.org/ns/structure/1.0' "
                "datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'>"
                "<start><element name='domainsnapshot'><element name='disks'>"
                "<element name='source'><attribute name='file'>"
                "<data type='string'><param name='pattern'>");
    for (; *expression; expression++)
        buffer_printf(&text, "&#%d;", (unsigned char)*expression);
    buffer_puts(&text, "</param></data></attribute></element></element>"
                       "</element></start></grammar>");
    buffer_add(&text, "", 1);
    schema = made_schema(temp, "fold.rng", text.data, &error);
    error_clear(&error);
    buffer_free(&text);
    return schema;
}

static size_t
any(size_t most)
{
    return (size_t)random() % most;
}

static char
any_character(void)
{
    static const char likely[] = "AMZamz059-[]^\\/!.,: ~";

    return any(3) ? likely[any(sizeof(likely) - 1)]
                  : (char)(' ' + (int)any('~' - ' ' + 1));
}

/* A text and what it is folded into are as good as each other. */
static void
assert_alike(const struct schema *schema, const char *table, const char *text,
             const char *expression)
{
    cleanup(free_ptr) char *folded = xstrdup(text);
    uint64_t own, other;

    for (char *at = folded; *at; at++)
        *at = table[(unsigned char)*at];
    own = schema_value(schema, VARIANT_PATH, text);
    other = schema_value(schema, VARIANT_PATH, folded);
    if (own != other)
        print_error("%s: '%s' is not '%s'\n", expression, text, folded);
    assert_true(own == other);
}

/* 1: the schema tells some characters apart and others not. */
static int
try_expression(const struct temp *temp, const char *expression)
{
    struct schema *schema = schema_with(temp, expression);
    struct fold fold = {0};
    char table[FOLD_CHARACTERS];
    int folded = 0;

    if (!schema || !schema_has_values(schema)) {
        schema_free(schema);
        return 0;
    }
    schema_fold(schema, VARIANT_PATH, &fold);
    fold_table(&fold, table);
    for (int c = ' '; c <= '~'; c++) {
        char text[] = {(char)c, '\0'};

        folded |= table[c] != c;
        assert_alike(schema, table, text, expression);
    }
    for (int i = 0; i < TEXTS; i++) {
        char text[6] = "";

        for (size_t n = any(sizeof(text)); n > 0; n--)
            text[n - 1] = any_character();
        assert_alike(schema, table, text, expression);
    }
    schema_free(schema);
    return folded;
}

static void
test_known(void **state)
{
    /* The second: is anything folded at all? */
    static const struct {
        const char *expression;
        int folds;
    } cases[] = {
        {"[a-z]+", 1},
        {"/[a-zA-Z0-9_\\.\\+\\-/%]+", 1},
        {"(/|[a-zA-Z]:\\\\).+", 1},
        {"[!-M]+", 0},
        {"[ -M]+", 0},
        {"/[A-\\]]+", 0},
        {"[/-M]+", 0},
        {"[@-M]", 0},
        {"[\\--M]+", 0},
        {"[\\[-a]+", 0},
        {"[a\\[\\^-z]+", 0},
        {"[+--A-C]+", 0},
        {"[-A-C]+", 1},
        {"[A-C-]+", 1},
        {"[^-A-C]+", 1},
        {"[^N-Z]+", 1},
        {"[A-Z-[M-P]]+", 1},
        {"[A-z]+", 1},
        {"\\d+|[A-F]{3}", 1},
        {"\\i\\c*", 0},
        {"\\p{Lu}+", 0},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        int folds = try_expression(*state, cases[i].expression);

        if (folds != cases[i].folds)
            print_error("of case: %s\n", cases[i].expression);
        assert_int_equal(folds, cases[i].folds);
    }
}

static void
add_class(struct buffer *out)
{
    buffer_puts(out, any(4) ? "[" : "[^");
    for (size_t n = 1 + any(3); n > 0; n--) {
        char c = any_character();

        if (!any(3))
            buffer_puts(out, "\\");
        buffer_add(out, &c, 1);
        if (any(2)) {
            char last = any_character();

            buffer_puts(out, any(5) ? "-" : "-\\");
            buffer_add(out, &last, 1);
        }
    }
    if (!any(6))
        buffer_puts(out, "-");
    if (!any(8))
        buffer_puts(out, "-[A-M]");
    buffer_puts(out, any(2) ? "]" : "]+");
}

static void
test_random(void **state)
{
    static const char *const others[] = {"A", ".", "\\d", "\\s", "(a|b)*",
                                         "/", "-", "z?",  "\\-"};
    int folded = 0;

    srandom(1);
    for (int i = 0; i < ROUNDS; i++) {
        struct buffer out = {0};

        for (size_t n = 1 + any(2); n > 0; n--) {
            if (any(4))
                add_class(&out);
            else
                buffer_puts(&out, others[any(LENGTH(others))]);
        }
        buffer_add(&out, "", 1);
        folded += try_expression(*state, out.data);
        buffer_free(&out);
    }
    assert_true(folded > ROUNDS / 50);
}

/* Many of the random ones are no expressions, and libxml2 says so. */
static void
say_nothing(void *data, const char *format, ...)
{
    (void)data;
    (void)format;
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_random),
    };

    xmlSetGenericErrorFunc(NULL, say_nothing);
    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
