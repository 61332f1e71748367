/*
 * fuzz-report.c - whatever names and messages there are, a report is what its
 * format demands: well-formed and as its schema says, valid JSON, lines of
 * their own; and in none is a byte that a terminal acts on.
 */
#include "fuzz.h"

#include "../../verify/baseline.h"
#include "../../verify/error.h"
#include "../../verify/escape.h"
#include "../../verify/format.h"
#include "../../verify/json.h"
#include "../../verify/listing.h"
#include "../../verify/report-xml.h"
#include "../../verify/report.h"
#include "../../verify/schema.h"
#include "../../verify/tree.h"
#include "view.h"

static struct schema *schema;

static void
end(void)
{
    schema_free(schema);
    program_end_xml();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct error error = {0};

    (void)argc;
    (void)argv;
    program_start_xml();
    schema = schema_embedded("report.rng", &error);
    FUZZ_CHECK(schema, "%s", error.message);
    (void)atexit(end);
    return 0;
}

/* A text of any bytes but NUL. The caller owns it. */
static char *
any_text(struct dice *dice)
{
    static const char *const pieces[] = {
        "<",
        ">",
        "&",
        "'",
        "\"",
        "]]>",
        "-->",
        "\n",
        "\r",
        "\t",
        "\x1b[31m",
        "\x7f",
        "\x01",
        "%0A",
        "::",
        "\xc2\x9b",
        "\xe2\x80\xae",
        "\xef\xbf\xbe",
        "\xff",
        "\xed\xa0\x80",
        "\\",
        "\\n",
        "\xf0\x9f\x98\x80",
        "{\"a\":1}",
        "a",
        "name",
        " ",
        "/",
        "..",
        "&#10;",
        "\xc3",
        "\xc0\x80",
        "\xef\xbb\xbf",
        "\xf4\x90\x80\x80",
        "<b>",
        "\\\"",
    };
    struct buffer out = {0};

    for (size_t n = roll(dice, 8); n; n--) {
        char byte = (char)(1 + roll(dice, 255));

        if (once_in(dice, 4))
            buffer_add(&out, &byte, 1);
        else
            buffer_puts(&out, ANY_OF(dice, pieces));
    }
    buffer_add(&out, "", 1);
    return out.data;
}

static char *
some_text(struct dice *dice)
{
    return once_in(dice, 4) ? NULL : any_text(dice);
}

static void
add_snapshot(struct listed_domain *domain, struct dice *dice)
{
    static const char *const states[] = {NULL, "shutoff", "running"};
    cleanup(free_ptr) char *name = any_text(dice);
    struct listed_snapshot *snapshot = listed_add(domain, name);

    snapshot->parent = some_text(dice);
    snapshot->state = ANY_OF(dice, states);
    snapshot->file = any_text(dice);
    snapshot->line = roll(dice, 200);
    snapshot->created = (long long)roll(dice, 256) - 20;
    snapshot->created *= 1LL << roll(dice, 55);
    snapshot->has_created = roll(dice, 2);
    snapshot->current = once_in(dice, 4);
    for (int i = 0; i < 2; i++) {
        snapshot->showing[i] = (enum showing)roll(dice, 3);
        if (snapshot->showing[i] != SHOWING_SHOWN)
            snapshot->reason[i] = any_text(dice);
    }
    domain->seen++;
}

static void
add_problem(struct problems *problems, struct dice *dice)
{
    cleanup(free_ptr) char *domain = some_text(dice);
    cleanup(free_ptr) char *snapshot = some_text(dice);
    /* One of them is always there. */
    cleanup(free_ptr) char *file = domain ? some_text(dice) : any_text(dice);
    cleanup(free_ptr) char *detail = some_text(dice);
    const struct place place = {
        .domain = domain,
        .snapshot = domain ? snapshot : NULL,
        .file = file,
        .line = file ? roll(dice, 200) : 0,
        .column = roll(dice, 100),
    };

    problem_add(problems, (enum problem_id)roll(dice, PROBLEM_COUNT), &place,
                detail ? "%s" : NULL, detail);
}

static void
fill(struct listing *listing, struct dice *dice)
{
    *listing = (struct listing){.base = some_text(dice)};
    for (size_t n = roll(dice, 4); n; n--) {
        cleanup(free_ptr) char *name = any_text(dice);
        struct listed_domain *domain = listing_add(listing, name);

        if (!listing->base)
            domain->base = any_text(dice);
        for (int i = 0; i < 2; i++) {
            domain->holds[i] = roll(dice, 2);
            domain->reason[i] = some_text(dice);
        }
        domain->forgotten = once_in(dice, 4);
        for (size_t i = roll(dice, 5); i; i--)
            add_snapshot(domain, dice);
        tree_arrange(domain);
    }
    for (size_t n = roll(dice, 6); n; n--)
        add_problem(&listing->problems, dice);
    problems_sort(&listing->problems);
    for (size_t n = roll(dice, 3); n; n--) {
        cleanup(free_ptr) char *text = any_text(dice);

        messages_add(&listing->trouble, "%s", text);
    }
}

