/*
 * virt-snapshot-verify - check snapshot directories of libvirt's QEMU driver.
 *
 * Opens nothing for writing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "cleanup.h"
#include "format.h"
#include "inspect.h"
#include "listing.h"
#include "memory.h"
#include "output.h"
#include "program.h"
#include "report-xml.h"
#include "report-text.h"
#include "report.h"
#include "schema.h"
#include "schemas.h"
#include "script.h"

#define PROGRAM "virt-snapshot-verify"

struct options {
    struct choice common;
    enum kind kind;
    char *kind_name;
    char *explain;
    char *domains_dir;
    int check_images;
    char *output;
    char *format;
    char *baseline;
    int list;
    int list_problems;
};

static bool
is_text(const struct options *options)
{
    return !options->format || !strcmp(options->format, "text");
}

static bool
is_script(const struct options *options)
{
    return options->format && !strcmp(options->format, "sh");
}

static int
list_problems(enum kind kind)
{
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        const struct problem_info *info = problem_info((enum problem_id)i);

        if (!problem_possible(kind, (enum problem_id)i))
            continue;
        printf("%-22s %-8s %s\n", info->id,
               info->severity == SEVERITY_ERROR ? "error" : "warning",
               problem_words(kind, (enum problem_id)i).title);
    }
    return EXIT_CLEAN;
}

/* The schemas of a run. */
struct grammar {
    struct schemas schemas;
    struct schema *relations;
};

static int
grammar_open(struct grammar *grammar, const struct options *options,
             struct error *error)
{
    grammar->relations = schema_embedded("relations.rng", error);
    return grammar->relations
               ? schemas_open(&grammar->schemas, options->kind, true,
                              options->common.schemas.list, error)
               : -1;
}

static void
grammar_close(struct grammar *grammar)
{
    schema_free(grammar->relations);
    schemas_close(&grammar->schemas);
}

static void
show_progress(size_t done, size_t total)
{
    program_progress(PROGRAM, done, total);
}

/* Look at everything. Returns the exit status of what could not be. */
static int
look(struct listing *listing, const char **paths, const struct options *options,
     const struct grammar *grammar, size_t *missing)
{
    const struct inspection inspection = {
        .kind = options->kind,
        .choice = &options->common,
        .schemas = &grammar->schemas,
        .relations = grammar->relations,
        .effort = {options->common.crew, options->common.no_memo},
        .domains_dir = options->domains_dir,
        .check_images = options->check_images,
        .trees = options->list || !is_text(options),
        .several = paths && paths[0] && paths[1],
        .progress =
            choice_wants_progress(&options->common) ? show_progress : NULL,
    };
    int status = EXIT_CLEAN;
    size_t i = 0;

    do {
        struct error error = {0};
        cleanup(free_ptr) char *nothing = NULL;
        int result = inspect(listing, paths ? paths[i] : NULL, &inspection,
                             &nothing, &error);

        if (result < 0) {
            status = (int)error.status;
            messages_add(&listing->trouble, "%s", error.message);
        } else if (!result && !options->common.quiet && is_text(options)) {
            report_line(stdout, nothing);
        }
        *missing += result <= 0;
        error_clear(&error);
    } while (paths && paths[++i]);
    return status;
}

/*
 * The report in memory, but for a text, before a file is opened for it: a
 * stylesheet may fail.
 */
static int
format_report(struct buffer *made, const struct listing *listing,
              const struct baseline *baseline, const struct options *options,
              struct error *error)
{
    cleanup(buffer_free) struct buffer xml = {0};
    FILE *out = open_memstream(&made->data, &made->len);
    int result;

    if (!out)
        memory_exhausted();
    report_xml(&xml, listing, &options->common.policy, baseline);
    result = format_write(out, options->format, &xml, error);
    if (fclose(out))
        memory_exhausted();
    return result;
}

static int
report(const struct listing *listing, const char *const *paths,
       const struct baseline *baseline, const bool *known,
       const struct tally *tally, const struct options *options,
       struct error *error)
{
    cleanup(buffer_free) struct buffer made = {0};
    struct output output;

    if (!is_text(options) && !is_script(options) &&
        format_report(&made, listing, baseline, options, error) < 0)
        return -1;
    if (output_open(&output, options->output, paths, error) < 0)
        return -1;
    if (is_text(options))
        report_text(output.out, listing, known, tally, &options->common,
                    options->list);
    else if (is_script(options))
        script_print(output.out, listing);
    else
        (void)fwrite(made.data, 1, made.len, output.out);
    return output_close(&output, options->output, error);
}

