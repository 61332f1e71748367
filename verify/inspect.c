/* inspect.c - see inspect.h. */
#include "inspect.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base.h"
#include "cleanup.h"
#include "crew.h"
#include "contain.h"
#include "beside.h"
#include "foresee.h"
#include "memory.h"
#include "program.h"
#include "putback.h"
#include "relations.h"
#include "survey.h"
#include "target.h"

/* One PATH while it is looked at. */
struct look {
    const struct inspection *inspection;
    const struct choice *choice;
    struct target target;
    struct base base;
    struct survey survey;
    struct beside beside;
    struct listing *listing;
    struct problems problems;
};

static void
free_look(struct look *look)
{
    target_free(&look->target);
    base_close(&look->base);
    survey_free(&look->survey);
    beside_close(&look->beside);
    problems_free(&look->problems);
}

/* Both layouts hold snapshots: do they agree? */
static int
compare_layouts(struct reading *reading, const struct holding *holding,
                struct error *error)
{
    const struct domain *legacy = &reading->domain[LAYOUT_LEGACY];
    const struct domain *bulk = &reading->domain[LAYOUT_BULK];
    struct place place = {.domain = holding->name,
                          .file = holding->entry[LAYOUT_BULK]};
    const char *which = NULL;
    int result;

    if (!legacy->count || !bulk->count)
        return 0;
    result = domain_contained(legacy, bulk, &which, error);
    if (!result) {
        cleanup(free_ptr) char *detail = reading_conflict(reading, which);

        problem_add(&reading->problems, PROBLEM_LAYOUTS_CONFLICT, &place, "%s",
                    detail);
    }
    /* What could not be read may be what the other does not have. */
    if (result > 0 && !problems_errors(&reading->problems, 0))
        problem_add(&reading->problems, PROBLEM_LAYOUTS_BOTH, &place, NULL);
    return result < 0 ? -1 : 0;
}

/* What stands where this domain's bulk file would be, if it is none? */
static const char *
in_the_way(const struct look *look, const struct holding *holding)
{
    cleanup(free_ptr) char *name =
        xasprintf("%s%s", holding->name, look->choice->no_suffix ? "" : ".xml");
    const struct entry *entry = entries_find(&look->survey.entries, name);

    return !entry || S_ISREG(entry->type) || look->choice->no_suffix ||
                   look->inspection->kind == KIND_CHECKPOINT
               ? NULL
               : type_name(entry->type);
}

static void
list_domain(struct look *look, const struct holding *holding,
            const struct reading *reading)
{
    const struct surroundings surroundings = {
        .in_the_way = in_the_way(look, holding),
        .alone = look->target.kind == TARGET_SNAPSHOT,
        .max_bulk = look->choice->max_bulk,
    };
    struct listed_domain *listed = listing_add(look->listing, holding->name);

    listed->base =
        look->inspection->several ? xstrdup(look->base.root.path) : NULL;
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++)
        listed->holds[layout] = reading->domain[layout].entry != NULL;
    foresee(listed, reading, &surroundings);
    listed->seen = listed->count;
    if (!look->inspection->trees)
        listed_clear(listed);
}

static int
read_domain(const struct look *look, const struct holding *holding,
            struct reading *reading, struct error *error)
{
    const char *entry[] = {holding->entry[0], holding->entry[1]};
    const struct source where = {
        .kind = look->inspection->kind,
        .base = look->base.root.fd,
        .name = holding->name,
        .max_bulk = look->choice->max_bulk,
        .schemas = look->inspection->schemas,
        .only = look->target.file,
        .effort = look->inspection->effort,
    };

    return reading_read(reading, &where, entry, error);
}

/* What relations.rng judges as well. */
static bool
is_relation(enum problem_id id)
{
    return id == PROBLEM_PARENT_MISSING || id == PROBLEM_PARENT_SELF ||
           id == PROBLEM_PARENT_CYCLE || id == PROBLEM_NAME_DUPLICATE ||
           id == PROBLEM_CURRENT_SEVERAL || id == PROBLEM_CURRENT_DANGLING ||
           id == PROBLEM_LIST_EMPTY;
}

/*
 * The schema gives the verdict on the relations, the findings explain it. What
 * could not be read may be missing in one of the two; else they must agree.
 */
static int
check_relations(const struct look *look, const struct reading *reading,
                struct error *error)
{
    const struct domain *legacy = &reading->domain[LAYOUT_LEGACY];
    const struct domain *bulk = &reading->domain[LAYOUT_BULK];
    const struct schema *schema = look->inspection->relations;
    bool explained = false;
    int valid = 1;

