/* survey.c - see survey.h. */
#include "survey.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "error.h"
#include "memory.h"
#include "same.h"

/* May add a domain twice, once for each layout: join() makes them one. */
static struct holding *
add(struct survey *survey, const char *name, size_t len)
{
    struct holding *holding;

    survey->list = xgrow(survey->list, survey->count, sizeof(*survey->list));
    holding = &survey->list[survey->count++];
    *holding = (struct holding){.name = xstrndup(name, len)};
    return holding;
}

/* How many snapshots say that they are of the domain NAME. */
size_t
domain_named(const struct domain *domain, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < domain->count; i++) {
        const char *own = domain->snaps[i].domain_name;

        count += own && !strcmp(own, name);
    }
    return count;
}

/*
 * What a file is that is not called as bulk files are here: the bulk file of
 * the domain NAME, a copy of one, or nothing of ours.
 */
static enum problem_id
judge_stranger(int base, const char *name, struct messages *trouble)
{
    struct domain bulk;
    struct problems ignored = {0};
    struct error error = {0};
    struct source source = {
        .base = base, .name = name, .entry = name, .max_bulk = BULK_FILE_MAX};
    enum problem_id id = PROBLEM_FOREIGN_ENTRY;

    if (bulk_read(&bulk, &source, &ignored, &error) < 0) {
        messages_add(trouble, "'%s' could not be checked: %s", name,
                     error.message);
    } else if (bulk.count) {
        /* web.xml~ and .web.xml.swp are an editor's, web is a bulk file. */
        id = strstr(name, ".xml") && !domain_named(&bulk, name)
                 ? PROBLEM_SPARE_COPY
                 : PROBLEM_SUFFIX_DIFFERS;
    }
    domain_free(&bulk);
    problems_free(&ignored);
    error_clear(&error);
    return id;
}

/* Or is it somebody's, a domain of that name say? */
static bool
is_staging(int base)
{
    struct entries entries = {0};
    struct error error = {0};
    struct stat stat;
    bool ours = true;
    cleanup(close_fd) int fd = dir_open(base, STAGE_NAME, &error);

    if (fd < 0 || fstat(fd, &stat) < 0 || (stat.st_mode & 0077) ||
        entries_read(fd, &entries, &error) < 0)
        ours = false;
    for (size_t i = 0; i < entries.count; i++) {
        const char *name = entries.list[i].name;

        ours = ours && (!strcmp(name, "to-bulk") || !strcmp(name, "to-legacy"));
    }
    entries_free(&entries);
    error_clear(&error);
    return ours;
}

static void
survey_entry(struct survey *survey, int base, const struct entry *entry,
             bool no_suffix, struct problems *problems,
             struct messages *trouble)
{
    size_t len = strlen(entry->name);
    bool suffix = !no_suffix && has_xml_suffix(entry->name);
    struct place place = {.file = entry->name};
    struct holding *holding;

    if (!strcmp(entry->name, STAGE_NAME)) {
        if (is_staging(base)) {
            problem_add(problems, PROBLEM_INTERRUPTED_RUN, &place, NULL);
            return;
        }
        place.domain = add(survey, entry->name, len)->name;
        problem_add(problems, PROBLEM_NAME_CLASH, &place,
                    "this tool builds new copies under it, but it holds what "
                    "is not this tool's, or others may enter it");
        return;
    }
    if (S_ISDIR(entry->type)) {
        holding = add(survey, entry->name, len);
        holding->entry[LAYOUT_LEGACY] = xstrdup(entry->name);
        return;
    }
    if (S_ISREG(entry->type) && !suffix && !no_suffix) {
        enum problem_id id = judge_stranger(base, entry->name, trouble);

        if (id == PROBLEM_SUFFIX_DIFFERS)
            place.domain = add(survey, entry->name, len)->name;
        problem_add(problems, id, &place, NULL);
        return;
    }
    holding = add(survey, entry->name, suffix ? len - 4 : len);
    if (S_ISREG(entry->type)) {
        holding->entry[LAYOUT_BULK] = xstrdup(entry->name);
        return;
    }
    place.domain = holding->name;
    if (S_ISLNK(entry->type))
        problem_add(problems, PROBLEM_SYMBOLIC_LINK, &place, NULL);
    else
        problem_add(problems, PROBLEM_SPECIAL_FILE, &place, "%s",
                    type_name(entry->type));
}

static int
compare_holdings(const void *left, const void *right)
{
    const struct holding *a = left, *b = right;

    return strcmp(a->name, b->name);
}

static void
join(struct survey *survey)
{
    size_t last = 0;

    if (!survey->count)
        return;
    qsort(survey->list, survey->count, sizeof(*survey->list), compare_holdings);
    for (size_t i = 1; i < survey->count; i++) {
        struct holding *next = &survey->list[i], *kept = &survey->list[last];

        if (strcmp(next->name, kept->name)) {
            survey->list[++last] = *next;
            continue;
        }
        for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
            if (!kept->entry[layout])
                kept->entry[layout] = steal_ptr(&next->entry[layout]);
            free(next->entry[layout]);
        }
        free(next->name);
    }
    survey->count = last + 1;
}

