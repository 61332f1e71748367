/* check.c - see check.h. */
#include "check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "layout.h"
#include "memory.h"
#include "problem.h"

/* The relations of a domain while it is judged; all arrays have count items. */
struct relations {
    const struct domain *domain;
    const struct domain *other; /* layout of the same; or NULL */
    struct problems *problems;
    size_t *parent;  /* index of the parent, or NO_SNAPSHOT */
    size_t *waiting; /* heap of indexes that may come next */
    size_t waiting_count;
};

static void
free_relations(struct relations *relations)
{
    free(relations->parent);
    free(relations->waiting);
}

static int
compare_names(const void *left, const void *right, void *data)
{
    const struct snapshot *snaps = data;
    const size_t *a = left, *b = right;
    int order = strcmp(snaps[*a].name, snaps[*b].name);

    return order ? order : (*a > *b) - (*a < *b);
}

static char *
shown_file(const struct domain *domain, const struct snapshot *snapshot)
{
    if (!domain->entry)
        return xstrdup(snapshot->file);
    if (!snapshot->file)
        return xstrdup(domain->entry);
    return xasprintf("%s/%s", domain->entry, snapshot->file);
}

/* DETAIL is a message of its own. */
static void
report(struct relations *relations, enum problem_id id,
       const struct snapshot *snapshot, struct position position,
       const char *detail)
{
    cleanup(free_ptr) char *file = shown_file(relations->domain, snapshot);
    struct place place = {
        .domain = relations->domain->name,
        .snapshot = snapshot->name,
        .file = file,
    };

    position_put(position, &place);
    problem_add(relations->problems, id, &place, detail ? "%s" : NULL, detail);
}

static void
check_names(struct relations *relations)
{
    const struct domain *domain = relations->domain;

    for (size_t i = 1; i < domain->count; i++) {
        const struct snapshot *a = &domain->snaps[domain->by_name[i - 1]];
        const struct snapshot *b = &domain->snaps[domain->by_name[i]];

        if (a->name[0] && !strcmp(a->name, b->name)) {
            cleanup(free_ptr) char *file = shown_file(domain, a);
            cleanup(free_ptr) char *detail = xasprintf(
                "also at %s:%lu:%lu", file, a->name_at.line, a->name_at.column);

            report(relations, PROBLEM_NAME_DUPLICATE, b, b->name_at, detail);
        }
    }
}

/*
 * A parent whose own file is there, but damaged, is not missing for good: its
 * children are to be left alone until that file is mended.
 */
static void
report_missing(struct relations *relations, const struct snapshot *snapshot)
{
    const struct domain *domain = relations->domain;
    const char *parent = snapshot->parent;
    cleanup(free_ptr) char *file = xasprintf("%s.xml", parent);
    cleanup(free_ptr) char *detail = NULL;
    struct stat stat;

    if (domain->layout == LAYOUT_LEGACY && domain->fd >= 0 &&
        !snapshot_name_unsafe(parent) &&
        !fstatat(domain->fd, file, &stat, AT_SYMLINK_NOFOLLOW))
        detail = xasprintf("'%.300s'; but there is '%s/%s', which does not "
                           "hold it: mend that file first",
                           parent, domain->entry, file);
    else
        detail = xasprintf("'%.300s'", parent);
    report(relations, PROBLEM_PARENT_MISSING, snapshot, snapshot->parent_at,
           detail);
}

static void
check_parents(struct relations *relations)
{
    const struct domain *domain = relations->domain;

    for (size_t i = 0; i < domain->count; i++) {
        const struct snapshot *snapshot = &domain->snaps[i];

        relations->parent[i] = NO_SNAPSHOT;
        if (!snapshot->parent)
            continue;
        relations->parent[i] = domain_find(domain, snapshot->parent);
        if (relations->parent[i] == NO_SNAPSHOT && relations->other &&
            domain_find(relations->other, snapshot->parent) != NO_SNAPSHOT)
            continue;
        if (relations->parent[i] == NO_SNAPSHOT)
            report_missing(relations, snapshot);
        else if (!strcmp(snapshot->parent, snapshot->name))
            report(relations, PROBLEM_PARENT_SELF, snapshot,
                   snapshot->parent_at, NULL);
    }
}

