/*
 * program.h - what the two programs have in common around main(): options, the
 * last words, and how trouble is printed.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <popt.h>

#include "error.h"
#include "policy.h"

/* Values that poptGetNextOpt() returns for options without a variable. */
enum program_option {
    OPTION_DOMAIN = 'd',
    OPTION_SEVERITY = 1001,
    OPTION_STRICT = 1002,
    OPTION_SCHEMA = 1003,
    OPTION_HELP = 'h',
    OPTION_VERSION = 'V',
    OPTION_USAGE = 1000,
};

/* --help, --usage and --version; to be included in the table of a program. */
extern struct poptOption program_help_options[];

/*
 * Options that --help shows under one title. The table of a program includes
 * its groups in the order of these macros, the same in both programs; what is
 * not filled in ends a group.
 */
#define PROGRAM_GROUP_ROWS 12
struct option_group {
    struct poptOption rows[PROGRAM_GROUP_ROWS];
};
#define PROGRAM_GROUP(title, group)                                            \
    {                                                                          \
        NULL, 0, POPT_ARG_INCLUDE_TABLE, (group)->rows, 0, title, NULL         \
    }
#define PROGRAM_ACTIONS(group) PROGRAM_GROUP("What to do:", group)
#define PROGRAM_SCOPE(group) PROGRAM_GROUP("What to look at:", group)
#define PROGRAM_JUDGING(group) PROGRAM_GROUP("How to judge:", group)
#define PROGRAM_WORKING(group) PROGRAM_GROUP("How to work:", group)
#define PROGRAM_OUTPUT(group) PROGRAM_GROUP("Output:", group)
#define PROGRAM_HELP                                                           \
    {                                                                          \
        NULL, 0, POPT_ARG_INCLUDE_TABLE, program_help_options, 0,              \
            "Help:", NULL                                                      \
    }

struct crew;

/* A NULL-ended array of strings that grows; {0} when empty. */
struct names {
    const char **list;
    size_t count;
};

/* Append NAME and take it over. */
void names_add(struct names *names, char *name);
void names_free(struct names *names);

/* Start libxml2 and libxslt, and let them print nothing; and end them. */
void program_start_xml(void);

/*
 * Before all else, also before popt: without memory that drops the arguments.
 *
 * What is too large for the limit of file sizes is an error, not the end of the
 * program without a word. Nobody to read the output: that ends verify, as usual
 * in a pipe, but is no reason to stop half-way for a program that CHANGES.
 */
void program_start(bool changes);
void program_end_xml(void);

/* Print a usage error on stderr and return EXIT_TROUBLE. */
int program_usage(const char *program, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What both programs let choose; the strings are popt's, and the owner's. */
struct choice {
    struct names domains;
    struct policy policy; /* --strict and --severity */
    struct names schemas; /* further ones */
    char *root;
    char *max_bulk_size;
    char *progress;    /* NULL, "auto", "always" or "never" */
    size_t max_bulk;   /* bytes, from the text above */
    char *jobs;        /* NULL, or how many threads */
    struct crew *crew; /* of these */
    int no_memo;
    int no_suffix;
    int quiet;
    int verbose;
};

/*
 * Read the options of a program. The help options print and exit. Returns
 * EXIT_CLEAN, or EXIT_TROUBLE after a usage error was printed.
 */
int program_read(poptContext context, const char *program,
                 struct choice *choice);
/* End its threads, which must be done before program_end_xml(). */
void choice_dismiss(struct choice *choice);
void choice_free(struct choice *choice);

/* Was the domain NAME asked for? All are where none was named. */
bool choice_has(const struct choice *choice, const char *name);

/* Drop the findings of domains that were not asked for, and of no domain. */
void choice_filter(const struct choice *choice, struct problems *problems);

/*
 * What to say when BASE, the default directory, is not there: there is nothing
 * to do, or a domain that was asked for is missing. The caller owns it.
 */
char *choice_missing(const struct choice *choice, const char *base);

/* Is progress to be shown? By itself it is on a terminal only. */
bool choice_wants_progress(const struct choice *choice);
/* A line on stderr that is written over on a terminal; a line each in a file.
 */
void program_progress(const char *program, size_t done, size_t total);

/* Print an error, release it, return its exit status. */
int program_fail(const char *program, struct error *error);

/* Print a diagnostic on stderr, with the names in it escaped. */
void program_say(const char *program, const char *message);

/* Flush stdout. A report that could not be written is trouble. */
int program_end(const char *program, int status);

/*
 * A size in bytes, or with a K, M or G (1024, 1024^2, 1024^3) behind it. -1: it
 * is none, or 0.
 */
int program_size(const char *text, size_t *size);

#endif
