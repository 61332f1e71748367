/* expect.c - see expect.h. */
#include "expect.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "content.h"
#include "memory.h"
#include "nearest.h"
#include "pattern.h"
#include "value.h"

/* A longer list is cut. */
#define SHOWN 10

/* Different texts, in the order in which they came. */
struct words {
    char **list;
    size_t count;
};

static void
words_free(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->list[i]);
    free(words->list);
}

/* Takes WORD over. */
static void
words_add(struct words *words, char *word)
{
    for (size_t i = 0; i < words->count; i++) {
        if (!strcmp(words->list[i], word)) {
            free(word);
            return;
        }
    }
    words->list = xgrow(words->list, words->count, sizeof(*words->list));
    words->list[words->count++] = word;
}

/* "a, b or c"; the caller owns it. */
static char *
words_list(const struct words *words)
{
    struct buffer out = {0};
    size_t shown = words->count > SHOWN + 1 ? SHOWN : words->count;

    for (size_t i = 0; i < shown; i++) {
        if (i)
            buffer_puts(&out, i + 1 < words->count ? ", " : " or ");
        buffer_puts(&out, words->list[i]);
    }
    if (shown < words->count)
        buffer_printf(&out, " or one of %zu others", words->count - shown);
    buffer_add(&out, "", 1);
    return out.data;
}

char *
expect_element(const xmlNode *element)
{
    const char *prefix = element->ns ? (const char *)element->ns->prefix : "";

    if (prefix && !prefix[0])
        return xasprintf("<%.80s>", element->name);
    if (!prefix)
        return xasprintf("<%.80s xmlns='%.80s'>", element->name,
                         element->ns->href);
    return xasprintf("<%.40s:%.80s>", prefix, element->name);
}

char *
expect_pattern(const struct pattern *pattern)
{
    const char *name = pattern->name, *space = pattern->space;

    if (pattern->kind == PATTERN_ELEMENT)
        return space[0] ? xasprintf("<%.80s xmlns='%.80s'>", name, space)
                        : xasprintf("<%.80s>", name);
    return space[0] ? xasprintf("{%.80s}%.80s=", space, name)
                    : xasprintf("%.80s=", name);
}

char *
expect_either(const struct choices *choices)
{
    cleanup(words_free) struct words words = {0};

    for (size_t i = 0; i < choices->count; i++)
        words_add(&words, expect_pattern(choices->list[i]));
    return words_list(&words);
}

char *
expect_names(const struct choices *choices, const char *found, const char *none)
{
    cleanup(words_free) struct words words = {0};
    cleanup(free_ptr) char *list = NULL;
    const struct pattern *near = NULL;

    for (size_t i = 0; i < choices->count; i++) {
        const struct pattern *pattern = choices->list[i];

        if (pattern->names) {
            words_add(&words, xstrdup("others"));
            continue;
        }
        words_add(&words, expect_pattern(pattern));
        if (nearest_is_near(found, pattern->name) &&
            (!near || nearest_distance(found, pattern->name) <
                          nearest_distance(found, near->name)))
            near = pattern;
    }
    if (near) {
        list = expect_pattern(near);
        return xasprintf(", perhaps %s is meant", list);
    }
    list = words_list(&words);
    return xasprintf(", expected %s", words.count ? list : none);
}

char *
expect_values(const struct content *content, const char *found)
{
    cleanup(words_free) struct words words = {0};
    cleanup(free_ptr) char *list = NULL;

    for (size_t i = 0; i < content->values.count; i++) {
        const struct pattern *pattern = content->values.list[i];
        struct buffer word = {0};

        if (pattern->text && pattern->text[0] && found[0] &&
            nearest_is_near(found, pattern->text))
            return xasprintf(", perhaps %.80s is meant", pattern->text);
        value_describe(pattern, &word);
        buffer_add(&word, "", 1);
        words_add(&words, word.data);
    }
    list = words_list(&words);
    return xasprintf(", expected %s", words.count ? list : "nothing");
}
