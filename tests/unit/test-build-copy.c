/*
 * test-build-copy.c - shows that build_copy() takes over the attributes of what
 * a copy is made from, writes awkward names and large domains, takes each
 * snapshot from where it is wanted, and fails rather than write something else.
 */
#include "bench.h"

#include <sys/stat.h>

static void
set_time(int dir, const char *path, time_t seconds, long nanoseconds)
{
    const struct timespec times[] = {{seconds, 0}, {seconds, nanoseconds}};

    assert_int_equal(utimensat(dir, path, times, 0), 0);
}

/* Only root can give a file away; then the copy must be the same one's. */
static void
set_owner(int dir, const char *path, uid_t owner, gid_t group)
{
    if (!geteuid())
        assert_int_equal(fchownat(dir, path, owner, group, 0), 0);
}

static void
assert_attributes(int dir, const char *path, mode_t mode, time_t seconds,
                  long nanoseconds)
{
    struct stat stat = stat_of(dir, path);

    assert_int_equal(stat.st_mode, mode);
    if (!seconds)
        return;
    assert_int_equal(stat.st_mtim.tv_sec, seconds);
    assert_int_equal(stat.st_mtim.tv_nsec, nanoseconds);
}

static void
assert_owner(int dir, const char *path, uid_t owner, gid_t group)
{
    struct stat stat = stat_of(dir, path);

    assert_int_equal(stat.st_uid, geteuid() ? geteuid() : owner);
    if (!geteuid())
        assert_int_equal(stat.st_gid, group);
}

/* Modes are libvirt's own, whatever the umask; the time is the latest. */
static void
test_attributes_bulk(void **state)
{
    struct bench bench;
    mode_t mask;

    (void)state;
    bench_set(&bench, LAYOUT_BULK);
    set_time(bench.temp.fd, "d/a.xml", 1000, 5);
    set_time(bench.temp.fd, "d/b.xml", 3000, 7);
    set_time(bench.temp.fd, "d/c.xml", 3000, 6);
    set_owner(bench.temp.fd, "d/a.xml", 1234, 2345);
    set_owner(bench.temp.fd, "d/b.xml", 1234, 2345);
    set_owner(bench.temp.fd, "d/c.xml", 1234, 2345);
    bench_want(&bench);
    mask = umask(0377);
    assert_int_equal(bench_build(&bench), 0);
    (void)umask(mask);
    assert_attributes(bench_dir(&bench), "new", S_IFREG | 0600, 3000, 7);
    assert_owner(bench_dir(&bench), "new", 1234, 2345);
    bench_free(&bench);
}

/* What belonged to several, by user or by group, is given to none of them. */
static void
test_owners_differ(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct bench bench;

        bench_set(&bench, LAYOUT_BULK);
        set_owner(bench.temp.fd, "d/a.xml", 1234, 2345);
        set_owner(bench.temp.fd, "d/b.xml", i ? 1234 : 3456, 2345);
        set_owner(bench.temp.fd, "d/c.xml", 1234, i ? 4567 : 2345);
        bench_want(&bench);
        assert_int_equal(bench_build(&bench), 0);
        assert_owner(bench_dir(&bench), "new", geteuid(), getegid());
        bench_free(&bench);
    }
}

static void
test_attributes_legacy(void **state)
{
    struct bench bench;
    mode_t mask;

    (void)state;
    bench_set(&bench, LAYOUT_LEGACY);
    set_time(bench.temp.fd, "d.xml", 2000, 9);
    set_owner(bench.temp.fd, "d.xml", 1234, 2345);
    bench_want(&bench);
    mask = umask(0);
    assert_int_equal(bench_build(&bench), 0);
    (void)umask(mask);
    assert_attributes(bench_dir(&bench), "new", S_IFDIR | 0755, 0, 0);
    assert_owner(bench_dir(&bench), "new", 1234, 2345);
    assert_attributes(bench_dir(&bench), "new/a.xml", S_IFREG | 0600, 2000, 9);
    assert_attributes(bench_dir(&bench), "new/c.xml", S_IFREG | 0600, 2000, 9);
    assert_owner(bench_dir(&bench), "new/c.xml", 1234, 2345);
    bench_free(&bench);
}

