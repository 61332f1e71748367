/*
 * test-report-xml.c - shows what is in a report and what is left out, how it is
 * escaped, whose findings are whose, and by what they are recognised.
 */
#include <time.h>

#include "support.h"

#include "../../verify/calendar.h"
#include "../../verify/fingerprint.h"
#include "../../verify/parse.h"
#include "../../verify/placing.h"
#include "../../verify/report-xml.h"
#include "scenes.h"

/* The report, ended by a NUL. The caller owns it. */
static char *
report_text(const struct listing *listing, const struct policy *policy)
{
    struct policy usual = policy_default();
    struct buffer out = {0};

    report_xml(&out, listing, policy ? policy : &usual, NULL);
    buffer_add(&out, "", 1);
    return out.data;
}

static size_t
count_of_text(const char *text, const char *part)
{
    size_t count = 0;

    while ((text = strstr(text, part))) {
        count++;
        text++;
    }
    return count;
}

static void
assert_has(const char *text, const char *part, size_t times)
{
    if (count_of_text(text, part) != times)
        print_error("%zu times: %s\n", count_of_text(text, part), part);
    assert_int_equal(count_of_text(text, part), times);
}

static void
test_content(void **state)
{
    cleanup(listing_free) struct listing listing;
    cleanup(free_ptr) char *text = NULL;

    (void)state;
    scene_make(&listing, "common");
    text = report_text(&listing, NULL);
    assert_has(text,
               "<report version='" VERSION
               "' base='/var/lib/libvirt/qemu/snapshot' "
               "base-uri='file:///var/lib/libvirt/qemu/snapshot/'>",
               1);
    assert_has(text,
               "<domain index='2' name='web' layout='legacy' "
               "current='updated' current-forgotten='yes' "
               "bulk-reason='a parent is missing'>",
               1);
    assert_has(text, "<domain index='3' name='void' layout='empty'>", 1);
    assert_has(text,
               "<snapshot index='3' name='tested' parent='updated' "
               "created='1620000000' time='2021-05-03T00:00:00Z' "
               "state='shutoff' file='web/tested.xml' line='8' depth='2' "
               "below='2' legacy-loader='shown' bulk-loader='hidden' "
               "bulk-reason='one of the domain&apos;s snapshots has no "
               "parent'/>",
               1);
    /* Back up the tree: not below the one in front. */
    assert_has(text, "depth='1' below='1'", 2);
    assert_has(text, "snapshot-index='5'", 3);
    assert_has(text, "snapshot='not listed' file='web/not listed.xml' ", 1);
    assert_has(text, "uri='web/not%20listed.xml'", 1);
    assert_has(text, "line='14' column='11' fingerprint=", 1);
    assert_has(text,
               "<message>parent snapshot does not exist: &apos;gone&apos;"
               "</message>",
               3);
    assert_has(text, "\n  <problem id='foreign-entry'", 1);
    assert_has(text, "\n    <problem id='foreign-entry'", 1);
    assert_has(text, "<unchecked>domain &apos;locked&apos; could not", 1);
    assert_has(text,
               "<rule index='1' id='foreign-entry' severity='warning' "
               "count='2'>",
               1);
    assert_has(text,
               "<summary domains='3' snapshots='6' errors='4' warnings='3' "
               "known='0' unchecked='1' lost-by-upgrade='5' "
               "lost-by-downgrade='1'/>",
               1);
    assert_has(text, "known='yes'", 0);
    assert_has(text, "baseline=", 0);
}

/* What is not known is left out: no column without its line. */
static void
test_unknown(void **state)
{
    cleanup(listing_free) struct listing listing = {0};
    cleanup(free_ptr) char *text = NULL;

    (void)state;
    (void)listed_add(listing_add(&listing, "d"), "s");
    problem_add(&listing.problems, PROBLEM_STATE_BAD,
                &(struct place){.column = 3}, NULL);
    text = report_text(&listing, NULL);
    assert_has(text, "<report version='" VERSION "'>", 1);
    assert_has(text,
               "<snapshot index='1' name='s' depth='0' "
               "legacy-loader='shown' bulk-loader='shown'/>",
               1);
    assert_has(text,
               "<problem id='state-bad' severity='error' fingerprint=", 1);
    assert_has(text, "column", 0);
}

/* What is ignored is not there at all; what was made worse says so. */
static void
test_policy(void **state)
{
    cleanup(listing_free) struct listing listing;
    cleanup(free_ptr) char *text = NULL;
    struct policy policy = policy_default();

    (void)state;
    scene_make(&listing, "common");
    policy.severity[PROBLEM_FOREIGN_ENTRY] = SEVERITY_IGNORE;
    policy.severity[PROBLEM_EMPTY_DIRECTORY] = SEVERITY_ERROR;
    text = report_text(&listing, &policy);
    assert_has(text, "foreign-entry", 0);
    assert_has(text, "id='empty-directory' severity='error'", 2);
    assert_has(text, "errors='5' warnings='0'", 1);
}

