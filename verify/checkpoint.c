/* checkpoint.c - see checkpoint.h. */
#include "checkpoint.h"

#include <string.h>

#include "checkpoint-disks.h"
#include "cleanup.h"
#include "judge.h"
#include "parse.h"
#include "problem.h"
#include "schemas.h"
#include "workspace.h"

const char *
checkpoint_name_wrong(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789_-.";

    if (name[0] == '.')
        return "it starts with a '.'";
    if (name[strspn(name, allowed)])
        return "it has something else than A-Z, a-z, 0-9, '_', '-' and '.'";
    return NULL;
}

static void
judge_names(struct judge *judge, const xmlNode *root, const char *bytes,
            const struct document *map)
{
    struct snapshot *checkpoint = judge->snapshot;
    const xmlNode *parent = parse_child(root, "parent", NULL);
    const char *wrong;

    judge_name(judge, root, bytes, map);
    wrong = checkpoint_name_wrong(checkpoint->name);
    if (wrong)
        problem_add(judge->problems, PROBLEM_CHECKPOINT_NAME_BAD, &judge->place,
                    "%s", wrong);
    else if (strlen(checkpoint->name) > SNAPSHOT_NAME_MAX)
        problem_add(judge->problems, PROBLEM_NAME_UNSAFE, &judge->place, "%s",
                    snapshot_name_unsafe(checkpoint->name));
    judge_parent(judge, root);
    wrong =
        checkpoint->parent ? checkpoint_name_wrong(checkpoint->parent) : NULL;
    if (wrong)
        problem_add(judge->problems, PROBLEM_CHECKPOINT_NAME_BAD, &judge->place,
                    "the parent's: %s", wrong);
    else if (parent && !checkpoint->parent)
        problem_add(judge->problems, PROBLEM_CHECKPOINT_NAME_BAD, &judge->place,
                    "the parent's: it is empty");
}

/* Digits only, where a snapshot can have a sign or blanks in front. */
static void
judge_seconds(struct judge *judge, const xmlNode *root)
{
    const xmlNode *node = parse_child(root, "creationTime", NULL);
    cleanup(parse_free_text) xmlChar *text = judge_text(node);
    const char *value = (const char *)text;

    if (!node || strspn(value, "0123456789") == strlen(value)) {
        judge_time(judge, root);
        return;
    }
    (void)judge_at(judge, node);
    problem_add(judge->problems, PROBLEM_TIME_BAD, &judge->place,
                "found '%.80s', expected seconds since 1970, digits only",
                value);
}

/* It may be missing, but not without a type. */
static void
judge_own_domain(struct judge *judge, const xmlNode *root)
{
    const xmlNode *domain = parse_child(root, "domain", NULL);
    cleanup(parse_free_text) xmlChar *type =
        domain ? xmlGetNoNsProp(domain, BAD_CAST "type") : NULL;

    if (!domain)
        return;
    if (type && type[0]) {
        judge_domain(judge, root);
        return;
    }
    (void)judge_at(judge, domain);
    problem_add(judge->problems, PROBLEM_DOMAIN_INCOMPLETE, &judge->place,
                "<domain>: found no type=");
}

static void
report_root(struct judge *judge, const xmlNode *root, const char *bytes,
            const struct document *map)
{
    const char *hint = parse_is(root, kind_info(KIND_SNAPSHOT)->root)
                           ? "; this is a snapshot, see --kind"
                           : "";

    problem_add(judge->problems, PROBLEM_ROOT_WRONG, &judge->place,
                "found <%.*s>%s, expected <%s>%s%s",
                (int)(map->root_name.len < 80 ? map->root_name.len : 80),
                bytes + map->root_name.start, root->ns ? " in a namespace" : "",
                kind_info(KIND_CHECKPOINT)->root, root->ns ? " in none" : "",
                hint);
}

enum snapshot_kind
checkpoint_parse(struct snapshot *checkpoint, const char *bytes, size_t len,
                 struct document *map, struct workspace *workspace,
                 const struct schemas *schemas, const struct place *place,
                 struct problems *problems)
{
    struct judge judge = {
        .snapshot = checkpoint,
        .layout = LAYOUT_LEGACY,
        .parser = workspace ? workspace->parser : NULL,
        .place = *place,
        .where = where_start(bytes, len, POSITION_FIRST),
        .problems = problems,
    };
    size_t before = problems->count;
    cleanup(parse_free_doc) xmlDoc *doc = NULL;
    const xmlNode *root;

    *checkpoint = (struct snapshot){0};
    (void)scan_document(bytes, len, map);
    doc = judge_parse(&judge, bytes, len, map);
    if (!doc)
        return SNAPSHOT_NO_XML;
    root = xmlDocGetRootElement(doc);
    checkpoint->at = judge_at(&judge, root);
    if (!parse_is(root, kind_info(KIND_CHECKPOINT)->root)) {
        report_root(&judge, root, bytes, map);
        return SNAPSHOT_OTHER;
    }
    judge_names(&judge, root, bytes, map);
    judge_seconds(&judge, root);
    judge_own_domain(&judge, root);
    schemas_check(schemas, &judge, doc, before);
    if (problems_errors(problems, before))
        return SNAPSHOT_DAMAGED;
    checkpoint_disks(&judge, root);
    return SNAPSHOT_SOUND;
}
