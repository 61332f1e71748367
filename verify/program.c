/* program.c - see program.h. */
#include "program.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/xmlerror.h>

#include "cleanup.h"
#include "crew.h"
#include "escape.h"
#include "memory.h"
#include "quiet.h"
#include "problem.h"
#include "snapshot.h"
#include "stylesheet.h"

/* More than popt needs; it stays with the process when it is released. */
#define FIRST_MEMORY 65536

struct poptOption program_help_options[] = {
    {"help", 'h', POPT_ARG_NONE, NULL, OPTION_HELP, "Print this help", NULL},
    {NULL, '?', POPT_ARG_NONE | POPT_ARGFLAG_DOC_HIDDEN, NULL, OPTION_HELP,
     NULL, NULL},
    {"usage", 0, POPT_ARG_NONE, NULL, OPTION_USAGE, "Print the options only",
     NULL},
    {"version", 'V', POPT_ARG_NONE, NULL, OPTION_VERSION, "Print the version",
     NULL},
    POPT_TABLEEND,
};

void
names_add(struct names *names, char *name)
{
    names->list = xrealloc(names->list, names->count + 2, sizeof(*names->list));
    names->list[names->count++] = name;
    names->list[names->count] = NULL;
}

void
names_free(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free((char *)(uintptr_t)names->list[i]);
    free(names->list);
    *names = (struct names){0};
}

void
program_start(bool changes)
{
    free(xcalloc(1, FIRST_MEMORY));
    (void)signal(SIGXFSZ, SIG_IGN);
    if (changes)
        (void)signal(SIGPIPE, SIG_IGN);
}

static void *
get_memory(size_t size)
{
    void *new = malloc(size ? size : 1); /* half of all calls: be quick */

    if (!new)
        memory_exhausted();
    return new;
}

static void *
resize_memory(void *old, size_t size)
{
    return xrealloc(old, 1, size);
}

/*
 * Where memory is short libxml2 and libxslt go on with half of a document, or
 * crash: the process ends there, as it does in our own code.
 */
void
program_start_xml(void)
{
    (void)xmlMemSetup(free, get_memory, resize_memory, xstrdup);
    xmlInitParser();
    /* The first schema would do so, but two threads may have one each. */
    (void)xmlRelaxNGInitTypes();
    quiet_thread();
    stylesheets_start();
}

void
program_end_xml(void)
{
    stylesheets_end();
    xmlCleanupParser();
}

static void
help(poptContext context, const char *program, int option)
{
    if (option == OPTION_HELP)
        poptPrintHelp(context, stdout, 0);
    else if (option == OPTION_USAGE)
        poptPrintUsage(context, stdout, 0);
    else if (option == OPTION_VERSION)
        printf("%s (virt-snapshot-tools) %s\n", program, VERSION);
    else
        return;
    exit(program_end(program, EXIT_CLEAN));
}

void
program_say(const char *program, const char *message)
{
    cleanup(free_ptr) char *safe = escape_text(message);

    fprintf(stderr, "%s: %s\n", program, safe);
}

int
program_usage(const char *program, const char *format, ...)
{
    cleanup(free_ptr) char *message = NULL;
    va_list args;

    va_start(args, format);
    message = xvasprintf(format, args);
    va_end(args);
    program_say(program, message);
    fprintf(stderr, "Try '%s --help'.\n", program);
    return EXIT_TROUBLE;
}

/* What is said of one problem goes before what is said of all. */
static int
set_policy(struct policy *policy, const char *program,
           const struct names *severities, bool strict)
{
    *policy = policy_default();
    if (strict)
        policy_be_strict(policy);
    for (size_t i = 0; i < severities->count; i++) {
        cleanup(free_ptr) char *why = policy_set(policy, severities->list[i]);

        if (why)
            return program_usage(program, "--severity: %s", why);
    }
    return EXIT_CLEAN;
}

/* As many threads as were asked for, or as there are processors. */
static int
start_crew(struct choice *choice)
{
    size_t jobs = crew_processors();

    if (choice->jobs &&
        (strspn(choice->jobs, "0123456789") != strlen(choice->jobs) ||
         program_size(choice->jobs, &jobs) < 0 || jobs > CREW_MAX))
        return -1;
    choice->crew = crew_new(jobs);
    return 0;
}

