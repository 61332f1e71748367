/* session.c - see session.h. */
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "../verify/base.h"
#include "../verify/cleanup.h"
#include "../verify/definition.h"
#include "../verify/error.h"
#include "../verify/escape.h"
#include "../verify/memory.h"
#include "../verify/report.h"
#include "../verify/schema.h"
#include "../verify/schemas.h"
#include "backup.h"
#include "causes.h"
#include "convert.h"
#include "hint.h"
#include "lock.h"
#include "mend.h"
#include "outcome.h"
#include "transform.h"

/* Everything that is open during a run. */
struct session {
    const struct options *options;
    struct base base;
    struct settings settings; /* the options', with what is open now */
    struct definitions definitions;
    struct driver_lock lock;
    struct root output;
    struct backup backup;
    struct plan plan;
    struct messages trouble;
    struct causes causes;
    struct schemas schemas;
    struct transform *transform;
    struct run run;
    struct plan before; /* with repairs, from which `plan' is made anew */
};

static void
say(const struct session *session, int priority, const char *text)
{
    cleanup(free_ptr) char *safe = escape_text(text);

    if (session->options->syslog)
        syslog(priority, "%s", safe);
}

static int
fail(const struct session *session, struct error *error)
{
    say(session, LOG_ERR, error->message);
    return program_fail(PROGRAM, error);
}

static void
show_progress(size_t done, size_t total)
{
    program_progress(PROGRAM, done, total);
}

static int
open_all(struct session *session, const char *named, struct error *error)
{
    const struct options *options = session->options;
    int result = base_open(&session->base, KIND_SNAPSHOT, named,
                           options->common.root, error);
    const struct root *root = &session->base.root;

    if (result < 0 && named && error->number == ENOTDIR)
        hint_directory(named, error);
    if (result <= 0)
        return result;
    if (root_lock(root, !options->dry_run && !options->output_dir, error) < 0)
        return -1;
    if (session->base.driver.base && !options->allow_running &&
        !options->dry_run &&
        driver_lock(&session->lock, &session->base.driver, options->common.root,
                    error) < 0)
        return -1;
    if (definitions_read(&session->definitions, &session->base, NULL,
                         options->common.root, error) < 0 ||
        schemas_open(&session->schemas, KIND_SNAPSHOT, true,
                     options->common.schemas.list, error) < 0)
        return -1;
    if (options->transform &&
        !(session->transform = transform_open(options->transform, error)))
        return -1;
    session->settings.transform = session->transform;
    session->settings.schemas = &session->schemas;
    session->settings.effort =
        (struct effort){options->common.crew, options->common.no_memo};
    session->settings.definitions = &session->definitions;
    session->settings.own = session->base.driver.base != NULL;
    if (options->dry_run)
        return 1;
    if (options->output_dir &&
        (outside_open(&session->output, options->output_dir, root, error) < 0 ||
         root_lock(&session->output, true, error) < 0))
        return -1;
    if (options->backup_dir &&
        backup_open(&session->backup, options->backup_dir, root, error) < 0)
        return -1;
    return 1;
}

static void
close_all(struct session *session)
{
    plan_free(&session->plan);
    plan_free(&session->before);
    messages_free(&session->trouble);
    schemas_close(&session->schemas);
    transform_free(session->transform);
    definitions_close(&session->definitions);
    root_close(&session->output);
    backup_close(&session->backup);
    driver_unlock(&session->lock);
    base_close(&session->base);
}

/* What kept domains from being repaired is found nowhere else. */
static void
add_ahead(struct session *session)
{
    struct plan *first =
        session->before.count ? &session->before : &session->plan;

    for (size_t i = 0; i < first->count; i++)
        problems_append(&session->plan.problems, &first->items[i].ahead);
}

