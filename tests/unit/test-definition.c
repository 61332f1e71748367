/*
 * test-definition.c - shows when the definitions of the domains are looked at,
 * and which of a domain's snapshots are said to be of another uuid.
 */
#include "support.h"

#include <errno.h>

#include "../../verify/base.h"
#include "../../verify/definition.h"
#include "../../verify/error.h"

#define ONE "c7a5fdbd-edaf-9455-926a-d65c16db1809"
#define TWO "c7a5fdbd-edaf-9455-926a-d65c16db1808"
#define DEFINED(content) "<domain type='kvm'>" content "</domain>\n"
#define UUID(text) "<uuid>" text "</uuid>"

static const unsigned char one[16] = {0xc7, 0xa5, 0xfd, 0xbd, 0xed, 0xaf,
                                      0x94, 0x55, 0x92, 0x6a, 0xd6, 0x5c,
                                      0x16, 0xdb, 0x18, 0x09};

/* Open what a driver with this directory of definitions has. */
static int
open_definitions(struct root *root, char *path, const char *prefix,
                 struct error *error)
{
    struct base base = {.root = {.fd = -1}, .driver = {.definitions = path}};

    return definition_open(root, &base, prefix, error);
}

static void
test_open(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *none = xasprintf("%s/none", temp->path);
    cleanup(free_ptr) char *file = xasprintf("%s/file", temp->path);
    struct error error = {0};
    struct root root;
    struct stat stat;

    put_text(temp->fd, "file", "");
    /* A copy that no libvirt uses. */
    assert_int_equal(open_definitions(&root, NULL, NULL, &error), 0);
    assert_int_equal(root.fd, -1);
    root_close(&root);
    /* Nothing was ever defined. */
    assert_int_equal(open_definitions(&root, none, NULL, &error), 0);
    assert_int_equal(root.fd, -1);
    assert_null(error.message);
    root_close(&root);
    assert_int_equal(open_definitions(&root, temp->path, NULL, &error), 1);
    assert_int_equal(fstat(temp->fd, &stat), 0);
    assert_true(root_is(&root, &stat));
    root_close(&root);
    /* Something is wrong, and no reason to skip the check. */
    assert_int_equal(open_definitions(&root, file, NULL, &error), -1);
    assert_int_equal(error.number, ENOTDIR);
    assert_non_null(strstr(error.message, file));
    root_close(&root);
    error_clear(&error);
}

/* In a mounted system, that system's definitions. */
static void
test_open_prefix(void **state)
{
    const struct temp *temp = *state;
    char etc[] = "/etc", none[] = "/none";
    struct error error = {0};
    struct root root;
    struct stat stat;

    assert_int_equal(mkdirat(temp->fd, "etc", 0700), 0);
    assert_int_equal(fstatat(temp->fd, "etc", &stat, 0), 0);
    assert_int_equal(open_definitions(&root, etc, temp->path, &error), 1);
    assert_true(root_is(&root, &stat));
    root_close(&root);
    assert_int_equal(open_definitions(&root, none, temp->path, &error), 0);
    root_close(&root);
}

/* The system's are for root only; others do without. */
static void
test_open_forbidden(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *path = xasprintf("%s/closed", temp->path);
    const bool is_root = geteuid() == 0;
    struct error error = {0};
    struct root root;
    int result;

    assert_int_equal(mkdirat(temp->fd, "closed", 0), 0);
    if (is_root && seteuid(65534) < 0)
        skip();
    result = open_definitions(&root, path, NULL, &error);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(result, 0);
    assert_int_equal(root.fd, -1);
    assert_null(error.message);
    root_close(&root);
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

/* Does the definition in the directory differ from such a domain? */
static bool
differs(int dir)
{
    cleanup(problems_free) struct problems problems = {0};
    struct root root = {.fd = dir};
    struct domain domain;

    make_domain(&domain, LAYOUT_BULK);
    definition_check(&root, &domain, &problems);
    domain_free(&domain);
    for (size_t i = 0; i < problems.count; i++)
        assert_int_equal(problems.list[i].id, PROBLEM_UUID_UNDEFINED);
    assert_true(problems.count <= 1);
    return problems.count;
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
        {"<domain xmlns='urn:x'>" UUID(TWO) "</domain>", false},
        {"<network>" UUID(TWO) "</network>", false},
        {"<domstatus><domain>" UUID(TWO) "</domain></domstatus>", false},
        {"<domain>" UUID(TWO), false},
        {"<domain>" UUID(TWO) "</domain><domain/>", false},
        {"<domain>" UUID(TWO) "&bogus;</domain>", false},
        {"text", false},
        {"", false},
    };
    const struct temp *temp = *state;

    for (size_t i = 0; i < LENGTH(cases); i++) {
        bool result;

        put_text(temp->fd, "web.xml", cases[i].text);
        result = differs(temp->fd);
        if (result != cases[i].differs)
            print_error("of case: %s\n", cases[i].text);
        assert_int_equal(result, cases[i].differs);
    }
}