    for (size_t i = 0; i < reading->problems.count; i++) {
        enum problem_id id = reading->problems.list[i].id;

        explained = explained || is_relation(id);
        if (problem_info(id)->severity == SEVERITY_ERROR && !is_relation(id))
            return 0;
    }
    if (look->target.kind == TARGET_SNAPSHOT)
        return 0;
    if (legacy->count)
        valid = relations_valid(schema, legacy, bulk, error);
    if (valid > 0 && bulk->entry)
        valid = relations_valid(schema, bulk, NULL, error);
    if (valid < 0)
        return -1;
    if (!valid == explained)
        return 0;
    return error_set(error, 0,
                     "its relations are %s by relations.rng, and the findings "
                     "do not agree; please report this as a bug",
                     valid ? "valid" : "not valid");
}

/* A domain from when it is read until it is its turn to be listed. */
struct seen {
    struct reading reading;
    struct error error;
    int result;
};

/* The domains that are looked at, by any number of threads. */
struct sight {
    struct look *look;
    const struct holding **row;
    struct seen *window;
    size_t size; /* of the window */
    size_t count;
};

static void
free_sight(struct sight *sight)
{
    free(sight->row);
    free(sight->window);
}

/* On any thread. */
static void
see_domain(void *data, size_t index, size_t thread)
{
    const struct sight *sight = data;
    const struct holding *holding = sight->row[index];
    struct seen *seen = &sight->window[index % sight->size];
    int result;

    (void)thread;
    *seen = (struct seen){0};
    result = read_domain(sight->look, holding, &seen->reading, &seen->error);
    if (!result)
        result = check_relations(sight->look, &seen->reading, &seen->error);
    if (!result)
        result = compare_layouts(&seen->reading, holding, &seen->error);
    seen->result = result;
}

/* In the order of the survey. */
static int
list_seen(void *data, size_t index)
{
    const struct sight *sight = data;
    struct look *look = sight->look;
    const struct holding *holding = sight->row[index];
    struct seen *seen = &sight->window[index % sight->size];
    struct reading *reading = &seen->reading;
    const struct domain *legacy = &reading->domain[LAYOUT_LEGACY];
    struct place place = {.domain = holding->name,
                          .file = holding->entry[LAYOUT_LEGACY]};
    int result = seen->result;

    if (!result)
        result = beside_check(&look->beside, holding, reading,
                              &look->listing->trouble, &seen->error);
    if (result < 0) {
        messages_add(&look->listing->trouble,
                     "domain '%s' could not be checked: %s", holding->name,
                     seen->error.message);
        error_clear(&seen->error);
    }
    if (!result && legacy->fd >= 0 && !legacy->count && !legacy->foreign &&
        !problems_errors(&reading->problems, 0))
        problem_add(&reading->problems, PROBLEM_EMPTY_DIRECTORY, &place, NULL);
    /* libvirt's own names are shorter: NAME.xml.new is one, too. */
    if (legacy->entry && !look->choice->no_suffix &&
        look->inspection->kind == KIND_SNAPSHOT &&
        strlen(holding->name) + strlen(".xml") > NAME_MAX)
        problem_add(&reading->problems, PROBLEM_DOMAIN_NAME_UNSAFE, &place,
                    "more than 251 bytes");
    list_domain(look, holding, reading);
    problems_append(&look->problems, &reading->problems);
    reading_free(reading);
    if (look->inspection->progress)
        look->inspection->progress(index + 1, sight->count);
    return 0;
}

static void
inspect_domains(struct look *look)
{
    struct crew *crew = look->inspection->effort.crew;
    cleanup(free_sight) struct sight sight = {
        .look = look,
        .row = xcalloc(look->survey.count + 1, sizeof(const struct holding *)),
        .size = 2 * crew_size(crew), /* more would take more memory */
    };
    struct row row = {
        .grain = 1,
        .window = sight.size,
        .data = &sight,
        .work = see_domain,
        .finish = list_seen,
    };

    sight.window = xcalloc(sight.size, sizeof(*sight.window));
    for (size_t i = 0; i < look->survey.count; i++) {
        if (choice_has(look->choice, look->survey.list[i].name))
            sight.row[sight.count++] = &look->survey.list[i];
    }
    row.count = sight.count;
    (void)crew_run(crew, &row);
}

