/*
 * virt-snapshot-verify - check snapshot directories of libvirt's QEMU driver.
 *
 * Opens nothing for writing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cleanup.h"
#include "contain.h"
#include "definition.h"
#include "memory.h"
#include "program.h"
#include "report.h"
#include "survey.h"

#define PROGRAM "virt-snapshot-verify"

struct options {
    struct choice common;
    char *explain;
    int list_problems;
    int strict;
};

/* What was found in all directories together. */
struct tally {
    size_t read; /* directories that were there */
    size_t domains;
    size_t snapshots;
    size_t errors;
    size_t warnings;
    struct messages trouble;
};

static int
list_problems(void)
{
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        const struct problem_info *info = problem_info((enum problem_id)i);

        printf("%-22s %-8s %s\n", info->id,
               info->severity == SEVERITY_ERROR ? "error" : "warning",
               info->title);
    }
    return EXIT_CLEAN;
}

/* Both layouts hold snapshots: do they agree? */
static int
compare_layouts(struct reading *reading, const struct holding *holding,
                struct error *error)
{
    const struct domain *legacy = &reading->domain[LAYOUT_LEGACY];
    const struct domain *bulk = &reading->domain[LAYOUT_BULK];
    struct place place = {.domain = holding->name,
                          .file = holding->entry[LAYOUT_BULK]};
    const char *which = NULL;
    int result;

    if (!legacy->count || !bulk->count)
        return 0;
    result = domain_contained(legacy, bulk, &which, error);
    if (!result) {
        cleanup(free_ptr) char *detail = reading_conflict(reading, which);

        problem_add(&reading->problems, PROBLEM_LAYOUTS_CONFLICT, &place, "%s",
                    detail);
    }
    /* What could not be read may be what the other does not have. */
    if (result > 0 && !problems_errors(&reading->problems, 0))
        problem_add(&reading->problems, PROBLEM_LAYOUTS_BOTH, &place, NULL);
    return result < 0 ? -1 : 0;
}

static void
verify_domain(const struct base *base, const struct holding *holding,
              const struct options *options, struct problems *problems,
              const struct root *definitions, struct tally *tally)
{
    struct reading reading;
    struct error error = {0};
    const struct domain *legacy = &reading.domain[LAYOUT_LEGACY];
    const char *entry[] = {holding->entry[0], holding->entry[1]};
    struct place place = {.domain = holding->name,
                          .file = holding->entry[LAYOUT_LEGACY]};
    int result = reading_read(&reading, holding->name, entry, base->root.fd,
                              options->common.max_bulk, &error);

    if (!result)
        result = compare_layouts(&reading, holding, &error);
    if (result < 0) {
        messages_add(&tally->trouble, "domain '%s' could not be checked: %s",
                     holding->name, error.message);
        error_clear(&error);
    }
    if (!result && legacy->fd >= 0 && !legacy->count && !legacy->foreign &&
        !problems_errors(&reading.problems, 0))
        problem_add(&reading.problems, PROBLEM_EMPTY_DIRECTORY, &place, NULL);
    definition_check(definitions, legacy, &reading.problems);
    definition_check(definitions, &reading.domain[LAYOUT_BULK],
                     &reading.problems);
    tally->domains++;
    tally->snapshots += legacy->count > reading.domain[LAYOUT_BULK].count
                            ? legacy->count
                            : reading.domain[LAYOUT_BULK].count;
    problems_append(problems, &reading.problems);
    reading_free(&reading);
}

/* Every domain that was asked for must be there. */
static int
check_selected(const struct base *base, const struct survey *survey,
               const struct names *names, struct error *error)
{
    for (size_t i = 0; i < names->count; i++) {
        size_t at = 0;

        while (at < survey->count &&
               strcmp(survey->list[at].name, names->list[i]))
            at++;
        if (at == survey->count)
            return error_set(error, 0, "there is no domain '%s' in '%s'",
                             names->list[i], base->root.path);
    }
    return 0;
}

static int
verify_survey(const struct base *base, const struct survey *survey,
              const struct options *options, struct problems *problems,
              struct tally *tally, struct error *error)
{
    struct root definitions;

    if (check_selected(base, survey, &options->common.domains, error) < 0 ||
        definition_open(&definitions, base, options->common.root, error) < 0)
        return -1;
    for (size_t i = 0; i < survey->count; i++) {
        if (choice_has(&options->common, survey->list[i].name))
            verify_domain(base, &survey->list[i], options, problems,
                          &definitions, tally);
    }
    root_close(&definitions);
    return 0;
}

/* With several directories, a finding must say in which one it is. */
static void
name_base(struct problems *problems, const char *base)
{
    for (size_t i = 0; i < problems->count; i++) {
        struct problem *problem = &problems->list[i];
        char *file = problem->file ? problem->file : xstrdup("");

        problem->file = xasprintf("%s/%s", base, file);
        free(file);
    }
}

/* There is no default directory: fine, unless a domain of it was asked for. */
static int
say_missing(const struct base *base, const struct options *options,
            struct error *error)
{
    cleanup(free_ptr) char *text =
        choice_missing(&options->common, base->driver.base);

