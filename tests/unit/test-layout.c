/*
 * test-layout.c - shows what both layouts have in common: a domain's list of
 * snapshots, how a snapshot's bytes are loaded again, and that no change of a
 * file since it was read goes unnoticed.
 */
#include "support.h"

#include "../../verify/error.h"

/* Add a snapshot; FILE may be NULL. */
static struct snapshot *
add(struct domain *domain, const char *name, const char *file)
{
    struct snapshot snapshot = {.name = xstrdup(name),
                                .file = file ? xstrdup(file) : NULL};

    return domain_add(domain, &snapshot);
}

static struct file_id
id_of(int dir, const char *name)
{
    struct stat stat;

    assert_int_equal(fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW), 0);
    return file_id(&stat);
}

/* As legacy_read() leaves a directory with these files. */
static void
open_legacy(struct domain *domain, const struct temp *temp,
            const char *const *files, size_t count)
{
    *domain = (struct domain){.name = xstrdup("web"),
                              .entry = xstrdup("web-dir"),
                              .layout = LAYOUT_LEGACY,
                              .current = NO_SNAPSHOT};
    (void)mkdirat(temp->fd, "web-dir", 0700);
    domain->fd = openat(temp->fd, "web-dir", O_RDONLY | O_CLOEXEC);
    assert_true(domain->fd >= 0);
    for (size_t i = 0; i < count; i++)
        put_text(domain->fd, files[i], files[i]);
    for (size_t i = 0; i < count; i++) {
        struct snapshot *snapshot = add(domain, files[i], files[i]);

        snapshot->id = id_of(domain->fd, files[i]);
        snapshot->element = (struct span){1, strlen(files[i]) - 1};
    }
    domain->id = id_of(temp->fd, "web-dir");
}

/* As bulk_read() leaves a file with the members <a/> and <bb/>. */
static void
open_bulk(struct domain *domain, const struct temp *temp)
{
    put_text(temp->fd, "web-file", "<x><a/> <bb/></x>");
    *domain = (struct domain){
        .name = xstrdup("web"),
        .entry = xstrdup("web-file"),
        .layout = LAYOUT_BULK,
        .fd = openat(temp->fd, "web-file", O_RDONLY | O_CLOEXEC),
        .id = id_of(temp->fd, "web-file"),
        .current = NO_SNAPSHOT};
    assert_true(domain->fd >= 0);
    add(domain, "a", NULL)->element = (struct span){3, 4};
    add(domain, "bb", NULL)->element = (struct span){8, 5};
}

static void
test_ops(void **state)
{
    (void)state;
    assert_string_equal(layout_ops(LAYOUT_LEGACY)->name, "legacy");
    assert_string_equal(layout_ops(LAYOUT_BULK)->name, "bulk");
    assert_true(layout_ops(LAYOUT_LEGACY)->read == legacy_read);
    assert_true(layout_ops(LAYOUT_BULK)->read == bulk_read);
}

static void
test_suffix(void **state)
{
    static const struct {
        const char *name;
        bool has;
    } cases[] = {
        {"a.xml", true},      {"a.b.xml", true},  {".a.xml", true},
        {"..xml", true},      {".xml.xml", true}, {" .xml", true},
        {"\n.xml", true},     {".xml", false},    {"", false},
        {"xml", false},       {"a", false},       {"axml", false},
        {"a.XML", false},     {"a.Xml", false},   {"a.xml ", false},
        {"a.xml.new", false}, {"a.xml~", false},  {"a.xm", false},
        {"a.xmll", false},    {"a.xml.", false},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        if (has_xml_suffix(cases[i].name) != cases[i].has)
            print_error("of case: %s\n", cases[i].name);
        assert_int_equal(has_xml_suffix(cases[i].name), cases[i].has);
    }
}

/* What a snapshot owns goes over to the domain, and stays as it was. */
static void
test_add(void **state)
{
    struct domain domain = {.fd = -1};

    (void)state;
    for (int i = 0; i < 70; i++) {
        struct snapshot snapshot = {.name = xasprintf("s%d", i),
                                    .parent = xstrdup("p"),
                                    .created = i,
                                    .active = true};
        const char *name = snapshot.name;
        const struct snapshot *added = domain_add(&domain, &snapshot);

        assert_ptr_equal(added, &domain.snaps[i]);
        assert_ptr_equal(added->name, name);
        assert_int_equal(domain.count, i + 1);
        assert_null(snapshot.name);
        assert_null(snapshot.parent);
        assert_false(snapshot.active);
        /* So this is harmless. */
        snapshot_free(&snapshot);
    }
    for (int i = 0; i < 70; i++) {
        cleanup(free_ptr) char *name = xasprintf("s%d", i);

        assert_string_equal(domain.snaps[i].name, name);
        assert_string_equal(domain.snaps[i].parent, "p");
        assert_int_equal(domain.snaps[i].created, i);
    }
    domain_free(&domain);
}

