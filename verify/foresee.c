/* foresee.c - see foresee.h. */
#include "foresee.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "listing.h"
#include "memory.h"
#include "survey.h"
#include "tree.h"

/* A snapshot, or what lies in the place of one, while it is foreseen. */
struct item {
    const struct snapshot *snapshot; /* NULL: it could not be read */
    char *name;
    char *file;      /* as in findings */
    size_t index[2]; /* in the reading's domains, or NO_SNAPSHOT */
    unsigned long line;
    const struct problem *unread; /* what stands there instead */
    char *hidden[2];              /* why a loader does not show it, or NULL */
    char *root;                   /* why the stock loader takes its parent */
    char *note;                   /* shown by the stock loader, but */
};

struct foreseeing {
    const struct reading *reading;
    const struct surroundings *surroundings;
    const struct problem **by_file; /* the reading's findings, sorted */
    struct item *items;
    size_t count;
    size_t *by_name;  /* indexes of items */
    size_t *loaded;   /* the same, but only what the stock loader loads */
    size_t loads;     /* how many these are */
    const char *lost; /* why every snapshot of the domain is hidden in bulk */
    char *lost_detail;
};

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
    }
    free(foreseeing->items);
    free(foreseeing->by_file);
    free(foreseeing->by_name);
    free(foreseeing->loaded);
    free(foreseeing->lost_detail);
}

/* What a finding is called in a reason. */
static char *
word(const struct problem *problem)
{
    const char *title = problem_info(problem->id)->title;

    return problem->detail ? xasprintf("%s: %s", title, problem->detail)
                           : xstrdup(title);
}

static int
compare_files(const void *left, const void *right)
{
    const struct problem *const *a = left, *const *b = right;
    int order =
        strcmp((*a)->file ? (*a)->file : "", (*b)->file ? (*b)->file : "");

    return order ? order : (*a > *b) - (*a < *b);
}

static void
sort_problems(struct foreseeing *foreseeing)
{
    const struct problems *problems = &foreseeing->reading->problems;

    foreseeing->by_file =
        xcalloc(problems->count, sizeof(*foreseeing->by_file));
    for (size_t i = 0; i < problems->count; i++)
        foreseeing->by_file[i] = &problems->list[i];
    if (problems->count)
        qsort(foreseeing->by_file, problems->count,
              sizeof(*foreseeing->by_file), compare_files);
}

/* Findings about several snapshots together: see find_roots(), hide_twins(). */
static bool
is_relation(enum problem_id id)
{
    return id == PROBLEM_NAME_DUPLICATE || id == PROBLEM_PARENT_MISSING ||
           id == PROBLEM_PARENT_SELF || id == PROBLEM_PARENT_CYCLE;
}

/*
 * The first finding in FILE for which LOADER hides it; or NULL. Those about
 * RELATIONS count or not.
 */
static const struct problem *
hiding(const struct foreseeing *foreseeing, const char *file, enum hides loader,
       bool relations)
{
    const struct problem *const *list =
        (const struct problem *const *)foreseeing->by_file;
    size_t low = 0, high = foreseeing->reading->problems.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(list[middle]->file ? list[middle]->file : "", file) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < foreseeing->reading->problems.count && list[low]->file &&
           !strcmp(list[low]->file, file);
         low++) {
        if ((problem_info(list[low]->id)->hides & loader) &&
            (relations || !is_relation(list[low]->id)))
            return list[low];
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
            hiding(foreseeing, item->file, HIDES_STOCK, false);

        item->snapshot = snapshot;
        item->index[LAYOUT_LEGACY] = i;
        item->hidden[LAYOUT_LEGACY] = why ? word(why) : NULL;
    }
}

/* Of a bulk file: those of both layouts are one item. */
static void
add_bulk(struct foreseeing *foreseeing)
{
    const struct domain *legacy = &foreseeing->reading->domain[LAYOUT_LEGACY];
    const struct domain *bulk = &foreseeing->reading->domain[LAYOUT_BULK];

    for (size_t i = 0; i < bulk->count; i++) {
        const struct snapshot *snapshot = &bulk->snaps[i];
        size_t twin = domain_find(legacy, snapshot->name);
        struct item *item =
            twin != NO_SNAPSHOT &&
                    foreseeing->items[twin].index[LAYOUT_BULK] == NO_SNAPSHOT
                ? &foreseeing->items[twin]
                : add_item(foreseeing, snapshot->name, strlen(snapshot->name),
                           xstrdup(bulk->entry));

        if (!item->snapshot)
            item->snapshot = snapshot;
        item->index[LAYOUT_BULK] = i;
    }
}

/*
 * Is this finding about a file that stands for a snapshot of its name and could
 * not be read as one? Those with a snapshot are of one that was.
 */
static bool
is_unread(const struct problem *problem)
{
    return problem_info(problem->id)->severity == SEVERITY_ERROR &&
           !problem->snapshot && has_xml_suffix(problem->file);
}

