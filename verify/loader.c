/* loader.c - see loader.h. */
#include "loader.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "foresee.h"
#include "memory.h"
#include "survey.h"

static size_t
find_loaded(const struct foreseeing *foreseeing, const char *name)
{
    size_t low = 0, high = foreseeing->loads;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct item *item =
            &foreseeing->items[foreseeing->loaded[middle]];

        if (strcmp(item->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == foreseeing->loads ||
        strcmp(foreseeing->items[foreseeing->loaded[low]].name, name) != 0)
        return NO_SNAPSHOT;
    return foreseeing->loaded[low];
}

/* Of several of one name the stock loader shows whichever it reads first. */
static void
hide_twins(struct foreseeing *foreseeing)
{
    struct item *items = foreseeing->items;

    for (size_t i = 0; i < foreseeing->count; i++) {
        size_t index = foreseeing->by_name[i];
        struct item *item = &items[index];
        struct item *first =
            foreseeing->loads
                ? &items[foreseeing->loaded[foreseeing->loads - 1]]
                : NULL;

        if (item->hidden[LAYOUT_LEGACY] || !item_in_directory(item))
            continue;
        if (!first || strcmp(first->name, item->name) != 0) {
            foreseeing->loaded[foreseeing->loads++] = index;
            continue;
        }
        item->hidden[LAYOUT_LEGACY] = xasprintf(
            "'%s' has the same name; the one that is read first is shown",
            first->file);
        if (!first->note)
            first->note = xasprintf("'%s' has the same name; the one that is "
                                    "read first is shown",
                                    item->file);
    }
}

/* Who has no parent, once what does not load is gone. */
static void
find_roots(struct foreseeing *foreseeing)
{
    size_t *parent = xcalloc(foreseeing->count, sizeof(*parent));
    size_t *walk = xcalloc(foreseeing->count, sizeof(*walk));

    for (size_t i = 0; i < foreseeing->count; i++)
        parent[i] = NO_SNAPSHOT;
    for (size_t i = 0; i < foreseeing->loads; i++) {
        size_t index = foreseeing->loaded[i];
        struct item *item = &foreseeing->items[index];

        if (!item->snapshot || !item->snapshot->parent)
            continue;
        parent[index] = find_loaded(foreseeing, item->snapshot->parent);
        if (parent[index] == NO_SNAPSHOT)
            item->root = xasprintf("its parent '%.300s' is not shown",
                                   item->snapshot->parent);
    }
    /* Walk up from each; the walk that meets itself has found a cycle. */
    for (size_t i = 0; i < foreseeing->loads; i++) {
        size_t start = foreseeing->loaded[i], here = start;

        while (here != NO_SNAPSHOT && !walk[here]) {
            walk[here] = start + 1;
            here = parent[here];
        }
        while (here != NO_SNAPSHOT && walk[here] == start + 1 &&
               !foreseeing->items[here].root) {
            foreseeing->items[here].root =
                xstrdup("it is its own ancestor; libvirt cuts the cycle at "
                        "another place each time it starts");
            here = parent[here];
        }
    }
    free(parent);
    free(walk);
}

/* The fifo in a directory; or NULL. */
static const struct problem *
find_fifo(const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];

        if (problem->id == PROBLEM_SPECIAL_FILE && problem->detail &&
            strstr(problem->detail, "fifo"))
            return problem;
    }
    return NULL;
}

/* The stock loader: the directory, a file at a time. */
void
loader_stock(struct foreseeing *foreseeing)
{
    static const char not_read[] = "a stock libvirt does not read bulk files";
    const struct reading *reading = foreseeing->reading;
    const struct problem *fifo = find_fifo(&reading->problems);

    if (fifo)
        foreseeing->all[LAYOUT_LEGACY] =
            xasprintf("libvirt hangs at the fifo '%s'", fifo->file);
    else if (!reading->domain[LAYOUT_LEGACY].entry &&
             reading->problems.kind == KIND_SNAPSHOT)
        foreseeing->all[LAYOUT_LEGACY] = xstrdup(not_read);
    for (size_t i = 0; i < foreseeing->count; i++) {
        struct item *item = &foreseeing->items[i];
        if (!item_in_directory(item))
            item->hidden[LAYOUT_LEGACY] = xstrdup(not_read);
        else if (fifo && !item->hidden[LAYOUT_LEGACY])
            item->hidden[LAYOUT_LEGACY] =
                xstrdup(foreseeing->all[LAYOUT_LEGACY]);
    }
    hide_twins(foreseeing);
    if (!foreseeing->surroundings->alone)
        find_roots(foreseeing);
}

bool
loader_checkpoints(struct foreseeing *foreseeing)
{
    cleanup(free_ptr) size_t *children =
        xcalloc(foreseeing->count, sizeof(*children));
    size_t leaf = NO_SNAPSHOT;

    for (size_t i = 0; i < foreseeing->loads; i++) {
        const struct item *item = &foreseeing->items[foreseeing->loaded[i]];
        const char *parent = item->snapshot ? item->snapshot->parent : NULL;
        size_t index = parent ? find_loaded(foreseeing, parent) : NO_SNAPSHOT;

        if (item->root)
            return false;
        /* What was not read may come from any of them. */
        if (!item->snapshot)
            return true;
        if (index != NO_SNAPSHOT)
            children[index]++;
    }
    for (size_t i = 0; i < foreseeing->loads; i++) {
        size_t index = foreseeing->loaded[i];

        if (children[index])
            continue;
        if (leaf != NO_SNAPSHOT)
            return false;
        leaf = index;
    }
    if (leaf != NO_SNAPSHOT)
        foreseeing->items[leaf].current = true;
    return true;
}

