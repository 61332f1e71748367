/*
 * test-problem.c - shows that the table of problems is complete and in one
 * style, and that lists of findings count and sort the same way in every run.
 */
#include "support.h"

#include "../../verify/escape.h"

static const struct problem_info *
info_of(size_t index)
{
    return problem_info((enum problem_id)index);
}

static void
test_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROBLEM_COUNT; i++) {
        const char *id = info_of(i)->id;

        assert_non_null(id);
        assert_int_equal(strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-"),
                         strlen(id));
        assert_true(id[0] >= 'a' && id[0] <= 'z');
        assert_int_not_equal(id[strlen(id) - 1], '-');
        assert_null(strstr(id, "--"));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(id, info_of(j)->id);
    }
}

static void
assert_sentence(const char *text, const char *id)
{
    size_t len;

    assert_non_null(text);
    len = strlen(text);
    if (len < 5 || strchr(".!: \n", text[len - 1]) || text[0] == ' ' ||
        strstr(text, "  ") || strchr(text, '\n') || strchr(text, '\t'))
        fail_msg("%s: '%s'", id, text);
}

static void
test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROBLEM_COUNT; i++) {
        const struct problem_info *info = info_of(i);

        assert_sentence(info->title, info->id);
        assert_sentence(info->consequence, info->id);
        assert_sentence(info->remedy, info->id);
        assert_string_not_equal(info->title, info->consequence);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(info->title, info_of(j)->title);
    }
}

/* The words for checkpoints do not speak of what only snapshots have. */
static void
test_checkpoint_texts(void **state)
{
    size_t differ = 0;

    (void)state;
    for (size_t i = 0; i < PROBLEM_COUNT; i++) {
        const struct problem_info *info = info_of(i);
        struct problem_words own =
            problem_words(KIND_SNAPSHOT, (enum problem_id)i);
        struct problem_words words =
            problem_words(KIND_CHECKPOINT, (enum problem_id)i);

        assert_ptr_equal(own.title, info->title);
        assert_ptr_equal(own.consequence, info->consequence);
        assert_ptr_equal(own.remedy, info->remedy);
        if (words.title == own.title && words.remedy == own.remedy)
            continue;
        differ++;
        assert_sentence(words.title, info->id);
        assert_sentence(words.consequence, info->id);
        assert_sentence(words.remedy, info->id);
        if (strstr(words.title, "snapshot") || strstr(words.remedy, "bulk") ||
            strstr(words.consequence, "snapshot") ||
            strstr(words.consequence, "stock") ||
            strstr(words.consequence, "bulk"))
            fail_msg("%s speaks of snapshots", info->id);
    }
    assert_true(differ > 20);
}

/* What has words of its own for checkpoints can be found in them. */
static void
test_possible(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROBLEM_COUNT; i++) {
        enum problem_id id = (enum problem_id)i;
        const char *own = problem_words(KIND_SNAPSHOT, id).title;

        assert_true(problem_possible(KIND_SNAPSHOT, id));
        if (problem_words(KIND_CHECKPOINT, id).title != own)
            assert_true(problem_possible(KIND_CHECKPOINT, id));
    }
    assert_true(problem_possible(KIND_CHECKPOINT, PROBLEM_CHECKPOINT_INVALID));
    assert_true(problem_possible(KIND_CHECKPOINT, PROBLEM_XML_DOCTYPE));
    assert_false(problem_possible(KIND_CHECKPOINT, PROBLEM_STATE_MISSING));
    assert_false(problem_possible(KIND_CHECKPOINT, PROBLEM_BULK_TOO_BIG));
}

/* What is to be done about one finding goes before what the table says. */
static void
test_own_remedy(void **state)
{
    struct problems problems = {.kind = KIND_CHECKPOINT};
    const struct place nowhere = {0};

    (void)state;
    problem_add(&problems, PROBLEM_NAME_MISSING, &nowhere, NULL);
    assert_string_equal(problem_told(&problems.list[0]).title,
                        "the checkpoint has no name");
    problems.list[0].remedy = xstrdup("call it x");
    assert_string_equal(problem_told(&problems.list[0]).remedy, "call it x");
    problems_free(&problems);
}

/* What is worth only a warning stands in the way of nothing. */
static void
test_severities(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROBLEM_COUNT; i++) {
        const struct problem_info *info = info_of(i);

        if (info->severity == SEVERITY_WARNING)
            assert_int_equal(info->hinders, HINDERS_NOTHING);
        else
            assert_int_not_equal(info->hinders, HINDERS_NOTHING);
    }
}

static void
test_add(void **state)
{
    struct problems problems = {0};
    struct place place = {.domain = "d",
                          .snapshot = "s",
                          .file = "d/s.xml",
                          .line = 3,
                          .column = 4};
    struct place nowhere = {0};

    (void)state;
    problem_add(&problems, PROBLEM_NAME_MISSING, &place, "%d%%", 5);
    problem_add(&problems, PROBLEM_SPARE_COPY, &nowhere, NULL);
    assert_int_equal(problems.count, 2);
    assert_int_equal(problems.list[0].id, PROBLEM_NAME_MISSING);
    assert_string_equal(problems.list[0].domain, "d");
    assert_string_equal(problems.list[0].snapshot, "s");
    assert_string_equal(problems.list[0].file, "d/s.xml");
    assert_int_equal(problems.list[0].line, 3);
    assert_int_equal(problems.list[0].column, 4);
    assert_string_equal(problems.list[0].detail, "5%");
    assert_null(problems.list[1].domain);
    assert_null(problems.list[1].detail);
    problems_free(&problems);
    assert_int_equal(problems.count, 0);
    assert_null(problems.list);
}

