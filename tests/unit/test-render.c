/*
 * test-render.c - shows that a snapshot converted to the bulk layout and back
 * is what libvirt wrote, byte for byte, for the files of a real libvirt and for
 * awkward ones; and how the head of a bulk file names the current snapshot.
 */
#include "support.h"

#include <dirent.h>

#include "../../migrate/render.h"
#include "../../verify/parse.h"
#include "../../verify/space.h"

/* What it knows from one element must make no difference to another. */
static struct space_memo memo;

static int
forget_all(void **state)
{
    (void)state;
    space_forget(&memo);
    return 0;
}

static char *
render(const char *element, size_t len, enum layout from, enum layout to,
       bool active)
{
    struct buffer out = {0};
    cleanup(free_ptr) char *bytes = exact_copy(element, len);

    render_snapshot(bytes, len, from, to, active, &out, NULL);
    for (int i = 0; i < 2; i++) {
        cleanup(buffer_free) struct buffer again = {0};

        render_snapshot(bytes, len, from, to, active, &again, &memo);
        assert_int_equal(again.len, out.len);
        assert_memory_equal(again.data, out.data, out.len);
    }
    buffer_add(&out, "", 1);
    return out.data;
}

/* An element as it stands in a legacy file and, on its lines, in a bulk file.
 */
static const struct {
    const char *what;
    const char *legacy; /* the element alone */
    bool active;
    const char *bulk;
} pairs[] = {
    {"plain",
     "<domainsnapshot>\n  <name>s</name>\n  <active>0</active>\n"
     "</domainsnapshot>",
     false, "  <domainsnapshot>\n    <name>s</name>\n  </domainsnapshot>\n"},
    {"current",
     "<domainsnapshot>\n  <name>s</name>\n  <active>1</active>\n"
     "</domainsnapshot>",
     true, "  <domainsnapshot>\n    <name>s</name>\n  </domainsnapshot>\n"},
    {"text of several lines, and of blanks only",
     "<domainsnapshot>\n  <name>  </name>\n  <description>a\n  b\n\n"
     "c</description>\n  <x>\n</x>\n  <active>0</active>\n</domainsnapshot>",
     false,
     "  <domainsnapshot>\n    <name>  </name>\n    <description>a\n  b\n\n"
     "c</description>\n    <x>\n</x>\n  </domainsnapshot>\n"},
    {"mixed content, CDATA, comments, xml:space",
     "<domainsnapshot>\n"
     "  <m>t\n    <a>\n    </a>\n  </m>\n"
     "  <m>\n    <a/>\n    <![CDATA[x\n]]>\n  </m>\n"
     "  <!-- a\n  b -->\n"
     "  <m xml:space='preserve'>\n    <a/>\n  </m>\n"
     "  <m>\n    <a b='x\n  y'/>\n  </m>\n"
     "  <active>0</active>\n</domainsnapshot>",
     false,
     "  <domainsnapshot>\n"
     "    <m>t\n    <a>\n    </a>\n  </m>\n"
     "    <m>\n    <a/>\n    <![CDATA[x\n]]>\n  </m>\n"
     "    <!-- a\n  b -->\n"
     "    <m xml:space='preserve'>\n    <a/>\n  </m>\n"
     "    <m>\n      <a b='x\n  y'/>\n    </m>\n"
     "  </domainsnapshot>\n"},
    {"decoys of <active>",
     "<domainsnapshot>\n  <!-- <active>1</active> -->\n"
     "  <description>&lt;active&gt;</description>\n"
     "  <domain>\n    <active>1</active>\n  </domain>\n"
     "  <active>0</active>\n</domainsnapshot>",
     false,
     "  <domainsnapshot>\n    <!-- <active>1</active> -->\n"
     "    <description>&lt;active&gt;</description>\n"
     "    <domain>\n      <active>1</active>\n    </domain>\n"
     "  </domainsnapshot>\n"},
    {"an empty line between",
     "<domainsnapshot>\n\n  <name>s</name>\n  <active>0</active>\n"
     "</domainsnapshot>",
     false,
     "  <domainsnapshot>\n  \n    <name>s</name>\n  </domainsnapshot>\n"},
    {"all in one line",
     "<domainsnapshot><name>s</name><active>1</active></domainsnapshot>", true,
     "  <domainsnapshot><name>s</name></domainsnapshot>\n"},
};

