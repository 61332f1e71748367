/*
 * test-definition.c - shows when the definitions of the domains are looked at,
 * and which of a domain's snapshots are said to be of another uuid.
 */
#include "defining.h"

#include <errno.h>

#include "../../verify/error.h"
#include "../../verify/parse.h"

static void
test_open(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *none = xasprintf("%s/none", temp->path);
    cleanup(free_ptr) char *file = xasprintf("%s/file", temp->path);
    struct error error = {0};
    struct definitions definitions;
    struct stat stat;

    put_text(temp->fd, "file", "");
    /* A copy that no libvirt uses. */
    assert_int_equal(read_own(&definitions, NULL, NULL, &error), 0);
    assert_false(definitions_known(&definitions));
    definitions_close(&definitions);
    /* Nothing was ever defined. */
    assert_int_equal(read_own(&definitions, none, NULL, &error), 0);
    assert_false(definitions_known(&definitions));
    assert_false(definitions.forbidden);
    assert_null(error.message);
    definitions_close(&definitions);
    assert_int_equal(read_own(&definitions, temp->path, NULL, &error), 0);
    assert_true(definitions_known(&definitions));
    assert_int_equal(fstat(temp->fd, &stat), 0);
    assert_true(root_is(&definitions.persistent, &stat));
    definitions_close(&definitions);
    /* Something is wrong, and no reason to skip the check. */
    assert_int_equal(read_own(&definitions, file, NULL, &error), -1);
    assert_int_equal(error.number, ENOTDIR);
    assert_non_null(strstr(error.message, file));
    definitions_close(&definitions);
    error_clear(&error);
}

/* One that was named must be there, and then counts for any directory. */
static void
test_open_named(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *none = xasprintf("%s/none", temp->path);
    struct base base = {.root = {.fd = -1}};
    struct error error = {0};
    struct definitions definitions;

    assert_int_equal(definitions_read(&definitions, &base, none, NULL, &error),
                     -1);
    assert_int_equal(error.number, ENOENT);
    error_clear(&error);
    definitions_close(&definitions);
    assert_int_equal(
        definitions_read(&definitions, &base, temp->path, "/nowhere", &error),
        0);
    assert_true(definitions_known(&definitions));
    definitions_close(&definitions);
}

/* In a mounted system, that system's definitions. */
static void
test_open_prefix(void **state)
{
    const struct temp *temp = *state;
    char etc[] = "/etc", none[] = "/none";
    struct error error = {0};
    struct definitions definitions;
    struct stat stat;

    assert_int_equal(mkdirat(temp->fd, "etc", 0700), 0);
    assert_int_equal(fstatat(temp->fd, "etc", &stat, 0), 0);
    assert_int_equal(read_own(&definitions, etc, temp->path, &error), 0);
    assert_true(root_is(&definitions.persistent, &stat));
    definitions_close(&definitions);
    assert_int_equal(read_own(&definitions, none, temp->path, &error), 0);
    assert_false(definitions_known(&definitions));
    definitions_close(&definitions);
}

/* The system's are for root only; others do without, and know it. */
static void
test_open_forbidden(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *path = xasprintf("%s/closed", temp->path);
    const bool is_root = geteuid() == 0;
    struct error error = {0};
    struct definitions definitions;
    int result;

    assert_int_equal(mkdirat(temp->fd, "closed", 0), 0);
    if (is_root && seteuid(65534) < 0)
        skip();
    result = read_own(&definitions, path, NULL, &error);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(result, 0);
    assert_false(definitions_known(&definitions));
    assert_true(definitions.forbidden);
    assert_null(error.message);
    definitions_close(&definitions);
}

/* A domain of one snapshot with the uuid ONE. */
static void
make_domain(struct domain *domain, enum layout layout)
{
    struct snapshot snapshot = {.name = xstrdup("s"),
                                .stem = xstrdup("s"),
                                .has_uuid = true,
                                .uuid_at = {7, 9}};

    if (layout == LAYOUT_LEGACY)
        snapshot.file = xstrdup("s.xml");
    memcpy(snapshot.uuid, one, sizeof(one));
    *domain = (struct domain){
        .name = xstrdup("web"),
        .entry = xstrdup(layout == LAYOUT_LEGACY ? "web" : "web.bulk"),
        .layout = layout,
        .fd = -1,
        .current = NO_SNAPSHOT};
    (void)domain_add(domain, &snapshot);
}

