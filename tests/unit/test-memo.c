/*
 * test-memo.c - shows which parts, values and snapshots are known again: those
 * that no schema tells from one met before, and no others; where they are then;
 * and that no more is remembered than there is room for.
 */
#include "twin.h"

#include "../../verify/memo.h"
#include "../../verify/part.h"
#include "../../verify/variant.h"

static struct schemas schemas;

static int
open_own(void **state)
{
    static const char rules[] = GRAMMAR
        "<start><element name='domainsnapshot'><interleave><choice><group>"
        "<element name='domain'><attribute name='type'><value>kvm</value>"
        "</attribute><ref name='content'/></element><optional><element "
        "name='memory'><ref name='any'/></element></optional></group>"
        "<element name='domain'><attribute name='type'><value>qemu</value>"
        "</attribute><ref name='content'/></element></choice>"
        "<zeroOrMore><choice>"
        "<element name='disks'><ref name='any'/></element>"
        "<element name='name'><data type='token' "
        "datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'>"
        "<param name='maxLength'>9</param></data></element>"
        "<element><choice><name>state</name>"
        "<name>creationTime</name><name>active</name><name>parent</name>"
        "</choice><ref name='any'/></element>"
        "</choice></zeroOrMore></interleave></element></start>"
        "<define name='any'>"
        "<optional><attribute name='file'><choice><value>/srv/x</value>"
        "<data type='token'><except><value>/srv/x</value></except></data>"
        "</choice></attribute></optional><zeroOrMore><attribute><anyName>"
        "<except><name>file</name></except></anyName></attribute></zeroOrMore>"
        "<ref name='content'/></define><define name='content'>"
        "<zeroOrMore><choice><text/><element><anyName/><ref name='any'/>"
        "</element></choice></zeroOrMore></define></grammar>";
    struct error error = {0};
    const char *names[] = {NULL, NULL};
    cleanup(free_ptr) char *path = NULL;

    if (group_temp_make(state) < 0)
        return -1;
    path = path_in(*state, "rules.rng");
    names[0] = path;
    put_text(((struct temp *)*state)->fd, "rules.rng", rules);
    if (schemas_open(&schemas, KIND_SNAPSHOT, true, names, &error) < 0) {
        print_error("%s\n", error.message);
        return -1;
    }
    return 0;
}

static int
close_own(void **state)
{
    schemas_close(&schemas);
    return group_temp_remove(state);
}

static void
test_parts(void **state)
{
    static const char *const others[] = {"",        "domai", "domains",
                                         "Domain",  "name",  "domainsnapshot",
                                         "cookie ", "disk"};

    (void)state;
    for (int i = 0; i < PART_COUNT; i++) {
        const char *name = part_name((enum part_name)i);

        assert_int_equal(part_find(name, strlen(name)), i);
        assert_int_equal(part_find("domain>", 6), PART_DOMAIN);
        for (size_t j = 0; j < 8; j++) {
            const char *stub = part_stub((enum part_name)i, j);

            assert_int_equal(part_find(stub, strlen(stub)), PART_COUNT);
            assert_memory_equal(stub, PART_PREFIX, strlen(PART_PREFIX));
            assert_int_equal(stub[strlen(stub) - 1], '0' + (int)j);
            for (int k = 0; k < i * 8 + (int)j; k++)
                assert_string_not_equal(
                    stub, part_stub((enum part_name)(k / 8), (size_t)k % 8));
        }
    }
    for (size_t i = 0; i < LENGTH(others); i++)
        assert_int_equal(part_find(others[i], strlen(others[i])), PART_COUNT);
}

#define RAW(text) text, sizeof(text) - 1