/* It is called by the domain's name, and no link or fifo is read. */
static void
test_files(void **state)
{
    struct temp temp;

    (void)state;
    temp_make(&temp);
    assert_false(differs(temp.fd));
    put_text(temp.fd, "web.bulk.xml", DEFINED(UUID(TWO)));
    put_text(temp.fd, "web", DEFINED(UUID(TWO)));
    put_text(temp.fd, "Web.xml", DEFINED(UUID(TWO)));
    assert_false(differs(temp.fd));
    assert_int_equal(symlinkat("web", temp.fd, "web.xml"), 0);
    assert_false(differs(temp.fd));
    assert_int_equal(unlinkat(temp.fd, "web.xml", 0), 0);
    assert_int_equal(mkfifoat(temp.fd, "web.xml", 0600), 0);
    assert_false(differs(temp.fd));
    assert_int_equal(unlinkat(temp.fd, "web.xml", 0), 0);
    assert_int_equal(mkdirat(temp.fd, "web.xml", 0700), 0);
    assert_false(differs(temp.fd));
    assert_int_equal(unlinkat(temp.fd, "web.xml", AT_REMOVEDIR), 0);
    put_text(temp.fd, "web.xml", DEFINED(UUID(TWO)));
    assert_true(differs(temp.fd));
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
    buffer_puts(&bytes, "<domain>" UUID(TWO));
    while (bytes.len < most - 100000)
        buffer_printf(&bytes, "<x>%65536s</x>", "");
    buffer_printf(&bytes, "<x>%*s</x></domain>\n",
                  (int)(most - bytes.len - strlen("<x></x></domain>")), "");
    assert_int_equal(bytes.len, most + 1);
    put_file(temp->fd, "web.xml", bytes.data, most);
    assert_true(differs(temp->fd));
    put_file(temp->fd, "web.xml", bytes.data, most + 1);
    assert_false(differs(temp->fd));
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
    struct root root = {.fd = temp->fd};

    put_text(temp->fd, "web.xml", DEFINED(UUID(TWO)));
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(problems_free) struct problems problems = {0};
        struct domain domain;

        make_domain(&domain, cases[i].layout);
        definition_check(&root, &domain, &problems);
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
    struct root root = {.fd = temp->fd};
    struct domain domain;

    put_text(temp->fd, "web.xml", DEFINED(UUID(ONE)));
    make_domain(&domain, LAYOUT_BULK);
    for (size_t i = 1; i < LENGTH(names); i++) {
        struct snapshot snapshot = {.name = xstrdup(names[i]),
                                    .has_uuid = i != 2};

        memcpy(snapshot.uuid, one, sizeof(one));
        snapshot.uuid[i == 1 ? 15 : 0] ^= 1;
        (void)domain_add(&domain, &snapshot);
    }
    definition_check(&root, &domain, &problems);
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
    struct root root = {.fd = temp->fd};
    struct domain domain = {.name = xstrdup("web"), .fd = -1};

    put_text(temp->fd, "web.xml", DEFINED(UUID(TWO)));
    definition_check(&root, &domain, &problems);
    assert_found(&problems, "", "no snapshot");
    domain_free(&domain);
    assert_false(differs(-1));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_open_prefix),
        cmocka_unit_test(test_open_forbidden),
        cmocka_unit_test(test_definitions),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_nothing),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
