/* staging.c - see staging.h. */
#include "staging.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "contain.h"
#include "error.h"
#include "memory.h"
#include "problem.h"
#include "survey.h"

const char *
staging_place(enum layout to)
{
    return to == LAYOUT_BULK ? "to-bulk" : "to-legacy";
}

/* 1: nothing else is in it than our two directories. */
static int
holds_ours(int dir, struct error *error)
{
    struct entries entries = {0};
    int ours = 1;

    if (entries_read(dir, &entries, error) < 0)
        return error_prefix(error, "staging directory");
    for (size_t i = 0; i < entries.count; i++) {
        const char *name = entries.list[i].name;

        if (strcmp(name, staging_place(LAYOUT_LEGACY)) &&
            strcmp(name, staging_place(LAYOUT_BULK)))
            ours = 0;
    }
    entries_free(&entries);
    return ours;
}

int
staging_open(int base, bool *ours, struct error *error)
{
    struct stat stat;
    int result;
    cleanup(close_fd) int fd = dir_open(base, STAGE_NAME, error);

    *ours = false;
    if (fd < 0 && (error->number == ENOTDIR || error->number == ELOOP)) {
        error_clear(error);
        return -1;
    }
    if (fd < 0)
        return -1;
    if (fstat(fd, &stat) < 0)
        return error_set(error, errno, "cannot examine '%s'", STAGE_NAME);
    result = stat.st_mode & 0077 ? 0 : holds_ours(fd, error);
    if (result <= 0)
        return -1;
    *ours = true;
    return steal_fd(&fd);
}

int
staging_old(int dir, enum layout to, struct entries *old, struct error *error)
{
    const mode_t type = to == LAYOUT_BULK ? S_IFDIR : S_IFREG;
    size_t kept = 0;

    if (entries_read(dir, old, error) < 0)
        return error_prefix(error, "staging directory");
    for (size_t i = 0; i < old->count; i++) {
        if (old->list[i].type == type)
            old->list[kept++] = old->list[i];
        else
            free(old->list[i].name);
    }
    old->count = kept;
    return 0;
}

/* The first finding that would keep the old copy from being converted. */
static char *
why_unsound(const struct problems *problems, enum layout to, bool kept)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];

        if (problem_hinders(problem->id, to == LAYOUT_BULK, kept))
            return xasprintf("it is not sound: %s",
                             problem_info(problem->id)->title);
    }
    return NULL;
}

/* What is there is of another kind, or gone: a fact, and no fault. */
static bool
is_fact(const struct error *error)
{
    return !error->number || error->number == ENOENT ||
           error->number == ENOTDIR || error->number == ELOOP ||
           error->number == ENXIO;
}

/* 0: read; or *WHY says that it is not what can be read. */
static int
read_one(const char *what, struct domain *domain, enum layout layout,
         const struct source *source, struct problems *problems, char **why,
         struct error *error)
{
    if (!layout_ops(layout)->read(domain, source, problems, error))
        return 0;
    if (!is_fact(error))
        return error_prefix(error, "'%s', %s", source->name, what);
    *why = xasprintf("%s cannot be read: %s", what, error->message);
    error_clear(error);
    return 0;
}

/* 0: *WHY is NULL, or the old copy is not in the new one. */
static int
check_contained(const struct swapped *swapped, char **why, struct error *error)
{
    const char *which = NULL;
    int held = domain_contained(&swapped->old, &swapped->new, &which, error);

    if (held < 0)
        return -1;
    if (!held)
        *why =
            xasprintf("'%.300s' is not the same in what took its place", which);
    return 0;
}

int
swapped_read(struct swapped *swapped, int base, int dir, enum layout to,
             const char *name, const struct terms *terms, char **why,
             struct error *error)
{
    cleanup(problems_free) struct problems old = {.max = PROBLEMS_MAX};
    cleanup(problems_free) struct problems new = {.max = PROBLEMS_MAX};
    struct source source = {.name = name, .entry = name};

    *why = NULL;
    *swapped = (struct swapped){.old = {.fd = -1, .current = NO_SNAPSHOT},
                                .new = {.fd = -1, .current = NO_SNAPSHOT}};
    source.max_bulk = terms->max_bulk;
    source.effort = terms->effort;
    source.base = base;
    if (read_one("what took its place", &swapped->new, to, &source, &new, why,
                 error) < 0)
        return -1;
    if (*why)
        return 0;
    /* A kill may have left a part of a directory: its parents are elsewhere. */
    source.other = &swapped->new;
    /* However large: what is not read must not be taken for nothing. */
    source.max_bulk = SIZE_MAX >> 1;
    source.base = dir;
    if (read_one("it", &swapped->old, !to, &source, &old, why, error) < 0)
        return -1;
    if (*why)
        return 0;
    if (problems_errors(&new, 0))
        *why = xstrdup("what took its place is damaged");
    else
        *why = why_unsound(&old, to, terms->kept);
    if (!*why && check_contained(swapped, why, error) < 0)
        return -1;
    return !*why;
}

void
swapped_free(struct swapped *swapped)
{
    domain_free(&swapped->old);
    domain_free(&swapped->new);
}
