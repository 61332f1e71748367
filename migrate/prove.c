/* prove.c - see prove.h. */
#include "prove.h"

#include <string.h>

#include "../verify/cleanup.h"
#include "../verify/memory.h"
#include "../verify/same.h"
#include "render.h"

/* The target's bytes, made into the source's layout: are they the source's? */
static bool
same_bytes(const struct domain *source, bool active, const struct buffer *a,
           const struct domain *target, const struct buffer *b,
           struct span b_element)
{
    cleanup(buffer_free) struct buffer back = {0};
    struct span part = {0};

    render_snapshot(b->data + b_element.start, b_element.len, target->layout,
                    source->layout, active, &back);
    part.len = back.len;
    if (source->layout == LAYOUT_BULK) {
        /* A member without the blanks and the newline of its line. */
        part.start = 2;
        part.len -= 3;
    }
    return part.len == a->len &&
           !memcmp(back.data + part.start, a->data, a->len);
}

int
prove_snapshot(const struct domain *source, size_t source_index,
               const struct domain *target, size_t target_index,
               struct error *error)
{
    cleanup(buffer_free) struct buffer a = {0};
    cleanup(buffer_free) struct buffer b = {0};
    struct span a_element, b_element;

    if (domain_load(source, source_index, &a, &a_element, error) < 0 ||
        domain_load(target, target_index, &b, &b_element, error) < 0)
        return -1;
    return same_bytes(source, source->snaps[source_index].active, &a, target,
                      &b, b_element) ||
           same_snapshot(a.data + a_element.start, a_element.len,
                         b.data + b_element.start, b_element.len);
}
