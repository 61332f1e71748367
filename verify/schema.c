/* schema.c - see schema.h. */
#include "schema.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/relaxng.h>
#include <libxml/xmlschemastypes.h>

#include "cleanup.h"
#include "error.h"
#include "grammar.h"
#include "judge.h"
#include "memory.h"
#include "parse.h"
#include "pattern.h"
#include "prune.h"
#include "quiet.h"

#define LIBVIRT "/usr/share/libvirt/schemas/domainsnapshot.rng"

struct schema {
    char *name;
    xmlDoc *doc; /* the patterns point into it */
    xmlRelaxNG *compiled;
    struct patterns patterns;
};

/* What libxml2 says while it works: the first that says anything. */
struct complaint {
    char *message;
    const xmlNode *node;
    bool trouble; /* it is not about the document */
};

static void
listen(void *data, quiet_error error)
{
    struct complaint *complaint = data;
    size_t len;

    if (error->code == XML_ERR_NO_MEMORY ||
        (error->domain == XML_FROM_RELAXNGV &&
         (error->code == XML_RELAXNG_ERR_MEMORY ||
          error->code == XML_RELAXNG_ERR_INTERNAL ||
          error->code == XML_RELAXNG_ERR_NODEFINE ||
          error->code == XML_RELAXNG_ERR_NOSTATE))) {
        complaint->trouble = true;
        free(complaint->message);
        complaint->message = NULL;
    }
    if (complaint->message)
        return;
    complaint->message = xstrdup(error->message ? error->message : "");
    complaint->node = error->node;
    len = strlen(complaint->message);
    while (len && complaint->message[len - 1] == '\n')
        complaint->message[--len] = '\0';
}

static int
compile(struct schema *schema, struct error *error)
{
    struct complaint complaint = {0};
    xmlRelaxNGParserCtxt *context = xmlRelaxNGNewDocParserCtxt(schema->doc);
    cleanup(free_ptr) char *message = NULL;

    if (!context)
        memory_exhausted();
    xmlSchemaInitTypes();
    xmlRelaxNGSetParserStructuredErrors(context, listen, &complaint);
    schema->compiled = xmlRelaxNGParse(context);
    xmlRelaxNGFreeParserCtxt(context);
    message = complaint.message;
    /* Most is forgiven, but then it would not be what its author meant. */
    if (message || !schema->compiled)
        return error_set(error, 0, "schema '%s': %s", schema->name,
                         message ? message : "libxml2 does not accept it");
    patterns_build(&schema->patterns, schema->doc);
    return 0;
}

/* Takes DOC over. */
static struct schema *
schema_new(const char *name, xmlDoc *doc, struct error *error)
{
    struct schema *schema;

    if (!doc)
        return NULL;
    schema = xcalloc(1, sizeof(*schema));
    schema->name = xstrdup(name);
    schema->doc = doc;
    if (compile(schema, error) < 0) {
        schema_free(schema);
        return NULL;
    }
    return schema;
}

struct schema *
schema_embedded(const char *name, struct error *error)
{
    return schema_new(name, grammar_embedded(name, error), error);
}

struct schema *
schema_open(const char *path, struct error *error)
{
    bool libvirt = !strcmp(path, "libvirt");
    xmlDoc *doc = grammar_read(libvirt ? LIBVIRT : path, error);

    if (!doc && libvirt && error->number == ENOENT)
        error_set(error, 0,
                  "the schema of libvirt is not installed: there is "
                  "no '%s'",
                  LIBVIRT);
    return schema_new(path, doc, error);
}

void
schema_free(struct schema *schema)
{
    if (!schema)
        return;
    patterns_free(&schema->patterns);
    if (schema->compiled)
        xmlRelaxNGFree(schema->compiled);
    if (schema->doc)
        xmlFreeDoc(schema->doc);
    free(schema->name);
    free(schema);
}