/* Does a bulk writer write this name of a current snapshot so that it is read
 * as another one? */
static bool
is_written_raw(const char *name)
{
    return strpbrk(name, "\t\n\r") != NULL;
}

/* Why a bulk file that is made of the directory would not load; or NULL. */
static char *
spoils(const struct foreseeing *foreseeing, const struct item *item)
{
    const struct problem *problem =
        foresee_hiding(foreseeing, item->file, HIDES_BULK, false);

    if (item->root)
        return xasprintf("'%.300s': %s", item->name, item->root);
    /* What it reads and this tool does not it writes in a form of its own. */
    if (problem && !item->unread)
        return xasprintf("'%.300s': %s", item->name,
                         problem_info(problem->id)->title);
    if (item->snapshot && item->snapshot->depth + 1 > NESTING_MAX)
        return xasprintf("'%.300s': %s", item->name,
                         problem_info(PROBLEM_TOO_DEEP)->title);
    if (item->snapshot && item->snapshot->active && is_written_raw(item->name))
        return xasprintf(
            "'%.300s' is current, and libvirt writes its name so that "
            "it is read as another",
            item->name);
    return NULL;
}

/* Did an interrupted write leave it? */
static bool
ends_in_new(const char *file)
{
    return strlen(file) > 4 && !strcmp(file + strlen(file) - 4, ".new");
}

/* No bulk file yet: what is loaded is written into one, the rest is deleted. */
static void
foresee_conversion(struct foreseeing *foreseeing)
{
    const char *way = foreseeing->surroundings->in_the_way;
    char *all = NULL;
    size_t bytes = 0;

    if (way)
        all = xasprintf("%s is where the bulk file should be", way);
    for (size_t i = 0; i < foreseeing->loads && !all; i++) {
        const struct item *item = &foreseeing->items[foreseeing->loaded[i]];
        char *why = spoils(foreseeing, item);

        bytes += item->snapshot ? item->snapshot->element.len : 0;
        if (why)
            all = xasprintf("the bulk file that libvirt writes would not load: "
                            "%s",
                            why);
        else if (bytes > foreseeing->surroundings->max_bulk)
            all = xstrdup("the bulk file that libvirt writes would be too "
                          "large to be read");
        free(why);
    }
    foreseeing->all[LAYOUT_BULK] = all;
    for (size_t i = 0; i < foreseeing->count; i++) {
        struct item *item = &foreseeing->items[i];
        const char *why =
            item->hidden[LAYOUT_LEGACY] ? item->hidden[LAYOUT_LEGACY] : all;

        if (item->spare && !why && ends_in_new(item->file))
            why = "libvirt deletes it with the directory";
        item->hidden[LAYOUT_BULK] = why ? xstrdup(why) : NULL;
    }
}

/* An error in a bulk file of which nothing could be read; or NULL. */
static const struct problem *
find_unread(const struct foreseeing *foreseeing, const struct domain *bulk)
{
    const struct problems *problems = &foreseeing->reading->problems;

    for (size_t i = 0; i < problems->count && !bulk->count; i++) {
        if (problem_info(problems->list[i].id)->severity == SEVERITY_ERROR &&
            problems->list[i].id != PROBLEM_XML_DOCTYPE &&
            problems->list[i].file &&
            !strcmp(problems->list[i].file, bulk->entry))
            return &problems->list[i];
    }
    return NULL;
}

/* The bulk file is all that is read, and all of it or nothing is shown. */
void
loader_bulk(struct foreseeing *foreseeing)
{
    const struct domain *bulk = &foreseeing->reading->domain[LAYOUT_BULK];
    const struct problem *why;

    if (!bulk->entry) {
        foresee_conversion(foreseeing);
        return;
    }
    why = foresee_hiding(foreseeing, bulk->entry, HIDES_BULK, true);
    if (!why)
        why = find_unread(foreseeing, bulk);
    if (why) {
        cleanup(free_ptr) char *found = foresee_word(why);

        foreseeing->all[LAYOUT_BULK] =
            why->snapshot && why->snapshot[0]
                ? xasprintf("'%s': %s", why->snapshot, found)
                : xstrdup(found);
    }
    for (size_t i = 0; i < foreseeing->count; i++) {
        struct item *item = &foreseeing->items[i];

        if (item->index[LAYOUT_BULK] == NO_SNAPSHOT)
            item->hidden[LAYOUT_BULK] =
                xasprintf("it is not in '%s', and libvirt looks nowhere else",
                          bulk->entry);
        else if (why)
            item->hidden[LAYOUT_BULK] = xstrdup(foreseeing->all[LAYOUT_BULK]);
    }
}

/* Of a domain that libvirt does not know nothing is looked at. */
void
loader_unknown(struct foreseeing *foreseeing)
{
    const struct problems *problems = &foreseeing->reading->problems;
    const char *why = NULL;

    for (size_t i = 0; i < problems->count && !why; i++) {
        if (problems->list[i].id == PROBLEM_DOMAIN_UNDEFINED)
            why = "libvirt does not look at it: no such domain is defined";
        else if (problems->list[i].id == PROBLEM_DEFINITION_UNREADABLE)
            why = "libvirt does not look at it: it cannot read the domain's "
                  "definition";
    }
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK && why; layout++) {
        free(foreseeing->all[layout]);
        foreseeing->all[layout] = xstrdup(why);
        for (size_t i = 0; i < foreseeing->count; i++) {
            free(foreseeing->items[i].hidden[layout]);
            foreseeing->items[i].hidden[layout] = xstrdup(why);
        }
    }
}