/* Walk up from each; the walk that meets itself has found a cycle. */
static void
check_cycles(struct relations *relations)
{
    const struct domain *domain = relations->domain;
    cleanup(free_ptr) size_t *walk = xcalloc(domain->count, sizeof(*walk));

    for (size_t i = 0; i < domain->count; i++) {
        size_t at = i;

        while (at != NO_SNAPSHOT && !walk[at]) {
            walk[at] = i + 1;
            at = relations->parent[at];
        }
        if (at == NO_SNAPSHOT || walk[at] != i + 1 ||
            relations->parent[at] == at)
            continue;
        for (size_t member = at;;) {
            const struct snapshot *snapshot = &domain->snaps[member];
            cleanup(free_ptr) char *detail =
                xasprintf("its parent is '%.300s'", snapshot->parent);

            report(relations, PROBLEM_PARENT_CYCLE, snapshot,
                   snapshot->parent_at, detail);
            member = relations->parent[member];
            if (member == at)
                break;
        }
    }
}

/* The uuid that most of the snapshots have (Boyer and Moore's majority vote).
 */
static const struct snapshot *
majority(const struct domain *domain)
{
    const struct snapshot *candidate = NULL;
    size_t lead = 0;

    for (size_t i = 0; i < domain->count; i++) {
        const struct snapshot *snapshot = &domain->snaps[i];

        if (!snapshot->has_uuid)
            continue;
        if (!lead)
            candidate = snapshot;
        if (memcmp(candidate->uuid, snapshot->uuid, sizeof(snapshot->uuid)))
            lead--;
        else
            lead++;
    }
    return candidate;
}

/* In a directory there is none: those that are read have 1 MiB at most. */
static void
check_sizes(struct relations *relations)
{
    const struct domain *domain = relations->domain;

    for (size_t i = 0; i < domain->count; i++) {
        const struct snapshot *snapshot = &domain->snaps[i];

        if (snapshot->element.len > STRING_MAX) {
            cleanup(free_ptr) char *found =
                xasprintf("found %zu, expected at most %d",
                          snapshot->element.len, STRING_MAX);

            report(relations, PROBLEM_STRING_TOO_LONG, snapshot, snapshot->at,
                   found);
        }
    }
}

static void
check_uuids(struct relations *relations)
{
    const struct domain *domain = relations->domain;
    const struct snapshot *usual = majority(domain);
    cleanup(free_ptr) char *expected =
        usual ? snapshot_uuid_text(usual->uuid) : NULL;

    for (size_t i = 0; usual && i < domain->count; i++) {
        const struct snapshot *snapshot = &domain->snaps[i];
        cleanup(free_ptr) char *found = NULL;
        cleanup(free_ptr) char *detail = NULL;

        if (!snapshot->has_uuid ||
            !memcmp(snapshot->uuid, usual->uuid, sizeof(usual->uuid)))
            continue;
        found = snapshot_uuid_text(snapshot->uuid);
        detail = xasprintf("found %s, expected %s", found, expected);
        report(relations, PROBLEM_UUID_DIFFERS, snapshot, snapshot->uuid_at,
               detail);
    }
}

static void
check_active(struct relations *relations, struct domain *domain)
{
    size_t first = NO_SNAPSHOT;

    for (size_t i = 0; i < domain->count; i++) {
        if (!domain->snaps[i].active)
            continue;
        if (first == NO_SNAPSHOT)
            first = i;
        domain->current = i;
    }
    if (first == domain->current)
        return;
    for (size_t i = first; i < domain->count; i++) {
        const struct snapshot *snapshot = &domain->snaps[i];
        size_t other = i == first ? domain->current : first;
        cleanup(free_ptr) char *detail =
            xasprintf("also '%.300s'", domain->snaps[other].name);

        if (snapshot->active)
            report(relations, PROBLEM_CURRENT_SEVERAL, snapshot,
                   snapshot->active_at, detail);
    }
}

/* Of several leaves or roots libvirt takes none for the current one. Where
 * there are errors, it may not read all of them. */