/* The next node in the order of the document, NULL behind the last. */
static const xmlNode *
next_node(const xmlNode *node, const xmlNode *root)
{
    if (node->type == XML_ELEMENT_NODE && node->children)
        return node->children;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

bool
schema_affordable(const xmlDoc *doc)
{
    const double most = (double)SCHEMA_SIBLINGS_MAX * SCHEMA_SIBLINGS_MAX;
    const xmlNode *root = xmlDocGetRootElement((xmlDoc *)(uintptr_t)doc);
    double sum = 0;

    for (const xmlNode *node = root; node && sum <= most;
         node = next_node(node, root)) {
        double count = 0;

        if (node->type != XML_ELEMENT_NODE)
            continue;
        for (const xmlNode *child = node->children; child; child = child->next)
            count += child->type == XML_ELEMENT_NODE;
        sum += count * count;
    }
    return sum <= most;
}

/* In our words, or where these fail, in those of libxml2. */
static void
explain(const struct schema *schema, const xmlDoc *doc,
        const struct complaint *complaint, struct mismatches *mismatches)
{
    const xmlNode *node = complaint->node;

    diagnose(&schema->patterns, doc, mismatches);
    if (mismatches->count)
        return;
    if (!node ||
        (node->type != XML_ELEMENT_NODE && node->type != XML_TEXT_NODE) ||
        node->doc != doc)
        node = xmlDocGetRootElement((xmlDoc *)(uintptr_t)doc);
    mismatch_add(mismatches, node, false, "%.300s",
                 complaint->message ? complaint->message : "it is not valid");
}

int
schema_judge(const struct schema *schema, xmlDoc *doc,
             struct mismatches *mismatches, struct error *error)
{
    struct complaint complaint = {0};
    cleanup(free_ptr) char *message = NULL;
    xmlRelaxNGValidCtxt *context;
    int result;

    context = xmlRelaxNGNewValidCtxt(schema->compiled);
    if (!context)
        memory_exhausted();
    xmlRelaxNGSetValidStructuredErrors(context, listen, &complaint);
    result = xmlRelaxNGValidateDoc(context, doc);
    xmlRelaxNGFreeValidCtxt(context);
    message = complaint.message;
    if (result < 0 || complaint.trouble)
        return error_set(error, 0, "libxml2 failed: %s",
                         message ? message : "it does not say why");
    if (result && mismatches)
        explain(schema, doc, &complaint, mismatches);
    return !result;
}

int
schemas_open(struct schemas *schemas, bool own, const char *const *names,
             struct error *error)
{
    *schemas = (struct schemas){0};
    if (own) {
        schemas->own = schema_embedded("domainsnapshot.rng", error);
        if (!schemas->own)
            return -1;
    }
    for (; names && *names; names++) {
        struct schema *schema = schema_open(*names, error);

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

/*
 * Has an error been found there, or at an element around it? Not at the root or
 * its children: what is found there is that something is missing.
 */
static bool
is_said(struct judge *judge, const struct mismatch *mismatch, size_t before)
{
    const xmlNode *root = xmlDocGetRootElement(mismatch->node->doc);
    const xmlNode *node = mismatch->node;

    if (node->type != XML_ELEMENT_NODE)
        node = node->parent;
    if (node == root && !mismatch->lacks)
        return false;
    do {
        (void)judge_at(judge, node);
        if (has_error(judge, before))
            return true;
        node = node->parent;
    } while (node && node != root && node->parent != root);
    return false;
}

static bool
has_node(const struct mismatches *mismatches, const xmlNode *node)
{
    for (size_t i = 0; mismatches && i < mismatches->count; i++) {
        if (mismatches->list[i].node == node)
            return true;
    }
    return false;
}

/* A schema to hold a snapshot against, and how that is reported. */
struct trial {
    const struct schema *schema;
    enum problem_id id;
    const char *name;               /* of the schema, in front; "" for none */
    const struct mismatches *known; /* of our own schema, or NULL */
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
              size_t before, struct mismatches *mismatches)
{
    struct error error = {0};
    size_t after = judge->problems->count;

    if (schema_judge(trial->schema, doc, mismatches, &error) < 0) {
        report_unchecked(judge, doc, error.message);
        error_clear(&error);
        return;
    }
    for (size_t i = 0; i < mismatches->count; i++) {
        const struct mismatch *mismatch = &mismatches->list[i];

        if (has_node(trial->known, mismatch->node) ||
            is_said(judge, mismatch, before))
            continue;
        (void)judge_at(judge, mismatch->node);
        problem_add(judge->problems, trial->id, &judge->place, "%s%s%s",
                    trial->name, trial->name[0] ? ": " : "", mismatch->text);
    }
    if (mismatches->count == MISMATCHES_MAX && judge->problems->count > after)
        problem_add(judge->problems, trial->id, &judge->place,
                    "%d of these were found in this snapshot; the search ended "
                    "here",
                    MISMATCHES_MAX);
}

/* Most snapshots are valid, and what may be anything need not be looked at. */
static bool
is_plainly_valid(const struct schema *own, xmlDoc *doc)
{
    struct prunings prunings = {0};
    struct error ignored = {0};
    bool valid;

    prune(doc, &prunings);
    valid =
        schema_affordable(doc) && schema_judge(own, doc, NULL, &ignored) > 0;
    prune_undo(&prunings);
    error_clear(&ignored);
    return valid;
}

void
schemas_check(const struct schemas *schemas, struct judge *judge, xmlDoc *doc,
              size_t before)
{
    struct mismatches known = {0};
    bool own_too;

    if (!schemas || (!schemas->own && !schemas->count))
        return;
    own_too = schemas->own && !is_plainly_valid(schemas->own, doc);
    if (!own_too && !schemas->count)
        return;
    if (!schema_affordable(doc)) {
        report_unchecked(judge, doc,
                         "libxml2 would take too long for that many elements "
                         "in one");
        return;
    }
    if (own_too) {
        const struct trial own = {schemas->own, PROBLEM_SCHEMA_INVALID, "",
                                  NULL};

        check_against(&own, judge, doc, before, &known);
    }
    for (size_t i = 0; i < schemas->count; i++) {
        const struct schema *schema = schemas->further[i];
        const struct trial further = {schema, PROBLEM_SCHEMA_FOREIGN,
                                      schema->name, &known};
        cleanup(mismatches_free) struct mismatches mismatches = {0};

        check_against(&further, judge, doc, before, &mismatches);
    }
    mismatches_free(&known);
}
