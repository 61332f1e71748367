/* placing.c - see placing.h. */
#include "placing.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "layout.h"
#include "memory.h"

/* Of indexes; LIST is what they are of. */
static int
compare_domains(const void *left, const void *right, void *list)
{
    const struct listed_domain *domains = list;
    const size_t *a = left, *b = right;

    return strcmp(domains[*a].name, domains[*b].name);
}

/* By name, then by file. */
static int
compare_places(const struct listed_snapshot *a, const char *name,
               const char *file)
{
    int order = strcmp(a->name, name);

    return order ? order : strcmp(a->file ? a->file : "", file);
}

static int
compare_snapshots(const void *left, const void *right, void *list)
{
    const struct listed_snapshot *snapshots = list;
    const size_t *a = left, *b = right;
    const char *file = snapshots[*b].file;
    int order =
        compare_places(&snapshots[*a], snapshots[*b].name, file ? file : "");

    return order ? order : (*a > *b) - (*a < *b);
}

/* The length of the directory BASE if FILE lies in it; 0 if it does not. */
static size_t
below_base(const char *file, const char *base)
{
    size_t len = strlen(base);

    return file && !strncmp(file, base, len) && file[len] == '/' ? len + 1 : 0;
}

/* The domain of a finding. BY_NAME are all domains, sorted. */
static size_t
find_domain(const struct problem *problem, const struct listing *listing,
            const size_t *by_name)
{
    size_t low = 0, high = listing->count, best = 0, found = PLACED_NOWHERE;

    if (!problem->domain)
        return PLACED_NOWHERE;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(listing->list[by_name[middle]].name, problem->domain) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    /* Of several directories, the innermost one that the file lies in. */
    for (; low < listing->count &&
           !strcmp(listing->list[by_name[low]].name, problem->domain);
         low++) {
        const char *base = listing->list[by_name[low]].base;
        size_t fits = base ? below_base(problem->file, base) : 1;

        if (fits > best) {
            best = fits;
            found = by_name[low];
        }
    }
    return found;
}

/* Of several of that name the one in that file; else any, always the same. */
static size_t
find_snapshot(const struct problem *problem, const struct listed_domain *domain,
              const size_t *by_name)
{
    const char *file = problem->file ? problem->file : "";
    size_t low = 0, high = domain->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_places(&domain->list[by_name[middle]], problem->snapshot,
                           file) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < domain->count &&
        !strcmp(domain->list[by_name[low]].name, problem->snapshot))
        return by_name[low];
    if (low && !strcmp(domain->list[by_name[low - 1]].name, problem->snapshot))
        return by_name[low - 1];
    return PLACED_NOWHERE;
}

/* A file that is called after a snapshot, and could not be read as one say. */
static size_t
find_file(const struct problem *problem, const struct listed_domain *domain,
          const size_t *by_name)
{
    const char *slash = problem->file ? strrchr(problem->file, '/') : NULL;
    cleanup(free_ptr) char *name = NULL;
    struct problem named = *problem;
    size_t found, len;

    if (!slash || !has_xml_suffix(slash + 1))
        return PLACED_NOWHERE;
    name = xstrndup(slash + 1, strlen(slash + 1) - strlen(".xml"));
    named.snapshot = name;
    found = find_snapshot(&named, domain, by_name);
    if (found == PLACED_NOWHERE || !domain->list[found].file)
        return PLACED_NOWHERE;
    /* With several directories theirs stands in front. */
    len = strlen(domain->list[found].file);
    return strlen(problem->file) >= len &&
                   !strcmp(problem->file + strlen(problem->file) - len,
                           domain->list[found].file)
               ? found
               : PLACED_NOWHERE;
}

static void
place_domains(struct placing *placing, const struct listing *listing)
{
    cleanup(free_ptr) size_t *by_name =
        xcalloc(listing->count + 1, sizeof(*by_name));

    for (size_t i = 0; i < listing->count; i++)
        by_name[i] = i;
    if (listing->count)
        qsort_r(by_name, listing->count, sizeof(*by_name), compare_domains,
                listing->list);
    for (size_t i = 0; i < listing->problems.count; i++)
        placing->domain[i] =
            find_domain(&listing->problems.list[i], listing, by_name);
}

/* Sort by counting; findings of the same domain keep their order. */
static void
group_by_domain(struct placing *placing, const struct listing *listing)
{
    size_t count = listing->problems.count;
    cleanup(free_ptr) size_t *next = xcalloc(listing->count + 2, sizeof(*next));

    for (size_t i = 0; i < count; i++) {
        if (placing->domain[i] == PLACED_NOWHERE)
            placing->start[listing->count + 1]++;
        else
            placing->start[placing->domain[i] + 1]++;
    }
    for (size_t i = 0; i <= listing->count; i++)
        placing->start[i + 1] += placing->start[i];
    memcpy(next, placing->start, (listing->count + 2) * sizeof(*next));
    for (size_t i = 0; i < count; i++) {
        size_t domain = placing->domain[i];

        if (domain == PLACED_NOWHERE)
            domain = listing->count;
        placing->order[next[domain]++] = i;
    }
}

static void
place_snapshots(struct placing *placing, const struct listing *listing,
                size_t index)
{
    const struct listed_domain *domain = &listing->list[index];
    size_t from = placing->start[index], to = placing->start[index + 1];
    cleanup(free_ptr) size_t *by_name = NULL;

    if (from == to || !domain->count)
        return;
    by_name = xcalloc(domain->count, sizeof(*by_name));
    for (size_t i = 0; i < domain->count; i++)
        by_name[i] = i;
    qsort_r(by_name, domain->count, sizeof(*by_name), compare_snapshots,
            domain->list);
    for (size_t i = from; i < to; i++) {
        const struct problem *problem =
            &listing->problems.list[placing->order[i]];

        placing->snapshot[placing->order[i]] =
            problem->snapshot ? find_snapshot(problem, domain, by_name)
                              : find_file(problem, domain, by_name);
    }
}

void
placing_make(struct placing *placing, const struct listing *listing)
{
    size_t count = listing->problems.count;

    placing->domain = xcalloc(count + 1, sizeof(size_t));
    placing->snapshot = xcalloc(count + 1, sizeof(size_t));
    placing->order = xcalloc(count + 1, sizeof(size_t));
    placing->start = xcalloc(listing->count + 2, sizeof(size_t));
    for (size_t i = 0; i < count; i++)
        placing->snapshot[i] = PLACED_NOWHERE;
    place_domains(placing, listing);
    group_by_domain(placing, listing);
    for (size_t i = 0; i < listing->count; i++)
        place_snapshots(placing, listing, i);
}

void
placing_free(struct placing *placing)
{
    free(placing->domain);
    free(placing->snapshot);
    free(placing->order);
    free(placing->start);
    *placing = (struct placing){0};
}
