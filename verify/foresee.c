/* foresee.c - see foresee.h. */
#include "foresee.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "listing.h"
#include "loader.h"
#include "memory.h"
#include "survey.h"
#include "tree.h"

static void
free_foreseeing(struct foreseeing *foreseeing)
{
    for (size_t i = 0; i < foreseeing->count; i++) {
        struct item *item = &foreseeing->items[i];

        free(item->name);
        free(item->file);
        free(item->hidden[LAYOUT_LEGACY]);
        free(item->hidden[LAYOUT_BULK]);
        free(item->root);
        free(item->note);
        free(item->doubt);
    }
    free(foreseeing->items);
    free(foreseeing->by_file);
    free(foreseeing->of_bulk);
    free(foreseeing->by_name);
    free(foreseeing->loaded);
    free(foreseeing->all[LAYOUT_LEGACY]);
    free(foreseeing->all[LAYOUT_BULK]);
}

/* What a finding is called in a reason. */
char *
foresee_word(const struct problem *problem)
{
    const char *title = problem_words(problem->kind, problem->id).title;

    return problem->detail ? xasprintf("%s: %s", title, problem->detail)
                           : xstrdup(title);
}

/* The file of a finding, "" for none. */
static const char *
file_of(const struct problems *problems, size_t index)
{
    const char *file = problems->list[index].file;

    return file ? file : "";
}

static int
compare_files(const void *left, const void *right, void *problems)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    int order = strcmp(file_of(problems, a), file_of(problems, b));

    return order ? order : (a > b) - (a < b);
}

static void
sort_problems(struct foreseeing *foreseeing)
{
    const struct problems *problems = &foreseeing->reading->problems;

    foreseeing->by_file = xcalloc(problems->count, sizeof(size_t));
    for (size_t i = 0; i < problems->count; i++)
        foreseeing->by_file[i] = i;
    qsort_r(foreseeing->by_file, problems->count, sizeof(size_t), compare_files,
            (void *)(uintptr_t)problems);
}

/* The loaders that do not show a snapshot because of this finding. */
static unsigned int
hidden_from(const struct problem *problem)
{
    unsigned int hides = problem_info(problem->id)->hides;

    return problem->tolerated ? hides & ~(unsigned int)HIDES_STOCK : hides;
}

/* Findings about several snapshots together: the loaders see for themselves. */
static bool
is_relation(enum problem_id id)
{
    return id == PROBLEM_NAME_DUPLICATE || id == PROBLEM_PARENT_MISSING ||
           id == PROBLEM_PARENT_SELF || id == PROBLEM_PARENT_CYCLE;
}

