/*
 * test-places.c - shows that findings of whole files stand where they are said
 * to, in random files whose members share lines with each other and with what
 * is between them.
 */
#include "bulk-reader.h"
#include "naive-position.h"
#include "random-xml.h"
#include "snapshot-parts.h"

/* A file, and what has to be found where in it. */
struct file {
    struct buffer text;
    struct problems expected; /* the line is an offset until the end */
};

static void
file_free(struct file *file)
{
    buffer_free(&file->text);
    problems_free(&file->expected);
}

static void
expect(struct file *file, enum problem_id id, size_t offset)
{
    const struct place place = {.domain = "d", .file = "d.xml", .line = offset};

    problem_add(&file->expected, id, &place, NULL);
}

/* Nothing that is content, but full of what looks like it. */
static void
add_space(struct prng *prng, struct file *file)
{
    static const char *const blanks[] = {"", "", " ", "\n", "\r\n", "\n\n\t"};

    buffer_puts(&file->text, random_of(prng, blanks, LENGTH(blanks)));
}

/* What may stand between the children of a snapshot. */
static void
add_noise(struct prng *prng, struct file *file)
{
    static const char *const noise[] = {
        "<!-- <name> -->",       "é",
        "<![CDATA[<state>\n]]>", "<?p <active/>?>",
        "<é a='-->\n' b='/>'/>",
    };

    add_space(prng, file);
    if (prng_below(prng, 2))
        buffer_puts(&file->text, random_of(prng, noise, LENGTH(noise)));
    add_space(prng, file);
}

static void
add_snapshot(struct prng *prng, struct file *file, size_t number, bool bulk)
{
    struct buffer *text = &file->text;

    expect(file, PROBLEM_DOMAIN_MISSING, text->len);
    buffer_puts(text, "<domainsnapshot");
    buffer_puts(text, prng_below(prng, 2) ? "\n a='é>'>" : ">");
    add_noise(prng, file);
    buffer_printf(text, "<name>s%zu</name>", number);
    add_noise(prng, file);
    expect(file, PROBLEM_STATE_BAD, text->len);
    buffer_puts(text, "<state>é</state>");
    add_noise(prng, file);
    if (bulk) {
        buffer_puts(text, "<parent>");
        add_noise(prng, file);
        expect(file, PROBLEM_PARENT_MISSING, text->len);
        buffer_puts(text, "<name>gone</name></parent>");
        add_noise(prng, file);
    }
    expect(file, PROBLEM_TIME_BAD, text->len);
    buffer_puts(text, "<creationTime>x</creationTime>");
    add_noise(prng, file);
    buffer_puts(text, "<disks><!--<disk/>-->");
    add_space(prng, file);
    buffer_puts(text, "<disk name='a'>");
    expect(file, PROBLEM_DISK_BAD, text->len);
    buffer_puts(text, "<driver type='x'/></disk></disks>");
    add_noise(prng, file);
    expect(file, bulk ? PROBLEM_ACTIVE_IN_BULK : PROBLEM_ACTIVE_ODD, text->len);
    buffer_puts(text, "<active>2</active>");
    add_noise(prng, file);
    buffer_puts(text, "</domainsnapshot>");
}

static void
add_between(struct prng *prng, struct file *file)
{
    size_t choice = prng_below(prng, 6);

    add_space(prng, file);
    if (choice < 2) {
        expect(file, choice ? PROBLEM_OUTSIDE_CONTENT : PROBLEM_LIST_FOREIGN,
               file->text.len);
        buffer_puts(&file->text,
                    choice ? "<!--é\n<x/>-->" : "<odd a='>'>\n<x/></odd>");
    } else if (choice == 2) {
        /* Text is said to be where it begins, behind its blanks. */
        buffer_puts(&file->text, "<odd/>");
        expect(file, PROBLEM_LIST_FOREIGN, file->text.len - 6);
        add_space(prng, file);
        expect(file, PROBLEM_OUTSIDE_CONTENT, file->text.len);
        buffer_puts(&file->text, "é x\n");
        buffer_puts(&file->text, "<odd/>");
        expect(file, PROBLEM_LIST_FOREIGN, file->text.len - 6);
    }
    add_space(prng, file);
}

static void
add_prolog(struct prng *prng, struct file *file)
{
    static const char *const prologs[] = {
        "",
        "\xef\xbb\xbf",
        "<?xml version='1.0' encoding='UTF-8'?>",
        "\xef\xbb\xbf<?xml version='1.0'?>\r\n",
        "\n\n ",
    };

    buffer_puts(&file->text, random_of(prng, prologs, LENGTH(prologs)));
}

/* Offsets become places; the same order as that of what was found. */
static void
finish(struct file *file)
{
    for (size_t i = 0; i < file->expected.count; i++) {
        struct problem *problem = &file->expected.list[i];
        struct position at = naive_position(file->text.data, problem->line);

        problem->line = at.line;
        problem->column = at.column;
    }
    problems_sort(&file->expected);
}

static void
compare(const struct file *file, struct problems *found)
{
    problems_sort(found);
    for (size_t i = 0; i < file->expected.count && i < found->count; i++) {
        const struct problem *a = &file->expected.list[i];
        const struct problem *b = &found->list[i];

        if (a->id != b->id || a->line != b->line || a->column != b->column)
            print_error(
                "expected %s at %lu:%lu, found %s at %lu:%lu in\n%.*s\n",
                problem_info(a->id)->id, a->line, a->column,
                problem_info(b->id)->id, b->line, b->column,
                (int)file->text.len, file->text.data);
        assert_int_equal(a->id, b->id);
        assert_int_equal(a->line, b->line);
        assert_int_equal(a->column, b->column);
    }
    assert_int_equal(file->expected.count, found->count);
}

