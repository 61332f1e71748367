/*
 * virt-snapshot-migrate - convert snapshot directories of libvirt's QEMU driver
 * between the legacy and the bulk layout.
 *
 * Options; what a run does with them is in session.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "../verify/cleanup.h"
#include "session.h"

/* What is to be repaired needs a place for its originals. */
static int
check_repair(struct options *options)
{
    struct settings *settings = &options->settings;

    if (!options->repair)
        return EXIT_CLEAN;
    if (!strcmp(options->repair, "safe"))
        settings->repair = REPAIR_SAFE;
    else if (!strcmp(options->repair, "all"))
        settings->repair = REPAIR_ALL;
    else
        return program_usage(PROGRAM,
                             "--repair: '%s' is neither 'safe' nor 'all'",
                             options->repair);
    if (options->output_dir)
        return program_usage(PROGRAM, "--repair changes BASEDIR, which "
                                      "--output-dir leaves as it is");
    if (!options->backup_dir && !options->dry_run)
        return program_usage(PROGRAM, "--repair needs --backup=DIR, which "
                                      "keeps the originals");
    settings->kept = true;
    return EXIT_CLEAN;
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
    if (options->transform && !options->output_dir)
        return program_usage(PROGRAM,
                             "--transform needs --output-dir=DIR: what it "
                             "changes is no copy, so BASEDIR is left as it is");
    return check_repair(options);
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
    free(options->repair);
    free(options->transform);
}

/* What the options in the context, which is released, ask for. */
static int
act(poptContext context, struct options *options)
{
    const char *named = NULL;
    int status;

    program_start_xml();
    poptSetOtherOptionHelp(context, "[OPTION...] [BASEDIR]");
    status = read_options(context, options, &named);
    if (status != EXIT_CLEAN) {
        fprintf(stderr, "Nothing was changed.\n");
    } else {
        if (options->syslog)
            openlog(PROGRAM, LOG_PID, LOG_DAEMON);
        status = session_run(options, named);
    }
    poptFreeContext(context);
    choice_dismiss(&options->common);
    program_end_xml();
    return program_end(PROGRAM, status);
}

static struct option_group
actions(struct options *options)
{
    return (struct option_group){{
        {"export", 0, POPT_ARG_NONE, &options->export, 0,
         "Convert bulk files back into legacy directories", NULL},
        {"dry-run", 'n', POPT_ARG_NONE, &options->dry_run, 0,
         "Print what would be done, change nothing", NULL},
        {"merge", 0, POPT_ARG_STRING, &options->merge, 0,
         "Both layouts differ: keep all, this side wins", "bulk|legacy"},
        {"repair", 0, POPT_ARG_STRING, &options->repair, 0,
         "Mend what is damaged before it is converted", "safe|all"},
        {"transform", 0, POPT_ARG_STRING, &options->transform, 0,
         "Change each snapshot by an XSLT stylesheet", "FILE"},
        {"output-dir", 0, POPT_ARG_STRING, &options->output_dir, 0,
         "Write the result to DIR, leave BASEDIR alone", "DIR"},
        {"backup", 0, POPT_ARG_STRING, &options->backup_dir, 0,
         "Keep in DIR what is replaced", "DIR"},
        POPT_TABLEEND,
    }};
}

static struct option_group
scope(struct options *options)
{
    return (struct option_group){{
        {"domain", 'd', POPT_ARG_STRING, NULL, OPTION_DOMAIN,
         "Convert only this domain (repeatable)", "NAME"},
        {"root", 0, POPT_ARG_STRING, &options->common.root, 0,
         "Default paths are below DIR, a mounted system", "DIR"},
        {"no-suffix", 0, POPT_ARG_NONE, &options->common.no_suffix, 0,
         "Bulk files are called DOMAIN, not DOMAIN.xml", NULL},
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
         "Warnings count as errors: refuse such domains", NULL},
        {"schema", 0, POPT_ARG_STRING, NULL, OPTION_SCHEMA,
         "Also a RELAX NG schema, or: libvirt (repeatable)", "FILE"},
        {"max-bulk-size", 0, POPT_ARG_STRING, &options->common.max_bulk_size, 0,
         "Largest bulk file that libvirt reads (128M)", "SIZE"},
        POPT_TABLEEND,
    }};
}

static struct option_group
working(struct options *options)
{
    return (struct option_group){{
        {"allow-running", 0, POPT_ARG_NONE, &options->allow_running, 0,
         "Go on although libvirt may be running", NULL},
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
        {"quiet", 'q', POPT_ARG_NONE, &options->common.quiet, 0,
         "Print errors only", NULL},
        {"verbose", 0, POPT_ARG_NONE, &options->common.verbose, 0,
         "Print the plan, what findings mean, what to do", NULL},
        {"syslog", 0, POPT_ARG_NONE, &options->syslog, 0,
         "Send the outcome to the system log as well", NULL},
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

    program_start(true);
    return act(poptGetContext(PROGRAM, argc, argv, table, 0), &options);
}
