/* repair-names.c - see files.h: files that are to be called after their
 * snapshot. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../verify/cleanup.h"
#include "../verify/memory.h"
#include "files.h"

/* What can be said of a renaming. */
enum naming {
    NAMING_UNKNOWN,
    NAMING_WAITS, /* for another one that is looked at */
    NAMING_DONE,
    NAMING_NOT, /* it keeps its name, wanted or not */
};

/*
 * Whom does a file wait for that is to be called TO? NO_SNAPSHOT: nobody.
 * *BARRED: something has the name that keeps it.
 */
static size_t
waits_for(const struct files *files, const char *to, bool *barred)
{
    const struct change *change = files_change(files, to);
    size_t index = files_fact(files, to);

    *barred = false;
    if ((change && change->kind == CHANGE_MOVE) ||
        faccessat(files_legacy(files)->fd, to, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
        return NO_SNAPSHOT;
    *barred = index == NO_SNAPSHOT;
    return index;
}

/*
 * Is another file to be called so? Only names with a carriage return differ and
 * have the same file: it is written raw, and read as a line feed.
 */
static bool
is_promised(const struct files *files, const char *to)
{
    const struct repairs *repair = files->repair;

    for (size_t i = 0; i < repair->count && strchr(to, '\r'); i++) {
        if (repair->list[i].kind == CHANGE_RENAME &&
            !strcmp(repair->list[i].to, to))
            return true;
    }
    return false;
}

static void
rename_file(struct files *files, size_t index)
{
    const struct facts *facts = &files->repair->facts[LAYOUT_LEGACY];
    const struct snapshot *snapshot = &facts->domain.snaps[index];
    const char *file = snapshot->file;
    size_t len = strlen(file);
    struct change *change = repair_add(files->repair, CHANGE_RENAME,
                                       LAYOUT_LEGACY, file, &snapshot->id);

    change->fact = index;
    change->to = xasprintf("%s.xml", snapshot->stem);
    repair_note(change,
                has_xml_suffix(file) ? PROBLEM_FILE_NAME_DIFFERS
                : len > 8 && !strcmp(file + len - 8, ".xml.new")
                    ? PROBLEM_STALE_NEW
                    : PROBLEM_FILE_NAME_STRANGE,
                xasprintf("it holds '%.300s'", snapshot->name));
}

/* Follow those that wait for each other's names to one that can move, and let
 * them all move, that one first; none, if there is no such one. */
static void
rename_chain(struct files *files, size_t index, enum naming *naming)
{
    const struct facts *facts = &files->repair->facts[LAYOUT_LEGACY];
    const struct domain *domain = &facts->domain;
    cleanup(free_ptr) size_t *chain = NULL;
    size_t count = 0;
    bool barred = false;

    while (index != NO_SNAPSHOT && naming[index] == NAMING_UNKNOWN) {
        const struct snapshot *snapshot = &domain->snaps[index];
        cleanup(free_ptr) char *to = xasprintf("%s.xml", snapshot->stem);

        if (files_named_well(snapshot) || facts->list[index].shadowed ||
            snapshot_name_unsafe(snapshot->stem) || is_promised(files, to)) {
            naming[index] = NAMING_NOT;
            break;
        }
        naming[index] = NAMING_WAITS;
        chain = xgrow(chain, count, sizeof(*chain));
        chain[count++] = index;
        index = waits_for(files, to, &barred);
    }
    if (index != NO_SNAPSHOT && naming[index] != NAMING_DONE)
        barred = true;
    while (count--) {
        naming[chain[count]] = barred ? NAMING_NOT : NAMING_DONE;
        if (!barred)
            rename_file(files, chain[count]);
    }
}

void
files_rename(struct files *files)
{
    const struct domain *domain = &files->repair->facts[LAYOUT_LEGACY].domain;
    cleanup(free_ptr) enum naming *naming =
        xcalloc(domain->count, sizeof(*naming));

    for (size_t i = 0; i < domain->count; i++)
        rename_chain(files, i, naming);
}
