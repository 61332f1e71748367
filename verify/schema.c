/* schema.c - see schema.h. */
#include "schema.h"

#include <errno.h>
#include <pthread.h>
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
#include "reorder.h"
#include "split.h"

/* But for its name and document, what is made when it is first needed. */
struct schema {
    char *name;
    xmlDoc *doc; /* the patterns point into it */
    pthread_mutex_t lock;
    xmlRelaxNG *compiled;
    char *failure; /* why it could not be compiled */
    struct patterns patterns;
    bool has_patterns;
    struct split *split;
    bool tried_split;
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

static void
compile(struct schema *schema)
{
    struct complaint complaint = {0};
    cleanup(parse_free_doc) xmlDoc *doc = xmlCopyDoc(schema->doc, 1);
    xmlRelaxNGParserCtxt *context;

    if (!doc)
        memory_exhausted();
    reorder(doc);
    context = xmlRelaxNGNewDocParserCtxt(doc);
    if (!context)
        memory_exhausted();
    xmlRelaxNGSetParserStructuredErrors(context, listen, &complaint);
    schema->compiled = xmlRelaxNGParse(context);
    xmlRelaxNGFreeParserCtxt(context);
    /* Most is forgiven, but then it would not be what its author meant. */
    if (complaint.message)
        schema->failure = complaint.message;
    else if (!schema->compiled)
        schema->failure = xstrdup("libxml2 does not accept it");
}

/* The schema as it is, for what is made in it when it is needed. */
static struct schema *
lock(const struct schema *schema)
{
    struct schema *own = (struct schema *)(uintptr_t)schema;

    (void)pthread_mutex_lock(&own->lock);
    return own;
}

static void
unlock(struct schema *schema)
{
    (void)pthread_mutex_unlock(&schema->lock);
}

static xmlRelaxNG *
compiled(const struct schema *schema, struct error *error)
{
    struct schema *own = lock(schema);
    xmlRelaxNG *result;

    if (!own->compiled && !own->failure)
        compile(own);
    result = own->failure ? NULL : own->compiled;
    unlock(own);
    if (!result)
        (void)error_set(error, 0, "schema '%s': %s", schema->name,
                        schema->failure);
    return result;
}

static void
need_patterns(struct schema *schema)
{
    if (!schema->has_patterns)
        patterns_build(&schema->patterns, schema->doc);
    schema->has_patterns = true;
}

/* To be called with the lock. */
static struct split *
need_split(struct schema *schema)
{
    if (!schema->tried_split) {
        need_patterns(schema);
        schema->split = split_new(schema->doc, &schema->patterns);
        schema->tried_split = true;
    }
    return schema->split;
}

/* Takes DOC over. */
static struct schema *
schema_new(const char *name, xmlDoc *doc)
{
    struct schema *schema;

    if (!doc)
        return NULL;
    schema = xcalloc(1, sizeof(*schema));
    schema->name = xstrdup(name);
    schema->doc = doc;
    (void)pthread_mutex_init(&schema->lock, NULL);
    return schema;
}

struct schema *
schema_embedded(const char *name, struct error *error)
{
    return schema_new(name, grammar_embedded(name, error));
}

struct schema *
schema_open(const char *path, struct error *error)
{
    struct schema *schema = schema_new(path, grammar_read(path, error));

    /* Whoever wrote it is to know at once, whatever will be held against it. */
    if (schema && !compiled(schema, error)) {
        schema_free(schema);
        return NULL;
    }
    return schema;
}

struct schema *
schema_installed(const char *path, struct error *error)
{
    xmlDoc *doc = grammar_read(path, error);

    if (!doc && error->number == ENOENT)
        error_set(error, 0,
                  "the schema of libvirt is not installed: there is no '%s'",
                  path);
    return schema_new(SCHEMA_LIBVIRT, doc);
}

const char *
schema_name(const struct schema *schema)
{
    return schema->name;
}

void
schema_free(struct schema *schema)
{
    if (!schema)
        return;
    split_free(schema->split);
    patterns_free(&schema->patterns);
    if (schema->compiled)
        xmlRelaxNGFree(schema->compiled);
    if (schema->doc)
        xmlFreeDoc(schema->doc);
    (void)pthread_mutex_destroy(&schema->lock);
    free(schema->failure);
    free(schema->name);
    free(schema);
}

/* In our words, or where these fail, in those of libxml2. */
static void
explain(const struct schema *schema, const xmlDoc *doc,
        const struct complaint *complaint, struct mismatches *mismatches)
{
    const xmlNode *node = complaint->node;
    struct schema *own = lock(schema);

    need_patterns(own);
    unlock(own);
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

/* 0: valid, above 0: not valid, below 0: could not be checked. */
static int
validate(xmlRelaxNG *schema, xmlDoc *doc, struct complaint *complaint)
{
    xmlRelaxNGValidCtxt *context = xmlRelaxNGNewValidCtxt(schema);
    int result;

    if (!context)
        memory_exhausted();
    xmlRelaxNGSetValidStructuredErrors(context, listen, complaint);
    result = xmlRelaxNGValidateDoc(context, doc);
    xmlRelaxNGFreeValidCtxt(context);
    return complaint->trouble ? -1 : result;
}

int
schema_judge(const struct schema *schema, xmlDoc *doc,
             struct mismatches *mismatches, struct error *error)
{
    struct complaint complaint = {0};
    cleanup(free_ptr) char *message = NULL;
    xmlRelaxNG *whole = compiled(schema, error);
    int result;

    if (!whole)
        return -1;
    result = validate(whole, doc, &complaint);
    message = complaint.message;
    if (result < 0)
        return error_set(error, 0, "libxml2 failed: %s",
                         message ? message : "it does not say why");
    if (result && mismatches)
        explain(schema, doc, &complaint, mismatches);
    return !result;
}

static bool
is_valid(xmlRelaxNG *schema, xmlDoc *doc)
{
    struct complaint complaint = {0};
    bool valid = schema && !validate(schema, doc, &complaint);

    free(complaint.message);
    return valid;
}

int
schema_choice(const struct schema *schema, enum part_name part, xmlDoc *doc)
{
    for (size_t i = 0; i < SPLIT_CHOICES; i++) {
        struct schema *own = lock(schema);
        struct split *split = need_split(own);
        xmlRelaxNG *piece = split && i < split->choices[part]
                                ? split_part(split, part, i)
                                : NULL;

        unlock(own);
        if (!split)
            break;
        if (is_valid(piece, doc))
            return (int)i;
    }
    return -1;
}

bool
schema_takes_frame(const struct schema *schema, xmlDoc *doc)
{
    struct schema *own = lock(schema);
    struct split *split = need_split(own);
    xmlRelaxNG *frame = split ? split_frame(split) : NULL;

    unlock(own);
    return is_valid(frame, doc);
}

bool
schema_has_values(const struct schema *schema)
{
    struct schema *own = lock(schema);
    struct split *split = need_split(own);

    unlock(own);
    return split && split->has_values;
}

void
schema_fold(const struct schema *schema, enum variant_kind kind,
            struct fold *fold)
{
    split_fold(schema->split, kind, fold);
}

uint64_t
schema_value(const struct schema *schema, enum variant_kind kind,
             const char *text)
{
    return split_value(schema->split, kind, text);
}
