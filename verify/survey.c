/* survey.c - see survey.h. */
#include "survey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "error.h"
#include "memory.h"
#include "staging.h"

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

/* Damaged, so that no snapshot was found in it, but clearly meant as one? */
static bool
looks_like_bulk(int base, const char *name)
{
    cleanup(buffer_free) struct buffer head = {0};
    struct error ignored = {0};
    struct stat stat;
    cleanup(close_fd) int fd = file_open(base, name, &stat, &ignored);
    size_t len = fd < 0 || stat.st_size > 4096 ? 4096 : (size_t)stat.st_size;
    bool found = fd >= 0 && !file_read(fd, 0, len, &head, &ignored) &&
                 head.len && memmem(head.data, head.len, "<snapshots", 10);

    error_clear(&ignored);
    return found;
}

/*
 * What a file is that is not called as bulk files are here: the bulk file of
 * the domain NAME, a copy of one, or nothing of ours.
 */
static enum problem_id
judge_stranger(int base, const char *name, const struct terms *terms,
               struct messages *trouble)
{
    struct domain bulk;
    struct problems ignored = {0};
    struct error error = {0};
    struct source source = {
        .base = base,
        .name = name,
        .entry = name,
        .max_bulk = terms->max_bulk,
        .effort = terms->effort,
    };
    enum problem_id id = PROBLEM_FOREIGN_ENTRY;

    if (bulk_read(&bulk, &source, &ignored, &error) < 0) {
        messages_add(trouble, "'%s' could not be checked: %s", name,
                     error.message);
    } else if (bulk.count || looks_like_bulk(base, name)) {
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

/* Old copies that were swapped out for layout TO, and may not simply go. */
static int
survey_swapped(struct survey *survey, int base, int stage, enum layout to,
               const struct terms *terms, struct problems *problems,
               struct error *error)
{
    cleanup(close_fd) int dir = dir_open(stage, staging_place(to), error);
    struct entries old = {0};
    int goes = 1;

    if (dir < 0 && error->number == ENOENT) {
        error_clear(error);
        return 0;
    }
    if (dir < 0 || staging_old(dir, to, &old, error) < 0)
        return -1;
    for (size_t i = 0; i < old.count && goes >= 0; i++) {
        const char *name = old.list[i].name;
        cleanup(free_ptr) char *file =
            xasprintf("%s/%s/%s", STAGE_NAME, staging_place(to), name);
        cleanup(free_ptr) char *why = NULL;
        struct place place = {.domain = name, .file = file};
        struct swapped swapped;

        goes = swapped_read(&swapped, base, dir, to, name, terms, &why, error);
        if (!goes) {
            (void)add(survey, name, strlen(name));
            problem_add(problems, PROBLEM_SWAPPED_OUT, &place, "%s", why);
        }
        swapped_free(&swapped);
    }
    entries_free(&old);
    return goes < 0 ? -1 : 0;
}

/* Our own directory; or is it somebody's, a domain of that name say? */
static void
survey_staging(struct survey *survey, int base, const struct terms *terms,
               struct problems *problems, struct messages *trouble)
{
    struct place place = {.file = STAGE_NAME};
    struct error error = {0};
    bool ours = false;
    cleanup(close_fd) int stage = staging_open(base, &ours, &error);
    int result = ours || !error.message ? 0 : -1;

    if (ours) {
        problem_add(problems, PROBLEM_INTERRUPTED_RUN, &place, NULL);
        for (int to = LAYOUT_LEGACY; to <= LAYOUT_BULK && !result; to++)
            result = survey_swapped(survey, base, stage, (enum layout)to, terms,
                                    problems, &error);
    } else if (!result) {
        place.domain = add(survey, STAGE_NAME, strlen(STAGE_NAME))->name;
        problem_add(problems, PROBLEM_STAGING_TAKEN, &place,
                    "it holds what is not this tool's, or others may enter it");
    }
    if (result < 0)
        messages_add(trouble, "'%s' could not be checked: %s", STAGE_NAME,
                     error.message);
    error_clear(&error);
}

static void
survey_entry(struct survey *survey, int base, const struct entry *entry,
             const struct terms *terms, struct problems *problems,
             struct messages *trouble)
{
    size_t len = strlen(entry->name);
    bool suffix = !terms->no_suffix && terms->kind == KIND_SNAPSHOT &&
                  has_xml_suffix(entry->name);
    struct place place = {.file = entry->name};
    struct holding *holding;

    /* Nobody converts checkpoints: a file is none of ours. */
    if (terms->kind == KIND_CHECKPOINT && S_ISREG(entry->type)) {
        problem_add(problems, PROBLEM_FOREIGN_ENTRY, &place, NULL);
        return;
    }
    if (!strcmp(entry->name, STAGE_NAME) && terms->kind == KIND_SNAPSHOT) {
        survey_staging(survey, base, terms, problems, trouble);
        return;
    }
    if (S_ISDIR(entry->type)) {
        holding = add(survey, entry->name, len);
        holding->entry[LAYOUT_LEGACY] = xstrdup(entry->name);
        return;
    }
    if (S_ISREG(entry->type) && !suffix && !terms->no_suffix) {
        enum problem_id id = judge_stranger(base, entry->name, terms, trouble);

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
survey_read(struct survey *survey, const struct root *base,
            const struct terms *terms, struct problems *problems,
            struct messages *trouble, struct error *error)
{
    *survey = (struct survey){0};
    if (entries_read(base->fd, &survey->entries, error) < 0)
        return error_prefix(error, "'%s'", base->path);
    for (size_t i = 0; i < survey->entries.count; i++)
        survey_entry(survey, base->fd, &survey->entries.list[i], terms,
                     problems, trouble);
    join(survey);
    return 0;
}

void
survey_one(struct survey *survey, const char *entry, enum layout layout,
           const struct terms *terms)
{
    size_t len = strlen(entry);
    bool suffix =
        layout == LAYOUT_BULK && !terms->no_suffix && has_xml_suffix(entry);

    *survey = (struct survey){0};
    add(survey, entry, suffix ? len - 4 : len)->entry[layout] = xstrdup(entry);
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
reading_read(struct reading *reading, const struct source *where,
             const char *const entry[2], struct error *error)
{
    /* The bulk file first: legacy_read() asks what it holds. */
    static const enum layout order[] = {LAYOUT_BULK, LAYOUT_LEGACY};
    struct source source = *where;

    source.other = &reading->domain[LAYOUT_BULK];

    *reading = (struct reading){
        .domain = {{.fd = -1, .current = NO_SNAPSHOT},
                   {.fd = -1, .current = NO_SNAPSHOT}},
        .problems = {.kind = where->kind, .max = PROBLEMS_MAX},
    };
    for (int i = 0; i < 2; i++) {
        source.entry = entry[order[i]];
        if (source.entry &&
            layout_ops(order[i])->read(&reading->domain[order[i]], &source,
                                       &reading->problems, error) < 0)
            return -1;
    }
    check_suffix(reading, where->name, entry[LAYOUT_BULK]);
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
