/* repair-same.c - see repair.h: compare layouts as they will be. */
#include <string.h>

#include "../verify/cleanup.h"
#include "../verify/memory.h"
#include "../verify/same.h"
#include "repair.h"
#include "rewrite.h"

int
repair_load(const struct facts *facts, size_t index, struct buffer *out,
            struct error *error)
{
    cleanup(buffer_free) struct buffer bytes = {0};
    cleanup(splices_free) struct splices splices = {0};
    struct excerpt excerpt;
    struct span element;
    size_t from;

    if (domain_load(&facts->domain, index, &bytes, &element, error) < 0)
        return -1;
    excerpt = (struct excerpt){bytes.data, bytes.len, 0};
    if (facts->list[index].no_parent != NO_PROBLEM)
        rewrite_no_parent(&excerpt, element, &splices);
    from = element.start;
    for (size_t i = 0; i < splices.count; i++) {
        const struct splice *splice = &splices.list[i];

        buffer_add(out, bytes.data + from, splice->start - from);
        buffer_puts(out, splice->text);
        from = splice->start + splice->len;
    }
    buffer_add(out, bytes.data + from, span_end(element) - from);
    return 0;
}

/* 1: snapshot I of SOURCE will be snapshot J of TARGET. */
static int
same_in_both(const struct facts *source, size_t i, const struct facts *target,
             size_t j, struct error *error)
{
    cleanup(buffer_free) struct buffer a = {0};
    cleanup(buffer_free) struct buffer b = {0};

    if (source->domain.snaps[i].active != target->domain.snaps[j].active)
        return 0;
    if (repair_load(source, i, &a, error) < 0 ||
        repair_load(target, j, &b, error) < 0)
        return -1;
    return same_snapshot(a.data, a.len, b.data, b.len);
}

int
repair_contained(const struct repairs *repair, enum layout from,
                 const char **which, struct error *error)
{
    const struct facts *source = &repair->facts[from];
    const struct facts *target = &repair->facts[!from];

    for (size_t i = 0; i < source->domain.count; i++) {
        const char *name = source->domain.snaps[i].name;
        size_t j = domain_find(&target->domain, name);
        int same = 0;

        if (j != NO_SNAPSHOT)
            same = same_in_both(source, i, target, j, error);
        if (same < 0)
            return -1;
        if (!same) {
            if (which)
                *which = name;
            return 0;
        }
    }
    return 1;
}