static void
test_release(void **state)
{
    const struct temp *temp = *state;
    static const char *const files[] = {"a", "b"};
    struct domain domain;
    int fd;

    open_legacy(&domain, temp, files, LENGTH(files));
    domain.order = xcalloc(2, sizeof(size_t));
    domain.by_name = xcalloc(2, sizeof(size_t));
    domain.current = 1;
    fd = domain.fd;
    /* Again does no harm. */
    for (int round = 0; round < 2; round++) {
        domain_free(&domain);
        assert_int_equal(fcntl(fd, F_GETFD), -1);
        assert_int_equal(domain.fd, -1);
        assert_int_equal(domain.count, 0);
        assert_true(domain.current == NO_SNAPSHOT);
        assert_null(domain.snaps);
        assert_null(domain.order);
        assert_null(domain.by_name);
        assert_null(domain.name);
        assert_null(domain.entry);
    }
}

/* Whatever the number of names: each is found, and nothing between them. */
static void
test_find_sorted(void **state)
{
    (void)state;
    for (size_t count = 0; count <= 20; count++) {
        struct domain domain = {.fd = -1};

        /* In the list they stand the other way round. */
        domain.by_name = xcalloc(count + 1, sizeof(size_t));
        for (size_t i = 0; i < count; i++) {
            cleanup(free_ptr) char *name =
                xasprintf("n%c", (int)('a' + count - 1 - i));

            domain.by_name[count - 1 - i] = i;
            (void)add(&domain, name, NULL);
        }
        for (size_t i = 0; i < count; i++) {
            cleanup(free_ptr) char *behind =
                xasprintf("%s ", domain.snaps[i].name);

            assert_int_equal(domain_find(&domain, domain.snaps[i].name), i);
            assert_true(domain_find(&domain, behind) == NO_SNAPSHOT);
        }
        assert_true(domain_find(&domain, "") == NO_SNAPSHOT);
        assert_true(domain_find(&domain, "n") == NO_SNAPSHOT);
        assert_true(domain_find(&domain, "n~") == NO_SNAPSHOT);
        domain_free(&domain);
    }
}

/* Of two with a name the first is found, before it was checked. */
static void
test_find_unsorted(void **state)
{
    struct domain domain = {.fd = -1};

    (void)state;
    assert_true(domain_find(&domain, "a") == NO_SNAPSHOT);
    (void)add(&domain, "b", NULL);
    (void)add(&domain, "a", NULL);
    (void)add(&domain, "a", NULL);
    assert_int_equal(domain_find(&domain, "a"), 1);
    assert_int_equal(domain_find(&domain, "b"), 0);
    assert_true(domain_find(&domain, "ab") == NO_SNAPSHOT);
    domain_free(&domain);
}

/* Whatever is in the buffer is replaced; the element is where it was. */
static void
test_load(void **state)
{
    static const char *const files[] = {"first", "second"};
    const struct temp *temp = *state;
    cleanup(buffer_free) struct buffer bytes = {0};
    struct error error = {0};
    struct domain domain;
    struct span span;

    open_legacy(&domain, temp, files, LENGTH(files));
    for (size_t i = LENGTH(files); i-- > 0;) {
        assert_int_equal(domain_load(&domain, i, &bytes, &span, &error), 0);
        assert_int_equal(bytes.len, strlen(files[i]));
        assert_memory_equal(bytes.data, files[i], bytes.len);
        assert_int_equal(span.start, 1);
        assert_int_equal(span.len, bytes.len - 1);
    }
    domain_free(&domain);
    open_bulk(&domain, temp);
    for (size_t i = 2; i-- > 0;) {
        const char *member = i ? "<bb/>" : "<a/>";

        assert_int_equal(domain_load(&domain, i, &bytes, &span, &error), 0);
        assert_int_equal(bytes.len, strlen(member));
        assert_memory_equal(bytes.data, member, bytes.len);
        assert_int_equal(span.start, 0);
        assert_int_equal(span.len, bytes.len);
    }
    assert_null(error.message);
    domain_free(&domain);
}

/* What somebody does to a file, or to an entry, that was read. */
enum change {
    CHANGE_NOTHING,
    CHANGE_REMOVE,
    CHANGE_REPLACE, /* by another of the same bytes */
    CHANGE_TIME,
    CHANGE_MODE,
    CHANGE_LINK, /* the file is moved away and a link to it put there */
    CHANGE_COUNT,
};