/* The index in by_file of the first finding about a file, or behind it. */
static size_t
first_of(const struct foreseeing *foreseeing, const char *file)
{
    const struct problems *problems = &foreseeing->reading->problems;
    size_t low = 0, high = problems->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(file_of(problems, foreseeing->by_file[middle]), file) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The next finding about the file, for which AT is moved on; or NULL. */
static const struct problem *
next_of(const struct foreseeing *foreseeing, const char *file, size_t *at)
{
    const struct problems *problems = &foreseeing->reading->problems;

    if (*at >= problems->count ||
        strcmp(file_of(problems, foreseeing->by_file[*at]), file))
        return NULL;
    return &problems->list[foreseeing->by_file[(*at)++]];
}

const struct problem *
foresee_hiding(const struct foreseeing *foreseeing, const char *file,
               enum hides loader, bool relations)
{
    size_t at = first_of(foreseeing, file);
    const struct problem *problem;

    while ((problem = next_of(foreseeing, file, &at))) {
        if ((hidden_from(problem) & loader) &&
            (relations || !is_relation(problem->id)))
            return problem;
    }
    return NULL;
}

/* What some libvirt may hide it for, as a word; or NULL. */
static char *
doubt(const struct foreseeing *foreseeing, const char *file)
{
    size_t at = first_of(foreseeing, file);
    const struct problem *problem;

    while ((problem = next_of(foreseeing, file, &at))) {
        if (problem->id == PROBLEM_VALUE_UNKNOWN)
            return foresee_word(problem);
    }
    return NULL;
}

static struct item *
add_item(struct foreseeing *foreseeing, const char *name, size_t len,
         char *file)
{
    struct item *item;

    foreseeing->items =
        xgrow(foreseeing->items, foreseeing->count, sizeof(*item));
    item = &foreseeing->items[foreseeing->count++];
    *item = (struct item){.name = xstrndup(name, len),
                          .file = file,
                          .index = {NO_SNAPSHOT, NO_SNAPSHOT}};
    return item;
}

static void
add_legacy(struct foreseeing *foreseeing)
{
    const struct domain *legacy = &foreseeing->reading->domain[LAYOUT_LEGACY];

    for (size_t i = 0; i < legacy->count; i++) {
        const struct snapshot *snapshot = &legacy->snaps[i];
        struct item *item =
            add_item(foreseeing, snapshot->name, strlen(snapshot->name),
                     xasprintf("%s/%s", legacy->entry, snapshot->file));
        const struct problem *why =
            foresee_hiding(foreseeing, item->file, HIDES_STOCK, false);

        item->snapshot = snapshot;
        item->index[LAYOUT_LEGACY] = i;
        item->hidden[LAYOUT_LEGACY] = why ? foresee_word(why) : NULL;
        item->doubt = doubt(foreseeing, item->file);
    }
}

/* Of a bulk file: those of both layouts are one item. */
static void
add_bulk(struct foreseeing *foreseeing)
{
    const struct domain *legacy = &foreseeing->reading->domain[LAYOUT_LEGACY];
    const struct domain *bulk = &foreseeing->reading->domain[LAYOUT_BULK];

    foreseeing->of_bulk = xcalloc(bulk->count, sizeof(size_t));
    for (size_t i = 0; i < bulk->count; i++) {
        const struct snapshot *snapshot = &bulk->snaps[i];
        size_t twin = domain_find(legacy, snapshot->name);
        struct item *item =
            twin < foreseeing->count &&
                    foreseeing->items[twin].index[LAYOUT_BULK] == NO_SNAPSHOT
                ? &foreseeing->items[twin]
                : add_item(foreseeing, snapshot->name, strlen(snapshot->name),
                           xstrdup(bulk->entry));

        if (!item->snapshot)
            item->snapshot = snapshot;
        item->index[LAYOUT_BULK] = i;
        foreseeing->of_bulk[i] = (size_t)(item - foreseeing->items);
    }
}

/*
 * Is this finding about a file that stands for a snapshot of its name and could
 * not be read as one? Those with a snapshot are of one that was. Under another
 * name than *.xml it counts if a stock libvirt makes a snapshot of it. What is
 * of another kind is no checkpoint: it may be a whole directory of snapshots.
 */
static bool
is_unread(const struct problem *problem)
{
    return problem_info(problem->id)->severity == SEVERITY_ERROR &&
           !problem->snapshot &&
           (problem->kind == KIND_SNAPSHOT ||
            problem->id != PROBLEM_ROOT_WRONG) &&
           (has_xml_suffix(problem->file) || problem->tolerated ||
            problem->id == PROBLEM_XML_DOCTYPE);
}

/* What lies in the directory in the place of a snapshot that was not read. */
static void
add_unread(struct foreseeing *foreseeing)
{
    const struct problems *problems = &foreseeing->reading->problems;

    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        const char *file = problem->file ? strrchr(problem->file, '/') : NULL;
        struct item *item;
        size_t len;

        if (!file || !is_unread(problem))
            continue;
        len = strlen(file + 1) - (has_xml_suffix(file + 1) ? 4 : 0);
        item = add_item(foreseeing, file + 1, len, xstrdup(problem->file));
        item->unread = problem;
        item->line = problem->line;
        if (hidden_from(problem) & HIDES_STOCK)
            item->hidden[LAYOUT_LEGACY] = foresee_word(problem);
        else
            item->note = foresee_word(problem);
    }
}

/*
 * Spare copies: they count where the file of the snapshot is not read, or is
 * not there because a bulk file has it.
 */
static void
add_strays(struct foreseeing *foreseeing)
{
    const struct domain *legacy = &foreseeing->reading->domain[LAYOUT_LEGACY];
    const struct domain *bulk = &foreseeing->reading->domain[LAYOUT_BULK];

    for (size_t i = 0; i < legacy->stray_count; i++) {
        const struct snapshot *snapshot = &legacy->strays[i];
        size_t twin = domain_find(bulk, snapshot->name);
        struct item *item = twin < bulk->count
                                ? &foreseeing->items[foreseeing->of_bulk[twin]]
                                : NULL;
        char *file = xasprintf("%s/%s", legacy->entry, snapshot->file);

        if (!item || item_in_directory(item)) {
            item = add_item(foreseeing, snapshot->name, strlen(snapshot->name),
                            xstrdup(file));
            item->snapshot = snapshot;
        }
        item->spare = true;
        item->note = xasprintf("it is read from '%s'", file);
        free(file);
    }
}

