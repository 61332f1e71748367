/*
 * virt-snapshot-migrate - convert snapshot directories of libvirt's QEMU driver
 * between the legacy and the bulk layout.
 *
 * Options, locks and messages; what is done to the directory is in convert.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "../verify/base.h"
#include "../verify/cleanup.h"
#include "../verify/definition.h"
#include "../verify/escape.h"
#include "../verify/memory.h"
#include "../verify/program.h"
#include "../verify/report.h"
#include "../verify/schema.h"
#include "backup.h"
#include "convert.h"
#include "lock.h"
#include "outcome.h"
#include "plan.h"

#define PROGRAM "virt-snapshot-migrate"

struct options {
    struct choice common;
    struct settings settings;
    char *output_dir;
    char *backup_dir;
    char *merge;
    int export;
    int dry_run;
    int allow_running;
    int syslog;
};

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
    struct schemas schemas;
    struct run run;
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
    int result = base_open(&session->base, named, options->common.root, error);
    const struct root *root = &session->base.root;

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
                         options->common.root, error) < 0)
        return -1;
    if (schemas_open(&session->schemas, true, options->common.schemas.list,
                     error) < 0)
        return -1;
    session->settings.schemas = &session->schemas;
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
    messages_free(&session->trouble);
    schemas_close(&session->schemas);
    definitions_close(&session->definitions);
    root_close(&session->output);
    backup_close(&session->backup);
    driver_unlock(&session->lock);
    base_close(&session->base);
}

/* The findings. Returns how many errors are of no domain that is refused. */
static size_t
report_findings(struct session *session)
{
    const struct options *options = session->options;
    struct problems *problems = &session->plan.problems;
    size_t loose = 0;

    choice_filter(&options->common, problems);
    problems_sort(problems);
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        const struct problem_info *info = problem_info(problem->id);
        /* What does not stand in the way of this run is no error in it. */
        bool error = plan_hinders(&session->settings, problem);

        /* The run itself cleans up behind an interrupted one. */
        if ((problem->id == PROBLEM_INTERRUPTED_RUN && !options->dry_run) ||
            options->common.policy.severity[problem->id] == SEVERITY_IGNORE)
            continue;
        loose += error && !problem->domain;
        if (error || !options->common.quiet)
            report_problem(stdout, problem,
                           error ? SEVERITY_ERROR : SEVERITY_WARNING,
                           options->common.verbose);
        if (error) {
            cleanup(free_ptr) char *text = xasprintf(
                "%s:%lu: %s%s%s [%s]",
                problem->file ? problem->file : problem->domain, problem->line,
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
            cleanup(free_ptr) char *text =
                xasprintf("%s: refused, see above; nothing of it was changed",
                          item->name);

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

static int
carry_out(struct session *session, struct error *error)
{
    const struct options *options = session->options;

    session->run = (struct run){
        .settings = &session->settings,
        .base = &session->base.root,
        .target = options->output_dir ? &session->output : &session->base.root,
        .backup = options->backup_dir ? &session->backup : NULL,
        .trouble = &session->trouble,
        .progress =
            choice_wants_progress(&options->common) ? show_progress : NULL,
    };
    return convert_all(&session->run, &session->plan, error);
}

static int
finish(struct session *session, int status, size_t loose)
{
    size_t refused = report_refused(session);
    size_t failed = session->trouble.count;

    for (size_t i = 0; i < failed; i++) {
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

static int
migrate(const struct options *options, const char *named)
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

    if (open > 0 && plan_make(&session.plan, &session.base.root,
                              &session.settings, &session.trouble, &error) < 0)
        open = -1;
    if (open < 0) {
        (void)error_append(&error, "; nothing was changed");
        status = fail(&session, &error);
    } else if (open > 0) {
        size_t loose = report_findings(&session);

        if (options->dry_run ||
            (options->common.verbose && !options->common.quiet))
            print_plan(&session);
        if (!options->dry_run && carry_out(&session, &error) < 0)
            status = fail(&session, &error);
        status = finish(&session, status, loose);
    } else {
        status = say_missing(&session);
    }
    close_all(&session);
    return status;
}

static int
check_options(struct options *options)
{
    struct settings *settings = &options->settings;

    if ((options->output_dir && !options->output_dir[0]) ||
        (options->backup_dir && !options->backup_dir[0]))
        return program_usage(PROGRAM, "--output-dir and --backup need the name "
                                      "of a directory");

    settings->to = options->export ? LAYOUT_LEGACY : LAYOUT_BULK;
    settings->no_suffix = options->common.no_suffix;
    settings->elsewhere = options->output_dir != NULL;
    settings->kept = options->backup_dir || options->output_dir;
    settings->max_bulk = options->common.max_bulk;
    settings->selected = options->common.domains.list;
    settings->policy = &options->common.policy;
    if (options->merge && !strcmp(options->merge, "bulk"))
        settings->merge = MERGE_BULK;
    else if (options->merge && !strcmp(options->merge, "legacy"))
        settings->merge = MERGE_LEGACY;
    else if (options->merge)
        return program_usage(PROGRAM,
                             "--merge: '%s' is neither 'bulk' nor "
                             "'legacy'",
                             options->merge);
    if (settings->merge && !settings->kept)
        return program_usage(PROGRAM, "--merge needs --backup=DIR, which keeps "
                                      "the copies that lose");
    if (options->output_dir && options->backup_dir)
        return program_usage(PROGRAM, "--output-dir leaves everything where it "
                                      "is; --backup has nothing to keep");
    return EXIT_CLEAN;
}

static int
read_options(poptContext context, struct options *options, const char **named)
{
    int status = program_read(context, PROGRAM, &options->common);

    if (status != EXIT_CLEAN)
        return status;
    status = check_options(options);
    if (status != EXIT_CLEAN)
        return status;
    *named = poptGetArg(context);
    if (poptPeekArg(context))
        return program_usage(PROGRAM,
                             "one directory at a time: '%s' is one "
                             "too many",
                             poptPeekArg(context));
    return EXIT_CLEAN;
}

static void
free_options(struct options *options)
{
    choice_free(&options->common);
    free(options->output_dir);
    free(options->backup_dir);
    free(options->merge);
}

int
main(int argc, const char **argv)
{
    cleanup(free_options) struct options options = {0};
    struct poptOption table[] = {
        {"export", 0, POPT_ARG_NONE, &options.export, 0,
         "Convert bulk files back into legacy directories", NULL},
        {"dry-run", 'n', POPT_ARG_NONE, &options.dry_run, 0,
         "Print what would be done, change nothing", NULL},
        {"domain", 'd', POPT_ARG_STRING, NULL, OPTION_DOMAIN,
         "Convert only this domain (repeatable)", "NAME"},
        {"root", 0, POPT_ARG_STRING, &options.common.root, 0,
         "Default paths are below DIR, a mounted system", "DIR"},
        {"output-dir", 0, POPT_ARG_STRING, &options.output_dir, 0,
         "Write the result to DIR, leave BASEDIR alone", "DIR"},
        {"backup", 0, POPT_ARG_STRING, &options.backup_dir, 0,
         "Keep in DIR what is replaced", "DIR"},
        {"merge", 0, POPT_ARG_STRING, &options.merge, 0,
         "Both layouts differ: keep all, this side wins", "bulk|legacy"},
        {"max-bulk-size", 0, POPT_ARG_STRING, &options.common.max_bulk_size, 0,
         "Largest bulk file that libvirt reads (128M)", "SIZE"},
        {"schema", 0, POPT_ARG_STRING, NULL, OPTION_SCHEMA,
         "A further RELAX NG schema, or: libvirt (repeatable)", "FILE"},
        {"severity", 0, POPT_ARG_STRING, NULL, OPTION_SEVERITY,
         "How bad a problem is: ID=error, warning, ignore", "ID=WORD"},
        {"strict", 0, POPT_ARG_NONE, NULL, OPTION_STRICT,
         "Warnings count as errors: refuse such domains", NULL},
        {"no-suffix", 0, POPT_ARG_NONE, &options.common.no_suffix, 0,
         "Bulk files are called DOMAIN, not DOMAIN.xml", NULL},
        {"allow-running", 0, POPT_ARG_NONE, &options.allow_running, 0,
         "Go on although libvirt may be running", NULL},
        {"progress", 0, POPT_ARG_STRING, &options.common.progress, 0,
         "Show progress: auto, always or never", "WHEN"},
        {"quiet", 'q', POPT_ARG_NONE, &options.common.quiet, 0,
         "Print errors only", NULL},
        {"verbose", 0, POPT_ARG_NONE, &options.common.verbose, 0,
         "Print the plan; what findings lead to; what to do", NULL},
        {"syslog", 0, POPT_ARG_NONE, &options.syslog, 0,
         "Send the outcome to the system log as well", NULL},
        {NULL, 0, POPT_ARG_INCLUDE_TABLE, program_help_options, 0, NULL, NULL},
        POPT_TABLEEND,
    };
    poptContext context = poptGetContext(PROGRAM, argc, argv, table, 0);
    const char *named = NULL;
    int status;

    program_start_xml();
    poptSetOtherOptionHelp(context, "[OPTION...] [BASEDIR]");
    status = read_options(context, &options, &named);
    if (status != EXIT_CLEAN) {
        fprintf(stderr, "Nothing was changed.\n");
    } else {
        if (options.syslog)
            openlog(PROGRAM, LOG_PID, LOG_DAEMON);
        status = migrate(&options, named);
    }
    poptFreeContext(context);
    program_end_xml();
    return program_end(PROGRAM, status);
}