/* Is it a character that a terminal shows? */
static bool
is_shown(unsigned int code)
{
    return code == '\n' || (code >= 0x20 && (code < 0x7f || code > 0x9f) &&
                            (code < 0x200b || code > 0x200f) &&
                            (code < 0x2028 || code > 0x202e) &&
                            (code < 0x2060 || code > 0x206f) && code != 0xfeff);
}

/* Is there nothing in it but text, and the ends of lines? */
static void
check_plain(const char *what, const char *text, size_t len)
{
    size_t at = 0, step;

    for (; at < len; at += step) {
        unsigned int code = 0;

        step = utf8_length(text + at, len - at, &code);
        FUZZ_CHECK(step, "%s: byte %02x", what, (unsigned char)text[at]);
        FUZZ_CHECK(is_shown(code), "%s: character %04x", what, code);
    }
}

static void
check_json(const char *what, const char *text, size_t len)
{
    struct json json = json_start(text, len);
    enum json_kind kind;

    do
        kind = json_next(&json);
    while (kind != JSON_END && kind != JSON_BAD);
    FUZZ_CHECK(kind == JSON_END, "%s: no JSON: %.*s", what, (int)len, text);
    json_free(&json);
}

/* Of lines, each by itself. */
static void
check_lines(const char *format, const char *text, size_t len)
{
    while (len) {
        const char *feed = memchr(text, '\n', len);
        size_t line = feed ? (size_t)(feed - text) : len;

        if (!strcmp(format, "jsonl"))
            check_json(format, text, line);
        else
            FUZZ_CHECK(line > 2 && !memcmp(text, "::", 2), "%s: %.*s", format,
                       (int)line, text);
        line += feed != NULL;
        text += line;
        len -= line;
    }
}

static void
check_xml(const char *format, const char *text, size_t len)
{
    xmlDoc *doc = view_parse(text, len);
    struct error error = {0};

    FUZZ_CHECK(doc, "%s: not well-formed: %.*s", format, (int)len, text);
    if (!strcmp(format, "xml"))
        FUZZ_CHECK(schema_judge(schema, doc, NULL, &error) == 1,
                   "not as the schema says: %.*s", (int)len, text);
    error_clear(&error);
    xmlFreeDoc(doc);
}

static void
check_format(const char *format, const struct buffer *report)
{
    struct error error = {0};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    FUZZ_CHECK(out && !format_write(out, format, report, &error) &&
                   !fclose(out),
               "%s: %s", format, error.message ? error.message : "no memory");
    check_plain(format, text, len);
    if (!strcmp(format, "xml") || !strcmp(format, "junit"))
        check_xml(format, text, len);
    else if (!strcmp(format, "json") || !strcmp(format, "sarif"))
        check_json(format, text, len);
    else if (!strcmp(format, "jsonl") || !strcmp(format, "github"))
        check_lines(format, text, len);
    free(text);
}

/* What is printed for a person. */
static void
check_text(const struct listing *listing)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    FUZZ_CHECK(out, "no memory");
    for (size_t i = 0; i < listing->problems.count; i++) {
        long before = ftell(out);

        report_problem(out, &listing->problems.list[i], SEVERITY_ERROR, false);
        (void)fflush(out);
        FUZZ_CHECK(memchr(text + before, '\n', len - (size_t)before) ==
                       text + len - 1,
                   "more than a line: %s", text + before);
    }
    for (size_t i = 0; i < listing->count; i++)
        tree_print(out, &listing->list[i]);
    for (size_t i = 0; i < listing->trouble.count; i++)
        report_line(out, listing->trouble.list[i]);
    (void)fclose(out);
    check_plain("text", text, len);
    free(text);
}

static void
check_escape(const uint8_t *data, size_t size)
{
    cleanup(free_ptr) char *text = xstrndup((const char *)data, size);
    cleanup(free_ptr) char *escaped = escape_text(text);

    check_plain("escaped", escaped, strlen(escaped));
    FUZZ_CHECK(!strchr(escaped, '\n'), "more than a line: %s", escaped);
    FUZZ_CHECK(utf8_valid_prefix((const char *)data, size) <= size, "too long");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dice dice = dice_start(data, size);
    const struct policy policy = policy_default();
    cleanup(buffer_free) struct buffer report = {0};
    struct listing listing;
    size_t count = 0;

    check_escape(data, size);
    fill(&listing, &dice);
    check_text(&listing);
    report_xml(&report, &listing, &policy, NULL);
    while (format_names()[count])
        count++;
    check_format("xml", &report);
    check_format(format_names()[roll(&dice, count)], &report);
    listing_free(&listing);
    return 0;
}