static const struct {
    enum variant_kind kind;
    const char *raw;
    size_t len;
    const char *text; /* NULL: it is not plain */
} values[] = {
    {VARIANT_PATH, RAW("/a"), "/a"},
    {VARIANT_PATH, RAW("/a b "), "/a b "},
    {VARIANT_PATH, RAW("/a&amp;&#65;&lt;"), "/a&A<"},
    {VARIANT_PATH, RAW("/a>'"), "/a>'"},
    {VARIANT_PATH, RAW(""), NULL},
    {VARIANT_PATH, RAW("a"), NULL},
    {VARIANT_PATH, RAW(" /a"), NULL},
    {VARIANT_PATH, RAW("/a<"), NULL},
    {VARIANT_PATH, RAW("/a&b"), NULL},
    {VARIANT_PATH, RAW("/a&b;"), NULL},
    {VARIANT_PATH, RAW("/a&#10;"), NULL},
    {VARIANT_PATH, RAW("/a\n"), NULL},
    {VARIANT_PATH, RAW("/a\tb"), NULL},
    {VARIANT_PATH, RAW("/\xc3\xbc"), NULL},
    {VARIANT_PATH, RAW("/a\0b"), NULL},
    {VARIANT_PATH, RAW("/a&amp;\0b"), NULL},
    {VARIANT_PATH, RAW("/a&#0;b"), NULL},
    {VARIANT_PATH, RAW("/a\x7f"), NULL},
    {VARIANT_NAME, RAW("a"), "a"},
    {VARIANT_NAME, RAW("a b"), "a b"},
    {VARIANT_NAME, RAW(" a"), NULL},
    {VARIANT_NAME, RAW("&#32;a"), NULL},
    {VARIANT_NAME, RAW("a]]>b"), NULL},
    {VARIANT_NAME, RAW("a]]&gt;b"), "a]]>b"},
    {VARIANT_NAME, RAW("a\r\nb"), NULL},
    {VARIANT_TIME, RAW("123"), "123"},
    {VARIANT_TIME, RAW("&#49;23"), "123"},
    {VARIANT_TIME, RAW("-1"), NULL},
    {VARIANT_TIME, RAW("1 "), NULL},
    {VARIANT_TIME, RAW("1a"), NULL},
    {VARIANT_TIME, RAW("999999999999999999"), "999999999999999999"},
    {VARIANT_TIME, RAW("1000000000000000000"), NULL},
};

/* Twice: as it is met first, and then from the store. */
static void
test_variants(void **state)
{
    struct variants variants = {0};

    (void)state;
    for (size_t i = 0; i < 2 * LENGTH(values); i++) {
        size_t n = i % LENGTH(values);
        cleanup(free_ptr) char *raw = exact_copy(values[n].raw, values[n].len);
        struct variant variant;
        bool plain = variants_get(&variants, &schemas, values[n].kind, raw,
                                  values[n].len, &variant);

        if (plain != !!values[n].text)
            print_error("of case: %s\n", values[n].raw);
        assert_int_equal(plain, !!values[n].text);
        if (plain)
            assert_string_equal(variant.text, values[n].text);
    }
    variants_free(&variants);
}

/* What one kind takes, another may not; and a class is that of a value. */
static void
test_classes(void **state)
{
    struct variants variants = {0};
    struct variant variant;
    cleanup(free_ptr) uint64_t *classes = NULL;

    (void)state;
    assert_true(variants_get(&variants, &schemas, VARIANT_PATH, RAW("/srv/x"),
                             &variant));
    classes = variant_classes(&schemas, &variant);
    assert_true(variant_same(&schemas, classes, &variant));
    for (int i = 0; i < 300; i++) {
        cleanup(free_ptr) char *text = xasprintf("/srv/x%d", i);

        assert_true(variants_get(&variants, &schemas, VARIANT_PATH, text,
                                 strlen(text), &variant));
        assert_false(variant_same(&schemas, classes, &variant));
        assert_true(variants_get(&variants, &schemas, VARIANT_PATH,
                                 RAW("/srv/&#120;"), &variant));
        assert_true(variant_same(&schemas, classes, &variant));
        assert_false(variants_get(&variants, &schemas, VARIANT_TIME, text,
                                  strlen(text), &variant));
    }
    variants_free(&variants);
}

/* A snapshot with parts of its own; all in one line but for what is given. */
#define HEAD(name, time)                                                       \
    "<domainsnapshot><name>" name "</name><state>shutoff</state>"              \
    "<creationTime>" time "</creationTime>"
#define DOMAIN(before, path, behind)                                           \
    "<domain type='qemu'>" before "<a><source file='" path "'/>" behind        \
    "</a>" GOOD_DOMAIN_BODY "</domain>"
#define TAIL "<active>0</active></domainsnapshot>"
#define KVM "<domain type='kvm'>" GOOD_DOMAIN_BODY "</domain>"
#define E8 "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
#define E64 E8 E8 E8 E8 E8 E8 E8 E8

/* Of each pair, is the second known by the first, and does it have new parts?
 */
