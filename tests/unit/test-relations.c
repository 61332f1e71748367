/*
 * test-relations.c - shows that the schema of the relations and the problem
 * table never differ: over thousands of random domains, in both layouts, the
 * one is content exactly where the other finds nothing.
 */
#include "store.h"

#include <time.h>
#include <libxml/parser.h>

#include "../../verify/check.h"
#include "../../verify/relations.h"
#include "../../verify/schema.h"

static struct schema *schema;

static int
open_schema(void **state)
{
    struct error error = {0};

    schema = schema_embedded("relations.rng", &error);
    if (!schema)
        print_error("%s\n", error.message);
    return schema ? group_temp_make(state) : -1;
}

static int
close_schema(void **state)
{
    schema_free(schema);
    return group_temp_remove(state);
}

/* What the table says of what the schema judges. */
static bool
table_content(const struct problems *problems)
{
    static const enum problem_id about[] = {
        PROBLEM_PARENT_MISSING,  PROBLEM_PARENT_SELF,
        PROBLEM_PARENT_CYCLE,    PROBLEM_NAME_DUPLICATE,
        PROBLEM_CURRENT_SEVERAL, PROBLEM_CURRENT_DANGLING,
        PROBLEM_LIST_EMPTY,
    };

    for (size_t i = 0; i < LENGTH(about); i++) {
        if (find_problem(problems, about[i]))
            return false;
    }
    return true;
}

/* The document without its tail, in one line. The caller owns it. */
static char *
document_text(const struct domain *domain, const struct domain *other)
{
    xmlDoc *doc = relations_document(domain, other);
    xmlChar *bytes = NULL;
    int len = 0;
    char *text;

    xmlDocDumpMemory(doc, &bytes, &len);
    text = xstrdup(strstr((char *)bytes, "<relations"));
    xmlFree(bytes);
    xmlFreeDoc(doc);
    return text;
}

static void
assert_agree(const struct domain *domain, const struct domain *other,
             const struct problems *problems)
{
    struct error error = {0};
    int valid = relations_valid(schema, domain, other, &error);
    bool content = table_content(problems);

    if (valid != content) {
        cleanup(free_ptr) char *text = document_text(domain, other);
        cleanup(free_ptr) char *ids = problem_ids(problems);

        print_error("%d, but [%s] of %s%s\n", valid, ids, text,
                    error.message ? error.message : "");
    }
    assert_int_equal(valid, content);
}

static void
start(struct domain *domain, enum layout layout)
{
    *domain = (struct domain){
        .name = xstrdup("d"),
        .layout = layout,
        .fd = -1,
        .current = NO_SNAPSHOT,
    };
}

static void
add(struct domain *domain, const char *name, const char *parent, bool active)
{
    struct snapshot snapshot = {
        .name = xstrdup(name),
        .stem = xstrdup(name),
        .parent = parent ? xstrdup(parent) : NULL,
        .file = xasprintf("%zu.xml", domain->count),
        .active = active,
        .created = (long long)domain->count,
    };

    (void)domain_add(domain, &snapshot);
}

/* Names, parents, current as BITS and the generator have it. */
static void
add_random(struct domain *domain, struct prng *prng, size_t count)
{
    /* Most domains are to be nearly sound, so each fault is rare. */
    size_t fault = 2 + prng_below(prng, 12);
    bool current = prng_below(prng, 2);

    for (size_t i = 0; i < count; i++) {
        cleanup(free_ptr) char *name = xasprintf(
            "s%zu", prng_below(prng, fault) ? i : prng_below(prng, count));
        cleanup(free_ptr) char *parent = NULL;
        bool active = current && !prng_below(prng, count);

        if (!prng_below(prng, fault))
            parent = xasprintf("s%zu", prng_below(prng, count + 1));
        else if (i && prng_below(prng, 4))
            parent = xasprintf("s%zu", prng_below(prng, i));
        current = current && (!active || !prng_below(prng, fault));
        add(domain, name, parent, active);
    }
}

static void
test_legacy(void **state)
{
    struct prng prng = {.state = 20260101};
    size_t sound = 0, turns = 6000;

    (void)state;
    for (size_t turn = 0; turn < turns; turn++) {
        cleanup(problems_free) struct problems problems = {0};
        struct domain domain, other;
        bool both = !prng_below(&prng, 4);

        start(&domain, LAYOUT_LEGACY);
        start(&other, LAYOUT_BULK);
        add_random(&domain, &prng, 1 + prng_below(&prng, 9));
        for (size_t i = 0; both && i < 4; i++) {
            cleanup(free_ptr) char *name =
                xasprintf("s%zu", prng_below(&prng, 12));

            add(&other, name, NULL, false);
        }
        check_domain(&other, NULL, &problems);
        problems_free(&problems);
        check_domain(&domain, both ? &other : NULL, &problems);
        sound += table_content(&problems);
        assert_agree(&domain, both ? &other : NULL, &problems);
        domain_free(&domain);
        domain_free(&other);
    }
    /* Both verdicts were seen often. */
    assert_in_range(sound, turns / 10, turns * 9 / 10);
}

/* The same through the reader of bulk files, with a current= that may dangle.
 */