static void
test_escaped(void **state)
{
    cleanup(listing_free) struct listing listing;
    cleanup(free_ptr) char *text = NULL;
    xmlDoc *doc;

    (void)state;
    scene_make(&listing, "hostile");
    text = report_text(&listing, NULL);
    for (const char *at = text; *at; at++)
        assert_true((unsigned char)*at >= ' ' || *at == '\n');
    assert_has(text, "\x7f", 0);
    assert_has(text, "&lt;b&gt;&amp;amp;&amp;#65;&lt;/b&gt;", 36);
    assert_has(text, "\\u{202e}\\u{fffe}\\u{ffff} ]]&gt;", 36);
    /* The URI has the bytes; and a base is relative without "./". */
    assert_has(text, "base-uri='%22q%22%20%27a%27%20%5Cn%20%3Cb%3E", 1);
    assert_has(text, "%7F%FF%C3%20%E2%80%AE", 5);
    doc = parse_document(text, strlen(text), NULL, NULL);
    assert_non_null(doc);
    xmlFreeDoc(doc);
}

static void
test_bases(void **state)
{
    static const struct {
        const char *base;
        const char *uri;
    } cases[] = {
        {"/", "'file:///'"}, {"/a//", "'file:///a/'"},
        {"a b", "'a%20b/'"}, {".", "''"},
        {"./", "''"},        {".//./a/", "'a/'"},
        {"../a", "'../a/'"}, {"c:d", "'c%3Ad/'"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(listing_free) struct listing listing = {
            .base = xstrdup(cases[i].base)};
        cleanup(free_ptr) char *text = report_text(&listing, NULL);
        cleanup(free_ptr) char *part = xasprintf(" base-uri=%s>", cases[i].uri);

        assert_has(text, part, 1);
    }
}

static void
test_calendar(void **state)
{
    static const struct {
        long long seconds;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {951782399, "2000-02-28T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {951868800, "2000-03-01T00:00:00Z"},
        {4107542399, "2100-02-28T23:59:59Z"},
        {4107542400, "2100-03-01T00:00:00Z"},
        {1798761599, "2026-12-31T23:59:59Z"},
        {-62167219200, "0000-01-01T00:00:00Z"},
        {-62162035201, "0000-02-29T23:59:59Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {253402300800, NULL},
        {-62167219201, NULL},
        {LLONG_MIN, NULL},
        {LLONG_MAX, NULL},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[CALENDAR_SIZE] = "";

        assert_int_equal(calendar_utc(cases[i].seconds, text),
                         cases[i].text != NULL);
        assert_string_equal(text, cases[i].text ? cases[i].text : "");
    }
}

/* The C library counts the same days. */
static void
test_calendar_random(void **state)
{
    struct prng prng = {.state = 7};

    (void)state;
    for (int i = 0; i < 20000; i++) {
        time_t seconds =
            (time_t)prng_below(&prng, 1u << 31) * 146 - 62167219200;
        char text[CALENDAR_SIZE], expected[64];
        struct tm tm;

        assert_true(calendar_utc(seconds, text));
        assert_non_null(gmtime_r(&seconds, &tm));
        (void)snprintf(expected, sizeof(expected),
                       "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
                       tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                       tm.tm_sec);
        assert_string_equal(text, expected);
    }
}

/* The fingerprint of one finding alone. */
static struct fingerprint
print_of(const struct place *place, enum problem_id id, const char *detail)
{
    cleanup(listing_free) struct listing listing = {0};
    cleanup(placing_free) struct placing placing;
    cleanup(free_ptr) struct fingerprint *prints = NULL;

    problem_add(&listing.problems, id, place, "%s", detail);
    placing_make(&placing, &listing);
    prints = fingerprints_of(&listing, &placing);
    return prints[0];
}

static void
test_fingerprint(void **state)
{
    const struct place web = {"web", "s", "web/s.xml", 7, 3};
    const struct {
        struct place place;
        enum problem_id id;
        bool same;
    } cases[] = {
        {{"web", "s", "other", 9, 1}, PROBLEM_STATE_BAD, true},
        {{"web", "s", NULL, 0, 0}, PROBLEM_STATE_BAD, true},
        {{"web", "s", "web/s.xml", 7, 3}, PROBLEM_TIME_BAD, false},
        {{"web", "t", "web/s.xml", 7, 3}, PROBLEM_STATE_BAD, false},
        {{"web", "", "web/s.xml", 7, 3}, PROBLEM_STATE_BAD, false},
        {{"web", NULL, "web/s.xml", 7, 3}, PROBLEM_STATE_BAD, false},
        {{"web", NULL, "web/t.xml", 7, 3}, PROBLEM_STATE_BAD, false},
        {{"webs", "", "web/s.xml", 7, 3}, PROBLEM_STATE_BAD, false},
        {{"we", "bs", "web/s.xml", 7, 3}, PROBLEM_STATE_BAD, false},
        {{NULL, "s", "web/s.xml", 7, 3}, PROBLEM_STATE_BAD, false},
    };
    struct fingerprint first = print_of(&web, PROBLEM_STATE_BAD, "x");

    (void)state;
    /* Baselines that people keep depend on it: it may never change. */
    assert_string_equal(first.text, "19cfbe5fcc371a05");
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct fingerprint other = print_of(&cases[i].place, cases[i].id, "y");

        assert_int_equal(!strcmp(first.text, other.text), cases[i].same);
        for (size_t j = 0; j < i; j++) {
            struct fingerprint third =
                print_of(&cases[j].place, cases[j].id, "y");

            if (!cases[i].same)
                assert_string_not_equal(other.text, third.text);
        }
    }
}

/* Each has a fingerprint of its own, whatever there is. */
static void
test_fingerprints_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(scenes); i++) {
        cleanup(listing_free) struct listing listing;
        cleanup(placing_free) struct placing placing;
        cleanup(free_ptr) struct fingerprint *prints = NULL;
        cleanup(free_ptr) const char **texts = NULL;
        size_t count;

        scene_make(&listing, scenes[i].name);
        placing_make(&placing, &listing);
        prints = fingerprints_of(&listing, &placing);
        count = listing.problems.count;
        texts = xcalloc(count + 1, sizeof(*texts));
        for (size_t j = 0; j < count; j++)
            texts[j] = prints[j].text;
        qsort(texts, count, sizeof(*texts), compare_ids);
        for (size_t j = 1; j < count; j++)
            assert_string_not_equal(texts[j - 1], texts[j]);
    }
}