static void
test_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(pairs); i++) {
        cleanup(free_ptr) char *bulk =
            render(pairs[i].legacy, strlen(pairs[i].legacy), LAYOUT_LEGACY,
                   LAYOUT_BULK, pairs[i].active);
        cleanup(free_ptr) char *legacy =
            render(pairs[i].bulk + 2, strlen(pairs[i].bulk) - 3, LAYOUT_BULK,
                   LAYOUT_LEGACY, pairs[i].active);
        cleanup(free_ptr) char *file =
            xasprintf(WARNING_COMMENT "%s\n", pairs[i].legacy);

        if (strcmp(bulk, pairs[i].bulk) || strcmp(legacy, file))
            print_error("of case: %s\n", pairs[i].what);
        assert_string_equal(bulk, pairs[i].bulk);
        assert_string_equal(legacy, file);
    }
}

/* Every <active> that counts as one goes, wherever it is, and one comes. */
static void
test_stray_active(void **state)
{
    static const char *const cases[] = {
        "<domainsnapshot>\n  <active>1</active>\n  <name>s</name>\n"
        "</domainsnapshot>",
        "<domainsnapshot>\n  <name>s</name>\n  <active>1</active>\n"
        "  <active>0</active>\n</domainsnapshot>",
        "<domainsnapshot>\n  <active/>\n  <name>s</name>\n"
        "  <active x='>'>\n    1</active>\n</domainsnapshot>",
        "<domainsnapshot>\n  <name>s</name>\n</domainsnapshot>",
    };
    static const char member[] =
        "  <domainsnapshot>\n    <name>s</name>\n  </domainsnapshot>\n";
    static const char file[] =
        WARNING_COMMENT "<domainsnapshot>\n  <name>s</name>\n"
                        "  <active>1</active>\n</domainsnapshot>\n";

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(free_ptr) char *bulk = render(cases[i], strlen(cases[i]),
                                              LAYOUT_LEGACY, LAYOUT_BULK, true);
        cleanup(free_ptr) char *again = render(
            cases[i], strlen(cases[i]), LAYOUT_LEGACY, LAYOUT_LEGACY, true);

        assert_string_equal(bulk, member);
        assert_string_equal(again, file);
    }
}

/* What cannot be moved left all the way is not eaten into. */
static void
test_little_indentation(void **state)
{
    static const char flat[] =
        "<domainsnapshot>\n<name>s</name>\n <x>\n\t<y/>\n"
        "</x>\n</domainsnapshot>";
    cleanup(free_ptr) char *legacy =
        render(flat, strlen(flat), LAYOUT_BULK, LAYOUT_LEGACY, false);

    (void)state;
    assert_string_equal(legacy, WARNING_COMMENT
                        "<domainsnapshot>\n<name>s</name>\n <x>\n\t<y/>\n</x>"
                        "\n  <active>0</active>\n</domainsnapshot>\n");
}

