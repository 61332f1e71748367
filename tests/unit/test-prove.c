/*
 * test-prove.c - shows that prove_snapshot() tells a snapshot from one that
 * differs in anything but being current, whichever layouts the two are in, and
 * that it is content with one that was only laid out otherwise.
 */
#include "store.h"

#include "../../migrate/prove.h"

#define LEGACY LEGACY_SNAPSHOT("a", ROOT, "170", "0")
#define BULK BULK_HEAD("") BULK_SNAPSHOT("a", ROOT, "170") BULK_TAIL

static void
put_legacy(int dir, const char *domain, const char *text)
{
    cleanup(free_ptr) char *file = xasprintf("%s/a.xml", domain);

    (void)mkdirat(dir, domain, 0700);
    put_text(dir, file, text);
}

static int
prove(const struct domain *source, size_t source_index,
      const struct domain *target, size_t target_index, struct error *error)
{
    cleanup(prover_free) struct prover prover = {0};
    struct original original = {.layout = source->layout,
                                .active = source->snaps[source_index].active};
    cleanup(buffer_free) struct buffer bytes = {0};
    struct span element;
    int same;

    if (domain_load(target, target_index, &bytes, &element, error) < 0 ||
        domain_load(source, source_index, &original.bytes, &original.element,
                    error) < 0) {
        buffer_free(&original.bytes);
        return -1;
    }
    same = prove_snapshot(&prover, &original, target->layout,
                          bytes.data + element.start, element.len);
    buffer_free(&original.bytes);
    return same;
}

/* Both ways, for each may be the source; a difference is one either way. */
static void
assert_same(const struct domain *a, const struct domain *b, int same,
            const char *of)
{
    struct error error = {0};
    int there = prove(a, 0, b, 0, &error);
    int back = prove(b, 0, a, 0, &error);

    if (there != same || back != same)
        print_error("of case: %s: %d, %d\n", of, there, back);
    assert_int_equal(there, same);
    assert_int_equal(back, same);
    assert_null(error.message);
}

/*
 * Prove d/a.xml and d.xml of these texts the same, or not; and each against
 * one of its own layout in libvirt's form. The odd one is any of the two.
 */
static void
prove_texts(const struct temp *temp, const char *legacy, const char *bulk,
            int same, const char *of)
{
    struct domain domain[4];

    put_legacy(temp->fd, "d", legacy);
    put_legacy(temp->fd, "plain", LEGACY);
    put_text(temp->fd, "d.xml", bulk);
    put_text(temp->fd, "plain.xml", BULK);
    read_domain(&domain[0], LAYOUT_LEGACY, temp->fd, "d");
    read_domain(&domain[1], LAYOUT_BULK, temp->fd, "d.xml");
    read_domain(&domain[2], LAYOUT_LEGACY, temp->fd, "plain");
    read_domain(&domain[3], LAYOUT_BULK, temp->fd, "plain.xml");
    for (size_t i = 0; i < LENGTH(domain); i++)
        assert_int_equal(domain[i].count, 1);
    assert_same(&domain[0], &domain[1], same, of);
    assert_same(&domain[0], &domain[2], same || !strcmp(legacy, LEGACY), of);
    assert_same(&domain[1], &domain[3], same || !strcmp(bulk, BULK), of);
    for (size_t i = 0; i < LENGTH(domain); i++)
        domain_free(&domain[i]);
}

/* Replace in the legacy file, and on its own in the bulk file. */
static void
prove_edits(const struct temp *temp, const char *find, const char *with,
            int same)
{
    cleanup(free_ptr) char *legacy = edit_text(LEGACY, find, with);
    cleanup(free_ptr) char *bulk = edit_text(BULK, find, with);

    prove_texts(temp, legacy, BULK, same, with);
    prove_texts(temp, LEGACY, bulk, same, with);
}

static void
test_own_form(void **state)
{
    cleanup(free_ptr) char *current = edit_text(LEGACY, ">0<", ">1<");

    prove_texts(*state, LEGACY, BULK, 1, "not current");
    prove_texts(*state, current, BULK, 1, "current");
    /* The bulk file may say so or not: it is not the snapshot's own. */
    prove_texts(*state, current,
                BULK_HEAD(" current='a'") BULK_SNAPSHOT("a", ROOT, "170")
                    BULK_TAIL,
                1, "current in both");
}