    if (options->common.domains.count)
        return error_set(error, 0, "%s", text);
    if (!options->common.quiet)
        report_line(stdout, text);
    return 0;
}

static int
verify_base(const char *named, bool several, const struct options *options,
            struct tally *tally, struct error *error)
{
    const struct terms terms = {
        .no_suffix = options->common.no_suffix,
        .max_bulk = options->common.max_bulk,
    };
    struct base base;
    struct survey survey = {0};
    struct problems problems = {0};
    int result = base_open(&base, named, options->common.root, error);

    if (!result)
        result = say_missing(&base, options, error);
    else if (result > 0)
        result = root_lock(&base.root, false, error);
    if (!result && base.root.fd >= 0)
        result = survey_read(&survey, &base.root, &terms, &problems,
                             &tally->trouble, error);
    if (!result && base.root.fd >= 0) {
        tally->read++;
        result =
            verify_survey(&base, &survey, options, &problems, tally, error);
    }
    choice_filter(&options->common, &problems);
    problems_sort(&problems);
    if (several)
        name_base(&problems, named);
    report_problems(stdout, &problems, options->common.verbose);
    tally->errors += problems_errors(&problems, 0);
    tally->warnings += problems.count - problems_errors(&problems, 0);
    problems_free(&problems);
    survey_free(&survey);
    base_close(&base);
    return result;
}

static void
print_summary(const struct tally *tally)
{
    printf("%s, %s: %s, %s", count_of(tally->domains, "domain", "domains").text,
           count_of(tally->snapshots, "snapshot", "snapshots").text,
           count_of(tally->errors, "error", "errors").text,
           count_of(tally->warnings, "warning", "warnings").text);
    if (tally->trouble.count)
        printf("; %zu could not be checked", tally->trouble.count);
    printf("\n");
}

static int
verify_all(const char **paths, const struct options *options)
{
    struct tally tally = {0};
    struct error error = {0};
    int status = EXIT_CLEAN;
    bool several = paths && paths[0] && paths[1];
    size_t i = 0;

    do {
        if (verify_base(paths ? paths[i] : NULL, several, options, &tally,
                        &error) < 0)
            status = program_fail(PROGRAM, &error);
    } while (paths && paths[++i]);
    for (i = 0; i < tally.trouble.count; i++) {
        program_say(PROGRAM, tally.trouble.list[i]);
        status = EXIT_TROUBLE;
    }
    if (!options->common.quiet && tally.read)
        print_summary(&tally);
    messages_free(&tally.trouble);
    if (status == EXIT_CLEAN &&
        (tally.errors || (options->strict && tally.warnings)))
        status = EXIT_PROBLEMS;
    return status;
}

static void
free_options(struct options *options)
{
    choice_free(&options->common);
    free(options->explain);
}

int
main(int argc, const char **argv)
{
    cleanup(free_options) struct options options = {0};
    struct poptOption table[] = {
        {"domain", 'd', POPT_ARG_STRING, NULL, OPTION_DOMAIN,
         "Check only this domain (repeatable)", "NAME"},
        {"root", 0, POPT_ARG_STRING, &options.common.root, 0,
         "Default paths are below DIR, a mounted system", "DIR"},
        {"no-suffix", 0, POPT_ARG_NONE, &options.common.no_suffix, 0,
         "Bulk files are called DOMAIN, not DOMAIN.xml", NULL},
        {"max-bulk-size", 0, POPT_ARG_STRING, &options.common.max_bulk_size, 0,
         "Largest bulk file that libvirt reads (128M)", "SIZE"},
        {"strict", 0, POPT_ARG_NONE, &options.strict, 0,
         "Warnings count as errors", NULL},
        {"explain", 0, POPT_ARG_STRING, &options.explain, 0,
         "Say what a problem means and what to do", "ID"},
        {"list-problems", 0, POPT_ARG_NONE, &options.list_problems, 0,
         "List all problems that can be found", NULL},
        {"quiet", 'q', POPT_ARG_NONE, &options.common.quiet, 0,
         "Print findings only, no summary", NULL},
        {"verbose", 0, POPT_ARG_NONE, &options.common.verbose, 0,
         "Print what each finding leads to and what to do", NULL},
        {NULL, 0, POPT_ARG_INCLUDE_TABLE, program_help_options, 0, NULL, NULL},
        POPT_TABLEEND,
    };
    poptContext context = poptGetContext(PROGRAM, argc, argv, table, 0);
    int status;

    program_start_xml();
    poptSetOtherOptionHelp(context, "[OPTION...] [BASEDIR...]");
    status = program_read(context, PROGRAM, &options.common);
    if (status == EXIT_CLEAN && options.list_problems)
        status = list_problems();
    else if (status == EXIT_CLEAN && options.explain) {
        if (report_explanation(stdout, options.explain) < 0)
            status = program_usage(PROGRAM,
                                   "--explain: there is no problem "
                                   "'%s'; see --list-problems",
                                   options.explain);
    } else if (status == EXIT_CLEAN) {
        status = verify_all(poptGetArgs(context), &options);
    }
    poptFreeContext(context);
    program_end_xml();
    return program_end(PROGRAM, status);
}
