/* defined.c - see defined.h. */
#include "defined.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "definition.h"
#include "error.h"
#include "memory.h"
#include "survey.h"

/* The file that should be a definition of NAME and is not; or NULL. */
static const struct undefined *
find_unread(const struct definitions *definitions, const char *name)
{
    for (size_t i = 0; i < definitions->unread_count; i++) {
        if (!strcmp(definitions->unread[i].name, name))
            return &definitions->unread[i];
    }
    return NULL;
}

/* A definition of the uuid that the domain's snapshots say; or NULL. */
static const struct definition *
find_uuid(const struct definitions *definitions, const struct reading *reading)
{
    const struct snapshot *snapshot = NULL;

    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        const struct domain *domain = &reading->domain[layout];

        for (size_t i = 0; !snapshot && i < domain->count; i++) {
            if (domain->snaps[i].has_uuid)
                snapshot = &domain->snaps[i];
        }
    }
    for (size_t i = 0; snapshot && i < definitions->count; i++) {
        const struct definition *one = &definitions->list[i];

        if (!memcmp(one->uuid, snapshot->uuid, sizeof(one->uuid)))
            return one;
    }
    return NULL;
}

/* What becomes of it: only a directory is in the way of a new domain. */
static void
report_undefined(const struct definitions *definitions,
                 const struct place *place, const char *name,
                 struct reading *reading)
{
    const struct definition *renamed = find_uuid(definitions, reading);

    if (renamed)
        problem_add(&reading->problems, PROBLEM_DOMAIN_UNDEFINED, place,
                    "'%.300s'; but '%.300s' has the uuid of its snapshots",
                    name, renamed->name);
    else
        problem_add(&reading->problems, PROBLEM_DOMAIN_UNDEFINED, place,
                    "'%.300s'", name);
}

/* libvirt goes by what is in the file, and writes another of the right name. */
static void
check_files(const struct definitions *definitions,
            const struct definition *first, const struct place *place,
            struct problems *problems)
{
    const struct definition *end = definitions->list + definitions->count;
    cleanup(free_ptr) char *right = xasprintf("%s.xml", first->name);

    for (const struct definition *one = first;
         one < end && !strcmp(one->name, first->name); one++) {
        if (!one->transient && strcmp(one->file, right))
            problem_add(problems, PROBLEM_DEFINITION_NAME_DIFFERS, place,
                        "'%s/%s'", definitions->persistent.path, one->file);
    }
}

void
defined_check(const struct definitions *definitions,
              const struct holding *holding, struct reading *reading,
              struct messages *trouble)
{
    const char *name = holding->name;
    const struct definition *definition = definitions_find(definitions, name);
    const struct undefined *unread = find_unread(definitions, name);
    const char *directory = holding->entry[LAYOUT_LEGACY];
    struct place place = {
        .domain = name,
        .file = directory ? directory : holding->entry[LAYOUT_BULK],
    };

    if (!definitions_known(definitions) || !place.file)
        return;
    if (definition)
        check_files(definitions, definition, &place, &reading->problems);
    else if (unread && !unread->libvirt_too)
        messages_add(trouble,
                     "domain '%s' could not be compared with its definition in "
                     "'%s': %s",
                     name, definitions->persistent.path, unread->why);
    else if (unread)
        problem_add(&reading->problems, PROBLEM_DEFINITION_UNREADABLE, &place,
                    "'%s/%s.xml': %s", definitions->persistent.path, name,
                    unread->why);
    else if (reading->domain[LAYOUT_LEGACY].count ||
             reading->domain[LAYOUT_BULK].count)
        report_undefined(definitions, &place, name, reading);
    else
        problem_add(&reading->problems, PROBLEM_DOMAIN_UNKNOWN, &place,
                    "'%.300s'", name);
}
