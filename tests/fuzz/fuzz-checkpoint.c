/*
 * fuzz-checkpoint.c - any bytes as the file of a checkpoint. What is found
 * sound says what libxml2 reads in it, and has nothing that libvirt's schema
 * forbids; whatever it is, something is said of it.
 */
#include "fuzz.h"

#include <sys/stat.h>

#include "../../verify/checkpoint.h"
#include "../../verify/error.h"
#include "../../verify/problem.h"
#include "../../verify/schemas.h"
#include "view.h"

static struct schemas schemas;

static void
end(void)
{
    schemas_close(&schemas);
    program_end_xml();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct error error = {0};

    (void)argc;
    (void)argv;
    program_start_xml();
    (void)atexit(end);
    FUZZ_CHECK(!schemas_open(&schemas, KIND_CHECKPOINT, true, NULL, &error),
               "%s", error.message);
    return 0;
}

/* Only these, in any order, and no text between them. */
static void
check_children(const xmlNode *root)
{
    static const char *const known[] = {
        "name", "description", "parent", "creationTime", "disks", "domain"};
    size_t seen[LENGTH(known)] = {0};

    for (const xmlNode *node = root->children; node; node = node->next) {
        size_t i = 0;

        FUZZ_CHECK(node->type != XML_TEXT_NODE || xmlIsBlankNode(node), "text");
        if (node->type != XML_ELEMENT_NODE)
            continue;
        while (i < LENGTH(known) && !view_is(node, known[i]))
            i++;
        FUZZ_CHECK(i < LENGTH(known) && !seen[i]++, "<%s>", node->name);
    }
}

static void
check_sound(const struct snapshot *checkpoint, const xmlDoc *doc)
{
    const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    const xmlNode *parent = root ? view_child(root, "parent") : NULL;
    xmlChar *name, *above, *time;

    FUZZ_CHECK(root && view_is(root, "domaincheckpoint"), "the root");
    check_children(root);
    name = view_text(view_child(root, "name"));
    above = view_text(parent ? view_child(parent, "name") : NULL);
    time = view_text(view_child(root, "creationTime"));
    FUZZ_CHECK(name[0] && !checkpoint_name_wrong((const char *)name) &&
                   !strcmp((const char *)name, checkpoint->name),
               "the name is '%s'", (const char *)name);
    FUZZ_CHECK(!strcmp((const char *)above,
                       checkpoint->parent ? checkpoint->parent : ""),
               "the parent is '%s'", (const char *)above);
    FUZZ_CHECK(time[0] &&
                   strspn((const char *)time, "0123456789") ==
                       strlen((const char *)time) &&
                   strtoll((const char *)time, NULL, 10) == checkpoint->created,
               "the time is '%s'", (const char *)time);
    xmlFree(name);
    xmlFree(above);
    xmlFree(time);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct place place = {.domain = "d", .file = "d/c.xml"};
    xmlDoc *doc = view_parse((const char *)data, size);
    struct problems problems = {.kind = KIND_CHECKPOINT};
    struct document map = {0};
    struct snapshot checkpoint;
    enum snapshot_kind kind =
        checkpoint_parse(&checkpoint, (const char *)data, size, &map, NULL,
                         &schemas, &place, &problems);

    if (kind == SNAPSHOT_SOUND)
        check_sound(&checkpoint, doc);
    else
        FUZZ_CHECK(problems_errors(&problems, 0), "refused without a word");
    snapshot_free(&checkpoint);
    problems_free(&problems);
    if (doc)
        xmlFreeDoc(doc);
    return 0;
}
