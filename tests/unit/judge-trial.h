/*
 * judge-trial.h - a <domainsnapshot> of which one of the functions of judge.h
 * judges its part, and what that says.
 */
#ifndef JUDGE_TRIAL_H
#define JUDGE_TRIAL_H

#include "support.h"

#include "../../verify/judge.h"
#include "../../verify/parse.h"

/* A document that is judged in part. */
struct trial {
    char *text;
    xmlDoc *doc;
    const xmlNode *root;
    struct snapshot snapshot;
    struct problems problems;
    struct judge judge;
};

/* Start with a <domainsnapshot> of this content, on line 1. */
static inline void
trial_start(struct trial *trial, const char *content)
{
    *trial = (struct trial){
        .text = xasprintf("<domainsnapshot>%s</domainsnapshot>", content)};
    trial->doc = parse_document(trial->text, strlen(trial->text), NULL, NULL);
    if (!trial->doc)
        print_error("of case: %s\n", content);
    assert_non_null(trial->doc);
    trial->root = xmlDocGetRootElement(trial->doc);
    trial->judge = (struct judge){
        .snapshot = &trial->snapshot,
        .layout = LAYOUT_LEGACY,
        .place = {.domain = "d", .file = "d/s.xml"},
        .where = where_start(trial->text, strlen(trial->text), POSITION_FIRST),
        .problems = &trial->problems};
}

static inline void
trial_end(struct trial *trial)
{
    snapshot_free(&trial->snapshot);
    problems_free(&trial->problems);
    parse_free_doc(&trial->doc);
    free(trial->text);
}

/* What one of the functions says to a content: nothing, or a part of it. */
struct verdict_case {
    const char *content;
    const char *detail; /* NULL: nothing */
};

static inline void
run_verdicts(void (*function)(struct judge *, const xmlNode *),
             enum problem_id id, const struct verdict_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *expected = cases[i].detail;
        struct trial trial;
        const char *detail;

        trial_start(&trial, cases[i].content);
        function(&trial.judge, trial.root);
        assert_found(&trial.problems, expected ? problem_info(id)->id : "",
                     cases[i].content);
        detail = expected ? trial.problems.list[0].detail : NULL;
        if (expected && !strstr(detail, expected))
            print_error("of case: %s: %s\n", cases[i].content, detail);
        if (expected)
            assert_non_null(strstr(detail, expected));
        trial_end(&trial);
    }
}

#endif
