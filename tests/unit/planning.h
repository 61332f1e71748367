/*
 * planning.h - a snapshot directory from one line of text, and what is planned
 * for it as another.
 */
#ifndef PLANNING_H
#define PLANNING_H

#include "support.h"

#include "../../migrate/plan.h"
#include "../../verify/definition.h"
#include "../../verify/error.h"
#include "../../verify/staging.h"

/* Settings that a program would give, but for what a test is about. */
static const struct definitions no_definitions = {.persistent = {.fd = -1},
                                                  .transient = {.fd = -1}};

static inline struct settings
usual_settings(struct settings settings)
{
    if (!settings.max_bulk)
        settings.max_bulk = BULK_FILE_MAX;
    settings.definitions = &no_definitions;
    return settings;
}

/* A snapshot's name has "*" behind it if it is current, "!" if it is not the
 * same as others of the name. */
static inline char *
snapshot_text(const char *name, enum layout layout)
{
    cleanup(free_ptr) char *plain = xstrndup(name, strcspn(name, "*!"));
    long long created = strchr(name, '!') ? 2 : 1;

    return layout == LAYOUT_BULK
               ? member_text(plain, NULL, created)
               : legacy_text(plain, NULL, created, strchr(name, '*') != NULL);
}

/* "FILE=a,b*": a bulk file. */
static inline void
put_bulk(int dir, const char *file, const char *names)
{
    struct buffer members = {0};
    cleanup(free_ptr) char *list = xstrdup(names);
    cleanup(free_ptr) char *text = NULL;
    cleanup(free_ptr) char *current = xstrdup("");
    char *rest = NULL;

    for (char *name = strtok_r(list, ",", &rest); name;
         name = strtok_r(NULL, ",", &rest)) {
        cleanup(free_ptr) char *member = snapshot_text(name, LAYOUT_BULK);

        buffer_printf(&members, "  %s\n", member);
        if (!strchr(name, '*'))
            continue;
        free(current);
        current = xasprintf(" current='%.*s'", (int)strcspn(name, "*!"), name);
    }
    buffer_add(&members, "", 1);
    text = xasprintf(WARNING_COMMENT "<snapshots%s>\n%s</snapshots>\n", current,
                     members.data);
    buffer_free(&members);
    put_text(dir, file, text);
}

/* "DOMAIN/a*": a legacy file, and its directory if there is none. */
static inline void
put_legacy(int dir, const char *domain, const char *name)
{
    cleanup(free_ptr) char *text = snapshot_text(name, LAYOUT_LEGACY);
    cleanup(free_ptr) char *file =
        xasprintf("%s/%.*s.xml", domain, (int)strcspn(name, "*!"), name);

    put_text(dir, file, text);
}

/* Something that is no snapshot; SLASH is where its path was cut in two. */
static inline void
put_stranger(int dir, char *path, char *slash, char mark)
{
    if (slash)
        *slash = '/';
    if (mark == '?')
        put_text(dir, path, "text");
    else if (mark == '>')
        assert_int_equal(symlinkat("x", dir, path), 0);
    else
        assert_int_equal(mkfifoat(dir, path, 0600), 0);
}

/*
 * Make what the words of STORE say: "DIR/" a directory, "FILE?" some other
 * file, "LINK>" a link, "FIFO|" a fifo, and those above.
 */
static inline void
put_store(int dir, const char *store)
{
    cleanup(free_ptr) char *words = xstrdup(store);
    char *rest = NULL;

    for (char *word = strtok_r(words, " ", &rest); word;
         word = strtok_r(NULL, " ", &rest)) {
        char *slash = strchr(word, '/'), *equals = strchr(word, '=');
        char *end = word + strlen(word) - 1;
        char mark = *end;

        if (slash) {
            *slash = '\0';
            (void)mkdirat(dir, word, 0700);
        }
        if (strchr("?>|", mark)) {
            *end = '\0';
            put_stranger(dir, word, slash, mark);
        } else if (slash && slash[1]) {
            put_legacy(dir, word, slash + 1);
        } else if (equals) {
            *equals = '\0';
            put_bulk(dir, word, equals + 1);
        }
    }
}

/* All items: "NAME:ACTION(COUNT)", with "@WAVE" behind it but for the first,
 * "+" where layouts are merged, "#" on failure; "-NAME" is not selected. */
static inline char *
plan_text(const struct plan *plan)
{
    static const char *const actions[] = {
        [ACTION_NONE] = "none",     [ACTION_CONVERT] = "convert",
        [ACTION_FINISH] = "finish", [ACTION_REMOVE_EMPTY] = "empty",
        [ACTION_REFUSE] = "refuse",
    };
    struct buffer out = {0};

    for (size_t i = 0; i < plan->count; i++) {
        const struct item *item = &plan->items[i];

        buffer_puts(&out, i ? " " : "");
        if (!item->selected) {
            buffer_printf(&out, "-%s", item->name);
            continue;
        }
        buffer_printf(&out, "%s:%s", item->name, actions[item->action]);
        if (item->action != ACTION_REFUSE)
            buffer_printf(&out, "(%zu)", item->count);
        if (item->wave)
            buffer_printf(&out, "@%zu", item->wave);
        buffer_puts(&out, item->merging ? "+" : "");
        buffer_puts(&out, item->failed ? "#" : "");
    }
    buffer_add(&out, "", 1);
    return out.data;
}

/* The ids of what is an error; warnings do not matter to a plan. */
static inline char *
error_ids(const struct problems *problems)
{
    cleanup(free_ptr) struct problem *list =
        xcalloc(problems->count, sizeof(*list));
    struct problems errors = {.list = list};

    for (size_t i = 0; i < problems->count; i++) {
        if (problem_info(problems->list[i].id)->severity == SEVERITY_ERROR)
            list[errors.count++] = problems->list[i];
    }
    return problem_ids(&errors);
}

#endif
