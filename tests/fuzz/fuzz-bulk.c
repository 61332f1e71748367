/*
 * fuzz-bulk.c - any bytes as a bulk file. What the reader accepts is what
 * libxml2 sees in the whole of it: as many members, of these names, that say
 * the same. What libxml2 refuses, the reader refuses. And it says the same with
 * a memo and without.
 */
#include "fuzz.h"

#include "../../verify/error.h"
#include "../../verify/layout.h"
#include "../../verify/problem.h"
#include "view.h"

#define GAP 1048576

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    program_start_xml();
    (void)atexit(program_end_xml);
    return 0;
}

/* A file that was read. */
struct reading {
    struct domain domain;
    struct problems problems;
};

static void
read_file(struct reading *reading, bool no_memo)
{
    const struct source source = {.base = fuzz_scratch(),
                                  .name = "d",
                                  .entry = "d.xml",
                                  .max_bulk = BULK_FILE_MAX,
                                  .effort = {.no_memo = no_memo}};
    struct error error = {0};

    *reading = (struct reading){.domain = {.fd = -1}};
    FUZZ_CHECK(
        !bulk_read(&reading->domain, &source, &reading->problems, &error),
        "cannot read: %s", error.message);
}

static void
free_reading(struct reading *reading)
{
    domain_free(&reading->domain);
    problems_free(&reading->problems);
}

/* All that is known, to be compared. The caller owns it. */
static char *
list_reading(const struct reading *reading)
{
    struct buffer out = {0};

    for (size_t i = 0; i < reading->domain.count; i++) {
        const struct snapshot *snapshot = &reading->domain.snaps[i];

        buffer_printf(&out, "%s of %s at %zu+%zu %lu:%lu%s\n", snapshot->name,
                      snapshot->parent ? snapshot->parent : "-",
                      snapshot->element.start, snapshot->element.len,
                      snapshot->at.line, snapshot->at.column,
                      reading->domain.current == i ? " current" : "");
    }
    for (size_t i = 0; i < reading->problems.count; i++) {
        const struct problem *problem = &reading->problems.list[i];

        buffer_printf(&out, "%s %lu:%lu %s\n", problem_info(problem->id)->id,
                      problem->line, problem->column,
                      problem->detail ? problem->detail : "");
    }
    buffer_add(&out, "", 1);
    return out.data;
}

/* A member, by what lies at its place in the bytes. */
static void
check_member(const struct snapshot *snapshot, const char *bytes, size_t len,
             xmlNode *node)
{
    const struct span at = snapshot->element;
    xmlDoc *doc;
    xmlChar *name = view_text(view_child(node, "name"));
    cleanup(free_ptr) char *expected = view_of(node), *found = NULL;

    FUZZ_CHECK(!strcmp((const char *)name, snapshot->name), "'%s' is not '%s'",
               snapshot->name, (const char *)name);
    FUZZ_CHECK(span_end(at) <= len, "a member behind the end");
    doc = view_parse(bytes + at.start, at.len);
    FUZZ_CHECK(doc, "not well-formed: %.*s", (int)at.len, bytes + at.start);
    found = view_of(xmlDocGetRootElement(doc));
    FUZZ_CHECK(!strcmp(found, expected), "%s\n--- is not\n%s", found, expected);
    xmlFreeDoc(doc);
    xmlFree(name);
}

/* What was accepted without an error is all that there is. */
static void
check_members(const struct domain *domain, const char *bytes, size_t len,
              const xmlDoc *doc)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    xmlNode *node = view_element(root->children);
    xmlChar *current = xmlGetNoNsProp(root, (const xmlChar *)"current");

    FUZZ_CHECK(view_is(root, "snapshots"), "accepted, but no <snapshots>");
    FUZZ_CHECK(view_children(root) == domain->count, "%zu members, not %zu",
               domain->count, view_children(root));
    for (size_t i = 0; i < domain->count; i++) {
        FUZZ_CHECK(view_is(node, "domainsnapshot"), "no <domainsnapshot>");
        check_member(&domain->snaps[i], bytes, len, node);
        node = view_element(node->next);
    }
    if (current && domain->current != NO_SNAPSHOT &&
        !strpbrk((const char *)current, " \n\r\t"))
        FUZZ_CHECK(
            !strcmp((const char *)current, domain->snaps[domain->current].name),
            "'%s' is current, not '%s'", (const char *)current,
            domain->snaps[domain->current].name);
    xmlFree(current);
}

static void
try_list(const char *bytes, size_t size)
{
    xmlDoc *doc = view_parse(bytes, size);
    struct reading plain, memo;
    cleanup(free_ptr) char *expected = NULL, *found = NULL;
    bool accepted;

    fuzz_put(fuzz_scratch(), "d.xml", bytes, size);
    read_file(&plain, true);
    read_file(&memo, false);
    expected = list_reading(&plain);
    found = list_reading(&memo);
    FUZZ_CHECK(!strcmp(expected, found),
               "the memo makes a difference.\n--- without\n%s--- with\n%s",
               expected, found);
    accepted = !problems_errors(&plain.problems, 0);
    FUZZ_CHECK(doc || !accepted, "accepted, but not well-formed");
    if (accepted && doc)
        check_members(&plain.domain, bytes, size, doc);
    free_reading(&plain);
    free_reading(&memo);
    if (doc)
        xmlFreeDoc(doc);
}

/*
 * With a gap behind the first member that is as wide as what is read at once:
 * only then the members behind it are met when the first has been judged.
 */
static void
try_apart(const uint8_t *data, size_t size)
{
    static const char end[] = "</domainsnapshot>";
    const size_t len = sizeof(end) - 1;
    const uint8_t *first = size ? memmem(data, size, end, len) : NULL;
    cleanup(buffer_free) struct buffer text = {0};

    if (!first)
        return;
    buffer_reserve(&text, size + GAP);
    buffer_add(&text, data, (size_t)(first - data) + len);
    memset(text.data + text.len, ' ', GAP);
    text.len += GAP;
    buffer_add(&text, first + len, size - (size_t)(first - data) - len);
    try_list(text.data, text.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_list((const char *)data, size);
    if (size % 8 == 0)
        try_apart(data, size);
    return 0;
}