static void
test_head_and_tail(void **state)
{
    static const struct {
        const char *current;
        const char *tag;
    } cases[] = {
        {NULL, "<snapshots>\n"},
        {"s1", "<snapshots current='s1'>\n"},
        {" ", "<snapshots current=' '>\n"},
        {"a & b < c > d", "<snapshots current='a &amp; b &lt; c &gt; d'>\n"},
        {"'\"", "<snapshots current='&apos;&quot;'>\n"},
        {"\t\n\r", "<snapshots current='&#9;&#10;&#13;'>\n"},
        {"&#10;", "<snapshots current='&amp;#10;'>\n"},
        {"\xc3\xa9\xe2\x80\xae",
         "<snapshots current='\xc3\xa9\xe2\x80\xae'>\n"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(buffer_free) struct buffer out = {0};
        cleanup(free_ptr) char *expected =
            xasprintf(WARNING_COMMENT "%s</snapshots>\n", cases[i].tag);
        cleanup(parse_free_doc) xmlDoc *doc = NULL;
        cleanup(parse_free_text) xmlChar *read = NULL;

        render_bulk_head(cases[i].current, &out);
        render_bulk_tail(&out);
        buffer_add(&out, "", 1);
        assert_string_equal(out.data, expected);
        /* And a parser reads that very name. */
        doc = parse_document(out.data, out.len - 1, NULL, NULL);
        assert_non_null(doc);
        read = xmlGetNoNsProp(xmlDocGetRootElement(doc),
                              (const xmlChar *)"current");
        if (cases[i].current)
            assert_string_equal(read, cases[i].current);
        else
            assert_null(read);
    }
}

/* It is appended to what is in the buffer, and nothing else is touched. */
static void
test_appends(void **state)
{
    cleanup(buffer_free) struct buffer out = {0};

    (void)state;
    buffer_puts(&out, "before");
    render_snapshot("<domainsnapshot/>", 17, LAYOUT_BULK, LAYOUT_BULK, false,
                    &out, NULL);
    buffer_add(&out, "", 1);
    assert_string_equal(out.data, "before  <domainsnapshot/>\n");
}

/* One file of a real store; returns 1 if it was a snapshot. */
static int
round_trip(int dir, const char *name)
{
    cleanup(buffer_free) struct buffer file = {0};
    cleanup(close_fd) int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    cleanup(free_ptr) char *bulk = NULL;
    cleanup(free_ptr) char *back = NULL;
    struct stat stat;
    struct document map;
    bool active;

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &stat), 0);
    buffer_reserve(&file, (size_t)stat.st_size + 1);
    assert_int_equal(read(fd, file.data, (size_t)stat.st_size), stat.st_size);
    file.data[stat.st_size] = '\0';
    assert_int_equal(scan_document(file.data, (size_t)stat.st_size, &map), 0);
    if (strncmp(file.data + map.root.start, "<domainsnapshot>", 16))
        return 0;
    active = strstr(file.data, "\n  <active>1</active>\n</domainsnapshot>");
    bulk = render(file.data + map.root.start, map.root.len, LAYOUT_LEGACY,
                  LAYOUT_BULK, active);
    assert_false(strncmp(bulk, "  <domainsnapshot>\n    <", 24));
    assert_null(strstr(bulk, "</active>\n  </domainsnapshot>"));
    back =
        render(bulk + 2, strlen(bulk) - 3, LAYOUT_BULK, LAYOUT_LEGACY, active);
    assert_string_equal(back, file.data);
    return 1;
}

static int
round_trip_below(int parent, const char *name)
{
    DIR *dir = fdopendir(
        openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct dirent *entry;
    int done = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") &&
            strcmp(entry->d_name, ".."))
            done += round_trip_below(dirfd(dir), entry->d_name);
        else if (entry->d_type == DT_REG)
            done += round_trip(dirfd(dir), entry->d_name);
    }
    (void)closedir(dir);
    return done;
}

static void
test_store(const char *store)
{
    const char *stores = getenv("STORES");
    cleanup(free_ptr) char *tarball =
        xasprintf("%s/%s.tar.xz", stores ? stores : "tests/stores", store);
    cleanup(free_ptr) char *below = xasprintf("%s/snapshot", store);
    cleanup(free_ptr) char *command = NULL;
    struct temp temp;
    int done;

    if (access(tarball, R_OK) < 0)
        skip();
    temp_make(&temp);
    command = xasprintf("tar -xJf '%s' -C '%s'", tarball, temp.path);
    assert_int_equal(system(command), 0);
    done = round_trip_below(temp.fd, below);
    temp_remove(&temp);
    assert_true(done > 50);
}

static void
test_real_store(void **state)
{
    (void)state;
    test_store("real-libvirt-9.0.0");
}

static void
test_odd_names(void **state)
{
    (void)state;
    test_store("odd-names");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_stray_active),
        cmocka_unit_test(test_little_indentation),
        cmocka_unit_test(test_head_and_tail),
        cmocka_unit_test(test_appends),
        cmocka_unit_test(test_real_store),
        cmocka_unit_test(test_odd_names),
    };

    return cmocka_run_group_tests(tests, NULL, forget_all);
}