static void
change(int dir, const char *name, enum change how)
{
    static const struct timespec times[2] = {{1, 0}, {1, 0}};

    if (how == CHANGE_TIME)
        assert_int_equal(utimensat(dir, name, times, 0), 0);
    if (how == CHANGE_MODE)
        assert_int_equal(fchmodat(dir, name, 0711, 0), 0);
    if (how == CHANGE_REMOVE || how == CHANGE_REPLACE || how == CHANGE_LINK)
        assert_int_equal(renameat(dir, name, dir, "moved"), 0);
    if (how == CHANGE_LINK)
        assert_int_equal(symlinkat("moved", dir, name), 0);
    if (how == CHANGE_REPLACE)
        put_text(dir, name, name);
}

/* An error that says what it is about. */
static void
assert_said(int result, struct error *error, const char *first,
            const char *second)
{
    assert_int_equal(result, -1);
    assert_non_null(error->message);
    assert_non_null(strstr(error->message, first));
    assert_non_null(strstr(error->message, second));
    error_clear(error);
}

static void
test_change_of_file(void **state)
{
    static const char *const files[] = {"s1", "s2"};

    (void)state;
    for (enum change how = 0; how < CHANGE_COUNT; how++) {
        cleanup(buffer_free) struct buffer bytes = {0};
        struct error error = {0};
        struct domain domain;
        struct span span;
        struct temp temp;
        int load, unchanged;

        temp_make(&temp);
        open_legacy(&domain, &temp, files, LENGTH(files));
        change(domain.fd, "s2", how);
        /* The directory's own times do not give it away. */
        domain.id = id_of(temp.fd, "web-dir");
        assert_int_equal(domain_load(&domain, 0, &bytes, &span, &error), 0);
        load = domain_load(&domain, 1, &bytes, &span, &error);
        if (how == CHANGE_NOTHING)
            assert_int_equal(load, 0);
        else
            assert_said(load, &error, "'s2'", "'web'");
        unchanged = domain_unchanged(&domain, temp.fd, NULL, &error);
        if (how == CHANGE_NOTHING)
            assert_int_equal(unchanged, 0);
        else
            assert_said(unchanged, &error, "'s2'", "'web-dir'");
        domain_free(&domain);
        temp_remove(&temp);
    }
}

/* The same of the directory, or of a bulk file. */
static void
test_change_of_entry(void **state)
{
    (void)state;
    for (int round = 0; round < 2 * CHANGE_COUNT; round++) {
        const enum change how = (enum change)(round / 2);
        const char *entry = round % 2 ? "web-file" : "web-dir";
        struct error error = {0};
        struct domain domain;
        struct temp temp;
        int result;

        temp_make(&temp);
        if (round % 2)
            open_bulk(&domain, &temp);
        else
            open_legacy(&domain, &temp, NULL, 0);
        change(temp.fd, entry, how);
        result = domain_unchanged(&domain, temp.fd, NULL, &error);
        if (how == CHANGE_NOTHING)
            assert_int_equal(result, 0);
        else
            assert_said(result, &error, entry, "changed");
        domain_free(&domain);
        temp_remove(&temp);
    }
}

/* A link is not the file, even to the very same one. */
static void
test_link_to_same(void **state)
{
    static const char *const files[] = {"s1"};
    struct error error = {0};
    struct domain domain;
    struct temp temp;

    (void)state;
    temp_make(&temp);
    open_legacy(&domain, &temp, files, LENGTH(files));
    change(domain.fd, "s1", CHANGE_LINK);
    domain.snaps[0].id = id_of(domain.fd, "moved");
    domain.id = id_of(temp.fd, "web-dir");
    assert_said(domain_unchanged(&domain, temp.fd, NULL, &error), &error,
                "'s1'", "changed");
    domain.count = 0;
    assert_int_equal(domain_unchanged(&domain, temp.fd, NULL, &error), 0);
    change(temp.fd, "web-dir", CHANGE_LINK);
    domain.id = id_of(temp.fd, "moved");
    assert_said(domain_unchanged(&domain, temp.fd, NULL, &error), &error,
                "'web-dir'", "changed");
    domain.count = 1;
    domain_free(&domain);
    temp_remove(&temp);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ops),
        cmocka_unit_test(test_suffix),
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_release),
        cmocka_unit_test(test_find_sorted),
        cmocka_unit_test(test_find_unsorted),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_change_of_file),
        cmocka_unit_test(test_change_of_entry),
        cmocka_unit_test(test_link_to_same),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