/* The findings. Returns how many errors are of no domain that is refused. */
static size_t
report_findings(struct session *session)
{
    const struct options *options = session->options;
    struct problems *problems = &session->plan.problems;
    size_t loose = 0;

    add_ahead(session);
    choice_filter(&options->common, problems);
    problems_sort(problems);
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        const struct problem_info *info = problem_info(problem->id);
        const struct item *item =
            problem->domain ? plan_find(&session->plan, problem->domain) : NULL;
        /* What does not stand in the way of this run is no error in it. */
        bool hinders = plan_hinders(&session->settings, problem);
        bool mended =
            hinders && item && item->changes && item->action != ACTION_REFUSE;
        bool error = hinders && !mended;

        /* The run itself cleans up behind an interrupted one. */
        if ((problem->id == PROBLEM_INTERRUPTED_RUN && !options->dry_run) ||
            options->common.policy.severity[problem->id] == SEVERITY_IGNORE)
            continue;
        loose += error && !problem->domain;
        if (error || !options->common.quiet)
            report_problem_noted(
                stdout, problem, error ? SEVERITY_ERROR : SEVERITY_WARNING,
                mended ? "the repair mends it" : NULL, options->common.verbose);
        if (error) {
            cleanup(free_ptr) char *line =
                problem->line
                    ? xasprintf("%lu:%lu:", problem->line, problem->column)
                    : xstrdup("");
            cleanup(free_ptr) char *text =
                xasprintf("%s:%s %s%s%s [%s]",
                          problem->file ? problem->file : problem->domain, line,
                          info->title, problem->detail ? ": " : "",
                          problem->detail ? problem->detail : "", info->id);

            say(session, LOG_WARNING, text);
        }
    }
    return loose;
}

static size_t
report_refused(struct session *session)
{
    const struct plan *plan = &session->plan;
    size_t refused = 0;

    for (size_t i = 0; i < plan->count; i++) {
        const struct item *item = &plan->items[i];

        if (!item->selected || item->action != ACTION_REFUSE || item->failed)
            continue;
        refused++;
        if (!session->options->dry_run) {
            const struct item *before = plan_find(&session->before, item->name);
            const char *left = before ? before->left : NULL;
            cleanup(free_ptr) char *text = xasprintf(
                "%s: refused, see above%s%s; %s", item->name,
                left ? ": the repair asked for would leave " : "",
                left ? left : "",
                before && before->mended ? "only the repair changed it"
                                         : "nothing of it was changed");

            report_line(stdout, text);
            say(session, LOG_WARNING, text);
        }
    }
    return refused;
}

static void
print_plan(const struct session *session)
{
    const struct plan *plan = &session->plan;
    size_t printed = 0;

    for (size_t wave = 0; wave < plan->waves; wave++) {
        for (size_t i = 0; i < plan->count; i++) {
            const struct item *item = &plan->items[i];
            cleanup(free_ptr) char *text =
                item->selected && item->wave == wave
                    ? plan_describe(item, &session->settings)
                    : NULL;

            if (text) {
                printf("plan: ");
                report_line(stdout, text);
                printed++;
            }
        }
    }
    if (!printed)
        printf("plan: nothing to do\n");
}

static void
print_summary(const struct session *session, size_t refused, size_t failed)
{
    cleanup(free_ptr) char *text =
        outcome_summary(&session->run, &session->plan, refused, failed);

    if (!session->options->common.quiet)
        report_line(stdout, text);
    say(session, LOG_INFO, text);
}

static void
start_run(struct session *session)
{
    const struct options *options = session->options;

    session->run = (struct run){
        .settings = &session->settings,
        .base = &session->base.root,
        .target = options->output_dir ? &session->output : &session->base.root,
        .backup = options->backup_dir ? &session->backup : NULL,
        .trouble = &session->trouble,
        .causes = &session->causes,
        .progress =
            choice_wants_progress(&options->common) ? show_progress : NULL,
    };
}

static void
tell_repair(void *data, const char *line)
{
    const struct session *session = data;

    if (!session->options->common.quiet)
        report_line(stdout, line);
    say(session, LOG_NOTICE, line);
}

/*
 * Repair what can be. What is found that stands in the way of that is said by
 * the plan that is made behind it.
 */
static int
repair(struct session *session, struct error *error)
{
    const struct mend_listener listener = {tell_repair, session};
    int result = plan_make(&session->before, &session->base.root,
                           &session->settings, &session->trouble, error);

    if (!result)
        result = mend_all(&session->run, &session->before, &listener, error);
    session->settings.repair = REPAIR_NOT;
    return result;
}

