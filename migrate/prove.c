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
    buffer_free(&prover->back);
    space_forget(&prover->memo);
}

/* The bytes, made into the source's layout: are they the source's? */
static bool
same_bytes(struct prover *prover, const struct domain *source, bool active,
           enum layout from, const char *bytes, size_t len)
{
    const struct buffer *wanted = &prover->source;
    struct buffer *back = &prover->back;
    struct span part = {0};

    back->len = 0;
    render_snapshot(bytes, len, from, source->layout, active, back,
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
prove_snapshot(struct prover *prover, const struct domain *source, size_t index,
               enum layout from, const char *bytes, size_t len,
               struct error *error)
{
    struct buffer *wanted = &prover->source;
    struct span element;

    if (domain_load(source, index, wanted, &element, error) < 0)
        return -1;
    return same_bytes(prover, source, source->snaps[index].active, from, bytes,
                      len) ||
           same_snapshot(wanted->data + element.start, element.len, bytes, len);
}
