/* fit.c - see fit.h. */
#include "fit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "../verify/cleanup.h"
#include "../verify/memory.h"
#include "render.h"
#include "repair.h"

/* What is to become of an item. */
struct fit {
    const struct repairs *repairs; /* or NULL */
    struct wanted wanted;
};

/* The size of a snapshot in the wanted layout, in bytes. -1: cannot be read. */
static long long
rendered_size(const struct fit *fit, size_t index, enum layout to,
              struct error *error)
{
    struct origin origin = fit->wanted.origins[index];
    struct original from = {.layout = origin.domain->layout};
    cleanup(buffer_free) struct buffer out = {0};
    int result;

    if (fit->repairs) {
        result = repair_load(&fit->repairs->facts[from.layout], origin.index,
                             &from.bytes, error);
        from.element.len = from.bytes.len;
    } else {
        result = wanted_load(&fit->wanted, index, &from, error);
    }
    if (!result)
        render_snapshot(from.bytes.data + from.element.start, from.element.len,
                        from.layout, to, false, &out, NULL);
    buffer_free(&from.bytes);
    return result < 0 ? -1 : (long long)out.len;
}

static struct place
place_of(const struct item *item, const struct snapshot *snapshot)
{
    return (struct place){.domain = item->name,
                          .snapshot = snapshot->name,
                          .file = snapshot->file,
                          .line = snapshot->at.line,
                          .column = snapshot->at.column};
}

/* Would a stock libvirt read each of the files? */
static int
check_file_sizes(const struct fit *fit, const struct item *item, enum layout to,
                 struct problems *problems, struct error *error)
{
    const struct wanted *wanted = &fit->wanted;

    for (size_t i = 0; i < wanted->facts.count; i++) {
        const struct snapshot *snapshot = &wanted->facts.snaps[i];
        struct place place = place_of(item, snapshot);
        long long size;

        /* The warning and <active> together are below 512 bytes. */
        if (snapshot->element.len < LEGACY_FILE_MAX - 512)
            continue;
        /* To bulk files, so that an export could go the same way back. */
        if (to == LAYOUT_BULK &&
            wanted->origins[i].domain->layout == LAYOUT_BULK)
            continue;
        size = rendered_size(fit, i, LAYOUT_LEGACY, error);
        if (size < 0)
            return -1;
        if (size > LEGACY_FILE_MAX)
            problem_add(problems, PROBLEM_FILE_TOO_BIG, &place,
                        "its file would have %lld bytes, expected at most %d",
                        size, LEGACY_FILE_MAX);
    }
    return 0;
}

/* Would a libvirt with bulk files read the file? */
static int
check_bulk_size(const struct fit *fit, const struct item *item,
                const struct settings *settings, struct problems *problems,
                struct error *error)
{
    const struct wanted *wanted = &fit->wanted;
    unsigned long long size = 0;
    cleanup(buffer_free) struct buffer frame = {0};

    for (size_t i = 0; i < wanted->facts.count; i++) {
        const struct snapshot *snapshot = &wanted->facts.snaps[i];
        struct place place = place_of(item, snapshot);

        size += snapshot->element.len;
        if (snapshot->depth + 1 <= NESTING_MAX)
            continue;
        position_put(snapshot->deepest_at, &place);
        problem_add(problems, PROBLEM_TOO_DEEP, &place,
                    "found %zu levels, expected at most %d", snapshot->depth,
                    NESTING_MAX - 1);
    }
    /* Each newline becomes three bytes at most: most need no exact figure. */
    if (3 * size + 4096 <= settings->max_bulk)
        return 0;
    render_bulk_head(wanted->facts.current == NO_SNAPSHOT
                         ? NULL
                         : wanted->facts.snaps[wanted->facts.current].name,
                     &frame);
    render_bulk_tail(&frame);
    size = frame.len;
    for (size_t i = 0; i < wanted->facts.count; i++) {
        long long one = rendered_size(fit, i, LAYOUT_BULK, error);

        if (one < 0)
            return -1;
        size += (unsigned long long)one;
    }
    if (size > settings->max_bulk) {
        cleanup(free_ptr) char *detail =
            xasprintf("it would have %llu bytes; the limit is %zu", size,
                      settings->max_bulk);

        plan_problem(problems, PROBLEM_BULK_TOO_BIG, item,
                     item->entry[LAYOUT_LEGACY], detail);
    }
    return 0;
}

