/* contain.c - see contain.h. */
#include "contain.h"

#include "cleanup.h"
#include "layout.h"
#include "memory.h"
#include "same.h"

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