static const struct {
    const char *first;
    const char *second;
    bool known;
    bool fresh;
} pairs[] = {
    {HEAD("a", "1") DOMAIN("", "/a", "") TAIL,
     HEAD("abc", "12") DOMAIN("", "/abcdef", "") TAIL, true, false},
    {HEAD("a", "1") DOMAIN("", "/abcdef", "") TAIL,
     HEAD("abc", "12") DOMAIN("", "/", "") TAIL, true, false},
    /* A last line with more bytes than characters. */
    {HEAD("a", "1") DOMAIN("", "/a", E64 E64) TAIL,
     HEAD("a", "1") DOMAIN("", "/abcdef", E64 E64) TAIL, true, false},
    {HEAD("a", "1") DOMAIN("\n", "/a", E64 E64) TAIL,
     HEAD("a", "1") DOMAIN("\n", "/abcdef", E64 E64) TAIL, true, false},
    {HEAD("a", "1") DOMAIN(E64, "/a", "\n" E64) TAIL,
     HEAD("a", "1") DOMAIN(E64, "/abcdef", "\n" E64) TAIL, true, false},
    {HEAD("a", "1") DOMAIN("", "/a", "\r\n") TAIL,
     HEAD("a", "1") DOMAIN("", "/abcdef", "\r\n") TAIL, true, false},
    /* Told apart by a schema. */
    {HEAD("a", "1") DOMAIN("", "/srv/x", "") TAIL,
     HEAD("a", "1") DOMAIN("", "/srv/y", "") TAIL, true, true},
    {HEAD("a", "1") DOMAIN("", "/srv/y", "") TAIL,
     HEAD("a", "1") DOMAIN("", "/srv/x", "") TAIL, true, true},
    {HEAD("a", "1") DOMAIN("", "/srv/&#120;", "") TAIL,
     HEAD("a", "1") DOMAIN("", "/srv/x", "") TAIL, true, false},
    /* Values that are not plain, or not sound. */
    {HEAD("a", "1") DOMAIN("", "/a", "") TAIL,
     HEAD("a/b", "1") DOMAIN("", "/a", "") TAIL, false, false},
    {HEAD("a", "1") DOMAIN("", "/a", "") TAIL,
     HEAD("a]]>b", "1") DOMAIN("", "/a", "") TAIL, false, false},
    {HEAD("a", "1") DOMAIN("", "/a", "") TAIL,
     HEAD("a&#65;", "1") DOMAIN("", "/&amp;", "") TAIL, true, false},
    {HEAD("a", "1") DOMAIN("", "/a", "") TAIL,
     HEAD("a name too long", "1") DOMAIN("", "/a", "") TAIL, false, false},
    /* What one pattern of a part allows beside it, another does not. */
    {HEAD("a", "1") KVM "<memory snapshot='no'/>" TAIL,
     HEAD("a", "1") DOMAIN("", "/a", "") "<memory snapshot='no'/>" TAIL, false,
     true},
    {HEAD("a", "1") KVM TAIL, HEAD("a", "1") DOMAIN("", "/a", "") TAIL, false,
     true},
    /* Other markup. */
    {HEAD("a", "1") DOMAIN("", "/a", "") TAIL,
     HEAD("a", "1") DOMAIN("", "/a", "") TAIL "x", false, false},
    {HEAD("a", "1") DOMAIN("", "/a", "") TAIL,
     HEAD("a", "1") DOMAIN("", "/a", "<!---->") TAIL, true, true},
    {HEAD("a", "1") DOMAIN("", "/a", "") TAIL,
     HEAD("a", "1") "<!---->" DOMAIN("", "/a", "") TAIL, false, false},
    {HEAD("a", "1") DOMAIN("", "/a", "") TAIL,
     HEAD("a", "1") DOMAIN("", "/a", "") "<active>1</active>"
                                         "</domainsnapshot>",
     false, false},
    {HEAD("a", "1") DOMAIN("", "/a", "") TAIL,
     DOMAIN("", "/a", "") HEAD("a", "1") TAIL, false, false},
};

static void
test_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(pairs); i++) {
        struct twin twin;

        twin_start(&twin, &schemas, LAYOUT_LEGACY);
        assert_int_equal(twin_judge(&twin, pairs[i].first), SNAPSHOT_SOUND);
        (void)twin_judge(&twin, pairs[i].second);
        if (twin.known != pairs[i].known)
            print_error("of case: %s\n", pairs[i].second);
        assert_int_equal(twin.known, pairs[i].known);
        assert_int_equal(twin.workspace.memo.count, 1 + pairs[i].fresh);
        twin_end(&twin);
    }
}

/* What is sound in one layout is not in the other. */
static void
test_layouts(void **state)
{
    static const char with[] = HEAD("a", "1") DOMAIN("", "/a", "") TAIL;
    static const char without[] =
        HEAD("a", "1") DOMAIN("", "/a", "") "</domainsnapshot>";

    (void)state;
    for (int i = 0; i < 2; i++) {
        const char *sound = i ? without : with;
        struct twin twin;

        twin_start(&twin, NULL, i ? LAYOUT_BULK : LAYOUT_LEGACY);
        assert_int_equal(twin_judge(&twin, sound), SNAPSHOT_SOUND);
        assert_int_equal(twin_judge(&twin, sound), SNAPSHOT_SOUND);
        assert_int_equal(twin.known, 1);
        twin.setting.layout = i ? LAYOUT_LEGACY : LAYOUT_BULK;
        (void)twin_judge(&twin, sound);
        twin_end(&twin);
    }
}

