/*
 * test-parse.c - shows that the parser says which documents are well-formed and
 * what is wrong with the others, that it never fetches anything, and which
 * children of an element count as called by a name.
 */
#include "support.h"

#include "../../verify/parse.h"

/* More than a parser looks ahead. */
#define TAIL                                                                   \
    "0123456789012345678901234567890123456789012345678901234567890123456789"

/* A document of a text; the caller frees it. */
static xmlDoc *
parse_exact(const char *text, struct parse_failure *failure)
{
    cleanup(free_ptr) char *bytes = exact_copy(text, strlen(text));

    return parse_document(bytes, strlen(text), NULL, failure);
}

static void
test_well_formed(void **state)
{
    static const char *const cases[] = {
        "<a/>",
        "\n<a>\n</a>\n",
        "<?xml version='1.0' encoding='utf-8'?><a/>",
        "\xef\xbb\xbf<a/>",
        "<!-- c --><a><?p q?><![CDATA[<&]]>&amp;&#65;</a><!-- c -->",
        "<\xc3\xa4>\xe2\x82\xac</\xc3\xa4>",
        /* A namespace that is not declared is no error of the syntax. */
        "<a><foo:bar/></a>",
        "<foo:a/>",
        "<a xmlns='relative'/>",
        /* What looks like a comment with "--" in it, but is none. */
        "<a><![CDATA[<!-- -- -->]]><?p <!-- -- -->?>" TAIL "</a>",
        "<a b='--'><!-- - --> -- " TAIL "<!----></a>",
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct parse_failure failure = {0};
        cleanup(parse_free_doc) xmlDoc *doc = parse_exact(cases[i], &failure);

        if (!doc)
            print_error("of case: %s\n", cases[i]);
        assert_non_null(doc);
        assert_non_null(xmlDocGetRootElement(doc));
        assert_null(failure.message);
    }
}

/* Where the first error is said to be; a message depends on libxml2. */
static void
test_malformed(void **state)
{
    static const struct {
        const char *text;
        unsigned long line;
    } cases[] = {
        {"<a>", 1},
        {"<a>\n\n<b></a>", 3},
        {"<a>\n</a>\n<b/>", 3},
        {"<a/>\ntext", 2},
        {"text", 1},
        {" <?xml version='1.0'?><a/>", 1},
        {"<a x='1' x='2'/>", 1},
        {"<a x=1/>", 1},
        {"<a>\n&bogus;</a>", 2},
        {"<a>\n\x01</a>", 2},
        {"<a>&#0;</a>", 1},
        {"<a>\n\xe9</a>", 2},
        {"<a>]]></a>", 1},
        {"<a><!-- -- --></a>", 1},
        {"<a>\n<!-- -- " TAIL "\n-->\n</a>", 2},
        {"<a>\n<!-- -- " TAIL, 2},
        {"<a>\n<!-- --->" TAIL "\n</a>", 2},
        {"<a>\n<b c='<!-- -- -- " TAIL, 2},
        {"<a>\n<b <!-- -- -- " TAIL "\n</a>", 2},
        /* These say so at the end. */
        {"<a>\n<![CDATA[<!-- -- -- " TAIL "\n\n", 4},
        {"<a>\n<?p <!-- -- -- " TAIL "\n\n", 4},
        {"<a:b:c", 1},
        {"<a>\n&one;\n&two;\n</b>", 2},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct parse_failure failure = {0};
        cleanup(parse_free_doc) xmlDoc *doc =
            parse_exact(cases[i].text, &failure);

        if (doc || failure.line != cases[i].line)
            print_error("of case: %s\n", cases[i].text);
        assert_null(doc);
        assert_int_equal(failure.line, cases[i].line);
        assert_true(failure.column > 0);
        assert_non_null(failure.message);
        /* Something else may be put behind it. */
        assert_true(failure.message[0]);
        assert_int_not_equal(failure.message[strlen(failure.message) - 1],
                             '\n');
        free(failure.message);
        /* Nobody need ask why. */
        assert_null(parse_exact(cases[i].text, NULL));
    }
}