/*
 * A name with a raw carriage return is read with a line feed, and its file is
 * called by what was written: there may be another snapshot of that name.
 */
static void
check_stems(const struct wanted *wanted, const struct item *item,
            struct problems *problems)
{
    for (size_t i = 0; i < wanted->facts.count; i++) {
        const struct snapshot *snapshot = &wanted->facts.snaps[i];
        struct place place = place_of(item, snapshot);

        if (strcmp(snapshot->stem, snapshot->name) &&
            domain_find(&wanted->facts, snapshot->stem) != NO_SNAPSHOT)
            problem_add(problems, PROBLEM_NAME_DUPLICATE, &place,
                        "two snapshots would have the file '%s.xml'; rename "
                        "one",
                        snapshot->stem);
    }
}

/* An export into a directory that is there: are the names of its files free? */
static void
check_file_names(const struct wanted *wanted, const struct domain *there,
                 const struct item *item, struct problems *problems)
{
    for (size_t i = 0; i < wanted->facts.count; i++) {
        const struct snapshot *snapshot = &wanted->facts.snaps[i];
        cleanup(free_ptr) char *file = xasprintf("%s.xml", snapshot->stem);
        cleanup(free_ptr) char *detail = NULL;
        size_t own = domain_find(there, snapshot->name);
        struct stat stat;

        /* What the directory has already stays as it is, but for a merge. */
        if (own != NO_SNAPSHOT &&
            (!item->merging || !strcmp(there->snaps[own].file, file)))
            continue;
        if (own != NO_SNAPSHOT)
            detail = xasprintf("'%s/%s' holds '%.300s', and would have to be "
                               "'%s'; rename it",
                               there->entry, there->snaps[own].file,
                               snapshot->name, file);
        else if (!fstatat(there->fd, file, &stat, AT_SYMLINK_NOFOLLOW))
            detail = xasprintf("'%s/%s' is in the way, %s that is not this "
                               "snapshot",
                               there->entry, file, type_name(stat.st_mode));
        else
            continue;
        plan_problem(problems, PROBLEM_NAME_CLASH, item,
                     item->entry[LAYOUT_BULK], detail);
    }
}

int
fit_check(struct reading *reading, const struct repairs *repairs,
          struct item *item, const struct settings *settings,
          struct error *error)
{
    struct fit fit = {.repairs = repairs};
    int result;

    if (plan_wanted(&fit.wanted, reading, item, settings, &reading->problems,
                    error) < 0) {
        wanted_free(&fit.wanted);
        return -1;
    }
    item->count = fit.wanted.facts.count;
    check_stems(&fit.wanted, item, &reading->problems);
    result =
        check_file_sizes(&fit, item, settings->to, &reading->problems, error);
    if (!result && settings->to == LAYOUT_BULK)
        result =
            check_bulk_size(&fit, item, settings, &reading->problems, error);
    if (!settings->elsewhere && settings->to == LAYOUT_LEGACY &&
        reading->domain[LAYOUT_LEGACY].fd >= 0)
        check_file_names(&fit.wanted, &reading->domain[LAYOUT_LEGACY], item,
                         &reading->problems);
    wanted_free(&fit.wanted);
    /* Such a file could not be told from one with the suffix afterwards. */
    if (settings->no_suffix && settings->to == LAYOUT_BULK &&
        has_xml_suffix(item->name) &&
        !domain_named(&reading->domain[LAYOUT_LEGACY], item->name) &&
        !domain_named(&reading->domain[LAYOUT_BULK], item->name))
        plan_problem(&reading->problems, PROBLEM_SUFFIX_DIFFERS, item,
                     item->entry[LAYOUT_LEGACY],
                     "no snapshot says that its domain has this name");
    if (settings->no_suffix && !settings->elsewhere &&
        settings->to == LAYOUT_BULK && item->foreign)
        plan_problem(&reading->problems, PROBLEM_NAME_CLASH, item,
                     item->entry[LAYOUT_LEGACY],
                     "the directory holds other entries as well, and a bulk "
                     "file without suffix takes its place; move them away");
    return result;
}
