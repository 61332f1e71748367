/*
 * test-wanted.c - shows which snapshots a converted domain is to hold, where
 * each comes from, which is current, and what is wrong with the whole only.
 */
#include "support.h"

#include "../../migrate/wanted.h"

/* "NAME", with "<PARENT" behind it, "*" if it is current, "!" with a uuid of
 * its own; the creation time is the place in the list. */
#define FACTS_MAX 4

static void
add_fact(struct domain *domain, const char *fact)
{
    size_t len = strcspn(fact, "<*!");
    const char *parent = strchr(fact, '<');
    struct snapshot snapshot = {
        .name = xstrndup(fact, len),
        .stem = xasprintf("stem of %.*s", (int)len, fact),
        .domain_name = xstrdup("d"),
        .created = (long long)domain->count,
        .active = strchr(fact, '*') != NULL,
        .has_uuid = true,
        .uuid = {strchr(fact, '!') != NULL},
        .depth = 7,
        .element = {domain->count, 10},
    };

    if (parent)
        snapshot.parent = xstrndup(parent + 1, strcspn(parent + 1, "*!"));
    if (domain->layout == LAYOUT_LEGACY)
        snapshot.file = xasprintf("%.*s.xml", (int)len, fact);
    (void)domain_add(domain, &snapshot);
}

static void
make_domain(struct domain *domain, enum layout layout, const char *const *facts)
{
    *domain = (struct domain){
        .name = xstrdup("d"),
        .entry = xstrdup(layout == LAYOUT_BULK ? "d.xml" : "d"),
        .layout = layout,
        .fd = -1,
        .current = NO_SNAPSHOT,
    };
    for (size_t i = 0; i < FACTS_MAX && facts[i]; i++) {
        if (strchr(facts[i], '*'))
            domain->current = i;
        add_fact(domain, facts[i]);
    }
}

/* In order: "file:name", with "*" behind the current one. */
static char *
wanted_text(const struct wanted *wanted)
{
    const struct domain *facts = &wanted->facts;
    struct buffer out = {0};

    for (size_t i = 0; i < facts->count; i++) {
        size_t index = facts->order[i];
        const struct snapshot *snapshot = &facts->snaps[index];

        assert_int_equal(snapshot->active, facts->current == index);
        buffer_printf(&out, "%s%s:%s%s", i ? " " : "", snapshot->file,
                      snapshot->name, snapshot->active ? "*" : "");
    }
    buffer_add(&out, "", 1);
    return out.data;
}

/* Each snapshot is that of its origin, in all that is known of it. */
static void
assert_origins(const struct wanted *wanted, const struct domain *source,
               const struct domain *other)
{
    for (size_t i = 0; i < wanted->facts.count; i++) {
        const struct snapshot *a = &wanted->facts.snaps[i];
        struct origin origin = wanted->origins[i];
        const struct snapshot *b;

        assert_true(origin.domain == source || origin.domain == other);
        assert_true(origin.index < origin.domain->count);
        b = &origin.domain->snaps[origin.index];
        assert_string_equal(a->name, b->name);
        assert_string_equal(a->stem, b->stem);
        assert_int_equal(!a->parent, !b->parent);
        if (a->parent)
            assert_string_equal(a->parent, b->parent);
        assert_int_equal(a->created, b->created);
        assert_int_equal(a->depth, b->depth);
        assert_int_equal(a->element.start, b->element.start);
        assert_int_equal(a->element.len, b->element.len);
        assert_memory_equal(a->uuid, b->uuid, sizeof(a->uuid));
        assert_int_equal(domain_find(&wanted->facts, a->name), i);
    }
}

/* SOURCE is the directory, OTHER the bulk file. */
static const struct {
    const char *source[FACTS_MAX];
    const char *other[FACTS_MAX]; /* none: there is none */
    const char *wanted;
    const char *ids;
} cases[] = {
    {{"a", "b<a*"}, {NULL}, "d/a.xml:a d/b.xml:b*", ""},
    {{"a<b", "b"}, {NULL}, "d/b.xml:b d/a.xml:a", ""},
    {{"c", "b", "a*"}, {NULL}, "d/c.xml:c d/b.xml:b d/a.xml:a*", ""},
    {{NULL}, {NULL}, "", ""},
    /* Of both: what the source has is the source's. */
    {{"a*"}, {"a", "x<a*"}, "d/a.xml:a* d.xml:x", ""},
    {{"a"}, {"x*"}, "d/a.xml:a d.xml:x", ""},
    {{"a", "b*"}, {"b", "a*"}, "d/a.xml:a d/b.xml:b*", ""},
    {{NULL}, {"x", "y<x*"}, "d.xml:x d.xml:y", ""},
    {{"b<x"}, {"x"}, "d.xml:x d/b.xml:b", ""},
    {{"a"}, {"y<x", "x<a"}, "d/a.xml:a d.xml:x d.xml:y", ""},
    /* What only the whole shows, or no longer. */
    {{"a<no"}, {NULL}, "d/a.xml:a", "parent-missing"},
    {{"a<no"}, {"x"}, "d/a.xml:a d.xml:x", "parent-missing"},
    {{"a"}, {"x<no"}, "d/a.xml:a d.xml:x", "parent-missing"},
    {{"a<x"}, {"x<a"}, "d/a.xml:a d.xml:x", "parent-cycle parent-cycle"},
    {{"a", "b"}, {"x!"}, "d/a.xml:a d.xml:x d/b.xml:b", "uuid-differs"},
    {{"a"}, {"a!"}, "d/a.xml:a", ""},
    {{"a", "b!"}, {NULL}, "d/a.xml:a d/b.xml:b", "uuid-differs"},
};

