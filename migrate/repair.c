/* repair.c - see repair.h. */
#include "repair.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "files.h"
#include "rewrite.h"

/* The start tag of a bulk file is looked for no further. */
#define HEAD_MAX 4194304

bool
repair_mends(enum repair how, enum problem_id id)
{
    enum repair least = problem_info(id)->repair;

    return least != REPAIR_NOT && least <= how;
}

struct change *
repair_add(struct repairs *repair, enum change_kind kind, enum layout layout,
           const char *file, const struct file_id *id)
{
    struct change *change;

    repair->list = xgrow(repair->list, repair->count, sizeof(*repair->list));
    change = &repair->list[repair->count++];
    *change = (struct change){.kind = kind,
                              .layout = layout,
                              .file = xstrdup(file),
                              .id = *id,
                              .fact = NO_SNAPSHOT};
    return change;
}

void
repair_note(struct change *change, enum problem_id id, char *text)
{
    change->notes = xgrow(change->notes, change->count, sizeof(*change->notes));
    change->notes[change->count++] = (struct note){id, text};
}

/* WHOSE: the snapshot, where the file holds others too. */
static void
note_parent(struct change *change, const struct fact *fact, const char *whose)
{
    const char *why = fact->no_parent == PROBLEM_PARENT_MISSING
                          ? "it does not exist"
                      : fact->no_parent == PROBLEM_PARENT_SELF
                          ? "it is the snapshot itself"
                          : "the snapshot is the oldest of the cycle";

    repair_note(change, fact->no_parent,
                xasprintf("%s<parent> '%.300s' removed: %s", whose,
                          fact->was->parent, why));
}

static void
note_active(struct change *change, const struct facts *facts, size_t index)
{
    enum problem_id id = facts->list[index].set_active;
    const struct domain *domain = &facts->domain;

    if (id == PROBLEM_CURRENT_SEVERAL && domain->current != NO_SNAPSHOT)
        repair_note(change, id,
                    xasprintf("<active>0</active> written: '%.300s' is newer "
                              "and stays current",
                              domain->snaps[domain->current].name));
    else
        repair_note(change, id,
                    xasprintf("<active>%d</active> written",
                              domain->snaps[index].active));
}

/* A change of the file that holds snapshot INDEX; a bulk file has but one. */
static struct change *
rewrite_of(struct repairs *repair, const struct facts *facts, size_t index)
{
    const struct domain *domain = &facts->domain;

    if (domain->layout == LAYOUT_LEGACY) {
        struct change *change =
            repair_add(repair, CHANGE_REWRITE, LAYOUT_LEGACY,
                       domain->snaps[index].file, &domain->snaps[index].id);

        change->fact = index;
        return change;
    }
    for (size_t i = 0; i < repair->count; i++) {
        if (repair->list[i].layout == LAYOUT_BULK)
            return &repair->list[i];
    }
    return repair_add(repair, CHANGE_REWRITE, LAYOUT_BULK, domain->entry,
                      &domain->id);
}

static int
rewrite_snapshot(struct repairs *repair, const struct facts *facts,
                 size_t index, struct buffer *bytes, struct error *error)
{
    const struct domain *domain = &facts->domain;
    const struct fact *fact = &facts->list[index];
    bool bulk = domain->layout == LAYOUT_BULK;
    struct change *change = rewrite_of(repair, facts, index);
    cleanup(free_ptr) char *whose =
        bulk ? xasprintf("'%.300s': ", fact->was->name) : xstrdup("");
    struct excerpt excerpt;
    struct span element;

    if (domain_load(domain, index, bytes, &element, error) < 0)
        return -1;
    excerpt = (struct excerpt){bytes->data, bytes->len,
                               bulk ? domain->snaps[index].element.start : 0};
    if (fact->no_parent != NO_PROBLEM) {
        rewrite_no_parent(&excerpt, element, &change->splices);
        note_parent(change, fact, whose);
    }
    if (fact->set_active != NO_PROBLEM) {
        rewrite_active(&excerpt, element, domain->snaps[index].active,
                       &change->splices);
        note_active(change, facts, index);
    }
    return 0;
}

static int
rewrite_snapshots(struct repairs *repair, const struct facts *facts,
                  struct error *error)
{
    cleanup(buffer_free) struct buffer bytes = {0};

    for (size_t i = 0; i < facts->domain.count; i++) {
        const struct fact *fact = &facts->list[i];

        if ((fact->no_parent != NO_PROBLEM || fact->set_active != NO_PROBLEM) &&
            rewrite_snapshot(repair, facts, i, &bytes, error) < 0)
            return -1;
    }
    return 0;
}