/* The first error is kept, and a mere warning is none. */
static void
test_first_error(void **state)
{
    struct parse_failure one = {0}, two = {0};

    (void)state;
    assert_null(
        parse_exact("<a xmlns='relative'>\n<b x='1' x='2'/></a>", &one));
    assert_null(parse_exact(
        "<a xmlns='relative'>\n<b x='1' x='2'/>\n&bogus;\n</x>", &two));
    assert_int_equal(two.line, 2);
    assert_string_equal(two.message, one.message);
    assert_non_null(strstr(one.message, "x"));
    free(one.message);
    free(two.message);
}

/* How far the parser had come, however much it had read before. */
static void
test_offset(void **state)
{
    static const size_t before[] = {0, 1, 4000, 70000, 3000000};
    static const char *const starts[] = {
        "<a>", "\xef\xbb\xbf<a>", "<?xml version='1.0'?>\r\n<a x='&lt;'>"};

    (void)state;
    for (size_t i = 0; i < LENGTH(before) * LENGTH(starts); i++) {
        const char *start = starts[i / LENGTH(before)];
        size_t fill = before[i % LENGTH(before)];
        cleanup(buffer_free) struct buffer text = {0};
        struct parse_failure failure = {0};

        buffer_puts(&text, start);
        for (size_t n = 0; n < fill; n++)
            buffer_puts(&text, n % 100 ? "\xc3\xa9" : "\r\n");
        buffer_puts(&text, "&bogus; </a>");
        assert_null(parse_document(text.data, text.len, NULL, &failure));
        assert_int_equal(failure.offset, text.len - strlen(" </a>"));
        free(failure.message);
    }
}

/* libxml2's own words have a line that is not the file's. */
static void
test_mismatch(void **state)
{
    struct parse_failure failure = {0};

    (void)state;
    assert_null(parse_exact("<a>\n<b>\n</c></a>", &failure));
    assert_string_equal(failure.message,
                        "found the end tag of <c>, expected that of <b>");
    assert_int_equal(failure.line, 3);
    free(failure.message);
}

static void
test_empty(void **state)
{
    struct parse_failure failure = {0};

    (void)state;
    assert_null(parse_exact("", &failure));
    assert_non_null(failure.message);
    assert_true(failure.message[0]);
    free(failure.message);
    assert_null(parse_exact("", NULL));
    failure = (struct parse_failure){0};
    assert_null(parse_document(NULL, 0, NULL, &failure));
    assert_string_equal(failure.message, "the document is empty");
    free(failure.message);
}

/* The bytes end where they are said to end. */
static void
test_length(void **state)
{
    static const char text[] = "<a/><b/>";

    (void)state;
    for (size_t len = 0; len <= strlen(text); len++) {
        cleanup(free_ptr) char *bytes = exact_copy(text, len);
        cleanup(parse_free_doc) xmlDoc *doc =
            parse_document(bytes, len, NULL, NULL);

        assert_int_equal(doc != NULL, len == 4);
    }
}

/* No file is read for a document, whatever it asks for; @ is where it is. */
static void
test_nothing_fetched(void **state)
{
    static const char *const cases[] = {
        "<!DOCTYPE a [<!ENTITY e SYSTEM 'file://@/secret'>]><a>&e;</a>",
        "<!DOCTYPE a SYSTEM 'file://@/dtd'><a/>",
        "<!DOCTYPE a [<!ENTITY % e SYSTEM 'file://@/dtd'> %e;]><a/>",
        "<i:include xmlns:i='http://www.w3.org/2001/XInclude' href='@/dtd'/>",
    };
    const struct temp *temp = *state;

    put_text(temp->fd, "secret", "found");
    put_text(temp->fd, "dtd", "<!ATTLIST a x CDATA 'found'>");
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(buffer_free) struct buffer text = {0};
        cleanup(parse_free_doc) xmlDoc *doc = NULL;
        cleanup(parse_free_text) xmlChar *content = NULL;
        cleanup(parse_free_text) xmlChar *value = NULL;

        for (const char *p = cases[i]; *p; p++) {
            if (*p == '@')
                buffer_puts(&text, temp->path);
            else
                buffer_add(&text, p, 1);
        }
        doc = parse_document(text.data, text.len, NULL, NULL);
        assert_non_null(doc);
        content = xmlNodeGetContent(xmlDocGetRootElement(doc));
        value = xmlGetNoNsProp(xmlDocGetRootElement(doc), BAD_CAST "x");
        if ((content && strstr((const char *)content, "found")) || value)
            print_error("of case: %s\n", cases[i]);
        assert_null(content ? strstr((const char *)content, "found") : NULL);
        assert_null(value);
    }
}