static void
test_bulk(void **state)
{
    const struct temp *temp = *state;
    struct source source = {.base = temp->fd,
                            .name = "d",
                            .entry = "d.xml",
                            .max_bulk = BULK_FILE_MAX};
    struct prng prng = {.state = 20260202};
    size_t sound = 0, turns = 2000;

    for (size_t turn = 0; turn < turns; turn++) {
        cleanup(problems_free) struct problems problems = {0};
        cleanup(buffer_free) struct buffer text = {0};
        struct error error = {0};
        struct domain made, domain;
        size_t count = prng_below(&prng, 7);

        start(&made, LAYOUT_BULK);
        add_random(&made, &prng, count);
        buffer_puts(&text, "<snapshots");
        if (prng_below(&prng, 2))
            buffer_printf(&text, " current='s%zu'",
                          prng_below(&prng, count + 1));
        buffer_puts(&text, ">");
        for (size_t i = 0; i < count; i++) {
            cleanup(free_ptr) char *member = member_text(
                made.snaps[i].name, made.snaps[i].parent, (long long)i + 1);

            buffer_puts(&text, member);
        }
        buffer_puts(&text, "</snapshots>");
        put_file(temp->fd, "d.xml", text.data, text.len);
        assert_int_equal(bulk_read(&domain, &source, &problems, &error), 0);
        sound += table_content(&problems);
        assert_agree(&domain, NULL, &problems);
        domain_free(&domain);
        domain_free(&made);
    }
    assert_in_range(sound, turns / 10, turns * 9 / 10);
}

static const struct {
    const char *given[5][2]; /* name and parent */
    const char *document;
} documents[] = {
    {{{"a", NULL}, {"b", "a"}, {"c", "a"}},
     "<root name=\"a\"/><child name=\"b\"/><child name=\"c\"/>"},
    {{{"b", "a"}, {"a", NULL}}, "<root name=\"a\"/><child name=\"b\"/>"},
    {{{"a", "x"}, {"b", "a"}}, "<orphan name=\"a\"/><child name=\"b\"/>"},
    {{{"a", "a"}, {"b", "a"}}, "<looped name=\"a\"/><looped name=\"b\"/>"},
    {{{"r", NULL}, {"a", "b"}, {"b", "a"}},
     "<root name=\"r\"/><looped name=\"a\"/><looped name=\"b\"/>"},
    {{{"a", NULL}, {"a", NULL}}, "<root name=\"a\"/><duplicate name=\"a\"/>"},
    {{{"<&'\"", NULL}}, "<root name=\"&lt;&amp;'&quot;\"/>"},
};

static void
test_document(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(documents); i++) {
        cleanup(problems_free) struct problems problems = {0};
        cleanup(free_ptr) char *text = NULL;
        struct domain domain;

        start(&domain, LAYOUT_BULK);
        for (size_t j = 0; documents[i].given[j][0]; j++)
            add(&domain, documents[i].given[j][0], documents[i].given[j][1],
                false);
        check_domain(&domain, NULL, &problems);
        text = document_text(&domain, NULL);
        if (!strstr(text, documents[i].document))
            print_error("%s\n%s\n", documents[i].document, text);
        assert_non_null(strstr(text, documents[i].document));
        domain_free(&domain);
    }
}

/* Who is current, and who is not there to be it. */
static void
test_current(void **state)
{
    cleanup(problems_free) struct problems problems = {0};
    cleanup(free_ptr) char *text = NULL, *dangling = NULL;
    struct error error = {0};
    struct domain domain;

    (void)state;
    start(&domain, LAYOUT_BULK);
    add(&domain, "a", NULL, false);
    add(&domain, "b", "a", false);
    check_domain(&domain, NULL, &problems);
    domain.current = 0;
    text = document_text(&domain, NULL);
    assert_string_equal(text, "<relations><root name=\"a\"/><current/>"
                              "<child name=\"b\"/></relations>\n");
    assert_int_equal(relations_valid(schema, &domain, NULL, &error), 1);
    domain.dangling = xstrdup("x");
    dangling = document_text(&domain, NULL);
    assert_non_null(strstr(dangling, "<relations current=\"x\">"));
    assert_int_equal(relations_valid(schema, &domain, NULL, &error), 0);
    domain_free(&domain);
}

static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A chain, and a root with children, as many as there may be: no recursion, and
 * no time that grows with their square. */
static void
test_many(void **state)
{
    (void)state;
    for (int chain = 0; chain < 2; chain++) {
        cleanup(problems_free) struct problems problems = {0};
        struct error error = {0};
        struct domain domain;
        double begin;

        start(&domain, LAYOUT_LEGACY);
        add(&domain, "s0", NULL, false);
        for (size_t i = 1; i < SNAPSHOTS_MAX; i++) {
            cleanup(free_ptr) char *name = xasprintf("s%zu", i);
            cleanup(free_ptr) char *parent =
                xasprintf("s%zu", chain ? i - 1 : 0);

            add(&domain, name, parent, i == SNAPSHOTS_MAX - 1);
        }
        check_domain(&domain, NULL, &problems);
        begin = seconds();
        assert_int_equal(relations_valid(schema, &domain, NULL, &error), 1);
        /* Some 0.03; the limit is for sanitizers and a busy machine. */
        assert_true(seconds() - begin < 2);
        domain_free(&domain);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_legacy),   cmocka_unit_test(test_bulk),
        cmocka_unit_test(test_document), cmocka_unit_test(test_current),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, open_schema, close_schema);
}