/* How a name is written as text, as a file name and as an attribute. */
static const struct {
    const char *text;
    const char *file;
    const char *attribute;
} names[] = {
    {"s &amp; 't'", "s & 't'", "s &amp; &apos;t&apos;"},
    {"&lt;\"&gt;", "<\">", "&lt;&quot;&gt;"},
    {"two\nlines\tof it", "two\nlines\tof it", "two&#10;lines&#9;of it"},
    /* A parser reads a line feed; the file has the name that libvirt had. */
    {"two\rlines", "two\rlines", "two&#10;lines"},
    {"\xc3\xa9\xe2\x80\xae", "\xc3\xa9\xe2\x80\xae", "\xc3\xa9\xe2\x80\xae"},
    {" ", " ", " "},
    {"%s%n", "%s%n", "%s%n"},
    {"s.xml", "s.xml", "s.xml"},
};

/* Domain d with one snapshot instead of the three. */
static void
put_single(int dir, const char *file, const char *legacy, const char *bulk)
{
    cleanup(free_ptr) char *path = xasprintf("d/%s.xml", file);

    edit_file(dir, (struct edit){"d/a.xml", NULL, NULL});
    edit_file(dir, (struct edit){"d/b.xml", NULL, NULL});
    edit_file(dir, (struct edit){"d/c.xml", NULL, NULL});
    put_text(dir, path, legacy);
    put_text(dir, "d.xml", bulk);
}

static void
test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * LENGTH(names); i++) {
        const char *text = names[i / 2].text, *file = names[i / 2].file;
        cleanup(free_ptr) char *copy = xasprintf("new/%s.xml", file);
        cleanup(free_ptr) char *legacy =
            xasprintf(LEGACY_SNAPSHOT("%s", ROOT, "1", "1"), text, text);
        cleanup(free_ptr) char *bulk = xasprintf(
            BULK_HEAD(" current='%s'") BULK_SNAPSHOT("%s", ROOT, "1") BULK_TAIL,
            names[i / 2].attribute, text, text);
        bool to_bulk = i % 2;
        struct bench bench;

        bench_set(&bench, to_bulk ? LAYOUT_BULK : LAYOUT_LEGACY);
        put_single(bench.temp.fd, file, legacy, bulk);
        bench_want(&bench);
        assert_int_equal(bench_build(&bench), 0);
        assert_text(bench_dir(&bench), to_bulk ? "new" : copy,
                    to_bulk ? bulk : legacy);
        assert_int_equal(bench_prove(&bench), 0);
        bench_free(&bench);
    }
}

/* Parents come first, whatever the files are called. */
static void
test_order(void **state)
{
    struct bench bench;

    (void)state;
    bench_set(&bench, LAYOUT_BULK);
    edit_file(bench.temp.fd, (struct edit){"d/c.xml", NULL, NULL});
    put_text(bench.temp.fd, "d/a.xml",
             LEGACY_SNAPSHOT("a", CHILD_OF_B, "170", "0"));
    put_text(bench.temp.fd, "d/b.xml", LEGACY_SNAPSHOT("b", ROOT, "180", "1"));
    bench_want(&bench);
    assert_int_equal(bench_build(&bench), 0);
    assert_text(bench_dir(&bench), "new",
                BULK_HEAD(" current='b'") BULK_SNAPSHOT("b", ROOT, "180")
                    BULK_SNAPSHOT("a", CHILD_OF_B, "170") BULK_TAIL);
    assert_int_equal(bench_prove(&bench), 0);
    bench_free(&bench);
}

/* More than is gathered before it is written. */
static void
test_large(void **state)
{
    cleanup(free_ptr) char *filler = xcalloc(300001, 1);
    cleanup(free_ptr) char *bulk = NULL;

    (void)state;
    memset(filler, 'x', 300000);
    bulk = xasprintf(BULK_HEAD(" current='b'") "%s" BULK_TAIL,
                     IN_BULK_A IN_BULK_B IN_BULK_C);
    for (const char *name = "abc"; *name; name++) {
        cleanup(free_ptr) char *find = xasprintf("of %c\n", *name);
        cleanup(free_ptr) char *with = xasprintf("%c%s\n", *name, filler);
        cleanup(free_ptr) char *old = steal_ptr(&bulk);

        bulk = edit_text(old, find, with);
    }
    for (int to = LAYOUT_LEGACY; to <= LAYOUT_BULK; to++) {
        struct bench bench;

        bench_set(&bench, (enum layout)to);
        put_text(bench.temp.fd, "d.xml", bulk);
        for (const char *name = "abc"; *name; name++) {
            cleanup(free_ptr) char *path = xasprintf("d/%c.xml", *name);
            cleanup(free_ptr) char *find = xasprintf("of %c\n", *name);
            cleanup(free_ptr) char *with = xasprintf("%c%s\n", *name, filler);

            edit_file(bench.temp.fd, (struct edit){path, find, with});
        }
        bench_want(&bench);
        assert_int_equal(bench_build(&bench), 0);
        if (to == LAYOUT_BULK)
            assert_text(bench_dir(&bench), "new", bulk);
        assert_int_equal(bench_prove(&bench), 0);
        bench_free(&bench);
    }
}