/* Read the definitions in TEMP, as named, or below PREFIX. */
static void
read_named(struct definitions *definitions, const struct temp *temp,
           const char *prefix)
{
    struct base base = {.root = {.fd = -1}};
    struct error error = {0};
    char top[] = "/";

    if (prefix)
        base.driver.definitions = top;
    assert_int_equal(definitions_read(definitions, &base,
                                      prefix ? NULL : temp->path, prefix,
                                      &error),
                     0);
}

/* Does the definition in the directory differ from such a domain? */
static bool
differs_in(const struct temp *temp, const char *prefix)
{
    cleanup(problems_free) struct problems problems = {0};
    cleanup(definitions_close) struct definitions definitions;
    struct domain domain;

    read_named(&definitions, temp, prefix);
    make_domain(&domain, LAYOUT_BULK);
    definition_check(&definitions, &domain, &problems);
    domain_free(&domain);
    for (size_t i = 0; i < problems.count; i++)
        assert_int_equal(problems.list[i].id, PROBLEM_UUID_UNDEFINED);
    assert_true(problems.count <= 1);
    return problems.count;
}

static bool
differs(const struct temp *temp)
{
    return differs_in(temp, NULL);
}

static void
test_definitions(void **state)
{
    static const struct {
        const char *text;
        bool differs;
    } cases[] = {
        {DEFINED(UUID(ONE)), false},
        {DEFINED(UUID(TWO)), true},
        {DEFINED(UUID("C7A5FDBDEDAF9455926AD65C16DB1809")), false},
        {DEFINED(UUID("C7A5FDBDEDAF9455926AD65C16DB1808")), true},
        {DEFINED(UUID("\n  " ONE "\n")), false},
        {DEFINED(UUID("00000000-0000-0000-0000-000000000000")), true},
        {"<?xml version='1.0'?>\n<!-- c -->\n" DEFINED(UUID(TWO)), true},
        {DEFINED(UUID("<!-- c -->" TWO)), true},
        /* The first counts. */
        {DEFINED(UUID(ONE) UUID(TWO)), false},
        {DEFINED(UUID(TWO) UUID(ONE)), true},
        {DEFINED("<x>" UUID(ONE) "</x>" UUID(TWO)), true},
        /* libvirt does not load these. */
        {DEFINED(""), false},
        {DEFINED("<x>" UUID(TWO) "</x>"), false},
        {DEFINED(UUID("")), false},
        {DEFINED(UUID("zz")), false},
        {DEFINED(UUID(TWO "0")), false},
        {DEFINED("<uuid xmlns='urn:x'>" TWO "</uuid>"), false},
        {"<domain xmlns='urn:x'>" NAMED(UUID(TWO)) "</domain>", false},
        {"<network>" NAMED(UUID(TWO)) "</network>", false},
        {"<domstatus><domain>" NAMED(UUID(TWO)) "</domain></domstatus>", false},
        {"<domain>" NAMED(UUID(TWO)), false},
        {"<domain>" NAMED(UUID(TWO)) "</domain><domain/>", false},
        {"<domain>" NAMED(UUID(TWO)) "&bogus;</domain>", false},
        {"<domain>" UUID(TWO) "</domain>", false},
        {"<domain><name/>" UUID(TWO) "</domain>", false},
        /* We do not read it. */
        {"<!DOCTYPE domain [<!ENTITY e '" TWO "'>]>" DEFINED(UUID("&e;")),
         false},
        {"<!DOCTYPE domain>" DEFINED(UUID(TWO)), false},
        {"text", false},
        {"", false},
    };
    const struct temp *temp = *state;

    for (size_t i = 0; i < LENGTH(cases); i++) {
        bool result;

        put_text(temp->fd, "web.xml", cases[i].text);
        result = differs(temp);
        if (result != cases[i].differs)
            print_error("of case: %s\n", cases[i].text);
        assert_int_equal(result, cases[i].differs);
    }
}

/* Every *.xml is one, whatever it is called; only regular files are read. */
static void
test_files(void **state)
{
    struct temp temp;

    (void)state;
    temp_make(&temp);
    assert_false(differs(&temp));
    put_text(temp.fd, "web", DEFINED(UUID(TWO)));
    put_text(temp.fd, "web.xml~", DEFINED(UUID(TWO)));
    put_text(temp.fd, ".xml", DEFINED(UUID(TWO)));
    assert_false(differs(&temp));
    assert_int_equal(mkfifoat(temp.fd, "web.xml", 0600), 0);
    assert_false(differs(&temp));
    assert_int_equal(unlinkat(temp.fd, "web.xml", 0), 0);
    assert_int_equal(mkdirat(temp.fd, "web.xml", 0700), 0);
    assert_false(differs(&temp));
    assert_int_equal(unlinkat(temp.fd, "web.xml", AT_REMOVEDIR), 0);
    put_text(temp.fd, "web.xml", DEFINED(UUID(TWO)));
    assert_true(differs(&temp));
    assert_int_equal(renameat(temp.fd, "web.xml", temp.fd, "other.xml"), 0);
    assert_true(differs(&temp));
    /* Two of a name: which one counts is chance, so either may be meant. */
    put_text(temp.fd, "web.xml", DEFINED(UUID(ONE)));
    assert_false(differs(&temp));
    temp_remove(&temp);
}