/* Every domain that was asked for must be there. */
static int
check_selected(const struct look *look, struct error *error)
{
    const struct names *names = &look->choice->domains;

    for (size_t i = 0; i < names->count; i++) {
        size_t at = 0;

        while (at < look->survey.count &&
               strcmp(look->survey.list[at].name, names->list[i]) != 0)
            at++;
        if (at == look->survey.count)
            return error_set(error, 0, "there is no domain '%s' in '%s'",
                             names->list[i], look->base.root.path);
    }
    return 0;
}

/* Which domains are to be looked at. */
static int
survey(struct look *look, struct error *error)
{
    const struct terms terms = {
        .kind = look->inspection->kind,
        .no_suffix = look->choice->no_suffix,
        .max_bulk = look->choice->max_bulk,
        .effort = look->inspection->effort,
    };
    const struct target *target = &look->target;

    if (target->kind == TARGET_BASE)
        return survey_read(&look->survey, &look->base.root, &terms,
                           &look->problems, &look->listing->trouble, error);
    survey_one(&look->survey, target->entry,
               target->kind == TARGET_BULK ? LAYOUT_BULK : LAYOUT_LEGACY,
               &terms);
    return 0;
}

/* With several directories, a finding must say in which one it is. */
static void
name_base(struct problems *problems, const char *base)
{
    for (size_t i = 0; i < problems->count; i++) {
        struct problem *problem = &problems->list[i];
        char *file = problem->file ? problem->file : xstrdup("");

        problem->file = xasprintf("%s/%s", base, file);
        free(file);
    }
}

/* Open what PATH names: 1, or 0 where there is no default directory. */
static int
open_base(struct look *look, const char *path, char **missing,
          struct error *error)
{
    int result = path ? target_find(&look->target, path, error) : 0;

    if (result < 0)
        return -1;
    if (look->target.kind == TARGET_BULK &&
        look->inspection->kind == KIND_CHECKPOINT)
        return error_set(error, 0,
                         "'%s' is a bulk file of snapshots; checkpoints have "
                         "none, see --kind",
                         path);
    result = base_open(&look->base, look->inspection->kind, look->target.base,
                       look->choice->root, error);
    if (result > 0 && look->target.kind != TARGET_SNAPSHOT &&
        root_lock(&look->base.root, false, error) < 0)
        return -1;
    if (!result)
        *missing = choice_missing(look->choice, look->base.driver.base);
    /* A domain of it was asked for. */
    if (!result && look->choice->domains.count)
        return error_set(error, 0, "%s", *missing);
    return result;
}

/* How many snapshots the domains have that were listed last. */
static size_t
seen_since(const struct listing *listing, size_t before)
{
    size_t seen = 0;

    for (size_t i = before; i < listing->count; i++)
        seen += listing->list[i].seen;
    return seen;
}

int
inspect(struct listing *listing, const char *path,
        const struct inspection *inspection, char **missing,
        struct error *error)
{
    cleanup(free_look) struct look look = {
        .inspection = inspection,
        .choice = inspection->choice,
        .base = {.root = {.fd = -1}},
        .beside = {.definitions = {.persistent = {.fd = -1},
                                   .transient = {.fd = -1}},
                   .images = {.records = {.from = {.root = -1}}}},
        .listing = listing,
        .problems = {.kind = inspection->kind},
    };
    struct wishes wishes = {.domains_dir = inspection->domains_dir,
                            .check_images = inspection->check_images};
    const size_t before = listing->count;
    int result = open_base(&look, path, missing, error);

    if (result <= 0)
        return result;
    if (!inspection->several)
        listing->base = xstrdup(look.base.root.path);
    wishes.prefix = look.choice->root;
    wishes.live = !path && look.base.driver.base;
    if (survey(&look, error) < 0 || check_selected(&look, error) < 0 ||
        beside_open(&look.beside, &look.base, &wishes, &look.problems,
                    &listing->trouble, error) < 0)
        return -1;
    inspect_domains(&look);
    beside_finish(&look.beside, &look.survey, look.choice, &look.problems,
                  &listing->trouble);
    choice_filter(look.choice, &look.problems);
    putback_decide(&look.problems, &look.base,
                   seen_since(listing, before) == 0);
    problems_sort(&look.problems);
    if (inspection->several)
        name_base(&look.problems, look.base.root.path);
    problems_append(&listing->problems, &look.problems);
    return 1;
}