/* The current= of a bulk file, if ID says that it is wrong. 1: it is mended. */
static int
rewrite_list(struct repairs *repair, const struct facts *facts,
             enum problem_id id, struct error *error)
{
    const struct domain *domain = &facts->domain;
    const char *current =
        id == PROBLEM_CURRENT_RAW ? domain->snaps[domain->current].name : NULL;
    cleanup(buffer_free) struct buffer bytes = {0};
    struct excerpt excerpt;
    struct change *change;
    size_t len = (size_t)domain->id.size;

    if (domain->count)
        len = domain->snaps[0].element.start;
    if (len > HEAD_MAX)
        len = HEAD_MAX;
    if (file_read(domain->fd, 0, len, &bytes, error) < 0)
        return error_prefix(error, "bulk file '%s'", domain->entry);
    change = rewrite_of(repair, facts, 0);
    excerpt = (struct excerpt){bytes.data, bytes.len, 0};
    if (!rewrite_current(&excerpt, current, &change->splices))
        return 0;
    repair_note(
        change, id,
        current ? xasprintf("current= written so that it is read as '%.300s'",
                            current)
                : xstrdup("current= removed: it names no snapshot"));
    return 1;
}

static void
add_copy(struct problems *problems, const struct problem *problem)
{
    struct place place = {problem->domain, problem->snapshot, problem->file,
                          problem->line, problem->column};

    problem_add(problems, problem->id, &place, problem->detail ? "%s" : NULL,
                problem->detail);
}

static void
keep_left(struct repairs *repair, const struct problem *problem,
          const struct settings *settings)
{
    if (plan_hinders(settings, problem))
        add_copy(&repair->left, problem);
}

/* check_domain() says these of what there is; relate_mend(), of what will be.
 */
static bool
is_relation(enum problem_id id)
{
    return id == PROBLEM_NAME_DUPLICATE || id == PROBLEM_PARENT_MISSING ||
           id == PROBLEM_PARENT_SELF || id == PROBLEM_PARENT_CYCLE ||
           id == PROBLEM_CURRENT_SEVERAL || id == PROBLEM_UUID_DIFFERS;
}

static int
decide_bulk(struct repairs *repair, const struct reading *reading,
            const struct settings *settings, struct error *error)
{
    struct facts *facts = &repair->facts[LAYOUT_BULK];
    /* The file stands alone, unless the directory is merged into it. */
    const struct domain *other =
        settings->merge ? &repair->facts[LAYOUT_LEGACY].domain : NULL;
    cleanup(problems_free) struct problems left = {.max = PROBLEMS_MAX};

    relate_mend(facts, other, settings->repair, &left);
    for (size_t i = 0; i < left.count; i++)
        keep_left(repair, &left.list[i], settings);
    for (size_t i = 0; i < reading->problems.count; i++) {
        const struct problem *problem = &reading->problems.list[i];
        int mended = 0;

        if ((problem->id == PROBLEM_CURRENT_RAW ||
             problem->id == PROBLEM_CURRENT_DANGLING) &&
            repair_mends(settings->repair, problem->id))
            mended = rewrite_list(repair, facts, problem->id, error);
        if (mended < 0)
            return -1;
        if (!mended && !is_relation(problem->id) &&
            !files_is_one(problem, reading))
            keep_left(repair, problem, settings);
    }
    return rewrite_snapshots(repair, facts, error);
}

/* A spare copy that becomes the snapshot's own file is none any more. */
static bool
is_adopted(const struct files *files, const struct problem *problem)
{
    const char *file = files_name(files, problem);
    const struct change *change = file ? files_change(files, file) : NULL;

    return change && change->kind == CHANGE_RENAME &&
           (problem->id == PROBLEM_SPARE_COPY ||
            problem->id == PROBLEM_FOREIGN_ENTRY);
}

static int
decide_legacy(struct files *files, const struct settings *settings,
              struct error *error)
{
    struct repairs *repair = files->repair;
    const struct reading *reading = files->reading;
    struct facts *facts = &repair->facts[LAYOUT_LEGACY];
    const struct facts *bulk = &repair->facts[LAYOUT_BULK];
    cleanup(problems_free) struct problems left = {.max = PROBLEMS_MAX};
    /* Nothing of it can be read: to move it all away is no repair. */
    bool none = !facts->domain.count && !bulk->domain.count;

