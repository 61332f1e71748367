/* listing.c - see listing.h. */
#include "listing.h"

#include <stdlib.h>

#include "memory.h"

struct listed_domain *
listing_add(struct listing *listing, const char *name)
{
    struct listed_domain *domain;

    listing->list = xgrow(listing->list, listing->count, sizeof(*domain));
    domain = &listing->list[listing->count++];
    *domain =
        (struct listed_domain){.name = xstrdup(name), .kind = listing->kind};
    return domain;
}

struct listed_snapshot *
listed_add(struct listed_domain *domain, const char *name)
{
    struct listed_snapshot *snapshot;

    domain->list = xgrow(domain->list, domain->count, sizeof(*snapshot));
    snapshot = &domain->list[domain->count++];
    *snapshot = (struct listed_snapshot){.name = xstrdup(name)};
    return snapshot;
}

static void
free_snapshot(struct listed_snapshot *snapshot)
{
    free(snapshot->name);
    free(snapshot->parent);
    free(snapshot->file);
    free(snapshot->reason[LAYOUT_LEGACY]);
    free(snapshot->reason[LAYOUT_BULK]);
}

void
listed_clear(struct listed_domain *domain)
{
    for (size_t i = 0; i < domain->count; i++)
        free_snapshot(&domain->list[i]);
    free(domain->list);
    domain->list = NULL;
    domain->count = 0;
}

void
listing_free(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++) {
        struct listed_domain *domain = &listing->list[i];

        listed_clear(domain);
        free(domain->base);
        free(domain->reason[LAYOUT_LEGACY]);
        free(domain->reason[LAYOUT_BULK]);
        free(domain->name);
    }
    free(listing->list);
    free(listing->base);
    problems_free(&listing->problems);
    messages_free(&listing->trouble);
    *listing = (struct listing){0};
}

const char *
showing_name(enum showing showing)
{
    static const char *const names[] = {"shown", "root", "hidden"};

    return names[showing];
}

const char *
listed_layout(const struct listed_domain *domain)
{
    if (!domain->count && !domain->holds[LAYOUT_BULK])
        return "empty";
    if (domain->holds[LAYOUT_LEGACY] && domain->holds[LAYOUT_BULK])
        return "both";
    return domain->holds[LAYOUT_BULK] ? "bulk" : "legacy";
}