int
survey_read(struct survey *survey, const struct root *base, bool no_suffix,
            struct problems *problems, struct messages *trouble,
            struct error *error)
{
    *survey = (struct survey){0};
    if (entries_read(base->fd, &survey->entries, error) < 0)
        return error_prefix(error, "'%s'", base->path);
    for (size_t i = 0; i < survey->entries.count; i++)
        survey_entry(survey, base->fd, &survey->entries.list[i], no_suffix,
                     problems, trouble);
    join(survey);
    return 0;
}

void
survey_free(struct survey *survey)
{
    for (size_t i = 0; i < survey->count; i++) {
        free(survey->list[i].name);
        free(survey->list[i].entry[LAYOUT_LEGACY]);
        free(survey->list[i].entry[LAYOUT_BULK]);
    }
    free(survey->list);
    entries_free(&survey->entries);
    *survey = (struct survey){0};
}

/*
 * foo.xml is the bulk file of domain foo with the suffix, and of domain foo.xml
 * without. With it, that its snapshots say otherwise is worth a word: after a
 * rename they keep the old name. Without it, which is rare, they must say so.
 */
static void
check_suffix(struct reading *reading, const char *name, const char *entry)
{
    const struct domain *bulk = &reading->domain[LAYOUT_BULK];
    struct place place = {.domain = name, .file = entry};

    if (!entry || !has_xml_suffix(entry) || !bulk->count ||
        domain_named(bulk, name))
        return;
    if (!strcmp(entry, name))
        problem_add(&reading->problems, PROBLEM_SUFFIX_DIFFERS, &place,
                    "no snapshot says that its domain is '%s'", name);
    else if (domain_named(bulk, entry))
        problem_add(&reading->problems, PROBLEM_DOMAIN_NAME_DIFFERS, &place,
                    "'%s'; was this written with --no-suffix?", entry);
}

int
reading_read(struct reading *reading, const char *name,
             const char *const entry[2], int base, size_t max_bulk,
             struct error *error)
{
    /* The bulk file first: legacy_read() asks what it holds. */
    static const enum layout order[] = {LAYOUT_BULK, LAYOUT_LEGACY};
    struct source source = {
        .base = base,
        .name = name,
        .max_bulk = max_bulk,
        .other = &reading->domain[LAYOUT_BULK],
    };

    *reading = (struct reading){
        .domain = {{.fd = -1, .current = NO_SNAPSHOT},
                   {.fd = -1, .current = NO_SNAPSHOT}},
        .problems = {.max = PROBLEMS_MAX},
    };
    for (int i = 0; i < 2; i++) {
        source.entry = entry[order[i]];
        if (source.entry &&
            layout_ops(order[i])->read(&reading->domain[order[i]], &source,
                                       &reading->problems, error) < 0)
            return -1;
    }
    check_suffix(reading, name, entry[LAYOUT_BULK]);
    return 0;
}

void
reading_free(struct reading *reading)
{
    domain_free(&reading->domain[LAYOUT_LEGACY]);
    domain_free(&reading->domain[LAYOUT_BULK]);
    problems_free(&reading->problems);
}

char *
reading_conflict(const struct reading *reading, const char *name)
{
    const char *how = "is not the same in both, or current in one only";

    if (domain_find(&reading->domain[LAYOUT_BULK], name) == NO_SNAPSHOT)
        how = "is only in the directory";
    else if (domain_find(&reading->domain[LAYOUT_LEGACY], name) == NO_SNAPSHOT)
        how = "is only in the bulk file";
    return xasprintf("'%.300s' %s", name, how);
}

/* 1: snapshot I of SOURCE is snapshot J of TARGET. */
static int
same_in_both(const struct domain *source, size_t i, const struct domain *target,
             size_t j, struct error *error)
{
    cleanup(buffer_free) struct buffer a = {0};
    cleanup(buffer_free) struct buffer b = {0};
    struct span here, there;

    if (source->snaps[i].active != target->snaps[j].active)
        return 0;
    if (domain_load(source, i, &a, &here, error) < 0 ||
        domain_load(target, j, &b, &there, error) < 0)
        return -1;
    return same_snapshot(a.data + here.start, here.len, b.data + there.start,
                         there.len);
}

int
domain_contained(const struct domain *source, const struct domain *target,
                 const char **which, struct error *error)
{
    for (size_t i = 0; i < source->count; i++) {
        size_t j = domain_find(target, source->snaps[i].name);
        int same = 0;

        if (j != NO_SNAPSHOT)
            same = same_in_both(source, i, target, j, error);
        if (same < 0)
            return -1;
        if (!same) {
            if (which)
                *which = source->snaps[i].name;
            return 0;
        }
    }
    return 1;
}