/* Where an element is foreign, it may be the current snapshot, misspelt. */
static void
forget_current(struct file *file)
{
    struct problems *expected = &file->expected;
    bool foreign = false;

    for (size_t i = 0; i < expected->count; i++)
        foreign = foreign || expected->list[i].id == PROBLEM_LIST_FOREIGN;
    if (!foreign || expected->list[0].id != PROBLEM_CURRENT_DANGLING)
        return;
    problem_free(&expected->list[0]);
    expected->list[0] = expected->list[--expected->count];
}

static void
test_bulk(void **state)
{
    struct prng prng = {20261125};

    for (int round = 0; round < 400; round++) {
        cleanup(file_free) struct file file = {0};
        size_t members = 1 + prng_below(&prng, 5);
        struct bulk bulk;

        add_prolog(&prng, &file);
        if (prng_below(&prng, 2))
            expect(&file, PROBLEM_CURRENT_DANGLING, file.text.len);
        buffer_puts(&file.text, file.expected.count
                                    ? "<snapshots\ncurrent='gone'>"
                                    : "<snapshots>");
        for (size_t i = 0; i < members; i++) {
            add_between(&prng, &file);
            add_snapshot(&prng, &file, i, true);
        }
        add_between(&prng, &file);
        buffer_puts(&file.text, "</snapshots>\n");
        forget_current(&file);
        finish(&file);
        bulk_read_bytes(&bulk, *state, file.text.data, file.text.len);
        compare(&file, &bulk.problems);
        bulk_free(&bulk);
    }
}

static void
test_legacy(void **state)
{
    struct prng prng = {20261126};

    (void)state;
    for (int round = 0; round < 400; round++) {
        cleanup(file_free) struct file file = {0};
        struct judged judged;

        add_prolog(&prng, &file);
        add_snapshot(&prng, &file, 1, false);
        finish(&file);
        judge_bytes(&judged, LAYOUT_LEGACY, file.text.data, file.text.len);
        for (size_t i = 0; i < judged.problems.count; i++) {
            free(judged.problems.list[i].file);
            judged.problems.list[i].file = xstrdup("d.xml");
        }
        compare(&file, &judged.problems);
        judged_free(&judged);
    }
}

/* Where the parser gave up, in a member that begins behind another. */
static void
test_malformed(void **state)
{
    static const char *const befores[] = {
        "<snapshots>",
        "\xef\xbb\xbf<snapshots>é\r\n",
        "<snapshots><domainsnapshot>é</domainsnapshot>é",
    };
    static const char *const members[] = {
        "<domainsnapshot>é&bogus;",
        "<domainsnapshot>\r\né<a\nb='é'>&bogus;",
    };

    for (size_t i = 0; i < LENGTH(befores) * LENGTH(members); i++) {
        cleanup(buffer_free) struct buffer text = {0};
        const struct problem *problem = NULL;
        struct position expected;
        struct bulk bulk;

        buffer_puts(&text, befores[i / LENGTH(members)]);
        buffer_puts(&text, members[i % LENGTH(members)]);
        expected = naive_position(text.data, text.len);
        buffer_puts(&text, i % LENGTH(members) ? "</a>" : "");
        buffer_puts(&text, "</domainsnapshot></snapshots>");
        bulk_read_bytes(&bulk, *state, text.data, text.len);
        problem = find_problem(&bulk.problems, PROBLEM_XML_MALFORMED);
        assert_true(problem && problem->line == expected.line &&
                    problem->column == expected.column);
        bulk_free(&bulk);
    }
}

/* The tag that is too much, and not the one that it lies in. */
static void
test_extremes(void **state)
{
    cleanup(buffer_free) struct buffer deep = {0};
    cleanup(buffer_free) struct buffer wide = {0};
    struct judged judged;

    (void)state;
    buffer_puts(&deep, "<domainsnapshot>\n<a/><x>");
    for (int i = 0; i < 300; i++)
        buffer_puts(&deep, "<a>");
    for (int i = 0; i < 300; i++)
        buffer_puts(&deep, "</a>");
    buffer_puts(&deep, "</x></domainsnapshot>");
    judge_bytes(&judged, LAYOUT_LEGACY, deep.data, deep.len);
    assert_found(&judged.problems, "too-deep", "deep");
    assert_int_equal(judged.problems.list[0].line, 2);
    assert_int_equal(judged.problems.list[0].column, 1 + 4 + 3 + 299 * 3);
    judged_free(&judged);
    buffer_puts(&wide, "<domainsnapshot>\n <a b='1'/> <w");
    for (int i = 0; i < 1025; i++)
        buffer_printf(&wide, " a%d='é'", i);
    buffer_puts(&wide, "/></domainsnapshot>");
    judge_bytes(&judged, LAYOUT_LEGACY, wide.data, wide.len);
    assert_found(&judged.problems, "attributes-many", "wide");
    assert_int_equal(judged.problems.list[0].line, 2);
    assert_int_equal(judged.problems.list[0].column, 13);
    judged_free(&judged);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bulk),
        cmocka_unit_test(test_legacy),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_extremes),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