    relate_mend(facts, &bulk->domain, settings->repair, &left);
    for (size_t i = 0; i < left.count; i++)
        keep_left(repair, &left.list[i], settings);
    for (size_t i = 0; i < reading->problems.count; i++) {
        const struct problem *problem = &reading->problems.list[i];

        if (files_is_one(problem, reading) && !is_relation(problem->id) &&
            (none ||
             !(files_mended(files, problem) || is_adopted(files, problem))))
            keep_left(repair, problem, settings);
    }
    for (size_t i = 0; i < files->uncovered.count; i++) {
        if (!files_mended(files, &files->uncovered.list[i]))
            keep_left(repair, &files->uncovered.list[i], settings);
    }
    return rewrite_snapshots(repair, facts, error);
}

/* Moved, rewritten, renamed; of one kind, in the order they were added. */
static void
put_in_order(struct repairs *repair)
{
    cleanup(free_ptr) struct change *old = steal_ptr(&repair->list);
    size_t count = 0;

    repair->list = xcalloc(repair->count, sizeof(*old));
    for (int kind = CHANGE_MOVE; kind <= CHANGE_RENAME; kind++) {
        for (size_t i = 0; i < repair->count; i++) {
            if (old[i].kind == (enum change_kind)kind)
                repair->list[count++] = old[i];
        }
    }
}

static void
free_changes(struct repairs *repair)
{
    for (size_t i = 0; i < repair->count; i++) {
        struct change *change = &repair->list[i];

        for (size_t j = 0; j < change->count; j++)
            free(change->notes[j].text);
        free(change->notes);
        free(change->file);
        free(change->to);
        splices_free(&change->splices);
    }
    free(repair->list);
    repair->list = NULL;
    repair->count = 0;
}

int
repair_decide(struct repairs *repair, const struct reading *reading,
              const struct settings *settings, struct error *error)
{
    const struct domain *bulk = &reading->domain[LAYOUT_BULK];
    cleanup(files_free) struct files files = {
        .repair = repair, .reading = reading, .how = settings->repair};

    *repair = (struct repairs){.left = {.max = PROBLEMS_MAX}};
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        struct domain *domain = &repair->facts[layout].domain;

        /* The descriptor and the names stay the reading's. */
        *domain = reading->domain[layout];
        domain->snaps = NULL;
        domain->count = 0;
        domain->order = domain->by_name = NULL;
    }
    for (size_t i = 0; i < bulk->count; i++)
        facts_add(&repair->facts[LAYOUT_BULK], &bulk->snaps[i]);
    relate_sort(&repair->facts[LAYOUT_BULK]);
    if (files_decide(&files, error) < 0)
        return -1;
    relate_sort(&repair->facts[LAYOUT_LEGACY]);
    if (decide_bulk(repair, reading, settings, error) < 0 ||
        decide_legacy(&files, settings, error) < 0)
        return -1;
    repair_foresee(repair, settings->max_bulk);
    problems_sort(&repair->left);
    if (repair->left.count)
        free_changes(repair);
    else
        put_in_order(repair);
    return 0;
}

void
repair_refuse(struct repairs *repair, const struct problem *problem)
{
    add_copy(&repair->left, problem);
    add_copy(&repair->ahead, problem);
    free_changes(repair);
}

void
repair_free(struct repairs *repair)
{
    free_changes(repair);
    facts_free(&repair->facts[LAYOUT_LEGACY]);
    facts_free(&repair->facts[LAYOUT_BULK]);
    problems_free(&repair->left);
    problems_free(&repair->ahead);
    for (size_t i = 0; i < repair->adopted_count; i++) {
        snapshot_free(repair->adopted[i]);
        free(repair->adopted[i]);
    }
    free(repair->adopted);
    *repair = (struct repairs){0};
}

char *
repair_describe(const struct change *change, const char *entry, size_t note,
                bool done)
{
    const struct note *what = &change->notes[note];
    cleanup(free_ptr) char *file =
        change->layout == LAYOUT_BULK ? xstrdup(change->file)
                                      : xasprintf("%s/%s", entry, change->file);
    const char *id = problem_info(what->id)->id;

    switch (change->kind) {
    case CHANGE_MOVE:
        return xasprintf("%s: %s to the backup: %s [%s]", file,
                         done ? "moved" : "move", what->text, id);
    case CHANGE_RENAME:
        return xasprintf("%s: %s to '%s/%s' [%s]", file,
                         done ? "renamed" : "rename", entry, change->to, id);
    case CHANGE_REWRITE:
    default:
        return xasprintf("%s: %s%s [%s]", file, done ? "repaired: " : "",
                         what->text, id);
    }
}
