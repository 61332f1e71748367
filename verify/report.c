/* report.c - see report.h. */
#include "report.h"

#include <string.h>

#include "cleanup.h"
#include "escape.h"
#include "memory.h"

static void
print_place(FILE *out, const struct problem *problem)
{
    cleanup(free_ptr) char *file =
        escape_text(problem->file ? problem->file : problem->domain);

    fprintf(out, "%s:", file);
    if (problem->line)
        fprintf(out, "%lu:", problem->line);
    if (problem->line && problem->column)
        fprintf(out, "%lu:", problem->column);
}

/*
 * Is the finding's file DOMAIN/SNAPSHOT.xml? Of a snapshot called as its domain
 * a bulk file has the name as well, but does not lie in a directory of it.
 */
static bool
names_snapshot(const struct problem *problem)
{
    cleanup(free_ptr) char *own =
        xasprintf("%s%s%s.xml", problem->domain ? problem->domain : "",
                  problem->domain ? "/" : "", problem->snapshot);
    const char *file = problem->file ? problem->file : "";
    size_t len = strlen(file), tail = strlen(own);

    return len >= tail && !strcmp(file + len - tail, own) &&
           (len == tail || file[len - tail - 1] == '/');
}

/* "snapshot 'NAME': ", or of a checkpoint, where the file does not say so
 * already. */
static void
print_snapshot(FILE *out, const struct problem *problem)
{
    cleanup(free_ptr) char *text = NULL;
    cleanup(free_ptr) char *name = NULL;

    if (!problem->snapshot || !problem->snapshot[0] || names_snapshot(problem))
        return;
    text = xasprintf("%.300s", problem->snapshot);
    name = escape_text(text);
    fprintf(out, " %s '%s':", kind_info(problem->kind)->name, name);
}

void
report_problem(FILE *out, const struct problem *problem, enum severity severity,
               bool verbose)
{
    report_problem_noted(out, problem, severity, NULL, verbose);
}

void
report_problem_noted(FILE *out, const struct problem *problem,
                     enum severity severity, const char *note, bool verbose)
{
    const struct problem_words words = problem_told(problem);
    cleanup(free_ptr) char *detail =
        problem->detail ? escape_text(problem->detail) : NULL;

    print_place(out, problem);
    fprintf(out, " %s:", severity_name(severity));
    print_snapshot(out, problem);
    fprintf(out, " %s%s%s%s%s [%s]\n", words.title, detail ? ": " : "",
            detail ? detail : "", note ? "; " : "", note ? note : "",
            problem_info(problem->id)->id);
    if (verbose)
        fprintf(out, "    so: %s\n    do: %s\n", words.consequence,
                words.remedy);
}

/* A sentence without its full stop, in lines of less than 80 columns. */
static void
print_paragraph(FILE *out, const char *label, const char *text)
{
    int column = fprintf(out, "\n%s", label) - 1;

    for (bool first = true; *text; first = false) {
        size_t len = strcspn(text, " ");
        bool fits = column + 1 + (int)len <= 78;

        if (!first)
            fputc(fits ? ' ' : '\n', out);
        column = (fits || first ? column + !first : 0) + (int)len;
        fprintf(out, "%.*s", (int)len, text);
        text += len + (text[len] == ' ');
    }
    fputs(".\n", out);
}

int
report_explanation(FILE *out, enum kind kind, const char *id)
{
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        const struct problem_info *info = problem_info((enum problem_id)i);
        struct problem_words words = problem_words(kind, (enum problem_id)i);

        if (strcmp(info->id, id))
            continue;
        fprintf(out, "%s (%s): %s\n", info->id, severity_name(info->severity),
                words.title);
        print_paragraph(out, "Consequence: ", words.consequence);
        print_paragraph(out, "What to do: ", words.remedy);
        if (info->repair != REPAIR_NOT && kind == KIND_SNAPSHOT)
            print_paragraph(out, "Repair: virt-snapshot-migrate --repair=",
                            info->repair == REPAIR_SAFE
                                ? "safe --backup=DIR; see its manual"
                                : "all --backup=DIR; see its manual");
        return 0;
    }
    return -1;
}

void
report_line(FILE *out, const char *text)
{
    cleanup(free_ptr) char *safe = escape_text(text);

    fprintf(out, "%s\n", safe);
}

struct counted
count_of(size_t count, const char *singular, const char *plural)
{
    struct counted counted;

    (void)snprintf(counted.text, sizeof(counted.text), "%zu %s", count,
                   count == 1 ? singular : plural);
    return counted;
}
