/*
 * schema-trial.h - what the tests of schemas share: a snapshot put together
 * from parts, and what a schema says of a document.
 */
#ifndef SCHEMA_TRIAL_H
#define SCHEMA_TRIAL_H

#include "store.h"

#include "../../verify/parse.h"
#include "../../verify/schema.h"
#include "../../verify/schemas.h"

/* The parts of a snapshot. A row of the table below replaces one of them. */
#define NAME "<name>s</name>"
#define STATE "<state>shutoff</state>"
#define TIME "<creationTime>1</creationTime>"
#define ACTIVE "<active>0</active>"

/* With PART of it replaced. The caller owns it. */
static inline char *
snapshot_with(const char *part, const char *with)
{
    return edit_text("<domainsnapshot>" NAME STATE TIME GOOD_DOMAIN ACTIVE
                     "</domainsnapshot>",
                     part, with);
}

/* All mismatches in a line, with "; " between them; "" if it is valid. */
static inline char *
judged(const struct schema *schema, const char *text)
{
    struct mismatches mismatches = {0};
    struct error error = {0};
    struct buffer out = {0};
    xmlDoc *doc = parse_document(text, strlen(text), NULL, NULL);
    int result;

    assert_non_null(doc);
    result = schema_judge(schema, doc, &mismatches, &error);
    if (error.message)
        print_error("%s\n", error.message);
    assert_int_equal(result, !mismatches.count);
    for (size_t i = 0; i < mismatches.count; i++)
        buffer_printf(&out, "%s%s", i ? "; " : "", mismatches.list[i].text);
    buffer_add(&out, "", 1);
    mismatches_free(&mismatches);
    xmlFreeDoc(doc);
    return out.data;
}

/* What a schema begins with. */
#define GRAMMAR "<grammar xmlns='http://relaxng.org/ns/structure/1.0'>"

static inline char *
path_in(const struct temp *temp, const char *name)
{
    return xasprintf("%s/%s", temp->path, name);
}

/* The schema in a file NAME with this TEXT. */
static inline struct schema *
made_schema(const struct temp *temp, const char *name, const char *text,
            struct error *error)
{
    cleanup(free_ptr) char *path = path_in(temp, name);

    put_text(temp->fd, name, text);
    return schema_open(path, error);
}

#endif
