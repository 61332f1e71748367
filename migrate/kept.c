/* kept.c - see kept.h. */
#include "kept.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "plan.h"

/* Snapshots of all domains that are kept; one domain may have as many. */
#define KEPT_SNAPSHOTS SNAPSHOTS_MAX
/* Each holds two descriptors, and is kept only where there are plenty. */
#define KEPT_DOMAINS 128
#define PLENTY 1024

static bool
has_plenty(void)
{
    struct rlimit limit;

    return !getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur >= PLENTY;
}

/*
 * Of files that are left alone no identity is known, so that a change of one
 * would not be seen.
 */
static bool
is_known_whole(const struct reading *reading)
{
    const struct domain *legacy = &reading->domain[LAYOUT_LEGACY];

    return !legacy->foreign && !legacy->stray_count;
}

void
kept_put(struct kept *kept, struct item *item, struct reading *reading)
{
    size_t snapshots = reading->domain[LAYOUT_LEGACY].count +
                       reading->domain[LAYOUT_BULK].count;

    if (item->action == ACTION_NONE || item->action == ACTION_REFUSE ||
        !is_known_whole(reading) || kept->domains >= KEPT_DOMAINS ||
        kept->snapshots + snapshots > KEPT_SNAPSHOTS || !has_plenty())
        return;
    kept->domains++;
    kept->snapshots += snapshots;
    item->kept = xcalloc(1, sizeof(*item->kept));
    *item->kept = *reading;
    *reading = (struct reading){.domain = {{.fd = -1}, {.fd = -1}}};
}

static bool
is_unchanged(const struct reading *reading, int base, struct crew *crew)
{
    struct error error = {0};
    int result = 0;

    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        const struct domain *domain = &reading->domain[layout];

        if (!result && domain->fd >= 0)
            result = domain_unchanged(domain, base, crew, &error);
    }
    error_clear(&error);
    return !result;
}

bool
kept_take(struct item *item, int base, struct crew *crew,
          struct reading *reading)
{
    bool unchanged = item->kept && is_unchanged(item->kept, base, crew);

    if (unchanged) {
        *reading = *item->kept;
        free(steal_ptr(&item->kept));
    }
    kept_drop(item);
    return unchanged;
}

void
kept_drop(struct item *item)
{
    if (item->kept)
        reading_free(item->kept);
    free(item->kept);
    item->kept = NULL;
}
