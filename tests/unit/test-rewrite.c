/*
 * test-rewrite.c - shows which bytes of a snapshot, or of the list around it,
 * change when its parent, its <active> or current= is mended, and that a parser
 * reads what was meant.
 */
#include "support.h"

#include "../../migrate/rewrite.h"
#include "../../migrate/splice.h"

/* What is left of TEXT; the caller owns it. */
static char *
changed(const char *text, const struct splices *splices, size_t at)
{
    struct buffer out = {0};
    size_t from = 0;

    for (size_t i = 0; i < splices->count; i++) {
        const struct splice *splice = &splices->list[i];

        assert_true(splice->start - at >= from);
        buffer_add(&out, text + from, splice->start - at - from);
        buffer_puts(&out, splice->text);
        from = splice->start - at + splice->len;
    }
    assert_true(from <= strlen(text));
    buffer_puts(&out, text + from);
    buffer_add(&out, "", 1);
    return out.data;
}

struct rewriting {
    const char *old;
    const char *new;
};

/* What is done with the snapshot in an excerpt, whose root element is all. */
static void
assert_rewritten(const struct rewriting *rewriting, int active)
{
    size_t len = strlen(rewriting->old);
    cleanup(free_ptr) char *bytes = exact_copy(rewriting->old, len);
    const struct excerpt excerpt = {bytes, len, 1000};
    struct splices splices = {0};
    struct document map;
    cleanup(free_ptr) char *new = NULL;

    assert_int_equal(scan_document(bytes, len, &map), 0);
    if (active < 0)
        rewrite_no_parent(&excerpt, map.root, &splices);
    else
        rewrite_active(&excerpt, map.root, active, &splices);
    new = changed(rewriting->old, &splices, 1000);
    assert_string_equal(new, rewriting->new);
    splices_free(&splices);
}

static void
test_no_parent(void **state)
{
    static const struct rewriting rewritings[] = {
        {"<d>\n  <parent>\n    <name>a</name>\n  </parent>\n</d>\n",
         "<d>\n</d>\n"},
        {"<d><parent><name>a</name></parent><x/></d>", "<d><x/></d>"},
        /* The second one would count when the first is gone. */
        {"<d>\n <parent/>\n <x/>\n <parent>\n</parent>\n</d>",
         "<d>\n <x/>\n</d>"},
        {"<d>\n<parent/> <parent/>\n</d>", "<d>\n \n</d>"},
        /* Others of that name are none. */
        {"<d>\n<domain>\n<parent/>\n</domain><!--<parent/>-->"
         "<![CDATA[<parent/>]]><p:parent/>\n</d>",
         "<d>\n<domain>\n<parent/>\n</domain><!--<parent/>-->"
         "<![CDATA[<parent/>]]><p:parent/>\n</d>"},
        {"<d>\n<parent xmlns='urn:site'>\n</parent>\n<parent/>\n"
         "<parent xmlns=''/>\n</d>",
         "<d>\n<parent xmlns='urn:site'>\n</parent>\n</d>"},
        {"<!-- <parent/> -->\n<d a='<parent/>'>\r\n\t<parent/>\r\n</d>",
         "<!-- <parent/> -->\n<d a='<parent/>'>\r\n</d>"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rewritings); i++)
        assert_rewritten(&rewritings[i], -1);
}