int
program_read(poptContext context, const char *program, struct choice *choice)
{
    struct names severities = {0};
    bool strict = false;
    int option, status;

    while ((option = poptGetNextOpt(context)) >= 0) {
        if (option == OPTION_DOMAIN)
            names_add(&choice->domains, poptGetOptArg(context));
        else if (option == OPTION_SEVERITY)
            names_add(&severities, poptGetOptArg(context));
        else if (option == OPTION_SCHEMA)
            names_add(&choice->schemas, poptGetOptArg(context));
        else if (option == OPTION_STRICT)
            strict = true;
        else
            help(context, program, option);
    }
    status = set_policy(&choice->policy, program, &severities, strict);
    names_free(&severities);
    if (status != EXIT_CLEAN)
        return status;
    if (option < -1)
        return program_usage(program, "%s: %s",
                             poptBadOption(context, POPT_BADOPTION_NOALIAS),
                             poptStrerror(option));
    choice->max_bulk = BULK_FILE_MAX;
    if (choice->max_bulk_size &&
        program_size(choice->max_bulk_size, &choice->max_bulk) < 0)
        return program_usage(program,
                             "--max-bulk-size: '%s' is not a size, such as "
                             "500K, 128M or 2G",
                             choice->max_bulk_size);
    if (start_crew(choice) < 0)
        return program_usage(program,
                             "--jobs: '%s' is no number of threads from 1 to "
                             "%d",
                             choice->jobs, CREW_MAX);
    if (choice->progress && strcmp(choice->progress, "auto") &&
        strcmp(choice->progress, "always") && strcmp(choice->progress, "never"))
        return program_usage(program,
                             "--progress: '%s' is none of 'auto', 'always', "
                             "'never'",
                             choice->progress);
    if (choice->root && !choice->root[0])
        return program_usage(program, "--root needs the name of a directory");
    if (choice->root && poptPeekArg(context))
        return program_usage(program, "--root goes with the default directory, "
                                      "not with a named one");
    /* For root that is the running system, whose lock can be made. */
    if (choice->root && geteuid() == 0 &&
        !choice->root[strspn(choice->root, "/")]) {
        free(choice->root);
        choice->root = NULL;
    }
    return EXIT_CLEAN;
}

void
choice_dismiss(struct choice *choice)
{
    crew_free(choice->crew);
    choice->crew = NULL;
}

void
choice_free(struct choice *choice)
{
    choice_dismiss(choice);
    names_free(&choice->domains);
    names_free(&choice->schemas);
    free(choice->root);
    free(choice->max_bulk_size);
    free(choice->jobs);
    free(choice->progress);
    *choice = (struct choice){0};
}

bool
choice_has(const struct choice *choice, const char *name)
{
    for (size_t i = 0; i < choice->domains.count; i++) {
        if (!strcmp(choice->domains.list[i], name))
            return true;
    }
    return !choice->domains.count;
}

void
choice_filter(const struct choice *choice, struct problems *problems)
{
    size_t kept = 0;

    if (!choice->domains.count)
        return;
    for (size_t i = 0; i < problems->count; i++) {
        struct problem *problem = &problems->list[i];

        if (problem->domain && choice_has(choice, problem->domain))
            problems->list[kept++] = *problem;
        else
            problem_free(problem);
    }
    problems->count = kept;
}

char *
choice_missing(const struct choice *choice, const char *base)
{
    const char *hint = choice->root ? "; is all of that system mounted, its "
                                      "/var too?"
                       : geteuid() != 0 ? "; the system's directory is root's "
                                          "default"
                                        : "";
    const char *root = choice->root ? choice->root : "";

    if (choice->domains.count)
        return xasprintf("there is no domain '%s': there is no '%s%s'%s",
                         choice->domains.list[0], root, base, hint);
    return xasprintf("nothing to do: there is no '%s%s'%s", root, base, hint);
}

bool
choice_wants_progress(const struct choice *choice)
{
    if (choice->progress && !strcmp(choice->progress, "always"))
        return true;
    if (choice->progress && !strcmp(choice->progress, "never"))
        return false;
    return isatty(STDERR_FILENO) && !choice->quiet;
}

void
program_progress(const char *program, size_t done, size_t total)
{
    bool terminal = isatty(STDERR_FILENO);

    fprintf(stderr, "%s%s: %zu of %zu domains%s", terminal ? "\r" : "", program,
            done, total, terminal && done < total ? "" : "\n");
    (void)fflush(stderr);
}

int
program_fail(const char *program, struct error *error)
{
    int status = (int)error->status;

    program_say(program, error->message);
    error_clear(error);
    return status;
}

int
program_end(const char *program, int status)
{
    if (!fflush(stdout) && !ferror(stdout))
        return status;
    fprintf(stderr,
            "%s: cannot write to standard output: %s; no more "
            "than what is printed is lost\n",
            program, strerror(errno));
    return status == EXIT_CLEAN || status == EXIT_PROBLEMS ? EXIT_TROUBLE
                                                           : status;
}

int
program_size(const char *text, size_t *size)
{
    unsigned long long number;
    unsigned int shift = 0;
    char *end;

    if (*text < '0' || *text > '9')
        return -1;
    errno = 0;
    number = strtoull(text, &end, 10);
    switch (*end) {
    case 'K':
    case 'k':
        shift = 10;
        break;
    case 'M':
    case 'm':
        shift = 20;
        break;
    case 'G':
    case 'g':
        shift = 30;
        break;
    default:
        break;
    }
    if (errno || !number || end[shift != 0] ||
        number > (SIZE_MAX >> 1 >> shift))
        return -1;
    *size = (size_t)(number << shift);
    return 0;
}
