/*
 * outcome.h - all that comes out when a snapshot is judged, as one text. It
 * needs no cmocka.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "../../verify/cleanup.h"
#include "../../verify/memory.h"
#include "../../verify/problem.h"
#include "../../verify/snapshot.h"
#include "../../verify/workspace.h"

/* How snapshots are judged. */
struct setting {
    const struct schemas *schemas;
    enum layout layout;
    struct position start; /* {0}: the front of a file */
};

/* What came out of one. */
struct outcome {
    enum snapshot_kind kind;
    struct snapshot snapshot;
    struct problems problems;
    struct document map;
};

static inline void
outcome_free(struct outcome *outcome)
{
    snapshot_free(&outcome->snapshot);
    problems_free(&outcome->problems);
}

static inline void
outcome_judge(struct outcome *outcome, const struct setting *setting,
              struct workspace *workspace, const char *bytes, size_t len)
{
    struct place place = {.domain = "d", .file = "d/s.xml"};

    *outcome = (struct outcome){0};
    outcome->problems.max = PROBLEMS_MAX;
    position_put(setting->start, &place);
    outcome->kind = snapshot_parse(
        &outcome->snapshot, setting->layout, bytes, len, &outcome->map,
        workspace, setting->schemas, &place, &outcome->problems);
}

static inline void
outcome_put_place(struct buffer *out, const char *what, struct position at)
{
    buffer_printf(out, "%s %lu:%lu\n", what, at.line, at.column);
}

static inline const char *
outcome_text(const char *text)
{
    return text ? text : "(none)";
}

static inline void
outcome_put_snapshot(struct buffer *out, const struct snapshot *snapshot)
{
    cleanup(free_ptr) char *uuid = snapshot_uuid_text(snapshot->uuid);

    buffer_printf(out, "name %s stem %s parent %s domain %s state %s\n",
                  outcome_text(snapshot->name), outcome_text(snapshot->stem),
                  outcome_text(snapshot->parent),
                  outcome_text(snapshot->domain_name),
                  outcome_text(snapshot->state));
    buffer_printf(out, "created %d %lld active %d uuid %d %s depth %zu\n",
                  snapshot->has_created, snapshot->created, snapshot->active,
                  snapshot->has_uuid, uuid, snapshot->depth);
    outcome_put_place(out, "at", snapshot->at);
    outcome_put_place(out, "name", snapshot->name_at);
    outcome_put_place(out, "parent", snapshot->parent_at);
    outcome_put_place(out, "active", snapshot->active_at);
    outcome_put_place(out, "uuid", snapshot->uuid_at);
    outcome_put_place(out, "deepest", snapshot->deepest_at);
}

/* All that is known after it. The caller owns it. */
static inline char *
outcome_list(const struct outcome *outcome)
{
    const struct document *map = &outcome->map;
    struct buffer out = {0};

    buffer_printf(&out, "kind %d\n", outcome->kind);
    outcome_put_snapshot(&out, &outcome->snapshot);
    buffer_printf(&out,
                  "root %zu+%zu called %zu+%zu beside %zu+%zu encoding "
                  "%zu+%zu doctype %d %zu\n",
                  map->root.start, map->root.len, map->root_name.start,
                  map->root_name.len, map->outside.start, map->outside.len,
                  map->encoding.start, map->encoding.len, map->has_doctype,
                  map->doctype);
    buffer_printf(&out, "depth %zu attributes %zu namespaces %zu\n", map->depth,
                  map->attributes, map->namespaces);
    /* For messages only, which a sound one has none of. */
    if (outcome->kind != SNAPSHOT_SOUND)
        buffer_printf(&out, "deepest %zu widest %zu crowded %zu\n",
                      map->deepest, map->widest, map->crowded);
    for (size_t i = 0; i < outcome->problems.count; i++) {
        const struct problem *problem = &outcome->problems.list[i];

        buffer_printf(
            &out, "%s of %s in %s:%lu:%lu: %s\n", problem_info(problem->id)->id,
            outcome_text(problem->snapshot), problem->file, problem->line,
            problem->column, outcome_text(problem->detail));
    }
    buffer_add(&out, "", 1);
    return out.data;
}

#endif
