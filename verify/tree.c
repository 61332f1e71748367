/* tree.c - see tree.h. */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "cleanup.h"
#include "escape.h"
#include "layout.h"
#include "listing.h"
#include "memory.h"

/* Deeper than this, a line says how deep it is; it is not moved further. */
#define DRAWN_DEPTH 24

static const struct listed_snapshot *
at(const void *index, const void *list)
{
    return &((const struct listed_snapshot *)list)[*(const size_t *)index];
}

/* Twins, which only a damaged directory has, stay in the order of files. */
static int
compare_indexes(const void *left, const void *right)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;

    return (a > b) - (a < b);
}

static int
compare_names(const void *left, const void *right, void *list)
{
    int order = strcmp(at(left, list)->name, at(right, list)->name);

    return order ? order : compare_indexes(left, right);
}

static int
compare_age(const void *left, const void *right, void *list)
{
    const struct listed_snapshot *a = at(left, list), *b = at(right, list);

    if (a->created != b->created)
        return a->created < b->created ? -1 : 1;
    return compare_names(left, right, list);
}

/* A tree while it is put in order; all arrays have an item per snapshot. */
struct arranging {
    const struct listed_domain *domain;
    size_t *by_name;
    size_t *by_age;
    size_t *child;   /* the first of each, or NO_SNAPSHOT */
    size_t *sibling; /* the next one, or NO_SNAPSHOT */
    size_t *stack;   /* what comes next, the last one first */
    size_t waiting;
    size_t *order;
    size_t done;
    size_t *depth; /* 1 and more; 0: not put in order yet */
};

static void
free_arranging(struct arranging *arranging)
{
    free(arranging->by_name);
    free(arranging->by_age);
    free(arranging->child);
    free(arranging->sibling);
    free(arranging->stack);
    free(arranging->order);
    free(arranging->depth);
}

static size_t
find(const struct arranging *arranging, const char *name)
{
    const struct listed_snapshot *list = arranging->domain->list;
    size_t low = 0, high = arranging->domain->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(list[arranging->by_name[middle]].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == arranging->domain->count ||
        strcmp(list[arranging->by_name[low]].name, name))
        return NO_SNAPSHOT;
    return arranging->by_name[low];
}

static size_t
parent_of(const struct arranging *arranging, size_t index)
{
    const char *parent = arranging->domain->list[index].parent;

    return parent ? find(arranging, parent) : NO_SNAPSHOT;
}

/* The youngest first, so that each list of children ends up by age. */
static void
link_children(struct arranging *arranging)
{
    for (size_t i = 0; i < arranging->domain->count; i++)
        arranging->child[i] = NO_SNAPSHOT;
    for (size_t i = arranging->domain->count; i-- > 0;) {
        size_t index = arranging->by_age[i];
        size_t parent = parent_of(arranging, index);

        if (parent == NO_SNAPSHOT)
            continue;
        arranging->sibling[index] = arranging->child[parent];
        arranging->child[parent] = index;
    }
}

/* Put a root in order, and all that is below it. */
static void
descend(struct arranging *arranging, size_t root)
{
    arranging->stack[arranging->waiting++] = root;
    arranging->depth[root] = 1;
    while (arranging->waiting) {
        size_t index = arranging->stack[--arranging->waiting];
        size_t first = arranging->waiting;

        arranging->order[arranging->done++] = index;
        for (size_t child = arranging->child[index]; child != NO_SNAPSHOT;
             child = arranging->sibling[child]) {
            /* Only the root of a cycle has been seen before. */
            if (arranging->depth[child])
                continue;
            arranging->depth[child] = arranging->depth[index] + 1;
            arranging->stack[arranging->waiting++] = child;
        }
        for (size_t last = arranging->waiting; first + 1 < last; first++) {
            size_t kept = arranging->stack[first];

            arranging->stack[first] = arranging->stack[--last];
            arranging->stack[last] = kept;
        }
    }
}