static void
test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(problems_free) struct problems problems = {0};
        cleanup(free_ptr) char *text = NULL;
        struct domain source, other;
        struct wanted wanted;

        make_domain(&source, LAYOUT_LEGACY, cases[i].source);
        make_domain(&other, LAYOUT_BULK, cases[i].other);
        wanted_build(&wanted, &source, cases[i].other[0] ? &other : NULL,
                     &problems);
        text = wanted_text(&wanted);
        assert_string_equal(text, cases[i].wanted);
        assert_found(&problems, cases[i].ids, cases[i].wanted);
        assert_origins(&wanted, &source, &other);
        assert_string_equal(wanted.facts.name, "d");
        wanted_free(&wanted);
        domain_free(&source);
        domain_free(&other);
    }
}

/* The bulk file may be the source as well. */
static void
test_from_bulk(void **state)
{
    static const char *const bulk_facts[FACTS_MAX] = {"b", "a<b*"};
    static const char *const legacy_facts[FACTS_MAX] = {"a*", "x"};
    cleanup(problems_free) struct problems problems = {0};
    cleanup(free_ptr) char *text = NULL;
    struct domain bulk, legacy;
    struct wanted wanted;

    (void)state;
    make_domain(&bulk, LAYOUT_BULK, bulk_facts);
    make_domain(&legacy, LAYOUT_LEGACY, legacy_facts);
    wanted_build(&wanted, &bulk, &legacy, &problems);
    text = wanted_text(&wanted);
    assert_string_equal(text, "d.xml:b d.xml:a* d/x.xml:x");
    assert_origins(&wanted, &bulk, &legacy);
    assert_found(&problems, "", "from a bulk file");
    wanted_free(&wanted);
    domain_free(&bulk);
    domain_free(&legacy);
}

/* A problem of the whole is at the file that the snapshot comes from. */
static void
test_place(void **state)
{
    static const char *const facts[FACTS_MAX] = {"a"};
    static const char *const other_facts[FACTS_MAX] = {"x<no"};
    cleanup(problems_free) struct problems problems = {0};
    struct domain source, other;
    struct wanted wanted;

    (void)state;
    make_domain(&source, LAYOUT_LEGACY, facts);
    make_domain(&other, LAYOUT_BULK, other_facts);
    wanted_build(&wanted, &source, &other, &problems);
    assert_found(&problems, "parent-missing", "x");
    assert_string_equal(problems.list[0].domain, "d");
    assert_string_equal(problems.list[0].snapshot, "x");
    assert_string_equal(problems.list[0].file, "d.xml");
    assert_string_equal(problems.list[0].detail, "'no'");
    wanted_free(&wanted);
    domain_free(&source);
    domain_free(&other);
}

/* As many as libvirt lists may come from both together, and no more. */
static void
test_many(void **state)
{
    static const char *const none[FACTS_MAX] = {NULL};

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        cleanup(problems_free) struct problems problems = {0};
        struct domain source, other;
        struct wanted wanted;

        make_domain(&source, LAYOUT_LEGACY, none);
        make_domain(&other, LAYOUT_BULK, none);
        for (size_t i = 0; i < SNAPSHOTS_MAX - 2 + more; i++) {
            cleanup(free_ptr) char *name = xasprintf("a%zu", i);

            add_fact(&source, name);
        }
        for (size_t i = 0; i < 2; i++) {
            cleanup(free_ptr) char *name = xasprintf("b%zu", i);

            add_fact(&other, name);
        }
        wanted_build(&wanted, &source, &other, &problems);
        assert_int_equal(wanted.facts.count, SNAPSHOTS_MAX + more);
        assert_found(&problems, more ? "too-many" : "", "many");
        wanted_free(&wanted);
        domain_free(&source);
        domain_free(&other);
    }
}

/* It owns what it holds, and releasing it twice does no harm. */
static void
test_owns(void **state)
{
    static const char *const facts[FACTS_MAX] = {"a", "b<a*"};
    cleanup(problems_free) struct problems problems = {0};
    struct domain source;
    struct wanted wanted;

    (void)state;
    make_domain(&source, LAYOUT_LEGACY, facts);
    wanted_build(&wanted, &source, NULL, &problems);
    domain_free(&source);
    assert_string_equal(wanted.facts.snaps[1].name, "b");
    assert_string_equal(wanted.facts.snaps[1].parent, "a");
    assert_string_equal(wanted.facts.snaps[1].file, "d/b.xml");
    wanted_free(&wanted);
    assert_int_equal(wanted.facts.count, 0);
    assert_int_equal(wanted.facts.fd, -1);
    assert_null(wanted.origins);
    wanted_free(&wanted);
    assert_null(wanted.facts.snaps);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases), cmocka_unit_test(test_from_bulk),
        cmocka_unit_test(test_place), cmocka_unit_test(test_many),
        cmocka_unit_test(test_owns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