static char *
with_part(const char *name, const char *part)
{
    return xasprintf("<domainsnapshot><name>%s</name><state>shutoff</state>"
                     "<creationTime>1</creationTime>%s" GOOD_DOMAIN TAIL,
                     name, part);
}

/* More parts than there is room for; some are met more often than others. */
static void
test_many_parts(void **state)
{
    struct prng prng = {5};
    const struct part *domain = NULL;
    const struct memo *memo;
    struct twin twin;

    (void)state;
    twin_start(&twin, &schemas, LAYOUT_LEGACY);
    for (int round = 0; round < 400; round++) {
        size_t number =
            prng_below(&prng, 3) ? prng_below(&prng, 6) : prng_below(&prng, 60);
        cleanup(free_ptr) char *part =
            xasprintf("<disks><!-- %zu --></disks>", number);
        cleanup(free_ptr) char *text = with_part("n", part);

        assert_int_equal(twin_judge(&twin, text), SNAPSHOT_SOUND);
        memo = &twin.workspace.memo;
        /* It is in all of them, so it is never forgotten. */
        if (!domain)
            domain = memo->list[0];
        assert_ptr_equal(memo->list[0], domain);
        assert_in_range(memo->count, 2, MEMO_PARTS);
        assert_in_range(twin.workspace.outlines.count, 1, OUTLINES);
    }
    assert_int_equal(twin.workspace.memo.count, MEMO_PARTS);
    twin_end(&twin);
}

/* Parts so large that few have room, and one that has none at all. */
static void
test_large_parts(void **state)
{
    const struct memo *memo;
    struct twin twin;

    (void)state;
    twin_start(&twin, NULL, LAYOUT_BULK);
    memo = &twin.workspace.memo;
    for (size_t round = 0; round < 24; round++) {
        size_t len = round % 8 == 7 ? MEMO_BYTES + 1 : MEMO_BYTES / 8;
        cleanup(free_ptr) char *blank = xcalloc(len + 1, 1);
        cleanup(free_ptr) char *part = NULL, *text = NULL;
        size_t sum = 0;

        memset(blank, ' ', len);
        part = xasprintf("<disks>%zu%s</disks>", round, blank);
        text = with_part("n", part);
        *strstr(text, "<active>") = '\0';
        blank = (free(blank), xasprintf("%s</domainsnapshot>", text));
        (void)twin_judge(&twin, blank);
        for (size_t i = 0; i < memo->count; i++)
            sum += memo->list[i]->len;
        assert_int_equal(sum, memo->bytes);
        assert_true(sum <= MEMO_BYTES || memo->count <= PART_COUNT + 1);
    }
    twin_end(&twin);
}

/* A part that is cut off is none, wherever that is. */
static void
test_cut_off(void **state)
{
    static const char part[] = DOMAIN("\n", "/a", "<b c='d'/>");
    static const char other[] = DOMAIN("\n", "/abcdefghi", "<b c='d'/>");
    static const char text[] =
        HEAD("a", "1") DOMAIN("\n", "/a", "<b c='d'/>") TAIL;
    struct twin twin;
    struct met met;

    (void)state;
    twin_start(&twin, &schemas, LAYOUT_LEGACY);
    assert_int_equal(twin_judge(&twin, text), SNAPSHOT_SOUND);
    for (size_t i = 0; i < 2; i++) {
        const char *whole = i ? other : part;
        size_t full = i ? sizeof(other) - 1 : sizeof(part) - 1;

        for (size_t len = 0; len <= full; len++) {
            cleanup(free_ptr) char *bytes = exact_copy(whole, len);

            assert_int_equal(
                memo_find(&twin.workspace.memo, &schemas, bytes, len, &met),
                len == full);
        }
        assert_int_equal(met.len, full);
        assert_int_equal(met.cut.whole.len, full);
        assert_int_equal(met.uuid_at, strstr(whole, "<uuid>") - whole);
        assert_int_equal(met.cut.lines, 1);
        assert_int_equal(met.cut.behind, strlen(strchr(whole, '\n') + 1));
    }
    for (size_t len = 0; len < sizeof(text); len++)
        (void)twin_judge_bytes(&twin, text, len);
    twin_end(&twin);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),       cmocka_unit_test(test_variants),
        cmocka_unit_test(test_classes),     cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_layouts),     cmocka_unit_test(test_many_parts),
        cmocka_unit_test(test_large_parts), cmocka_unit_test(test_cut_off),
    };

    return cmocka_run_group_tests(tests, open_own, close_own);
}