/* A link is followed as libvirt does, but not where it may lead elsewhere. */
static void
test_links(void **state)
{
    struct temp temp;

    (void)state;
    temp_make(&temp);
    put_text(temp.fd, "file", DEFINED(UUID(TWO)));
    assert_int_equal(symlinkat("file", temp.fd, "web.xml"), 0);
    assert_true(differs(&temp));
    assert_false(differs_in(&temp, temp.path));
    assert_int_equal(unlinkat(temp.fd, "file", 0), 0);
    assert_false(differs(&temp));
    assert_int_equal(mkfifoat(temp.fd, "file", 0600), 0);
    assert_false(differs(&temp));
    temp_remove(&temp);
}

/* Why a file is no definition, and whether libvirt would say the same. */
static void
test_unread(void **state)
{
    static const struct {
        const char *text;
        const char *why;
        bool libvirt_too;
    } cases[] = {
        {"<domain>", "well-formed", true},
        {"", "well-formed", true},
        {"<network/>", "no <domain>", true},
        {"<domain>" UUID(ONE) "</domain>", "no <name>", true},
        {"<domain><name>web</name></domain>", "no <uuid>", true},
        {"<!DOCTYPE x><domain/>", "document type", false},
    };
    struct temp temp;

    (void)state;
    temp_make(&temp);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(definitions_close) struct definitions definitions;

        put_text(temp.fd, "web.xml", cases[i].text);
        read_named(&definitions, &temp, NULL);
        assert_int_equal(definitions.count, 0);
        assert_int_equal(definitions.unread_count, 1);
        assert_string_equal(definitions.unread[0].name, "web");
        assert_non_null(strstr(definitions.unread[0].why, cases[i].why));
        assert_int_equal(definitions.unread[0].libvirt_too,
                         cases[i].libvirt_too);
    }
    temp_remove(&temp);
}

/* libxml2 takes the square of them in time; no definition has so many. */
static void
test_attributes(void **state)
{
    cleanup(buffer_free) struct buffer text = {0};
    struct temp temp;

    (void)state;
    temp_make(&temp);
    buffer_puts(&text, "<domain>" NAMED(UUID(TWO)) "<x");
    for (int i = 0; i < 1024; i++)
        buffer_printf(&text, " a%d=''", i);
    for (int i = 0; i < 2; i++) {
        cleanup(buffer_free) struct buffer whole = {0};
        cleanup(definitions_close) struct definitions definitions;

        buffer_add(&whole, text.data, text.len);
        buffer_puts(&whole, i ? " b=''/></domain>" : "/></domain>");
        put_file(temp.fd, "web.xml", whole.data, whole.len);
        read_named(&definitions, &temp, NULL);
        assert_int_equal(definitions.count, !i);
        assert_int_equal(definitions.unread_count, i);
        if (i)
            assert_false(definitions.unread[0].libvirt_too);
    }
    temp_remove(&temp);
}

/* What runs without being defined is among what libvirt keeps of the run. */
static void
test_transient(void **state)
{
    static const struct {
        const char *text;
        size_t count;
    } cases[] = {
        {"<domstatus state='running'><x/>" DEFINED(UUID(TWO)) "</domstatus>",
         1},
        {DEFINED(UUID(TWO)), 0},
        {"<domstatus/>", 0},
        {"<domstatus><x>" DEFINED(UUID(TWO)) "</x></domstatus>", 0},
    };
    struct temp temp;

    (void)state;
    temp_make(&temp);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct base base = {.root = {.fd = -1}, .driver = {.run = temp.path}};
        cleanup(definitions_close) struct definitions definitions;
        cleanup(parse_free_doc) xmlDoc *doc = NULL;
        struct error error = {0};

        put_text(temp.fd, "web.xml", cases[i].text);
        assert_int_equal(
            definitions_read(&definitions, &base, NULL, NULL, &error), 0);
        assert_int_equal(definitions.count, cases[i].count);
        assert_int_equal(definitions.unread_count, 0);
        assert_false(definitions_known(&definitions));
        if (!definitions.count)
            continue;
        assert_string_equal(definitions.list[0].name, "web");
        assert_true(definitions.list[0].transient);
        assert_ptr_equal(definitions_find(&definitions, "web"),
                         definitions.list);
        assert_null(definitions_find(&definitions, "we"));
        assert_null(definitions_find(&definitions, "webs"));
        assert_true(parse_is(
            definition_load(&definitions, definitions.list, &doc), "domain"));
    }
    temp_remove(&temp);
}

