/*
 * test-check-many.c - shows that a domain with as many snapshots as libvirt
 * allows is judged and put in order, whatever its shape: a quadratic or
 * recursive check would not come to an end here. And that the order does not
 * depend on the order in which the snapshots were read.
 */
#include "support.h"

#include "../../verify/check.h"

enum shape {
    CHAIN, /* each is the child of the one before */
    STAR,  /* all are children of the first */
    ROOTS, /* no parents at all */
    RING,  /* a chain whose first is the child of its last */
    RHO,   /* a chain that hangs from itself near its end */
    TREE,  /* two children each */
    ORPHANS,
    SHAPES,
};

static size_t
parent_of(enum shape shape, size_t index, size_t count)
{
    switch (shape) {
    case CHAIN:
        return index ? index - 1 : NO_SNAPSHOT;
    case STAR:
        return index ? 0 : NO_SNAPSHOT;
    case RING:
        return index ? index - 1 : count - 1;
    case RHO:
        return index ? index - 1 : 1;
    case TREE:
        return index ? (index - 1) / 2 : NO_SNAPSHOT;
    case ORPHANS:
        return count + index;
    case ROOTS:
    case SHAPES:
        break;
    }
    return NO_SNAPSHOT;
}

/* In the given permutation; names in the opposite order of the indexes. */
static void
fill(struct domain *domain, enum shape shape, const size_t *permutation,
     size_t count)
{
    *domain = (struct domain){
        .name = xstrdup("d"),
        .entry = xstrdup("d"),
        .layout = LAYOUT_LEGACY,
        .fd = -1,
        .current = NO_SNAPSHOT,
    };
    for (size_t i = 0; i < count; i++) {
        size_t index = permutation[i];
        size_t parent = parent_of(shape, index, count);
        struct snapshot snapshot = {
            .name = xasprintf("s%06zu", 900000 - index),
            .stem = xstrdup(""),
            .file = xasprintf("%zu.xml", index),
            .created = (long long)(index * 7919 % 100),
        };

        if (parent != NO_SNAPSHOT)
            snapshot.parent = xasprintf("s%06zu", 900000 - parent);
        (void)domain_add(domain, &snapshot);
    }
}

static size_t *
identity(size_t count)
{
    size_t *permutation = xcalloc(count, sizeof(*permutation));

    for (size_t i = 0; i < count; i++)
        permutation[i] = i;
    return permutation;
}

static void
shuffle(struct prng *prng, size_t *permutation, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = prng_below(prng, i);
        size_t kept = permutation[i - 1];

        permutation[i - 1] = permutation[other];
        permutation[other] = kept;
    }
}

static char *
ordered(const struct domain *domain)
{
    struct buffer out = {0};

    for (size_t i = 0; i < domain->count; i++) {
        buffer_puts(&out, domain->snaps[domain->order[i]].name);
        buffer_puts(&out, " ");
    }
    buffer_add(&out, "", 1);
    return out.data;
}

/* No child before its parent, and each one just once. */
static void
assert_parents_first(const struct domain *domain)
{
    cleanup(free_ptr) size_t *place = xcalloc(domain->count, sizeof(*place));

    for (size_t i = 0; i < domain->count; i++) {
        assert_true(domain->order[i] < domain->count);
        assert_int_equal(place[domain->order[i]], 0);
        place[domain->order[i]] = i + 1;
    }
    for (size_t i = 0; i < domain->count; i++) {
        const struct snapshot *snapshot = &domain->snaps[i];
        size_t parent = snapshot->parent ? domain_find(domain, snapshot->parent)
                                         : NO_SNAPSHOT;

        if (parent != NO_SNAPSHOT)
            assert_true(place[parent] < place[i]);
    }
}

/* How many parent-missing and parent-cycle problems a shape has. */
static void
assert_counts(const struct problems *problems, enum shape shape, size_t count)
{
    size_t cycle = 0, missing = 0;

    for (size_t i = 0; i < problems->count; i++) {
        cycle += problems->list[i].id == PROBLEM_PARENT_CYCLE;
        missing += problems->list[i].id == PROBLEM_PARENT_MISSING;
    }
    assert_int_equal(cycle, shape == RING ? count : shape == RHO ? 2 : 0);
    assert_int_equal(missing, shape == ORPHANS ? count : 0);
    assert_int_equal(problems->count, cycle + missing);
}

static void
test_shapes(void **state)
{
    cleanup(free_ptr) size_t *permutation = identity(SNAPSHOTS_MAX);
    struct prng prng = {5};

    (void)state;
    for (int shuffled = 0; shuffled < 2; shuffled++) {
        for (enum shape shape = CHAIN; shape < SHAPES; shape++) {
            cleanup(problems_free) struct problems problems = {0};
            struct domain domain;

            fill(&domain, shape, permutation, SNAPSHOTS_MAX);
            check_domain(&domain, NULL, &problems);
            assert_counts(&problems, shape, SNAPSHOTS_MAX);
            if (shape != RING && shape != RHO)
                assert_parents_first(&domain);
            domain_free(&domain);
        }
        shuffle(&prng, permutation, SNAPSHOTS_MAX);
    }
}

static void
test_order_of_shuffled(void **state)
{
    const size_t count = 40;
    struct prng prng = {17};

    (void)state;
    for (enum shape shape = CHAIN; shape < SHAPES; shape++) {
        cleanup(free_ptr) size_t *permutation = identity(count);
        cleanup(free_ptr) char *expected = NULL;

        if (shape == RING || shape == RHO)
            continue;
        for (int round = 0; round < 50; round++) {
            cleanup(problems_free) struct problems problems = {0};
            cleanup(free_ptr) char *order = NULL;
            struct domain domain;

            fill(&domain, shape, permutation, count);
            check_domain(&domain, NULL, &problems);
            order = ordered(&domain);
            if (!expected)
                expected = xstrdup(order);
            assert_string_equal(order, expected);
            domain_free(&domain);
            shuffle(&prng, permutation, count);
        }
    }
}

/* As many as libvirt can list, and one more. */
static void
test_too_many(void **state)
{
    cleanup(free_ptr) size_t *permutation = identity(SNAPSHOTS_MAX + 1);

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        cleanup(problems_free) struct problems problems = {0};
        struct domain domain;

        fill(&domain, STAR, permutation, SNAPSHOTS_MAX + more);
        check_domain(&domain, NULL, &problems);
        assert_found(&problems, more ? "too-many" : "", "too many");
        domain_free(&domain);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_order_of_shuffled),
        cmocka_unit_test(test_too_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