/* The name of a snapshot as it is shown, when it has LEN letters. */
static char *
shown_name(size_t len, const char *letter)
{
    struct problems problems = {0};
    struct buffer name = {0};
    struct place place = {0};
    char *shown;

    while (len--)
        buffer_puts(&name, letter);
    buffer_add(&name, "", 1);
    place.snapshot = name.data;
    problem_add(&problems, PROBLEM_NAME_UNSAFE, &place, NULL);
    shown = xstrdup(problems.list[0].snapshot);
    problems_free(&problems);
    buffer_free(&name);
    return shown;
}

static void
test_long_name(void **state)
{
    static const struct {
        size_t len;
        const char *letter;
        size_t shown;
    } cases[] = {
        {0, "x", 0},
        {247, "x", 247},
        {512, "x", 512},
        {513, "x", 515},
        {1048576, "x", 515},
        {171, "\xe2\x82\xac", 513},
        {170, "\xe2\x82\xac", 510},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(free_ptr) char *shown =
            shown_name(cases[i].len, cases[i].letter);

        assert_int_equal(strlen(shown), cases[i].shown);
        assert_int_equal(utf8_valid_prefix(shown, strlen(shown)),
                         strlen(shown));
    }
}

static void
test_errors_and_append(void **state)
{
    struct problems target = {0}, source = {0};
    struct place nowhere = {0};

    (void)state;
    assert_int_equal(problems_errors(&target, 0), 0);
    problem_add(&target, PROBLEM_NAME_MISSING, &nowhere, NULL);
    problem_add(&target, PROBLEM_SPARE_COPY, &nowhere, NULL);
    problem_add(&source, PROBLEM_TIME_BAD, &nowhere, "x");
    assert_int_equal(problems_errors(&target, 0), 1);
    assert_int_equal(problems_errors(&target, 1), 0);
    problems_append(&target, &source);
    assert_int_equal(source.count, 0);
    assert_int_equal(target.count, 3);
    assert_string_equal(target.list[2].detail, "x");
    assert_int_equal(problems_errors(&target, 0), 2);
    assert_int_equal(problems_errors(&target, 1), 1);
    assert_int_equal(problems_errors(&target, 3), 0);
    problems_append(&target, &source);
    assert_int_equal(target.count, 3);
    problems_free(&source);
    problems_free(&target);
}

/* In their order; the detail is the row's number. */
static const struct {
    const char *domain;
    const char *file;
    unsigned long line;
    unsigned long column;
    enum problem_id id;
} sorted[] = {
    {NULL, NULL, 0, 0, PROBLEM_TOO_MANY},
    {NULL, "a", 0, 0, PROBLEM_NAME_MISSING},
    {"A", "z", 9, 9, PROBLEM_TOO_MANY},
    {"a", NULL, 7, 0, PROBLEM_NAME_MISSING},
    {"a", "x", 0, 0, PROBLEM_NAME_MISSING},
    {"a", "x", 2, 0, PROBLEM_NAME_MISSING},
    {"a", "x", 10, 1, PROBLEM_TOO_MANY},
    {"a", "x", 10, 2, PROBLEM_LAYOUTS_CONFLICT},
    {"a", "x", 10, 2, PROBLEM_TOO_MANY},
    {"a", "x", 10, 2, PROBLEM_TOO_MANY},
    {"b", NULL, 0, 0, PROBLEM_NAME_MISSING},
};

static void
test_sort(void **state)
{
    struct prng prng = {3};

    (void)state;
    for (int round = 0; round < 200; round++) {
        size_t rows[LENGTH(sorted)];
        struct problems problems = {0};

        for (size_t i = 0; i < LENGTH(sorted); i++)
            rows[i] = i;
        for (size_t i = LENGTH(sorted); i > 1; i--) {
            size_t other = prng_below(&prng, i), kept = rows[i - 1];

            rows[i - 1] = rows[other];
            rows[other] = kept;
        }
        for (size_t i = 0; i < LENGTH(sorted); i++) {
            struct place place = {.domain = sorted[rows[i]].domain,
                                  .file = sorted[rows[i]].file,
                                  .line = sorted[rows[i]].line,
                                  .column = sorted[rows[i]].column};

            problem_add(&problems, sorted[rows[i]].id, &place, "%02zu",
                        rows[i]);
        }
        problems_sort(&problems);
        for (size_t i = 0; i < LENGTH(sorted); i++)
            assert_int_equal(atoi(problems.list[i].detail), (int)i);
        problems_free(&problems);
    }
}

static void
test_sort_none(void **state)
{
    struct problems problems = {0};

    (void)state;
    problems_sort(&problems);
    assert_int_equal(problems.count, 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_checkpoint_texts),
        cmocka_unit_test(test_possible),
        cmocka_unit_test(test_own_remedy),
        cmocka_unit_test(test_severities),
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_errors_and_append),
        cmocka_unit_test(test_sort),
        cmocka_unit_test(test_sort_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