/* Some from either layout: a from the one, x from the other. */
static void
test_merged(void **state)
{
    static const char other[] =
        BULK_HEAD(" current='x'") BULK_SNAPSHOT("a", ROOT, "1")
            BULK_SNAPSHOT("x", CHILD_OF_A, "190") BULK_TAIL;
    static const char merged[] = BULK_HEAD(" current='b'")
        IN_BULK_A IN_BULK_B IN_BULK_C BULK_SNAPSHOT("x", CHILD_OF_A, "190")
            BULK_TAIL;

    (void)state;
    for (int to = LAYOUT_LEGACY; to <= LAYOUT_BULK; to++) {
        cleanup(problems_free) struct problems problems = {0};
        struct bench bench;
        struct domain bulk;
        const char *a = to == LAYOUT_BULK ? "new" : "new/a.xml";

        bench_set(&bench, (enum layout)to);
        put_text(bench.temp.fd, "d.xml", other);
        read_domain(&bench.source, LAYOUT_LEGACY, bench.temp.fd, "d");
        read_domain(&bulk, LAYOUT_BULK, bench.temp.fd, "d.xml");
        wanted_build(&bench.wanted, &bench.source, &bulk, &problems);
        assert_int_equal(bench_build(&bench), 0);
        if (to == LAYOUT_BULK) {
            assert_text(bench_dir(&bench), "new", merged);
        } else {
            assert_text(bench_dir(&bench), "new/a.xml", A);
            assert_text(bench_dir(&bench), "new/b.xml", B);
            assert_text(bench_dir(&bench), "new/x.xml",
                        LEGACY_SNAPSHOT("x", CHILD_OF_A, "190", "0"));
        }
        assert_int_equal(bench_prove(&bench), 0);
        /* The a that lost is not the one that is wanted. */
        edit_file(bench_dir(&bench), (struct edit){a, ">170<", ">1<"});
        assert_int_equal(bench_prove(&bench), -1);
        assert_said(&bench.error, "snapshot 'a'", "the loser's");
        domain_free(&bulk);
        bench_free(&bench);
    }
}

/* What is there is never written over. */
static void
test_taken(void **state)
{
    struct bench bench;

    (void)state;
    bench_make(&bench, LAYOUT_BULK);
    put_text(bench_dir(&bench), "new", "taken");
    assert_int_equal(bench_build(&bench), -1);
    assert_said(&bench.error, "'new'", "a file");
    assert_text(bench_dir(&bench), "new", "taken");
    bench_free(&bench);
    bench_make(&bench, LAYOUT_LEGACY);
    assert_int_equal(mkdirat(bench_dir(&bench), "new", 0700), 0);
    assert_int_equal(bench_build(&bench), -1);
    assert_said(&bench.error, "'new'", "a directory");
    assert_int_equal(unlinkat(bench_dir(&bench), "new", AT_REMOVEDIR), 0);
    /* Nor written through. */
    assert_int_equal(symlinkat("../../d", bench_dir(&bench), "new"), 0);
    assert_int_equal(bench_build(&bench), -1);
    assert_said(&bench.error, "'new'", "a link");
    assert_text(bench.temp.fd, "d/a.xml", A);
    bench_free(&bench);
}

/* A source that is not what it was is not made into a copy. */
static void
test_source_changed(void **state)
{
    struct bench bench;

    (void)state;
    bench_make(&bench, LAYOUT_BULK);
    edit_file(bench.temp.fd, (struct edit){"d/c.xml", "of c", "of x"});
    assert_int_equal(bench_build(&bench), -1);
    assert_said(&bench.error, "changed", "another text");
    bench_free(&bench);
    bench_make(&bench, LAYOUT_BULK);
    edit_file(bench.temp.fd, (struct edit){"d/a.xml", NULL, NULL});
    assert_int_equal(bench_build(&bench), -1);
    assert_said(&bench.error, "a.xml", "the first is gone");
    bench_free(&bench);
    bench_make(&bench, LAYOUT_LEGACY);
    put_text(bench.temp.fd, "d.xml", BULK_HEAD(""));
    assert_int_equal(bench_build(&bench), -1);
    assert_said(&bench.error, "shorter", "a bulk file cut off");
    bench_free(&bench);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attributes_bulk),
        cmocka_unit_test(test_owners_differ),
        cmocka_unit_test(test_attributes_legacy),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_merged),
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_source_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