/* Of the text in both layouts: what is found, and what takes its place. */
static const struct {
    const char *find;
    const char *with;
} same_edits[] =
    {
        {"<state>", "\n\n   \t<state>"},
        {"    <os>", "<os>"},
        {"<os>\n", "<os> "},
        {"type='qemu'", "type=\"qemu\""},
        {"type='qemu'>", "type = 'qemu' >"},
        {"<m:b/>", "<m:b></m:b>"},
        {"of a", "of &#97;"},
        {"of a", "of <![CDATA[a]]>"},
        {"and more", "&#97;nd more"},
        {"<state>", "<active>1</active><state>"},
},
  other_edits[] = {
      {"of a", "of A"},
      {"of a", "of a "},
      {"of a", "of  a"},
      {"a\n    and", "a\n      and"},
      {"a\n    and", "a\n  and"},
      {"a\n    and", "a and"},
      {"and more", "and mor"},
      {"and more", ""},
      {"and more", "and <!-- -->more"},
      {"<state>shutoff<", "<state>paused<"},
      {"<creationTime>170<", "<creationTime>171<"},
      {"<creationTime>170<", "<creationTime>0170<"},
      {" arch='x86_64'", ""},
      {"arch='x86_64'", "arch='i686'"},
      {"arch='x86_64'", "Arch='x86_64'"},
      {"arch='x86_64'", "arch='x86_64' machine='pc'"},
      {"unit='KiB'", "unit='MiB'"},
      {"1024", "2048"},
      {"<os>", "<os><boot/>"},
      {"926a", "926b"},
      {"<name>d</name>", ""},
      {"<name>d</name>", "<name>d</name><name>d</name>"},
      {"<name>d</name>", "<name>d </name>"},
      /* Indentation that is content. */
      {"text\n  <m:a>", "text\n    <m:a>"},
      {"<m:a>\n    <m:b/>", "<m:a>\n  <m:b/>"},
      {"<m:a>\n    <m:b/>", "<m:a><m:b/>"},
      {"CDATA[x\n  y", "CDATA[x\n    y"},
      {"CDATA[x\n  y", "CDATA[x\ny"},
      {">\n  <![CDATA", "><![CDATA"},
      {"]]>\n</m:raw>", "]]>\n  </m:raw>"},
      {"<!-- a\n  comment", "<!-- a\n    comment"},
      {"<!-- a\n  comment -->", ""},
      {"<!-- a\n  comment -->", "<?a\n  comment ?>"},
      /* A namespace, and an <active> that is not the snapshot's. */
      {"<m:raw xmlns:m='urn:m'", "<m:raw xmlns:m='urn:n'"},
      {"<m:raw xmlns:m", "<m:raw xmlns:n='urn:n' xmlns:m"},
      {"<metadata>", "<metadata><active>1</active>"},
      {"<state>", "<x:active xmlns:x='urn:x'>0</x:active><state>"},
      {"<state>", "<parent><name>x</name></parent><state>"},
};

static void
test_odd_forms(void **state)
{
    for (size_t i = 0; i < LENGTH(same_edits); i++)
        prove_edits(*state, same_edits[i].find, same_edits[i].with, 1);
}

static void
test_differences(void **state)
{
    for (size_t i = 0; i < LENGTH(other_edits); i++)
        prove_edits(*state, other_edits[i].find, other_edits[i].with, 0);
}