static void
check_line(struct relations *relations)
{
    const struct domain *domain = relations->domain;
    cleanup(free_ptr) size_t *children =
        xcalloc(domain->count, sizeof(*children));
    const struct snapshot *leaf = NULL;
    size_t leaves = 0;

    if (problems_errors(relations->problems, 0))
        return;
    for (size_t i = 0; i < domain->count; i++) {
        if (relations->parent[i] != NO_SNAPSHOT)
            children[relations->parent[i]]++;
    }
    for (size_t i = 0; i < domain->count; i++) {
        if (children[i])
            continue;
        if (leaves++ == 0) {
            leaf = &domain->snaps[i];
        } else if (leaves == 2) {
            cleanup(free_ptr) char *detail =
                xasprintf("none comes after '%.300s', nor after '%.300s'",
                          leaf->name, domain->snaps[i].name);

            report(relations, PROBLEM_CHECKPOINT_BRANCHED, &domain->snaps[i],
                   domain->snaps[i].at, detail);
        }
    }
}

/* Does A come before B, their parents apart? */
static bool
comes_before(const struct relations *relations, size_t a, size_t b)
{
    const struct snapshot *snaps = relations->domain->snaps;
    int order;

    if (snaps[a].created != snaps[b].created)
        return snaps[a].created < snaps[b].created;
    order = strcmp(snaps[a].name, snaps[b].name);
    return order ? order < 0 : a < b;
}

static void
push(struct relations *relations, size_t index)
{
    size_t *heap = relations->waiting;
    size_t at = relations->waiting_count++;

    while (at && comes_before(relations, index, heap[(at - 1) / 2])) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = index;
}

static size_t
pop(struct relations *relations)
{
    size_t *heap = relations->waiting;
    size_t first = heap[0], last, at = 0, child;

    last = heap[--relations->waiting_count];
    while ((child = 2 * at + 1) < relations->waiting_count) {
        if (child + 1 < relations->waiting_count &&
            comes_before(relations, heap[child + 1], heap[child]))
            child++;
        if (!comes_before(relations, heap[child], last))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return first;
}

/* Emit what has no parent to wait for; each lets its children in. */
static void
put_in_order(struct relations *relations, struct domain *domain)
{
    size_t count = domain->count, done = 0;
    cleanup(free_ptr) size_t *child = xcalloc(count, sizeof(*child));
    cleanup(free_ptr) size_t *sibling = xcalloc(count, sizeof(*sibling));
    cleanup(free_ptr) bool *emitted = xcalloc(count, sizeof(*emitted));

    for (size_t i = 0; i < count; i++)
        child[i] = NO_SNAPSHOT;
    for (size_t i = 0; i < count; i++) {
        size_t parent = relations->parent[i];

        if (parent == NO_SNAPSHOT) {
            push(relations, i);
        } else {
            sibling[i] = child[parent];
            child[parent] = i;
        }
    }
    domain->order = xcalloc(count, sizeof(*domain->order));
    while (relations->waiting_count) {
        size_t next = pop(relations);

        domain->order[done++] = next;
        emitted[next] = true;
        for (size_t i = child[next]; i != NO_SNAPSHOT; i = sibling[i])
            push(relations, i);
    }
    for (size_t i = 0; i < count; i++) {
        if (!emitted[i])
            domain->order[done++] = i;
    }
}

void
check_domain(struct domain *domain, const struct domain *other,
             struct problems *problems)
{
    size_t count = domain->count;
    cleanup(free_relations) struct relations relations = {
        .domain = domain,
        .other = other,
        .problems = problems,
        .parent = xcalloc(count, sizeof(size_t)),
        .waiting = xcalloc(count, sizeof(size_t)),
    };
    struct place place = {.domain = domain->name, .file = domain->entry};

    free(domain->by_name);
    free(domain->order);
    domain->by_name = xcalloc(count, sizeof(size_t));
    for (size_t i = 0; i < count; i++)
        domain->by_name[i] = i;
    qsort_r(domain->by_name, count, sizeof(size_t), compare_names,
            domain->snaps);
    if (count > SNAPSHOTS_MAX)
        problem_add(problems, PROBLEM_TOO_MANY, &place, NULL);
    check_names(&relations);
    check_parents(&relations);
    check_cycles(&relations);
    check_uuids(&relations);
    check_sizes(&relations);
    if (domain->kind == KIND_CHECKPOINT)
        check_line(&relations);
    else if (domain->layout == LAYOUT_LEGACY)
        check_active(&relations, domain);
    put_in_order(&relations, domain);
}