/* Lines are counted beyond what fits a node of libxml2. */
static void
test_lines(void **state)
{
    cleanup(buffer_free) struct buffer text = {0};
    cleanup(parse_free_doc) xmlDoc *doc = NULL;
    struct parse_failure failure = {0};
    const xmlNode *root;

    (void)state;
    buffer_puts(&text, "<a>");
    for (int i = 0; i < 70000; i++)
        buffer_puts(&text, "\n");
    buffer_puts(&text, "<b>text</b></a>");
    doc = parse_document(text.data, text.len, NULL, &failure);
    assert_non_null(doc);
    root = xmlDocGetRootElement(doc);
    assert_int_equal(xmlGetLineNo(parse_child(root, "b", NULL)), 70001);
    buffer_puts(&text, "x");
    assert_null(parse_document(text.data, text.len, NULL, &failure));
    assert_int_equal(failure.line, 70001);
    free(failure.message);
}

/* Documents of one dictionary share their names, and outlive it. */
static void
test_dictionary(void **state)
{
    xmlDict *dictionary = parse_dictionary();
    cleanup(parse_free_doc) xmlDoc *first = NULL;
    cleanup(parse_free_doc) xmlDoc *second = NULL;
    cleanup(parse_free_doc) xmlDoc *other = NULL;

    (void)state;
    assert_non_null(dictionary);
    first = parse_document("<name/>", 7, dictionary, NULL);
    second = parse_document("<name/>", 7, dictionary, NULL);
    other = parse_document("<name/>", 7, NULL, NULL);
    assert_ptr_equal(xmlDocGetRootElement(first)->name,
                     xmlDocGetRootElement(second)->name);
    assert_ptr_not_equal(xmlDocGetRootElement(first)->name,
                         xmlDocGetRootElement(other)->name);
    assert_true(xmlDictOwns(dictionary, xmlDocGetRootElement(first)->name));
    xmlDictFree(dictionary);
    assert_string_equal((const char *)xmlDocGetRootElement(first)->name,
                        "name");
}

/* Together, documents have as many names as libxml2 reads in one. */
static void
test_dictionary_full(void **state)
{
    xmlDict *dictionary = parse_dictionary();
    cleanup(free_ptr) char *name = xcalloc(40001, 1);
    struct parse_failure failure = {0};
    int read = 0;

    (void)state;
    memset(name, 'n', 40000);
    for (;;) {
        cleanup(free_ptr) char *text = NULL;
        cleanup(parse_free_doc) xmlDoc *doc = NULL;

        memcpy(name,
               (const char[]){'a' + (char)(read / 26), 'a' + (char)(read % 26)},
               2);
        text = xasprintf("<%s/>", name);
        doc = parse_document(text, strlen(text), dictionary, &failure);
        if (!doc || read == 600)
            break;
        read++;
    }
    assert_in_range(read, 200, 500);
    assert_non_null(failure.message);
    assert_non_null(strstr(failure.message, "names"));
    free(failure.message);
    /* Without it that last one is fine. */
    {
        cleanup(free_ptr) char *text = xasprintf("<%s/>", name);
        cleanup(parse_free_doc) xmlDoc *doc = parse_exact(text, NULL);

        assert_non_null(doc);
    }
    /* And what is not well-formed is said to be just that. */
    failure = (struct parse_failure){0};
    assert_null(parse_exact("<a>", &failure));
    assert_null(strstr(failure.message, "names"));
    free(failure.message);
    xmlDictFree(dictionary);
}