/* What only one of the layouts can have around its snapshots. */
static void
test_around(void **state)
{
    static const char active[] = "  <active>0</active>\n";
    cleanup(free_ptr) char *without = edit_text(LEGACY, active, "");
    cleanup(free_ptr) char *first =
        edit_text(without, "<domainsnapshot>\n",
                  "<domainsnapshot>\n  <active>1</active>\n");
    cleanup(free_ptr) char *bare = edit_text(LEGACY, WARNING_COMMENT, "");
    cleanup(free_ptr) char *declared =
        xasprintf("<?xml version='1.0'?>\n%s<!-- behind -->", LEGACY);
    cleanup(free_ptr) char *odd = edit_text(LEGACY, ">0<", "> 7 <");
    cleanup(free_ptr) char *cut =
        xasprintf("%.*s", (int)strlen(LEGACY) - 1, LEGACY);

    prove_texts(*state, first, BULK, 1, "<active> first");
    prove_texts(*state, without, BULK, 1, "no <active>");
    prove_texts(*state, bare, BULK, 1, "no warning");
    prove_texts(*state, declared, BULK, 1, "a declaration");
    prove_texts(*state, odd, BULK, 1, "<active> of 7");
    prove_texts(*state, cut, BULK, 1, "no newline at the end");
    prove_texts(
        *state, LEGACY,
        "<snapshots>" SNAPSHOT_LINES("", "a", , "170", "") "</snapshots>", 1,
        "a bulk file that is not indented");
}

/* A text of several lines is the same to a parser, whatever ends them. */
static void
test_line_ends(void **state)
{
    cleanup(free_ptr) char *legacy = edit_all(LEGACY, "\n", "\r\n");
    cleanup(free_ptr) char *bulk = edit_all(BULK, "\n", "\r\n");
    cleanup(free_ptr) char *other = edit_text(legacy, "of a", "of b");
    cleanup(free_ptr) char *raw =
        edit_text(LEGACY, "a\n    and", "a&#13;\n    and");

    prove_texts(*state, legacy, BULK, 1, "legacy with CRLF");
    prove_texts(*state, LEGACY, bulk, 1, "bulk with CRLF");
    prove_texts(*state, legacy, bulk, 1, "both with CRLF");
    prove_texts(*state, other, BULK, 0, "CRLF and a difference");
    prove_texts(*state, raw, BULK, 0, "a carriage return that is content");
}

/* The indexes count: a domain's snapshots are not the same. */
static void
test_indexes(void **state)
{
    const struct temp *temp = *state;
    struct domain legacy, bulk;
    struct error error = {0};

    put_legacy(temp->fd, "d", LEGACY);
    put_text(temp->fd, "d/b.xml", LEGACY_SNAPSHOT("b", ROOT, "170", "1"));
    put_text(temp->fd, "d.xml",
             BULK_HEAD("") BULK_SNAPSHOT("b", ROOT, "170")
                 BULK_SNAPSHOT("a", ROOT, "170") BULK_TAIL);
    read_domain(&legacy, LAYOUT_LEGACY, temp->fd, "d");
    read_domain(&bulk, LAYOUT_BULK, temp->fd, "d.xml");
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 2; j++) {
            int same = !strcmp(legacy.snaps[i].name, bulk.snaps[j].name);

            assert_int_equal(prove(&legacy, i, &bulk, j, &error), same);
            assert_int_equal(prove(&bulk, j, &legacy, i, &error), same);
        }
    }
    domain_free(&legacy);
    domain_free(&bulk);
    assert_int_equal(unlinkat(temp->fd, "d/b.xml", 0), 0);
}

