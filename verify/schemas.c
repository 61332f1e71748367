/* schemas.c - see schemas.h. */
#include "schemas.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "afford.h"
#include "cleanup.h"
#include "error.h"
#include "judge.h"
#include "memory.h"
#include "prune.h"
#include "schema.h"

size_t
schemas_count(const struct schemas *schemas)
{
    return schemas ? (schemas->own != NULL) + schemas->count : 0;
}

const struct schema *
schemas_get(const struct schemas *schemas, size_t index)
{
    if (schemas->own && !index)
        return schemas->own;
    return schemas->further[index - (schemas->own != NULL)];
}

int
schemas_open(struct schemas *schemas, enum kind kind, bool own,
             const char *const *names, struct error *error)
{
    *schemas = (struct schemas){.kind = kind};
    if (own) {
        schemas->own = schema_embedded(kind_info(kind)->schema, error);
        if (!schemas->own)
            return -1;
    }
    for (; names && *names; names++) {
        struct schema *schema =
            strcmp(*names, SCHEMA_LIBVIRT) != 0
                ? schema_open(*names, error)
                : schema_installed(kind_info(kind)->libvirt, error);

        if (!schema)
            return -1;
        schemas->further =
            xgrow(schemas->further, schemas->count, sizeof(struct schema *));
        schemas->further[schemas->count++] = schema;
    }
    return 0;
}

void
schemas_close(struct schemas *schemas)
{
    schema_free(schemas->own);
    for (size_t i = 0; i < schemas->count; i++)
        schema_free(schemas->further[i]);
    free(schemas->further);
    *schemas = (struct schemas){0};
}

/* Has an error been found at this place, from problem BEFORE on? */
static bool
has_error(const struct judge *judge, size_t before)
{
    const struct problems *problems = judge->problems;

    for (size_t i = before; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];

        if (problem_info(problem->id)->severity == SEVERITY_ERROR &&
            problem->line == judge->place.line &&
            problem->column == judge->place.column)
            return true;
    }
    return false;
}

/* Nothing else looks further down than at <disks><disk><source>. */
#define JUDGED_DEPTH 4

static size_t
depth_of(const xmlNode *node)
{
    size_t depth = 0;

    for (; node && node->type == XML_ELEMENT_NODE; node = node->parent)
        depth++;
    return depth;
}

/*
 * Has an error been found there, or at an element around it? Not at the root or
 * its children: what is found there is that something is missing.
 */
static bool
is_said(struct judge *judge, const struct mismatch *mismatch, size_t before)
{
    const xmlNode *root = xmlDocGetRootElement(mismatch->node->doc);
    const xmlNode *node = mismatch->node;
    size_t depth;

    if (node->type != XML_ELEMENT_NODE)
        node = node->parent;
    if (node == root && !mismatch->lacks)
        return false;
    for (depth = depth_of(node); depth > JUDGED_DEPTH; depth--)
        node = node->parent;
    do {
        (void)judge_at(judge, node);
        if (has_error(judge, before))
            return true;
        node = node->parent;
    } while (node && node != root && node->parent != root);
    return false;
}

/* A schema to hold a snapshot against, and how that is reported. */
struct trial {
    const struct schema *schema;
    enum problem_id id;
    const char *name; /* of the schema, in front; "" for none */
};

static void
report_unchecked(struct judge *judge, const xmlDoc *doc, const char *why)
{
    (void)judge_at(judge, xmlDocGetRootElement((xmlDoc *)(uintptr_t)doc));
    problem_add(judge->problems, PROBLEM_SCHEMA_UNCHECKED, &judge->place,
                "%.300s", why);
}

static void
check_against(const struct trial *trial, struct judge *judge, xmlDoc *doc,
              size_t before)
{
    struct error error = {0};
    size_t after = judge->problems->count;
    cleanup(mismatches_free) struct mismatches mismatches = {0};

    if (schema_judge(trial->schema, doc, &mismatches, &error) < 0) {
        report_unchecked(judge, doc, error.message);
        error_clear(&error);
        return;
    }
    for (size_t i = 0; i < mismatches.count; i++) {
        const struct mismatch *mismatch = &mismatches.list[i];

        if (is_said(judge, mismatch, before))
            continue;
        (void)judge_at(judge, mismatch->node);
        problem_add(judge->problems, trial->id, &judge->place, "%s%s%s",
                    trial->name, trial->name[0] ? ": " : "", mismatch->text);
    }
    if (mismatches.count == MISMATCHES_MAX && judge->problems->count > after)
        problem_add(judge->problems, trial->id, &judge->place,
                    "%d of these were found in this snapshot; the search ended "
                    "here",
                    MISMATCHES_MAX);
}

/* Most snapshots are valid, and what may be anything need not be looked at. */
static bool
is_plainly_valid(const struct schema *own, xmlDoc *doc, double limit)
{
    struct prunings prunings = {0};
    struct error ignored = {0};
    bool valid;

    prune(doc, &prunings);
    valid =
        afford_cost(doc) <= limit && schema_judge(own, doc, NULL, &ignored) > 0;
    prune_undo(&prunings);
    error_clear(&ignored);
    return valid;
}

void
schemas_check(const struct schemas *schemas, struct judge *judge, xmlDoc *doc,
              size_t before)
{
    const double limit = afford_limit(judge->where.len);
    bool own_too;

    if (!schemas || (!schemas->own && !schemas->count))
        return;
    own_too = schemas->own && !is_plainly_valid(schemas->own, doc, limit);
    if (!own_too && !schemas->count)
        return;
    if (afford_cost(doc) > limit) {
        report_unchecked(judge, doc,
                         "libxml2 would take too long for that many elements "
                         "or attributes in one");
        return;
    }
    if (own_too) {
        const struct trial own = {schemas->own,
                                  schemas->kind == KIND_CHECKPOINT
                                      ? PROBLEM_CHECKPOINT_INVALID
                                      : PROBLEM_SCHEMA_INVALID,
                                  ""};

        check_against(&own, judge, doc, before);
    }
    for (size_t i = 0; i < schemas->count; i++) {
        const struct schema *schema = schemas->further[i];
        bool libvirt = !strcmp(schema_name(schema), SCHEMA_LIBVIRT);
        const struct trial further = {
            schema,
            /* With this one libvirt itself judges them. */
            schemas->kind == KIND_CHECKPOINT && libvirt
                ? PROBLEM_CHECKPOINT_INVALID
                : PROBLEM_SCHEMA_FOREIGN,
            schema_name(schema)};

        check_against(&further, judge, doc, before);
    }
}