static int
compare_items(const void *left, const void *right, void *data)
{
    const struct item *items = data;
    const size_t *a = left, *b = right;
    int order = strcmp(items[*a].name, items[*b].name);

    return order ? order : (*a > *b) - (*a < *b);
}

static char *
copy(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

/* Every libvirt does with a checkpoint what the stock one does. */
static void
list_for_all(struct listed_domain *listed)
{
    for (size_t i = 0; i < listed->count; i++) {
        struct listed_snapshot *out = &listed->list[i];

        out->showing[LAYOUT_BULK] = out->showing[LAYOUT_LEGACY];
        out->reason[LAYOUT_BULK] = copy(out->reason[LAYOUT_LEGACY]);
    }
    listed->reason[LAYOUT_BULK] = copy(listed->reason[LAYOUT_LEGACY]);
}

static void
list_item(const struct item *item, struct listed_domain *listed)
{
    const struct snapshot *snapshot = item->snapshot;
    struct listed_snapshot *out = listed_add(listed, item->name);

    out->file = xstrdup(item->file);
    out->line = item->line;
    if (snapshot) {
        out->parent = copy(snapshot->parent);
        out->state = snapshot->state;
        out->created = snapshot->created;
        out->has_created = snapshot->has_created;
        out->refused = snapshot->refused;
        out->current = snapshot->active || item->current;
        out->line = snapshot->at.line;
    }
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        if (!item->hidden[layout])
            continue;
        out->showing[layout] = SHOWING_HIDDEN;
        out->reason[layout] = xstrdup(item->hidden[layout]);
    }
    if (out->showing[LAYOUT_LEGACY] == SHOWING_HIDDEN)
        return;
    out->reason[LAYOUT_LEGACY] = copy(item->root   ? item->root
                                      : item->note ? item->note
                                                   : item->doubt);
    if (item->root)
        out->showing[LAYOUT_LEGACY] = SHOWING_ROOT;
}

void
foresee(struct listed_domain *listed, const struct reading *reading,
        const struct surroundings *surroundings)
{
    cleanup(free_foreseeing) struct foreseeing foreseeing = {
        .reading = reading, .surroundings = surroundings};
    const bool checkpoints = listed->kind == KIND_CHECKPOINT;
    bool rootless = false, current = false, known = true;

    sort_problems(&foreseeing);
    add_legacy(&foreseeing);
    add_bulk(&foreseeing);
    add_unread(&foreseeing);
    add_strays(&foreseeing);
    foreseeing.by_name = xcalloc(foreseeing.count, sizeof(size_t));
    foreseeing.loaded = xcalloc(foreseeing.count, sizeof(size_t));
    for (size_t i = 0; i < foreseeing.count; i++)
        foreseeing.by_name[i] = i;
    qsort_r(foreseeing.by_name, foreseeing.count, sizeof(size_t), compare_items,
            foreseeing.items);
    loader_stock(&foreseeing);
    if (checkpoints)
        known = loader_checkpoints(&foreseeing);
    else
        loader_bulk(&foreseeing);
    loader_unknown(&foreseeing);
    for (size_t i = 0; i < foreseeing.count; i++) {
        const struct item *item = &foreseeing.items[i];

        if (!item->spare || !item->hidden[LAYOUT_LEGACY] ||
            item->index[LAYOUT_BULK] != NO_SNAPSHOT)
            list_item(item, listed);
        rootless = rootless || (item->root && !item->hidden[LAYOUT_LEGACY]);
        current = current || (item_in_directory(item) && item->snapshot &&
                              item->snapshot->active);
    }
    listed->forgotten = checkpoints ? !known : rootless && current;
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++)
        listed->reason[layout] = steal_ptr(&foreseeing.all[layout]);
    if (checkpoints)
        list_for_all(listed);
    tree_arrange(listed);
}

size_t
foresee_lost(const struct listed_domain *listed, int from, int to)
{
    size_t lost = 0;

    for (size_t i = 0; i < listed->count; i++)
        lost += listed->list[i].showing[from] != SHOWING_HIDDEN &&
                listed->list[i].showing[to] == SHOWING_HIDDEN;
    return lost;
}
