/* space.c - see space.h. */
#include "space.h"

#include <stdbool.h>
#include <string.h>

#include "cleanup.h"
#include "memory.h"

static bool
is_text(const char *bytes, struct span span, const char *wanted)
{
    return span.len == strlen(wanted) &&
           !memcmp(bytes + span.start, wanted, span.len);
}

/* An element that is open while its structural white space is looked for. */
struct open_element {
    size_t first;  /* index of the first span found in its subtree */
    bool verbatim; /* other text, CDATA or xml:space="preserve" */
    bool parent;   /* has an element, a comment or a PI */
    bool dumped;   /* <metadata> or below: laid out by libxml2 */
};

/* libxml2 indents by two blanks a level, and no further than level 30. */
#define DEEPEST_LEVEL 30

/* Does this white space stay where it is, because it is as far as it gets? */
static bool
is_at_limit(const char *space, size_t len, size_t level)
{
    const char *newline = memrchr(space, '\n', len);

    return level >= DEEPEST_LEVEL && newline &&
           (size_t)(space + len - newline) == 1 + 2 * DEEPEST_LEVEL;
}

static struct open_element
open_element(const char *tag, size_t len, size_t first)
{
    struct span space;
    bool preserve = span_attribute(tag, len, "xml:space", &space) &&
                    is_text(tag, space, "preserve");

    return (struct open_element){.first = first, .verbatim = preserve};
}

void
space_structural(const char *element, size_t len, struct spans *spans)
{
    cleanup(free_ptr) struct open_element *open = NULL;
    size_t at = 0, depth = 0;

    *spans = (struct spans){0};
    while (at < len) {
        const char *here = element + at;
        struct token token = span_token(here, len - at, false);
        struct open_element *top = depth ? &open[depth - 1] : NULL;

        if (token.kind == TOKEN_MORE || token.kind == TOKEN_BAD)
            break;
        if (token.kind == TOKEN_TEXT && top && span_blank(here, token.len)) {
            size_t end = at + token.len;
            bool closing = end + 1 < len && element[end + 1] == '/';

            at = end;
            if (top->dumped && is_at_limit(here, token.len, depth - closing))
                continue;
            spans->list =
                xgrow(spans->list, spans->count, sizeof(*spans->list));
            spans->list[spans->count++] =
                (struct span){end - token.len, token.len};
            continue;
        }
        if (token.kind == TOKEN_TEXT || token.kind == TOKEN_CDATA) {
            if (top)
                top->verbatim = true;
        } else if (token.kind == TOKEN_END) {
            if (!top)
                break;
            /* The whole subtree stays as it is: forget what was found in it. */
            if (top->verbatim || !top->parent)
                spans->count = top->first;
            depth--;
        } else if (top) {
            top->parent = true;
        }
        if (token.kind == TOKEN_START) {
            open = xgrow(open, depth, sizeof(*open));
            open[depth] = open_element(here, token.len, spans->count);
            open[depth].dumped = (depth && open[depth - 1].dumped) ||
                                 is_text(here, token.name, "metadata");
            depth++;
        }
        at += token.len;
    }
}