void
tree_arrange(struct listed_domain *domain)
{
    size_t count = domain->count;
    cleanup(free_arranging) struct arranging arranging = {
        .domain = domain,
        .by_name = xcalloc(count, sizeof(size_t)),
        .by_age = xcalloc(count, sizeof(size_t)),
        .child = xcalloc(count, sizeof(size_t)),
        .sibling = xcalloc(count, sizeof(size_t)),
        .stack = xcalloc(count, sizeof(size_t)),
        .order = xcalloc(count, sizeof(size_t)),
        .depth = xcalloc(count, sizeof(size_t)),
    };
    struct listed_snapshot *ordered = xcalloc(count, sizeof(*ordered));

    for (size_t i = 0; i < count; i++)
        arranging.by_name[i] = arranging.by_age[i] = i;
    qsort_r(arranging.by_name, count, sizeof(size_t), compare_names,
            domain->list);
    qsort_r(arranging.by_age, count, sizeof(size_t), compare_age, domain->list);
    link_children(&arranging);
    for (size_t i = 0; i < count; i++) {
        if (parent_of(&arranging, arranging.by_age[i]) == NO_SNAPSHOT)
            descend(&arranging, arranging.by_age[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (!arranging.depth[arranging.by_age[i]])
            descend(&arranging, arranging.by_age[i]);
    }
    for (size_t i = 0; i < count; i++) {
        ordered[i] = domain->list[arranging.order[i]];
        ordered[i].depth = arranging.depth[arranging.order[i]] - 1;
    }
    free(domain->list);
    domain->list = ordered;
}

struct moment
tree_moment(long long seconds)
{
    struct moment moment;
    char utc[CALENDAR_SIZE];

    if (calendar_utc(seconds, utc))
        (void)snprintf(moment.text, sizeof(moment.text), "%.10s %.8s UTC", utc,
                       utc + strlen("0000-00-00T"));
    else
        (void)snprintf(moment.text, sizeof(moment.text), "%lld", seconds);
    return moment;
}

/* A tree while it is drawn. */
struct drawing {
    const struct listed_domain *domain;
    bool more[DRAWN_DEPTH + 2]; /* by depth: does a sibling follow? */
};

/* The lines that lead past a snapshot to later siblings of its ancestors. */
static void
print_lines(FILE *out, const bool *more, size_t depth)
{
    fputs("  ", out);
    for (size_t i = 1; i < depth && i < DRAWN_DEPTH; i++)
        fputs(more[i] ? "  | " : "    ", out);
}

/* What the loaders are called here, by layout; and both of them. */
static const char *const loader[] = {"stock", "bulk"};

static const char *
both_loaders(const struct listed_domain *domain)
{
    return domain->kind == KIND_CHECKPOINT ? "libvirt" : "both";
}

static void
print_reason(FILE *out, const struct drawing *drawing,
             const struct listed_snapshot *snapshot, bool has_child,
             const char *whose, const char *reason)
{
    cleanup(free_ptr) char *safe = escape_text(reason);

    print_lines(out, drawing->more, snapshot->depth + 1);
    fprintf(out, "%s   %s: %s\n", has_child ? "  |" : "   ", whose, safe);
}

/* Why not, unless it is said of the whole domain already. */
static void
print_reasons(FILE *out, const struct drawing *drawing,
              const struct listed_snapshot *snapshot, bool has_child)
{
    const char *reason[2];

    for (int i = LAYOUT_LEGACY; i <= LAYOUT_BULK; i++) {
        const char *all = drawing->domain->reason[i];

        reason[i] = snapshot->reason[i];
        if (reason[i] && all && !strcmp(all, reason[i]))
            reason[i] = NULL;
    }
    if (reason[0] && reason[1] && !strcmp(reason[0], reason[1])) {
        print_reason(out, drawing, snapshot, has_child,
                     both_loaders(drawing->domain), reason[0]);
        return;
    }
    for (int i = LAYOUT_LEGACY; i <= LAYOUT_BULK; i++) {
        if (reason[i])
            print_reason(out, drawing, snapshot, has_child, loader[i],
                         reason[i]);
    }
}

static void
print_snapshot(FILE *out, const struct drawing *drawing,
               const struct listed_snapshot *snapshot, bool has_child)
{
    cleanup(free_ptr) char *name = escape_text(snapshot->name);
    size_t depth = snapshot->depth;

    if (depth) {
        print_lines(out, drawing->more, depth);
        fputs("  |\n", out);
    }
    print_lines(out, drawing->more, depth);
    if (depth)
        fputs("  +- ", out);
    if (depth > DRAWN_DEPTH)
        fprintf(out, "(depth %zu) ", depth);
    fprintf(out, "%s%s", name[0] ? name : "(no name)",
            snapshot->current ? " (current)" : "");
    if (snapshot->has_created)
        fprintf(out, "  %s", tree_moment(snapshot->created).text);
    if (snapshot->state)
        fprintf(out, "  %s", snapshot->state);
    if (drawing->domain->kind == KIND_CHECKPOINT)
        fprintf(out, "  %s\n", showing_name(snapshot->showing[LAYOUT_LEGACY]));
    else
        fprintf(out, "  stock: %s, bulk: %s\n",
                showing_name(snapshot->showing[LAYOUT_LEGACY]),
                showing_name(snapshot->showing[LAYOUT_BULK]));
    print_reasons(out, drawing, snapshot, has_child);
}

/*
 * Which snapshots have a sibling further down? Seen from the end, each depth
 * remembers whether one has passed since the tree was last less deep.
 */
static bool *
find_siblings(const struct listed_domain *domain)
{
    bool *has_next = xcalloc(domain->count, sizeof(*has_next));
    cleanup(free_ptr) bool *seen = xcalloc(domain->count + 1, sizeof(*seen));
    size_t deepest = 0;

    for (size_t i = domain->count; i-- > 0;) {
        size_t depth = domain->list[i].depth;

        for (; deepest > depth; deepest--)
            seen[deepest] = false;
        has_next[i] = seen[depth];
        seen[depth] = true;
        deepest = depth;
    }
    return has_next;
}

static void
print_whole_of_checkpoints(FILE *out, const struct listed_domain *domain)
{
    cleanup(free_ptr) char *safe =
        domain->reason[LAYOUT_LEGACY]
            ? escape_text(domain->reason[LAYOUT_LEGACY])
            : NULL;

    if (safe)
        fprintf(out, "  (libvirt: shows none: %s)\n", safe);
    if (domain->forgotten)
        fprintf(out, "  (libvirt: knows no current checkpoint)\n");
}

/* What a loader makes of the domain as a whole. */
static void
print_whole(FILE *out, const struct listed_domain *domain)
{
    for (int i = LAYOUT_LEGACY; i <= LAYOUT_BULK; i++) {
        cleanup(free_ptr) char *safe =
            domain->reason[i] ? escape_text(domain->reason[i]) : NULL;

        if (safe)
            fprintf(out, "  (%s: shows none: %s)\n", loader[i], safe);
    }
    if (domain->forgotten)
        fprintf(out, "  (%s: forgets which snapshot is current)\n",
                loader[LAYOUT_LEGACY]);
}

void
tree_print(FILE *out, const struct listed_domain *domain)
{
    cleanup(free_ptr) char *name = escape_text(domain->name);
    cleanup(free_ptr) char *base =
        domain->base ? escape_text(domain->base) : NULL;
    cleanup(free_ptr) bool *has_next = find_siblings(domain);
    struct drawing drawing = {.domain = domain};

    if (base)
        fprintf(out, "%s/", base);
    if (domain->kind == KIND_CHECKPOINT) {
        fprintf(out, "%s (%zu checkpoint%s)\n", name, domain->count,
                domain->count == 1 ? "" : "s");
        print_whole_of_checkpoints(out, domain);
    } else {
        fprintf(out, "%s (%s, %zu snapshot%s)\n", name, listed_layout(domain),
                domain->count, domain->count == 1 ? "" : "s");
        print_whole(out, domain);
    }
    for (size_t i = 0; i < domain->count; i++) {
        const struct listed_snapshot *snapshot = &domain->list[i];
        bool has_child = i + 1 < domain->count &&
                         domain->list[i + 1].depth > snapshot->depth;

        if (snapshot->depth <= DRAWN_DEPTH)
            drawing.more[snapshot->depth] = has_next[i];
        print_snapshot(out, &drawing, snapshot, has_child);
    }
}
