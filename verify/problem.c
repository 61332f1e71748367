/* problem.c - see problem.h. */
#include "problem.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "memory.h"

#define NAME_SHOWN_MAX 512 /* bytes; twice what a name may have */

static const struct problem_info table[PROBLEM_COUNT] = {
#define PROBLEM(name, id, severity, hinders, hides, title, consequence,        \
                remedy, repair)                                                \
    [PROBLEM_##name] = {id,                                                    \
                        SEVERITY_##severity,                                   \
                        HINDERS_##hinders,                                     \
                        HIDES_##hides,                                         \
                        title,                                                 \
                        consequence,                                           \
                        remedy,                                                \
                        REPAIR_##repair},
#include "problem.def"
#undef PROBLEM
};

static const struct problem_words checkpoint_words[PROBLEM_COUNT] = {
#define CHECKPOINT(name, title, consequence, remedy)                           \
    [PROBLEM_##name] = {title, consequence, remedy},
#define NEVER(name)
#include "checkpoint.def"
#undef CHECKPOINT
#undef NEVER
};

static const bool never_of_checkpoint[PROBLEM_COUNT] = {
#define CHECKPOINT(name, title, consequence, remedy)
#define NEVER(name) [PROBLEM_##name] = true,
#include "checkpoint.def"
#undef CHECKPOINT
#undef NEVER
};

const struct problem_info *
problem_info(enum problem_id id)
{
    return &table[id];
}

bool
problem_possible(enum kind kind, enum problem_id id)
{
    return kind != KIND_CHECKPOINT || !never_of_checkpoint[id];
}

struct problem_words
problem_words(enum kind kind, enum problem_id id)
{
    const struct problem_info *info = &table[id];

    if (kind == KIND_CHECKPOINT && checkpoint_words[id].title)
        return checkpoint_words[id];
    return (struct problem_words){info->title, info->consequence, info->remedy};
}

struct problem_words
problem_told(const struct problem *problem)
{
    struct problem_words words = problem_words(problem->kind, problem->id);

    if (problem->remedy)
        words.remedy = problem->remedy;
    return words;
}

bool
problem_hinders(enum problem_id id, bool to_bulk, bool kept)
{
    switch (table[id].hinders) {
    case HINDERS_MIGRATE:
        return to_bulk;
    case HINDERS_BOTH:
        return true;
    case HINDERS_UNLESS_BACKUP:
        return !kept;
    case HINDERS_NOTHING:
    default:
        return false;
    }
}

static char *
copy_or_null(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

/*
 * The name of a snapshot, cut where it is far too long to be one: a file has
 * room for one of a megabyte, and for ten thousands of findings.
 */
static char *
copy_name(const char *name)
{
    size_t len = name ? strnlen(name, NAME_SHOWN_MAX + 1) : 0;

    if (len <= NAME_SHOWN_MAX)
        return copy_or_null(name);
    len = utf8_valid_prefix(name, NAME_SHOWN_MAX);
    return xasprintf("%.*s...", (int)len, name);
}

static struct problem *
append(struct problems *problems, enum problem_id id, const struct place *place)
{
    struct problem *new;

    problems->list =
        xgrow(problems->list, problems->count, sizeof(*problems->list));
    new = &problems->list[problems->count++];
    *new = (struct problem){
        .id = id,
        .kind = problems->kind,
        .domain = copy_or_null(place->domain),
        .snapshot = copy_name(place->snapshot),
        .file = copy_or_null(place->file),
        .line = place->line,
        .column = place->column,
    };
    return new;
}

/*
 * Count one more, and say whether there is room for it. The first that has none
 * is replaced by the word that there are more.
 */
static bool
has_room(struct problems *problems, enum problem_id id)
{
    const struct place nowhere = {.file = "(all)"};
    bool error = table[id].severity == SEVERITY_ERROR;
    size_t *count = error ? &problems->errors : &problems->warnings;

    /* From a list that was cut: there is one at most of each. */
    if (id == PROBLEM_FINDINGS_CUT || id == PROBLEM_WARNINGS_CUT)
        return true;
    if (!problems->max || *count < problems->max) {
        ++*count;
        return true;
    }
    if (*count == problems->max) {
        const struct problem *last = &problems->list[problems->count - 1];
        struct place place = {.domain = last->domain, .file = last->file};

        ++*count;
        append(problems, error ? PROBLEM_FINDINGS_CUT : PROBLEM_WARNINGS_CUT,
               last->file ? &place : &nowhere);
    }
    return false;
}

void
problem_add(struct problems *problems, enum problem_id id,
            const struct place *place, const char *format, ...)
{
    struct problem *new;

    if (!has_room(problems, id))
        return;
    new = append(problems, id, place);
    if (format) {
        va_list args;

        va_start(args, format);
        new->detail = xvasprintf(format, args);
        va_end(args);
    }
}

size_t
problems_errors(const struct problems *problems, size_t from)
{
    size_t errors = 0;

    for (size_t i = from; i < problems->count; i++) {
        if (table[problems->list[i].id].severity == SEVERITY_ERROR)
            errors++;
    }
    return errors;
}

void
problems_tolerate(struct problems *problems, size_t from)
{
    for (size_t i = from; i < problems->count; i++)
        problems->list[i].tolerated = true;
}

void
problems_append(struct problems *target, struct problems *source)
{
    for (size_t i = 0; i < source->count; i++) {
        if (!has_room(target, source->list[i].id)) {
            problem_free(&source->list[i]);
            continue;
        }
        target->list =
            xgrow(target->list, target->count, sizeof(*target->list));
        target->list[target->count++] = source->list[i];
    }
    free(source->list);
    *source = (struct problems){.kind = source->kind, .max = source->max};
}

static int
compare_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

static int
compare_number(unsigned long a, unsigned long b)
{
    return (a > b) - (a < b);
}

static int
compare_problems(const void *left, const void *right)
{
    const struct problem *a = left, *b = right;
    int order = compare_text(a->domain, b->domain);

    if (!order)
        order = compare_text(a->file, b->file);
    if (!order)
        order = compare_number(a->line, b->line);
    if (!order)
        order = compare_number(a->column, b->column);
    if (!order)
        order = compare_number(a->id, b->id);
    if (!order)
        order = compare_text(a->detail, b->detail);
    return order;
}

void
problems_sort(struct problems *problems)
{
    if (problems->count)
        qsort(problems->list, problems->count, sizeof(*problems->list),
              compare_problems);
}

void
problem_free(struct problem *problem)
{
    free(problem->domain);
    free(problem->snapshot);
    free(problem->file);
    free(problem->detail);
    free(problem->remedy);
    free(problem->words);
}

void
problems_free(struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        problem_free(&problems->list[i]);
    free(problems->list);
    *problems = (struct problems){0};
}
