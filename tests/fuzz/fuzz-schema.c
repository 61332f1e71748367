/*
 * fuzz-schema.c - a schema made at random, and snapshots that are relatives of
 * each other: what comes out of each with a memo is what comes out without.
 */
#include "fuzz.h"

#include "../../verify/error.h"
#include "../../verify/schemas.h"
#include "../unit/outcome.h"
#include "edits.h"
#include "schema-print.h"
#include "schema-root.h"
#include "twins.h"

/* Snapshots of one domain, as the texts of what is in them. */
struct family {
    struct schema_plan plan;
    struct printer printer;
    struct buffer items[ITEMS];
    size_t order[ITEMS];
};

#define RELATIVES 16
#define TRIES 12

static bool
open_schema(const struct family *family, struct schemas *schemas)
{
    int dir = fuzz_scratch();
    cleanup(free_ptr) char *path = xasprintf("%s/0.rng", fuzz_scratch_path);
    const char *names[] = {path, NULL};
    struct error error = {0};
    int result;

    for (size_t i = 0; i < family->printer.file_count; i++) {
        cleanup(free_ptr) char *name = xasprintf("%zu.rng", i);

        fuzz_put(dir, name, family->printer.files[i].data,
                 family->printer.files[i].len);
    }
    result = schemas_open(schemas, KIND_SNAPSHOT, false, names, &error);
    if (result < 0 && getenv("FUZZ_TELL"))
        (void)fprintf(stderr, "%s\n", error.message);
    error_clear(&error);
    return !result;
}

/* Must a snapshot have it, for libvirt? */
static bool
is_needed(const struct node *item)
{
    static const char *const needed[] = {"name", "state", "creationTime",
                                         "domain", "active"};
    const char *name = item->names->name;

    for (size_t i = 0; name && i < LENGTH(needed); i++) {
        if (!strcmp(name, needed[i]))
            return true;
    }
    return false;
}

static void
write_items(struct family *family, enum layout layout, struct dice *dice)
{
    bool has_domain = false;

    for (size_t i = 0; i < family->plan.item_count; i++) {
        const struct node *item = family->plan.items[i];
        bool domain = item->names->name && !strcmp(item->names->name, "domain");

        family->items[i].len = 0;
        family->order[i] = i;
        if (domain && has_domain && !once_in(dice, 8))
            continue;
        if (layout == LAYOUT_BULK && item->names->name &&
            !strcmp(item->names->name, "active"))
            continue;
        if (!is_needed(item) && once_in(dice, 8))
            continue;
        /* The first of several patterns, or a later one. */
        if (domain && i + 1 < family->plan.item_count &&
            family->plan.items[i + 1]->names->name &&
            !strcmp(family->plan.items[i + 1]->names->name, "domain") &&
            once_in(dice, 2))
            continue;
        sample_item(&family->plan, item, dice, &family->items[i]);
        has_domain = has_domain || domain;
    }
    for (size_t n = roll(dice, 4); n > 2; n--) {
        size_t one = roll(dice, family->plan.item_count), first;

        first = family->order[0];
        family->order[0] = family->order[one];
        family->order[one] = first;
    }
}

static void
write_snapshot(const struct family *family, struct dice *dice,
               struct buffer *out)
{
    static const char *const heads[] = {
        "\xef\xbb\xbf", "<?xml version='1.0'?>\n", "<!-- \xc3\xbc\n-->", "\n"};

    if (once_in(dice, 8))
        buffer_puts(out, ANY_OF(dice, heads));
    buffer_puts(out, "<domainsnapshot>");
    for (size_t i = 0; i < family->plan.item_count; i++) {
        const struct buffer *item = &family->items[family->order[i]];

        buffer_add(out, item->data, item->len);
    }
    buffer_puts(out, "</domainsnapshot>");
    if (once_in(dice, 16))
        buffer_puts(out, "\n");
}

static void
free_family(struct family *family)
{
    schema_unprint(&family->printer);
    for (size_t i = 0; i < ITEMS; i++)
        buffer_free(&family->items[i]);
}

/* A snapshot that is sound, if that can be had. */
static void
begin_family(struct family *family, const struct setting *setting,
             struct dice *dice)
{
    for (size_t tries = 0; tries < TRIES; tries++) {
        cleanup(buffer_free) struct buffer text = {0};
        cleanup(outcome_free) struct outcome outcome;

        write_items(family, setting->layout, dice);
        write_snapshot(family, dice, &text);
        outcome_judge(&outcome, setting, NULL, text.data, text.len);
        if (outcome.kind == SNAPSHOT_SOUND && !outcome.problems.count)
            break;
    }
}

static void
judge_family(struct family *family, struct twins *twins, struct dice *dice)
{
    static const struct position starts[] = {{0, 0}, {1, 1}, {7, 3}, {1, 40}};

    for (size_t i = 0; i < RELATIVES; i++) {
        cleanup(buffer_free) struct buffer text = {0};

        if (!i || once_in(dice, 16)) {
            begin_family(family, &twins->setting, dice);
        } else if (once_in(dice, 3)) {
            size_t one = roll(dice, family->plan.item_count);

            family->items[one].len = 0;
            sample_item(&family->plan, family->plan.items[one], dice,
                        &family->items[one]);
        } else if (once_in(dice, 2)) {
            edit_value(&family->items[roll(dice, family->plan.item_count)],
                       dice);
        }
        twins->setting.start = ANY_OF(dice, starts);
        write_snapshot(family, dice, &text);
        for (size_t n = roll(dice, 8); i && n > 5; n--)
            edit(&text, dice);
        twins_judge(twins, text.data, text.len);
    }
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    program_start_xml();
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct family family;
    struct dice dice = dice_start(data, size);
    struct schemas schemas = {0};
    struct twins twins;

    memset(family.items, 0, sizeof(family.items));
    make_schema(&family.plan, &dice);
    schema_print(&family.printer, &family.plan, &dice);
    if (getenv("FUZZ_TELL"))
        (void)fprintf(stderr, "%.*s\n", (int)family.printer.files[0].len,
                      family.printer.files[0].data);
    if (open_schema(&family, &schemas)) {
        twins_start(&twins, &schemas,
                    once_in(&dice, 3) ? LAYOUT_BULK : LAYOUT_LEGACY);
        judge_family(&family, &twins, &dice);
        twins_end(&twins);
    } else {
        twins_note(TWINS_REFUSED);
    }
    schemas_close(&schemas);
    free_family(&family);
    return 0;
}