/* The changes that a repair would make. */
static void
show_repairs(struct session *session)
{
    for (size_t i = 0; i < session->plan.count; i++) {
        struct item *item = &session->plan.items[i];
        struct error error = {0};

        if (!item->changes ||
            !mend_show(item, &session->base.root, &session->settings,
                       isatty(STDOUT_FILENO), stdout, &error))
            continue;
        messages_add(&session->trouble, "domain '%s': %s", item->name,
                     error.message);
        error_clear(&error);
        item->failed = true;
    }
}

/*
 * A domain whose repair failed is not one that is refused: its message says all
 * there is to say. And one that could not be read is left alone, even if it can
 * be by now: what was to be repaired was not.
 */
static void
fail_unrepaired(struct session *session)
{
    for (size_t i = 0; i < session->before.count; i++) {
        const struct item *before = &session->before.items[i];
        struct item *item = plan_find(&session->plan, before->name);

        if (!item)
            continue;
        if (before->failed && !before->changes)
            item->failed = true;
        if (before->changes && (before->failed || !before->mended))
            item->failed = item->failed || item->action == ACTION_REFUSE;
    }
}

/* What was said of a domain before its repair need not be said again. */
static void
add_new(struct messages *trouble, const struct messages *more)
{
    const size_t before = trouble->count;

    for (size_t i = 0; i < more->count; i++) {
        size_t j = 0;

        while (j < before && strcmp(trouble->list[j], more->list[i]))
            j++;
        if (j == before)
            messages_add(trouble, "%s", more->list[i]);
    }
}

/* Read and plan all; with repairs, after they were made. */
static int
prepare(struct session *session, struct error *error)
{
    struct messages trouble = {0};
    int result;

    start_run(session);
    if (session->settings.repair != REPAIR_NOT && !session->options->dry_run &&
        repair(session, error) < 0)
        return -1;
    session->settings.carry_out = !session->options->dry_run;
    result = plan_make(&session->plan, &session->base.root, &session->settings,
                       &trouble, error);
    add_new(&session->trouble, &trouble);
    messages_free(&trouble);
    if (!result)
        fail_unrepaired(session);
    return result;
}

static int
finish(struct session *session, int status, size_t loose)
{
    size_t refused = report_refused(session);
    size_t failed = session->trouble.count;

    /* Behind what failed is why, once where it is the same for many. */
    causes_tell(&session->causes, session->run.target, &session->trouble);
    for (size_t i = 0; i < session->trouble.count; i++) {
        program_say(PROGRAM, session->trouble.list[i]);
        say(session, LOG_ERR, session->trouble.list[i]);
    }
    if (!session->options->dry_run)
        print_summary(session, refused, failed);
    if (status != EXIT_CLEAN)
        return status;
    if (failed)
        return EXIT_TROUBLE;
    return refused || loose ? EXIT_PROBLEMS : EXIT_CLEAN;
}

/* There is no default directory: fine, unless a domain of it was asked for. */
static int
say_missing(const struct session *session)
{
    const struct choice *common = &session->options->common;
    cleanup(free_ptr) char *text =
        choice_missing(common, session->base.driver.base);

    if (common->domains.count) {
        program_say(PROGRAM, text);
        return EXIT_TROUBLE;
    }
    if (!common->quiet)
        report_line(stdout, text);
    return EXIT_CLEAN;
}

int
session_run(const struct options *options, const char *named)
{
    struct session session = {
        .options = options,
        .base = {.root = {.fd = -1}},
        .settings = options->settings,
        .definitions = {.persistent = {.fd = -1}, .transient = {.fd = -1}},
        .lock = {.dir = -1, .fd = -1},
        .output = {.fd = -1},
        .backup = {.root = {.fd = -1}},
    };
    struct error error = {0};
    int status = EXIT_CLEAN;
    int open = open_all(&session, named, &error);

    if (open > 0 && prepare(&session, &error) < 0)
        open = -1;
    if (open < 0) {
        (void)error_append(&error, session.run.repaired
                                       ? "; nothing was converted"
                                       : "; nothing was changed");
        status = fail(&session, &error);
    } else if (open > 0) {
        size_t loose = report_findings(&session);

        show_repairs(&session);
        if (options->dry_run ||
            (options->common.verbose && !options->common.quiet))
            print_plan(&session);
        if (!options->dry_run &&
            convert_all(&session.run, &session.plan, &error) < 0)
            status = fail(&session, &error);
        status = finish(&session, status, loose);
    } else {
        status = say_missing(&session);
    }
    close_all(&session);
    return status;
}