/* libvirt reads 10 MiB, and not a byte more. */
static void
test_size(void **state)
{
    const size_t most = 10485760;
    const struct temp *temp = *state;
    cleanup(buffer_free) struct buffer bytes = {0};

    /* In pieces, for libxml2 has limits of its own. */
    buffer_puts(&bytes, "<domain>" NAMED(UUID(TWO)));
    while (bytes.len < most - 100000)
        buffer_printf(&bytes, "<x>%65536s</x>", "");
    buffer_printf(&bytes, "<x>%*s</x></domain>\n",
                  (int)(most - bytes.len - strlen("<x></x></domain>")), "");
    assert_int_equal(bytes.len, most + 1);
    put_file(temp->fd, "web.xml", bytes.data, most);
    assert_true(differs(temp));
    put_file(temp->fd, "web.xml", bytes.data, most + 1);
    assert_false(differs(temp));
}

/* Where the finding is said to be, in either layout. */
static void
test_places(void **state)
{
    static const struct {
        enum layout layout;
        const char *file;
    } cases[] = {{LAYOUT_LEGACY, "web/s.xml"}, {LAYOUT_BULK, "web.bulk"}};
    const struct temp *temp = *state;
    cleanup(definitions_close) struct definitions definitions;

    put_text(temp->fd, "web.xml", DEFINED(UUID(TWO)));
    read_named(&definitions, temp, NULL);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(problems_free) struct problems problems = {0};
        struct domain domain;

        make_domain(&domain, cases[i].layout);
        definition_check(&definitions, &domain, &problems);
        domain_free(&domain);
        assert_found(&problems, "uuid-undefined", cases[i].file);
        assert_string_equal(problems.list[0].domain, "web");
        assert_string_equal(problems.list[0].snapshot, "s");
        assert_string_equal(problems.list[0].file, cases[i].file);
        assert_int_equal(problems.list[0].line, 7);
        assert_int_equal(problems.list[0].column, 9);
        assert_string_equal(problems.list[0].detail,
                            "found " ONE ", expected " TWO);
    }
}

/* Each snapshot is compared; one that says no uuid is not. */
static void
test_several(void **state)
{
    static const char *const names[] = {"same", "last byte", "none", "first"};
    const struct temp *temp = *state;
    cleanup(problems_free) struct problems problems = {0};
    cleanup(definitions_close) struct definitions definitions;
    struct domain domain;

    put_text(temp->fd, "web.xml", DEFINED(UUID(ONE)));
    read_named(&definitions, temp, NULL);
    make_domain(&domain, LAYOUT_BULK);
    for (size_t i = 1; i < LENGTH(names); i++) {
        struct snapshot snapshot = {.name = xstrdup(names[i]),
                                    .has_uuid = i != 2};

        memcpy(snapshot.uuid, one, sizeof(one));
        snapshot.uuid[i == 1 ? 15 : 0] ^= 1;
        (void)domain_add(&domain, &snapshot);
    }
    definition_check(&definitions, &domain, &problems);
    domain_free(&domain);
    assert_found(&problems, "uuid-undefined uuid-undefined", "several");
    assert_string_equal(problems.list[0].snapshot, "last byte");
    assert_string_equal(problems.list[1].snapshot, "first");
}

/* Without definitions, or without snapshots, there is nothing to compare. */
static void
test_nothing(void **state)
{
    const struct temp *temp = *state;
    cleanup(problems_free) struct problems problems = {0};
    cleanup(definitions_close) struct definitions definitions;
    struct domain domain = {.name = xstrdup("web"), .fd = -1};

    put_text(temp->fd, "web.xml", DEFINED(UUID(TWO)));
    read_named(&definitions, temp, NULL);
    definition_check(&definitions, &domain, &problems);
    assert_found(&problems, "", "no snapshot");
    domain_free(&domain);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_open_named),
        cmocka_unit_test(test_open_prefix),
        cmocka_unit_test(test_open_forbidden),
        cmocka_unit_test(test_definitions),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_unread),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_transient),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_nothing),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