/* Several of the same kind are numbered in their order. */
static void
test_fingerprints_numbered(void **state)
{
    cleanup(listing_free) struct listing listing = {0};
    cleanup(placing_free) struct placing placing;
    cleanup(free_ptr) struct fingerprint *prints = NULL;

    (void)state;
    for (unsigned long i = 0; i < 12; i++)
        problem_add(&listing.problems,
                    i == 5 ? PROBLEM_TIME_BAD : PROBLEM_STATE_BAD,
                    &(struct place){"web", "s", "f", i + 1, 0}, NULL);
    placing_make(&placing, &listing);
    prints = fingerprints_of(&listing, &placing);
    assert_int_equal(strlen(prints[0].text), 16);
    assert_int_equal(strlen(prints[5].text), 16);
    assert_memory_equal(prints[0].text, prints[1].text, 16);
    assert_string_equal(prints[1].text + 16, "-2");
    assert_string_equal(prints[11].text + 16, "-11");
}

/* Which of two directories, which of two snapshots of the same name. */
static void
test_placing(void **state)
{
    static const char *const bases[] = {"a", "a/b", "/c"};
    static const struct {
        struct place place;
        size_t domain, snapshot;
    } cases[] = {
        {{"web", "s", "a/web/s.xml", 0, 0}, 0, 0},
        {{"web", "s", "a/web/t.xml", 0, 0}, 0, 1},
        {{"web", "s", "a/b/web/t.xml", 0, 0}, 1, 1},
        {{"web", "none", "/c/web", 0, 0}, 2, PLACED_NOWHERE},
        {{"web", NULL, "/c/web", 0, 0}, 2, PLACED_NOWHERE},
        {{"web", "s", "/d/web/s.xml", 0, 0}, PLACED_NOWHERE, PLACED_NOWHERE},
        {{"web", "s", NULL, 0, 0}, PLACED_NOWHERE, PLACED_NOWHERE},
        {{NULL, NULL, "a/x", 0, 0}, PLACED_NOWHERE, PLACED_NOWHERE},
        {{"xeb", NULL, "a/x", 0, 0}, PLACED_NOWHERE, PLACED_NOWHERE},
    };
    cleanup(listing_free) struct listing listing = {0};
    cleanup(placing_free) struct placing placing;
    size_t grouped = 0;

    (void)state;
    for (size_t i = 0; i < LENGTH(bases); i++) {
        struct listed_domain *domain = listing_add(&listing, "web");

        domain->base = xstrdup(bases[i]);
        listed_add(domain, "s")->file = xasprintf("%s/web/s.xml", bases[i]);
        listed_add(domain, "s")->file = xasprintf("%s/web/t.xml", bases[i]);
    }
    for (size_t i = 0; i < LENGTH(cases); i++)
        problem_add(&listing.problems, PROBLEM_STATE_BAD, &cases[i].place,
                    NULL);
    placing_make(&placing, &listing);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        assert_int_equal(placing.domain[i], cases[i].domain);
        assert_int_equal(placing.snapshot[i], cases[i].snapshot);
    }
    for (size_t i = 0; i < listing.count; i++) {
        for (size_t j = placing.start[i]; j < placing.start[i + 1]; j++)
            assert_int_equal(placing.domain[placing.order[grouped++]], i);
    }
    assert_int_equal(placing.start[listing.count], grouped);
    assert_int_equal(grouped, 5);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_content),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_policy),
        cmocka_unit_test(test_escaped),
        cmocka_unit_test(test_bases),
        cmocka_unit_test(test_calendar),
        cmocka_unit_test(test_calendar_random),
        cmocka_unit_test(test_fingerprint),
        cmocka_unit_test(test_fingerprints_unique),
        cmocka_unit_test(test_fingerprints_numbered),
        cmocka_unit_test(test_placing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