/* A file and where its one snapshot is, without a reader's judgement. */
static void
fake_domain(struct domain *domain, const struct temp *temp, const char *file,
            size_t start, size_t len, enum layout layout)
{
    struct snapshot snapshot = {
        .name = xstrdup("a"), .file = xstrdup(file), .element = {start, len}};
    struct stat stat;
    int fd = openat(temp->fd, layout == LAYOUT_BULK ? file : ".",
                    O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(fstatat(temp->fd, file, &stat, 0), 0);
    snapshot.id = file_id(&stat);
    *domain = (struct domain){.name = xstrdup("d"), .layout = layout, .fd = fd};
    (void)domain_add(domain, &snapshot);
}

/* What has no canonical form is still the same when its bytes are. */
static void
test_bytes(void **state)
{
    static const char legacy[] =
        WARNING_COMMENT "<domainsnapshot>\n  <a>&no;</a>\n"
                        "  <active>0</active>\n</domainsnapshot>\n";
    static const char bulk[] =
        "  <domainsnapshot>\n    <a>&no;</a>\n  </domainsnapshot>\n";
    cleanup(free_ptr) char *current = edit_text(legacy, ">0<", ">1<");
    cleanup(free_ptr) char *other = edit_text(bulk, "no", "nO");
    const size_t warning = strlen(WARNING_COMMENT);
    const size_t legacy_len = strlen(legacy) - warning - 1;
    const size_t bulk_len = strlen(bulk) - 3;
    const struct temp *temp = *state;
    struct domain domain[5];

    put_text(temp->fd, "legacy", legacy);
    put_text(temp->fd, "current", current);
    put_text(temp->fd, "bulk", bulk);
    put_text(temp->fd, "other", other);
    fake_domain(&domain[0], temp, "legacy", warning, legacy_len, LAYOUT_LEGACY);
    fake_domain(&domain[1], temp, "current", warning, legacy_len,
                LAYOUT_LEGACY);
    domain[1].snaps[0].active = true;
    fake_domain(&domain[2], temp, "bulk", 2, bulk_len, LAYOUT_BULK);
    fake_domain(&domain[3], temp, "other", 2, bulk_len, LAYOUT_BULK);
    fake_domain(&domain[4], temp, "bulk", 2, bulk_len - 1, LAYOUT_BULK);
    assert_same(&domain[0], &domain[2], 1, "the same bytes");
    assert_same(&domain[1], &domain[2], 1, "the same bytes, current");
    assert_same(&domain[2], &domain[2], 1, "itself");
    assert_same(&domain[0], &domain[3], 0, "another byte");
    assert_same(&domain[2], &domain[3], 0, "another byte in bulk files");
    assert_same(&domain[2], &domain[4], 0, "a byte less");
    for (size_t i = 0; i < LENGTH(domain); i++)
        domain_free(&domain[i]);
}

/* What can no longer be read is neither the same nor not. */
static void
test_unreadable(void **state)
{
    const struct temp *temp = *state;
    struct domain legacy, bulk, gone, cut;
    struct error error = {0};

    put_legacy(temp->fd, "d", LEGACY);
    put_legacy(temp->fd, "gone", LEGACY);
    put_text(temp->fd, "d.xml", BULK);
    put_text(temp->fd, "cut.xml", BULK);
    read_domain(&legacy, LAYOUT_LEGACY, temp->fd, "d");
    read_domain(&gone, LAYOUT_LEGACY, temp->fd, "gone");
    read_domain(&bulk, LAYOUT_BULK, temp->fd, "d.xml");
    read_domain(&cut, LAYOUT_BULK, temp->fd, "cut.xml");
    assert_int_equal(unlinkat(temp->fd, "gone/a.xml", 0), 0);
    put_text(temp->fd, "cut.xml", BULK_HEAD(""));
    assert_int_equal(prove(&legacy, 0, &cut, 0, &error), -1);
    assert_said(&error, "shorter", "target");
    assert_int_equal(prove(&cut, 0, &legacy, 0, &error), -1);
    assert_said(&error, "shorter", "source");
    assert_int_equal(prove(&bulk, 0, &gone, 0, &error), -1);
    assert_said(&error, "a.xml", "target");
    assert_int_equal(prove(&gone, 0, &bulk, 0, &error), -1);
    assert_said(&error, "a.xml", "source");
    /* A file of the same text, but not the one that was read. */
    put_text(temp->fd, "d/new", LEGACY);
    assert_int_equal(renameat(temp->fd, "d/new", temp->fd, "d/a.xml"), 0);
    assert_int_equal(prove(&legacy, 0, &bulk, 0, &error), -1);
    assert_said(&error, "changed", "replaced");
    domain_free(&legacy);
    domain_free(&gone);
    domain_free(&bulk);
    domain_free(&cut);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_form),    cmocka_unit_test(test_odd_forms),
        cmocka_unit_test(test_differences), cmocka_unit_test(test_around),
        cmocka_unit_test(test_line_ends),   cmocka_unit_test(test_indexes),
        cmocka_unit_test(test_bytes),       cmocka_unit_test(test_unreadable),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
