/*
 * test-repair.c - shows which repair mends what, that the decisions lead from
 * any tangle of parents and current snapshots to a sound domain with the same
 * snapshots, of which no more changes than must; and that there is nothing left
 * to decide then.
 */
#include "reading.h"

#include "../../migrate/repair.h"
#include "../../verify/error.h"

/* Has a repair of each class anything to do with the problem? */
static void
test_classes(void **state)
{
    size_t seen[3] = {0};

    (void)state;
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        enum problem_id id = (enum problem_id)i;
        enum repair least = problem_info(id)->repair;

        seen[least]++;
        assert_false(repair_mends(REPAIR_NOT, id));
        assert_int_equal(repair_mends(REPAIR_SAFE, id), least == REPAIR_SAFE);
        assert_int_equal(repair_mends(REPAIR_ALL, id), least != REPAIR_NOT);
    }
    assert_true(seen[REPAIR_NOT] && seen[REPAIR_SAFE] && seen[REPAIR_ALL]);
}

static void
read_present(struct reading *reading, const struct temp *temp)
{
    const char *entry[2] = {"d", "d.xml"};

    if (!entry_exists(temp->fd, "d"))
        entry[LAYOUT_LEGACY] = NULL;
    if (!entry_exists(temp->fd, "d.xml"))
        entry[LAYOUT_BULK] = NULL;
    read_both(reading, temp, entry);
}