static int
verify_all(const char **paths, const struct options *options)
{
    cleanup(listing_free) struct listing listing = {
        .kind = options->kind, .problems = {.max = PROBLEMS_MAX}};
    cleanup(baseline_free) struct baseline baseline = {0};
    cleanup(grammar_close) struct grammar grammar = {0};
    cleanup(free_ptr) bool *known = NULL;
    struct tally tally;
    struct error error = {0};
    size_t missing = 0;
    int status;
    const char *looked_at[] = {NULL, NULL};

    if (options->baseline && baseline_read(&baseline, options->kind,
                                           options->baseline, &error) < 0) {
        (void)error_prefix(&error, "--baseline");
        return program_fail(PROGRAM, &error);
    }
    if (grammar_open(&grammar, options, &error) < 0)
        return program_fail(PROGRAM, &error);
    status = look(&listing, paths, options, &grammar, &missing);
    looked_at[0] = listing.base;
    known = baseline_known(&baseline, &listing);
    tally = tally_of(&listing.problems, known, &options->common.policy);
    if ((listing.count || !missing || !is_text(options)) &&
        report(&listing, paths ? (const char *const *)paths : looked_at,
               options->baseline ? &baseline : NULL, known, &tally, options,
               &error) < 0)
        status = program_fail(PROGRAM, &error);
    for (size_t i = 0; i < listing.trouble.count; i++)
        program_say(PROGRAM, listing.trouble.list[i]);
    if (listing.trouble.count && status == EXIT_CLEAN)
        status = EXIT_TROUBLE;
    if (status == EXIT_CLEAN && tally.count[SEVERITY_ERROR])
        status = EXIT_PROBLEMS;
    return status;
}

static void
free_options(struct options *options)
{
    choice_free(&options->common);
    free(options->kind_name);
    free(options->explain);
    free(options->domains_dir);
    free(options->output);
    free(options->format);
    free(options->baseline);
}

/* Of checkpoints there are no bulk files, and no images of their own. */
static int
choose_kind(struct options *options)
{
    const struct choice *common = &options->common;
    const char *other = options->check_images   ? "--check-images"
                        : common->no_suffix     ? "--no-suffix"
                        : common->max_bulk_size ? "--max-bulk-size"
                                                : NULL;

    if (options->kind_name && kind_find(options->kind_name, &options->kind) < 0)
        return program_usage(PROGRAM,
                             "--kind: '%s' is neither 'snapshot' nor "
                             "'checkpoint'",
                             options->kind_name);
    if (options->kind == KIND_CHECKPOINT && other)
        return program_usage(PROGRAM,
                             "%s is about snapshots, and does not go with "
                             "--kind=checkpoint",
                             other);
    return EXIT_CLEAN;
}

/* What the options that were read ask for. */
static int
act(struct options *options, const char **paths)
{
    if (choose_kind(options) != EXIT_CLEAN)
        return EXIT_TROUBLE;
    if (options->output && !options->output[0])
        return program_usage(PROGRAM, "--output needs the name of a file");
    if (!is_text(options) && !is_script(options) &&
        !format_exists(options->format))
        return program_usage(PROGRAM,
                             "--format: there is no format '%s' (see --help), "
                             "and a stylesheet is PATH/FILE or FILE.xsl",
                             options->format);
    if (options->list_problems)
        return list_problems(options->kind);
    if (!options->explain)
        return verify_all(paths, options);
    if (!report_explanation(stdout, options->kind, options->explain))
        return EXIT_CLEAN;
    return program_usage(PROGRAM,
                         "--explain: there is no problem '%s'; see "
                         "--list-problems",
                         options->explain);
}

static struct option_group
actions(struct options *options)
{
    return (struct option_group){{
        {"list", 0, POPT_ARG_NONE, &options->list, 0,
         "Print trees, and which libvirt would show what", NULL},
        {"explain", 0, POPT_ARG_STRING, &options->explain, 0,
         "Say what a problem means and what to do", "ID"},
        {"list-problems", 0, POPT_ARG_NONE, &options->list_problems, 0,
         "List all problems that can be found", NULL},
        POPT_TABLEEND,
    }};
}