static void
test_children(void **state)
{
    cleanup(parse_free_doc) xmlDoc *doc = parse_exact(
        "<r xmlns:p='urn:p'>text<a n='0' xmlns='urn:x'/><p:a n='1'/>"
        "<b><a n='2'/></b><a n='3'/><A n='4'/><!-- <a/> --><?a?><aa n='5'/>"
        "<a n='6'><a n='7'/></a><u:a n='8'/></r>",
        NULL);
    cleanup(buffer_free) struct buffer found = {0};
    const xmlNode *root, *child = NULL;

    (void)state;
    assert_non_null(doc);
    root = xmlDocGetRootElement(doc);
    while ((child = parse_child(root, "a", child))) {
        cleanup(parse_free_text) xmlChar *number =
            xmlGetNoNsProp(child, BAD_CAST "n");

        assert_true(parse_is(child, "a"));
        buffer_puts(&found, (const char *)number);
    }
    buffer_add(&found, "", 1);
    assert_string_equal(found.data, "36");
    assert_null(parse_child(root, "c", NULL));
    assert_null(parse_child(root, "r", NULL));
    assert_null(parse_child(root, "text", NULL));
    assert_null(parse_child(root, "u", NULL));
    child = parse_child(root, "aa", NULL);
    assert_non_null(child);
    assert_null(parse_child(root, "b", child));
    /* An element without children has none of any name. */
    assert_null(parse_child(child, "a", NULL));
}

static void
test_is(void **state)
{
    cleanup(parse_free_doc) xmlDoc *doc =
        parse_exact("<r><?r?><!--r-->r<x:r xmlns:x='urn:x'/></r>", NULL);
    const xmlNode *root;
    int nodes = 0;

    (void)state;
    assert_non_null(doc);
    root = xmlDocGetRootElement(doc);
    assert_true(parse_is(root, "r"));
    assert_false(parse_is(root, "R"));
    assert_false(parse_is(root, "rr"));
    assert_false(parse_is(root, ""));
    assert_false(parse_is(NULL, "r"));
    for (const xmlNode *node = root->children; node; node = node->next) {
        assert_false(parse_is(node, "r"));
        assert_false(parse_is(node, "text"));
        nodes++;
    }
    assert_int_equal(nodes, 4);
}

static bool
keeps_b(const xmlNode *element)
{
    return parse_is(element, "b");
}

/* Comments go, and blanks but in what keeps them; a text goes as a whole. */
static void
test_sparse(void **state)
{
    static const char text[] = "<!-- c --><a>\n  <!-- c --><b> <!-- c --> "
                               "</b>\t<c> </c> x <d>\n</d><?p q?>\n</a>";
    xmlDoc *doc = parse_sparse(text, strlen(text), NULL, keeps_b, NULL);
    xmlBuffer *out = xmlBufferCreate();

    (void)state;
    assert_non_null(doc);
    assert_null(xmlDocGetRootElement(doc)->prev);
    (void)xmlNodeDump(out, doc, xmlDocGetRootElement(doc), 0, 0);
    assert_string_equal(xmlBufferContent(out),
                        "<a><b>  </b><c/> x <d/><?p q?></a>");
    xmlBufferFree(out);
    xmlFreeDoc(doc);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_well_formed),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_first_error),
        cmocka_unit_test(test_offset),
        cmocka_unit_test(test_mismatch),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_nothing_fetched),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_dictionary),
        cmocka_unit_test(test_dictionary_full),
        cmocka_unit_test(test_children),
        cmocka_unit_test(test_is),
        cmocka_unit_test(test_sparse),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
