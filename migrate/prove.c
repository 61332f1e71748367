/* prove.c - see prove.h. */
#include "prove.h"

#include <string.h>

#include "../verify/memory.h"
#include "../verify/same.h"
#include "render.h"

void
prover_free(struct prover *prover)
{
    buffer_free(&prover->source);
    buffer_free(&prover->target);
    buffer_free(&prover->back);
    space_forget(&prover->memo);
}

/* The target's bytes, made into the source's layout: are they the source's? */
static bool
same_bytes(struct prover *prover, const struct domain *source, bool active,
           const struct domain *target, struct span element)
{
    const struct buffer *wanted = &prover->source;
    struct buffer *back = &prover->back;
    struct span part = {0};

    back->len = 0;
    render_snapshot(prover->target.data + element.start, element.len,
                    target->layout, source->layout, active, back,
                    &prover->memo);
    part.len = back->len;
    if (source->layout == LAYOUT_BULK) {
        /* A member without the blanks and the newline of its line. */
        part.start = 2;
        part.len -= 3;
    }
    return part.len == wanted->len &&
           !memcmp(back->data + part.start, wanted->data, wanted->len);
}

int
prove_snapshot(struct prover *prover, const struct domain *source,
               size_t source_index, const struct domain *target,
               size_t target_index, struct error *error)
{
    struct buffer *a = &prover->source, *b = &prover->target;
    struct span a_element, b_element;

    if (domain_load(source, source_index, a, &a_element, error) < 0 ||
        domain_load(target, target_index, b, &b_element, error) < 0)
        return -1;
    return same_bytes(prover, source, source->snaps[source_index].active,
                      target, b_element) ||
           same_snapshot(a->data + a_element.start, a_element.len,
                         b->data + b_element.start, b_element.len);
}
