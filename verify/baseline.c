/* baseline.c - see baseline.h. */
#include "baseline.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "input.h"
#include "memory.h"
#include "parse.h"

static int
compare_prints(const void *left, const void *right)
{
    const struct fingerprint *a = left, *b = right;

    return strcmp(a->text, b->text);
}

/* The fingerprint of a <problem>. -1: it has none that could be ours. */
static int
add_problem(struct baseline *baseline, const xmlNode *problem)
{
    cleanup(parse_free_text) xmlChar *text =
        xmlGetNoNsProp(problem, BAD_CAST "fingerprint");
    size_t len = text ? strlen((const char *)text) : 0;
    struct fingerprint *print;

    if (!len || len >= sizeof(print->text))
        return -1;
    baseline->list =
        xgrow(baseline->list, baseline->count, sizeof(*baseline->list));
    print = &baseline->list[baseline->count++];
    *print = (struct fingerprint){0};
    memcpy(print->text, text, len);
    return 0;
}

/* Those directly below <report>, or below a <domain>. */
static int
add_problems(struct baseline *baseline, const xmlNode *parent)
{
    const xmlNode *problem = NULL;

    while ((problem = parse_child(parent, "problem", problem))) {
        if (add_problem(baseline, problem) < 0)
            return -1;
    }
    return 0;
}

/* Of the same ids, but of something else. */
static bool
is_of_kind(const xmlNode *root, enum kind kind)
{
    cleanup(parse_free_text) xmlChar *name =
        xmlGetNoNsProp(root, BAD_CAST "kind");

    return !strcmp(name ? (const char *)name : kind_info(KIND_SNAPSHOT)->name,
                   kind_info(kind)->name);
}

static int
gather(struct baseline *baseline, enum kind kind, const char *path,
       const xmlDoc *doc, struct error *error)
{
    const xmlNode *root = xmlDocGetRootElement(doc), *domain = NULL;
    int result;

    if (!parse_is(root, "report"))
        return error_set(error, 0,
                         "'%s' is not a report of virt-snapshot-verify "
                         "--format=xml: its root is <%s>",
                         path, (const char *)root->name);
    if (!is_of_kind(root, kind))
        return error_set(error, 0, "'%s' is not a report of %s; see --kind",
                         path, kind_info(kind)->plural);
    result = add_problems(baseline, root);
    while (!result && (domain = parse_child(root, "domain", domain)))
        result = add_problems(baseline, domain);
    if (result < 0)
        return error_set(error, 0,
                         "'%s' is not a report of virt-snapshot-verify "
                         "--format=xml: a <problem> has no fingerprint",
                         path);
    if (baseline->count)
        qsort(baseline->list, baseline->count, sizeof(*baseline->list),
              compare_prints);
    return 0;
}

int
baseline_read(struct baseline *baseline, enum kind kind, const char *path,
              struct error *error)
{
    cleanup(buffer_free) struct buffer bytes = {0};
    cleanup(parse_free_doc) xmlDoc *doc = NULL;
    struct parse_failure failure = {0};
    int result = 0;

    *baseline = (struct baseline){0};
    if (input_read(path, BASELINE_MAX, &bytes, error) < 0)
        return -1;
    doc = parse_document(bytes.data, bytes.len, NULL, &failure);
    if (!doc)
        result = error_set(error, 0,
                           "'%s' is not a report of virt-snapshot-verify "
                           "--format=xml: line %lu: %s",
                           path, failure.line, failure.message);
    free(failure.message);
    if (!result)
        result = gather(baseline, kind, path, doc, error);
    if (result < 0)
        baseline_free(baseline);
    return result;
}

bool
baseline_has(const struct baseline *baseline,
             const struct fingerprint *fingerprint)
{
    return baseline && baseline->count &&
           bsearch(fingerprint, baseline->list, baseline->count,
                   sizeof(*fingerprint), compare_prints);
}

bool
baseline_knows(const struct baseline *baseline, enum problem_id id,
               const struct fingerprint *fingerprint)
{
    /* What was not listed is not known. */
    return id != PROBLEM_FINDINGS_CUT && id != PROBLEM_WARNINGS_CUT &&
           baseline_has(baseline, fingerprint);
}

bool *
baseline_known(const struct baseline *baseline, const struct listing *listing)
{
    cleanup(placing_free) struct placing placing;
    cleanup(free_ptr) struct fingerprint *prints = NULL;
    bool *known = xcalloc(listing->problems.count + 1, sizeof(*known));

    placing_make(&placing, listing);
    prints = fingerprints_of(listing, &placing);
    for (size_t i = 0; i < listing->problems.count; i++)
        known[i] =
            baseline_knows(baseline, listing->problems.list[i].id, &prints[i]);
    return known;
}

void
baseline_free(struct baseline *baseline)
{
    free(baseline->list);
    *baseline = (struct baseline){0};
}