/* What lies in the directory in the place of a snapshot that was not read. */
static void
add_unread(struct foreseeing *foreseeing)
{
    const struct reading *reading = foreseeing->reading;
    const struct domain *legacy = &reading->domain[LAYOUT_LEGACY];

    for (size_t i = 0; i < reading->problems.count; i++) {
        const struct problem *problem = &reading->problems.list[i];
        const char *file = problem->file ? strrchr(problem->file, '/') : NULL;
        bool stale = problem->id == PROBLEM_STALE_NEW;
        const char *name = stale ? problem->snapshot : file + 1;
        struct item *item;

        if (!file || (!stale && !is_unread(problem)) ||
            (stale && domain_find(legacy, name) != NO_SNAPSHOT))
            continue;
        item = add_item(foreseeing, name, strlen(name) - (stale ? 0 : 4),
                        xstrdup(problem->file));
        item->unread = problem;
        item->line = problem->line;
        if (problem_info(problem->id)->hides & HIDES_STOCK)
            item->hidden[LAYOUT_LEGACY] = word(problem);
        else
            item->note = word(problem);
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

        if (item->hidden[LAYOUT_LEGACY] ||
            (!item->unread && item->index[LAYOUT_LEGACY] == NO_SNAPSHOT))
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
            item->root = xasprintf("its parent '%s' is not shown",
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

/* The stock loader: the directory, a file at a time. */
static void
foresee_legacy(struct foreseeing *foreseeing)
{
    const struct problems *problems = &foreseeing->reading->problems;
    const struct problem *fifo = NULL;

    for (size_t i = 0; i < problems->count && !fifo; i++) {
        const struct problem *problem = &problems->list[i];

        if (problem->id == PROBLEM_SPECIAL_FILE && problem->detail &&
            strstr(problem->detail, "fifo"))
            fifo = problem;
    }
    for (size_t i = 0; i < foreseeing->count; i++) {
        struct item *item = &foreseeing->items[i];
        bool there = item->unread || item->index[LAYOUT_LEGACY] != NO_SNAPSHOT;

        if (!there)
            item->hidden[LAYOUT_LEGACY] =
                xstrdup("a stock libvirt does not read bulk files");
        else if (fifo && !item->hidden[LAYOUT_LEGACY])
            item->hidden[LAYOUT_LEGACY] =
                xasprintf("libvirt hangs at the fifo '%s'", fifo->file);
    }
    hide_twins(foreseeing);
    find_roots(foreseeing);
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
        hiding(foreseeing, item->file, HIDES_BULK, false);

    if (item->root)
        return xasprintf("'%s': %s", item->name, item->root);
    if (problem)
        return xasprintf("'%s': %s", item->name,
                         problem_info(problem->id)->title);
    if (item->snapshot && item->snapshot->depth + 1 > NESTING_MAX)
        return xasprintf("'%s': %s", item->name,
                         problem_info(PROBLEM_TOO_DEEP)->title);
    if (item->snapshot && item->snapshot->active && is_written_raw(item->name))
        return xasprintf("'%s' is current, and libvirt writes its name so that "
                         "it is read as another",
                         item->name);
    return NULL;
}

/* No bulk file yet: what is loaded is written into one, the rest is deleted. */
static void
foresee_conversion(struct foreseeing *foreseeing)
{
    const char *way = foreseeing->surroundings->in_the_way;
    cleanup(free_ptr) char *all = NULL;
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
    for (size_t i = 0; i < foreseeing->count; i++) {
        struct item *item = &foreseeing->items[i];
        const char *why =
            item->hidden[LAYOUT_LEGACY] ? item->hidden[LAYOUT_LEGACY] : all;

        if (item->unread && item->unread->id == PROBLEM_STALE_NEW)
            why = "libvirt deletes it with the directory";
        item->hidden[LAYOUT_BULK] = why ? xstrdup(why) : NULL;
    }
}

/* The bulk file is all that is read, and all of it or nothing is shown. */
static void
foresee_bulk(struct foreseeing *foreseeing)
{
    const struct domain *bulk = &foreseeing->reading->domain[LAYOUT_BULK];
    const struct problem *why;
    cleanup(free_ptr) char *text = NULL;

    if (!bulk->entry) {
        foresee_conversion(foreseeing);
        return;
    }
    why = hiding(foreseeing, bulk->entry, HIDES_BULK, true);
    if (why) {
        cleanup(free_ptr) char *found = word(why);

        text = why->snapshot ? xasprintf("'%s': %s", why->snapshot, found)
                             : xstrdup(found);
    }
    for (size_t i = 0; i < foreseeing->count; i++) {
        struct item *item = &foreseeing->items[i];

        if (item->index[LAYOUT_BULK] == NO_SNAPSHOT)
            item->hidden[LAYOUT_BULK] =
                xasprintf("it is not in '%s', and libvirt looks nowhere else",
                          bulk->entry);
        else if (text)
            item->hidden[LAYOUT_BULK] = xstrdup(text);
    }
}

static char *
copy(const char *text)
{
    return text ? xstrdup(text) : NULL;
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
        out->current = snapshot->active;
        out->line = snapshot->line;
    }
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        if (!item->hidden[layout])
            continue;
        out->showing[layout] = SHOWING_HIDDEN;
        out->reason[layout] = xstrdup(item->hidden[layout]);
    }
    if (out->showing[LAYOUT_LEGACY] == SHOWING_HIDDEN)
        return;
    out->reason[LAYOUT_LEGACY] = copy(item->root ? item->root : item->note);
    if (item->root)
        out->showing[LAYOUT_LEGACY] = SHOWING_ROOT;
}

void
foresee(struct listed_domain *listed, const struct reading *reading,
        const struct surroundings *surroundings)
{
    cleanup(free_foreseeing) struct foreseeing foreseeing = {
        .reading = reading, .surroundings = surroundings};

    sort_problems(&foreseeing);
    add_legacy(&foreseeing);
    add_bulk(&foreseeing);
    add_unread(&foreseeing);
    foreseeing.by_name = xcalloc(foreseeing.count, sizeof(size_t));
    foreseeing.loaded = xcalloc(foreseeing.count, sizeof(size_t));
    for (size_t i = 0; i < foreseeing.count; i++)
        foreseeing.by_name[i] = i;
    qsort_r(foreseeing.by_name, foreseeing.count, sizeof(size_t), compare_items,
            foreseeing.items);
    foresee_legacy(&foreseeing);
    foresee_bulk(&foreseeing);
    for (size_t i = 0; i < foreseeing.count; i++)
        list_item(&foreseeing.items[i], listed);
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