static void
test_active(void **state)
{
    static const struct rewriting rewritings[] = {
        {"<d>\n  <x/>\n</d>\n", "<d>\n  <x/>\n  <active>0</active>\n</d>\n"},
        {"  <d>\n    <x/>\n  </d>\n",
         "  <d>\n    <x/>\n    <active>0</active>\n  </d>\n"},
        {"<d><x/></d >", "<d><x/><active>0</active></d >"},
        {"<d><x/>\n<y/></d>", "<d><x/>\n<y/><active>0</active></d>"},
        {"<d>\r\n<x/>\r\n</d>", "<d>\r\n<x/>\r\n  <active>0</active>\r\n</d>"},
        {"<d>\n</d>", "<d>\n  <active>0</active>\n</d>"},
        {"<d>\n  <active>yes</active>\n</d>",
         "<d>\n  <active>0</active>\n</d>"},
        {"<d>\n  <active a='b'/>\n</d>", "<d>\n  <active>0</active>\n</d>"},
        {"<d>\n <active>1</active>\n <active>2</active>\n</d>",
         "<d>\n <active>0</active>\n</d>"},
        {"<d>\n <active xmlns='u'>1</active>\n <active>1</active>\n</d>",
         "<d>\n <active>0</active>\n</d>"},
        {"<d>\n <active xmlns='u'>1</active>\n</d>",
         "<d>\n  <active>0</active>\n</d>"},
        {"<d><!-- <active>1</active> </d> --></d>",
         "<d><!-- <active>1</active> </d> --><active>0</active></d>"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rewritings); i++) {
        struct rewriting current = {rewritings[i].old, NULL};
        cleanup(free_ptr) char *one = xstrdup(rewritings[i].new);
        char *zero = strstr(one, "<active>0");

        assert_rewritten(&rewritings[i], 0);
        zero[strlen("<active>")] = '1';
        current.new = one;
        assert_rewritten(&current, 1);
    }
}

static void
test_active_is(void **state)
{
    static const struct {
        const char *text;
        int is;
    } actives[] = {
        {"<d/>", -1},
        {"<d><active>1</active></d>", 1},
        {"<d><active>0</active></d>", 0},
        {"<d><active> 1</active></d>", 1},
        {"<d><active>-1</active></d>", 1},
        {"<d><active>&#49;</active></d>", 1},
        {"<d><active>1 </active></d>", -1},
        {"<d><active>yes</active></d>", -1},
        {"<d><active/></d>", -1},
        {"<d><active>2147483648</active></d>", -1},
        {"<d><active>2147483647</active><active>0</active></d>", 1},
        {"<d><active xmlns='u'>1</active><active>0</active></d>", 0},
        {"<d><active xmlns=''>1</active></d>", 1},
        {"<d><x><active>1</active></x></d>", -1},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(actives); i++) {
        size_t len = strlen(actives[i].text);
        cleanup(free_ptr) char *bytes = exact_copy(actives[i].text, len);
        const struct excerpt excerpt = {bytes, len, 0};

        assert_int_equal(rewrite_active_is(&excerpt, (struct span){0, len}),
                         actives[i].is);
    }
}

static void
test_current(void **state)
{
    static const struct {
        const char *old;
        const char *current;
        const char *new; /* NULL: there is nothing to write to */
    } lists[] = {
        {"<!-- c -->\n<snapshots current='a'>\n", NULL,
         "<!-- c -->\n<snapshots>\n"},
        {"\xef\xbb\xbf<?xml version='1.0'?><snapshots current = \"a'b\" x='y'>",
         NULL, "\xef\xbb\xbf<?xml version='1.0'?><snapshots x='y'>"},
        {"<snapshots a='current'\n  current\n=\n'>'/>", NULL,
         "<snapshots a='current'/>"},
        {"<snapshots current='a\tb'>", "a\tb", "<snapshots current='a&#9;b'>"},
        {"<snapshots current=\"\n\">", "\n'\"<&",
         "<snapshots current='&#10;&apos;&quot;&lt;&amp;'>"},
        {"<snapshots>", NULL, NULL},
        {"<!-- <snapshots current='a'> -->", NULL, NULL},
        {"<snapshots current='a'", NULL, NULL},
        {"", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(lists); i++) {
        size_t len = strlen(lists[i].old);
        cleanup(free_ptr) char *bytes = exact_copy(lists[i].old, len);
        const struct excerpt excerpt = {bytes, len, 0};
        struct splices splices = {0};
        cleanup(free_ptr) char *new = NULL;

        assert_int_equal(rewrite_current(&excerpt, lists[i].current, &splices),
                         lists[i].new != NULL);
        new = changed(lists[i].old, &splices, 0);
        assert_string_equal(new, lists[i].new ? lists[i].new : lists[i].old);
        splices_free(&splices);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_parent),
        cmocka_unit_test(test_active),
        cmocka_unit_test(test_active_is),
        cmocka_unit_test(test_current),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