static struct option_group
scope(struct options *options)
{
    return (struct option_group){{
        {"domain", 'd', POPT_ARG_STRING, NULL, OPTION_DOMAIN,
         "Check only this domain (repeatable)", "NAME"},
        {"kind", 0, POPT_ARG_STRING, &options->kind_name, 0,
         "What to check: snapshot, or checkpoint", "KIND"},
        {"root", 0, POPT_ARG_STRING, &options->common.root, 0,
         "Default paths are below DIR, a mounted system", "DIR"},
        {"no-suffix", 0, POPT_ARG_NONE, &options->common.no_suffix, 0,
         "Bulk files are called DOMAIN, not DOMAIN.xml", NULL},
        {"domains-dir", 0, POPT_ARG_STRING, &options->domains_dir, 0,
         "Compare with the domain definitions in DIR", "DIR"},
        {"check-images", 0, POPT_ARG_NONE, &options->check_images, 0,
         "Look for the images that snapshots name", NULL},
        POPT_TABLEEND,
    }};
}

static struct option_group
judging(struct options *options)
{
    return (struct option_group){{
        {"severity", 0, POPT_ARG_STRING, NULL, OPTION_SEVERITY,
         "ID=error, warning or ignore (repeatable)", "ID=WORD"},
        {"strict", 0, POPT_ARG_NONE, NULL, OPTION_STRICT,
         "Warnings count as errors", NULL},
        {"schema", 0, POPT_ARG_STRING, NULL, OPTION_SCHEMA,
         "Also a RELAX NG schema, or: libvirt (repeatable)", "FILE"},
        {"max-bulk-size", 0, POPT_ARG_STRING, &options->common.max_bulk_size, 0,
         "Largest bulk file that libvirt reads (128M)", "SIZE"},
        {"baseline", 0, POPT_ARG_STRING, &options->baseline, 0,
         "What this earlier report (xml) found is known", "FILE"},
        POPT_TABLEEND,
    }};
}

static struct option_group
working(struct options *options)
{
    return (struct option_group){{
        {"jobs", 'j', POPT_ARG_STRING, &options->common.jobs, 0,
         "Threads to read with (one for each processor)", "N"},
        {"no-memo", 0, POPT_ARG_NONE, &options->common.no_memo, 0,
         "Judge each snapshot as a whole: takes longer", NULL},
        {"progress", 0, POPT_ARG_STRING, &options->common.progress, 0,
         "Show progress: auto, always or never", "WHEN"},
        POPT_TABLEEND,
    }};
}

static struct option_group
output(struct options *options)
{
    return (struct option_group){{
        {"format", 'f', POPT_ARG_STRING, &options->format, 0,
         "text, xml, json, jsonl, junit, sarif, github, html, dot, sh, "
         "FILE.xsl",
         "FORMAT"},
        {"output", 'o', POPT_ARG_STRING, &options->output, 0,
         "Write the report to FILE", "FILE"},
        {"quiet", 'q', POPT_ARG_NONE, &options->common.quiet, 0,
         "Print findings only, no summary", NULL},
        {"verbose", 0, POPT_ARG_NONE, &options->common.verbose, 0,
         "Print what findings lead to and what to do", NULL},
        POPT_TABLEEND,
    }};
}

int
main(int argc, const char **argv)
{
    cleanup(free_options) struct options options = {0};
    struct option_group groups[] = {actions(&options), scope(&options),
                                    judging(&options), working(&options),
                                    output(&options)};
    struct poptOption table[] = {
        PROGRAM_ACTIONS(&groups[0]),
        PROGRAM_SCOPE(&groups[1]),
        PROGRAM_JUDGING(&groups[2]),
        PROGRAM_WORKING(&groups[3]),
        PROGRAM_OUTPUT(&groups[4]),
        PROGRAM_HELP,
        POPT_TABLEEND,
    };
    poptContext context;
    int status;

    program_start(false);
    context = poptGetContext(PROGRAM, argc, argv, table, 0);
    program_start_xml();
    poptSetOtherOptionHelp(context, "[OPTION...] [PATH...]");
    status = program_read(context, PROGRAM, &options.common);
    if (status == EXIT_CLEAN)
        status = act(&options, poptGetArgs(context));
    poptFreeContext(context);
    choice_dismiss(&options.common);
    program_end_xml();
    return program_end(PROGRAM, status);
}