/* Make the changes, without any of the care that mend.c takes. */
static void
apply(const struct repairs *repairs, int base)
{
    for (size_t i = 0; i < repairs->count; i++) {
        const struct change *change = &repairs->list[i];
        cleanup(close_fd) int dir =
            openat(base, change->layout == LAYOUT_BULK ? "." : "d",
                   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        cleanup(close_fd) int old = -1;
        cleanup(close_fd) int new = -1;
        struct error error = {0};
        struct spliced file = {.splices = &change->splices};

        assert_true(dir >= 0 && change->count > 0);
        if (change->kind == CHANGE_MOVE) {
            assert_int_equal(unlinkat(dir, change->file, 0), 0);
            continue;
        }
        if (change->kind == CHANGE_RENAME) {
            assert_false(entry_exists(dir, change->to));
            assert_int_equal(renameat(dir, change->file, dir, change->to), 0);
            continue;
        }
        file.size = (size_t)stat_of(dir, change->file).st_size;
        file.fd = old = openat(dir, change->file, O_RDONLY | O_CLOEXEC);
        assert_int_equal(unlinkat(dir, change->file, 0), 0);
        new = openat(dir, change->file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        assert_true(old >= 0 && new >= 0);
        assert_int_equal(splice_apply(&file, new, &error), 0);
    }
}

static void
decide(struct repairs *repairs, const struct reading *reading, enum repair how)
{
    const struct settings settings = {.to = LAYOUT_BULK,
                                      .repair = how,
                                      .kept = true,
                                      .max_bulk = BULK_FILE_MAX};
    struct error error = {0};

    assert_int_equal(repair_decide(repairs, reading, &settings, &error), 0);
}

/* The snapshots of a random domain. */
#define MOST 9
struct tangle {
    size_t count;
    size_t parent[MOST]; /* itself, another, or MOST: none, more: not there */
    long long created[MOST];
    bool active[MOST];
};

static void
make_tangle(struct tangle *tangle, struct prng *prng)
{
    tangle->count = 1 + prng_below(prng, MOST - 1);
    for (size_t i = 0; i < tangle->count; i++) {
        tangle->parent[i] = prng_below(prng, MOST + 2);
        tangle->created[i] = (long long)prng_below(prng, 4);
        tangle->active[i] = !prng_below(prng, 3);
    }
}

static void
put_tangle(const struct temp *temp, const struct tangle *tangle,
           enum layout layout)
{
    cleanup(buffer_free) struct buffer members = {0};

    for (size_t i = 0; i < tangle->count; i++) {
        cleanup(free_ptr) char *name = xasprintf("s%zu", i);
        cleanup(free_ptr) char *file = xasprintf("d/s%zu.xml", i);
        cleanup(free_ptr) char *parent = xasprintf("s%zu", tangle->parent[i]);
        const char *above = tangle->parent[i] == MOST ? NULL : parent;
        cleanup(free_ptr) char *member =
            member_text(name, above, tangle->created[i]);
        cleanup(free_ptr) char *text =
            legacy_text(name, above, tangle->created[i], tangle->active[i]);

        buffer_printf(&members, "  %s\n", member);
        if (layout == LAYOUT_LEGACY)
            put_text(temp->fd, file, text);
    }
    buffer_add(&members, "", 1);
    if (layout == LAYOUT_BULK) {
        cleanup(free_ptr) char *text =
            xasprintf(WARNING_COMMENT "<snapshots current='s1'>\n%s"
                                      "</snapshots>\n",
                      members.data);

        put_text(temp->fd, "d.xml", text);
    }
}

/* Where the walk from I upwards comes to: a root, an end, or itself again. */
static bool
is_in_cycle(const struct tangle *tangle, size_t i)
{
    size_t at = i;

    for (size_t steps = 0; steps < tangle->count; steps++) {
        if (tangle->parent[at] >= tangle->count)
            return false;
        at = tangle->parent[at];
        if (at == i)
            return true;
    }
    return false;
}

static bool
is_oldest(const struct tangle *tangle, size_t i)
{
    for (size_t at = tangle->parent[i]; at != i; at = tangle->parent[at]) {
        if (tangle->created[at] < tangle->created[i] ||
            (tangle->created[at] == tangle->created[i] && at < i))
            return false;
    }
    return true;
}

/* Has each the parent it should have? What is asked here knows no repair. */
static void
assert_parents(const struct tangle *tangle, const struct domain *domain)
{
    for (size_t i = 0; i < tangle->count; i++) {
        cleanup(free_ptr) char *name = xasprintf("s%zu", i);
        cleanup(free_ptr) char *parent = xasprintf("s%zu", tangle->parent[i]);
        size_t index = domain_find(domain, name);
        bool root = tangle->parent[i] >= tangle->count ||
                    (is_in_cycle(tangle, i) && is_oldest(tangle, i));

        assert_int_not_equal(index, NO_SNAPSHOT);
        assert_int_equal(domain->snaps[index].created, tangle->created[i]);
        if (root)
            assert_null(domain->snaps[index].parent);
        else
            assert_string_equal(domain->snaps[index].parent, parent);
    }
}

static void
assert_current(const struct tangle *tangle, const struct domain *domain)
{
    long long newest = -1;
    size_t active = 0;

    for (size_t i = 0; i < tangle->count; i++) {
        if (tangle->active[i] && tangle->created[i] > newest)
            newest = tangle->created[i];
        active += domain->snaps[i].active;
    }
    assert_int_equal(active, newest >= 0);
    if (active)
        assert_int_equal(domain->snaps[domain->current].created, newest);
}

static void
try_tangle(const struct temp *temp, const struct tangle *tangle,
           enum layout layout)
{
    struct reading reading;
    struct repairs repairs;

    put_tangle(temp, tangle, layout);
    read_present(&reading, temp);
    decide(&repairs, &reading, REPAIR_ALL);
    assert_int_equal(repairs.left.count, 0);
    apply(&repairs, temp->fd);
    repair_free(&repairs);
    reading_free(&reading);

    read_present(&reading, temp);
    assert_int_equal(problems_errors(&reading.problems, 0), 0);
    assert_int_equal(reading.domain[layout].count, tangle->count);
    assert_parents(tangle, &reading.domain[layout]);
    if (layout == LAYOUT_LEGACY)
        assert_current(tangle, &reading.domain[layout]);
    decide(&repairs, &reading, REPAIR_ALL);
    assert_int_equal(repairs.count, 0);
    repair_free(&repairs);
    reading_free(&reading);
}

static void
test_tangles(void **state)
{
    struct prng prng = {.state = 11};

    (void)state;
    for (int i = 0; i < 400; i++) {
        struct temp temp;
        struct tangle tangle;

        temp_make(&temp);
        assert_int_equal(mkdirat(temp.fd, "d", 0700), 0);
        make_tangle(&tangle, &prng);
        try_tangle(&temp, &tangle, LAYOUT_LEGACY);
        temp_remove(&temp);
        temp_make(&temp);
        try_tangle(&temp, &tangle, LAYOUT_BULK);
        temp_remove(&temp);
    }
}

/* Of those of one time, the child is the newer one. */
static void
test_parent_and_child(void **state)
{
    for (int child_first = 0; child_first < 2; child_first++) {
        const char *const names[] = {child_first ? "b" : "a",
                                     child_first ? "a" : "b"};
        struct temp temp;
        struct reading reading;
        struct repairs repairs;
        cleanup(free_ptr) char *parent = legacy_text(names[0], NULL, 5, 1);
        cleanup(free_ptr) char *child = legacy_text(names[1], names[0], 5, 1);

        (void)state;
        temp_make(&temp);
        assert_int_equal(mkdirat(temp.fd, "d", 0700), 0);
        put_text(temp.fd, child_first ? "d/b.xml" : "d/a.xml", parent);
        put_text(temp.fd, child_first ? "d/a.xml" : "d/b.xml", child);
        read_present(&reading, &temp);
        decide(&repairs, &reading, REPAIR_SAFE);
        assert_int_equal(repairs.count, 0);
        assert_int_equal(repairs.left.count, 2);
        repair_free(&repairs);
        decide(&repairs, &reading, REPAIR_ALL);
        assert_int_equal(repairs.count, 1);
        assert_int_equal(strncmp(repairs.list[0].file, names[0], 1), 0);
        repair_free(&repairs);
        reading_free(&reading);
        temp_remove(&temp);
    }
}

/* As many as there may be, in one chain that ends in itself: no recursion. */
static void
test_long_cycle(void **state)
{
    struct temp temp;
    struct reading reading;
    struct repairs repairs;
    cleanup(buffer_free) struct buffer text = {0};

    (void)state;
    temp_make(&temp);
    buffer_puts(&text, "<snapshots>\n");
    for (int i = 0; i < SNAPSHOTS_MAX; i++)
        buffer_printf(&text,
                      "<domainsnapshot><name>s%d</name><state>shutoff</state>"
                      "<parent><name>s%d</name></parent><creationTime>%d"
                      "</creationTime></domainsnapshot>\n",
                      i, (i + 1) % SNAPSHOTS_MAX, i == 777 ? 1 : 2);
    buffer_puts(&text, "</snapshots>\n");
    put_file(temp.fd, "d.xml", text.data, text.len);
    read_present(&reading, &temp);
    decide(&repairs, &reading, REPAIR_ALL);
    assert_int_equal(repairs.count, 1);
    assert_int_equal(repairs.list[0].count, 1);
    assert_non_null(strstr(repairs.list[0].notes[0].text, "'s777': "));
    assert_int_equal(repairs.list[0].splices.count, 1);
    repair_free(&repairs);
    reading_free(&reading);
    temp_remove(&temp);
}

/* Mended by somebody after it was judged: that is not moved away. */
static void
test_mended_meanwhile(void **state)
{
    struct temp temp;
    struct reading reading;
    struct repairs repairs;
    struct error error = {0};
    cleanup(free_ptr) char *a = legacy_text("a", NULL, 5, 0);
    cleanup(free_ptr) char *b = legacy_text("b", NULL, 5, 0);

    (void)state;
    temp_make(&temp);
    assert_int_equal(mkdirat(temp.fd, "d", 0700), 0);
    put_text(temp.fd, "d/a.xml", a);
    put_file(temp.fd, "d/b.xml", b, strlen(b) - 5);
    read_present(&reading, &temp);
    decide(&repairs, &reading, REPAIR_ALL);
    assert_int_equal(repairs.count, 1);
    assert_int_equal(repairs.list[0].kind, CHANGE_MOVE);
    repair_free(&repairs);
    put_text(temp.fd, "d/b.xml", b);
    assert_int_equal(
        repair_decide(&repairs, &reading,
                      &(struct settings){.to = LAYOUT_BULK,
                                         .repair = REPAIR_ALL,
                                         .kept = true,
                                         .max_bulk = BULK_FILE_MAX},
                      &error),
        -1);
    assert_non_null(strstr(error.message, "changed since it was checked"));
    error_clear(&error);
    repair_free(&repairs);
    reading_free(&reading);
    temp_remove(&temp);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_tangles),
        cmocka_unit_test(test_parent_and_child),
        cmocka_unit_test(test_long_cycle),
        cmocka_unit_test(test_mended_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
