/*
 * fuzz-legacy.c - any bytes as the file of a snapshot. What the reader accepts
 * says what libxml2 reads in it; what libxml2 refuses, the reader refuses.
 */
#include "fuzz.h"

#include <sys/stat.h>

#include "../../verify/error.h"
#include "../../verify/layout.h"
#include "../../verify/problem.h"
#include "view.h"

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    program_start_xml();
    (void)atexit(program_end_xml);
    FUZZ_CHECK(!mkdirat(fuzz_scratch(), "d", 0700), "no directory");
    return 0;
}

/* How its file is to be called, by what libxml2 reads in it. */
static char *
file_name(const xmlDoc *doc)
{
    const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    xmlChar *name = view_text(root ? view_child(root, "name") : NULL);
    const char *text = (const char *)name;
    bool fine =
        text[0] && text[0] != '.' && !strchr(text, '/') && strlen(text) < 200;
    char *file = xasprintf("d/%s.xml", fine ? text : "s");

    xmlFree(name);
    return file;
}

static void
check_text(const xmlNode *root, const char *name, const char *found)
{
    xmlChar *text = view_text(view_child(root, name));

    FUZZ_CHECK(!strcmp((const char *)text, found ? found : ""),
               "<%s> is '%s', not '%s'", name, (const char *)text,
               found ? found : "(none)");
    xmlFree(text);
}

/* Is nothing wrong but that its parent is not there? */
static bool
is_accepted(const struct problems *problems)
{
    size_t missing = 0;

    for (size_t i = 0; i < problems->count; i++)
        missing += problems->list[i].id == PROBLEM_PARENT_MISSING;
    return problems_errors(problems, 0) == missing;
}

/* What was accepted says what libxml2 reads. */
static void
check_snapshot(const struct snapshot *snapshot, const xmlDoc *doc,
               const uint8_t *data, size_t size)
{
    const xmlNode *root = xmlDocGetRootElement(doc);
    const xmlNode *parent, *active;
    xmlChar *time, *text;

    FUZZ_CHECK(view_is(root, "domainsnapshot"), "no <domainsnapshot>");
    FUZZ_CHECK(span_end(snapshot->element) <= size &&
                   data[snapshot->element.start] == '<' &&
                   data[span_end(snapshot->element) - 1] == '>',
               "the element is elsewhere");
    check_text(root, "name", snapshot->name);
    check_text(root, "state", snapshot->state);
    parent = view_child(root, "parent");
    if (parent)
        check_text(parent, "name", snapshot->parent);
    else
        FUZZ_CHECK(!snapshot->parent, "no <parent>, but '%s'",
                   snapshot->parent);
    time = view_text(view_child(root, "creationTime"));
    FUZZ_CHECK(!snapshot->has_created ||
                   strtoll((const char *)time, NULL, 10) == snapshot->created,
               "%s is not %lld", (const char *)time, snapshot->created);
    xmlFree(time);
    active = view_child(root, "active");
    text = view_text(active);
    FUZZ_CHECK(!active || snapshot->active ==
                              (strtoll((const char *)text, NULL, 10) != 0),
               "<active> is %s", (const char *)text);
    xmlFree(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct source source = {
        .base = fuzz_scratch(), .name = "d", .entry = "d"};
    xmlDoc *doc = view_parse((const char *)data, size);
    cleanup(free_ptr) char *file = file_name(doc);
    struct domain domain = {.fd = -1};
    struct problems problems = {0};
    struct error error = {0};

    fuzz_put(fuzz_scratch(), file, data, size);
    FUZZ_CHECK(!legacy_read(&domain, &source, &problems, &error),
               "cannot read: %s", error.message);
    if (domain.count && is_accepted(&problems)) {
        FUZZ_CHECK(domain.count == 1, "%zu snapshots in one file",
                   domain.count);
        FUZZ_CHECK(doc, "accepted, but not well-formed");
        check_snapshot(&domain.snaps[0], doc, data, size);
    }
    FUZZ_CHECK(domain.count || domain.stray_count || problems.count,
               "nothing, without a word");
    (void)unlinkat(fuzz_scratch(), file, 0);
    domain_free(&domain);
    problems_free(&problems);
    if (doc)
        xmlFreeDoc(doc);
    return 0;
}
