/*
 * scenes.h - listings made by hand, for all that prints one.
 */
#ifndef SCENES_H
#define SCENES_H

#include "support.h"

#include "../../verify/listing.h"
#include "../../verify/policy.h"

/* Every kind of character that some format or parser gives a meaning. */
#define HOSTILE                                                                \
    "\"q\" 'a' \\n <b>&amp;&#65;</b> %0A:: , \t\r\n\x01\x7f\xff\xc3 "          \
    "\xe2\x80\xae\xef\xbf\xbe\xef\xbf\xbf ]]> --> \xf0\x9f\x98\x80 "           \
    "\xc3\xa9 {}[]; $(x) `y` \\\\ \\\""

static inline struct listed_snapshot *
scene_snapshot(struct listed_domain *domain, const char *name,
               const char *parent, size_t depth, long long created)
{
    struct listed_snapshot *snapshot = listed_add(domain, name);

    snapshot->parent = parent ? xstrdup(parent) : NULL;
    snapshot->state = "shutoff";
    domain->seen++;
    snapshot->file = xasprintf("%s/%s.xml", domain->name, name);
    snapshot->line = 8;
    snapshot->depth = depth;
    snapshot->created = created;
    snapshot->has_created = true;
    return snapshot;
}

static inline void
scene_showing(struct listed_snapshot *snapshot, enum layout layout,
              enum showing showing, const char *reason)
{
    snapshot->showing[layout] = showing;
    snapshot->reason[layout] = xstrdup(reason);
}

/* Two domains, a tree, an orphan, findings of all kinds, one unchecked. */
static inline void
scene_common(struct listing *listing)
{
    struct problems *problems = &listing->problems;
    struct listed_domain *domain;
    struct listed_snapshot *snapshot;

    listing->base = xstrdup("/var/lib/libvirt/qemu/snapshot");
    domain = listing_add(listing, "db");
    domain->holds[LAYOUT_BULK] = true;
    scene_snapshot(domain, "before", NULL, 0, 1700000000)->current = true;
    scene_showing(domain->list, LAYOUT_LEGACY, SHOWING_HIDDEN,
                  "it is in a bulk file, which a stock libvirt does not read");
    domain = listing_add(listing, "web");
    domain->holds[LAYOUT_LEGACY] = true;
    scene_snapshot(domain, "clean", NULL, 0, 1600000000);
    scene_snapshot(domain, "updated", "clean", 1, 1610000000)->current = true;
    scene_snapshot(domain, "tested", "updated", 2, 1620000000);
    scene_snapshot(domain, "other", "clean", 1, 1615000000);
    snapshot = scene_snapshot(domain, "orphan", "gone", 0, 1630000000);
    scene_showing(snapshot, LAYOUT_LEGACY, SHOWING_ROOT,
                  "its parent does not exist: 'gone'");
    for (size_t i = 0; i < domain->count; i++)
        scene_showing(&domain->list[i], LAYOUT_BULK, SHOWING_HIDDEN,
                      "one of the domain's snapshots has no parent");
    domain->reason[LAYOUT_BULK] = xstrdup("a parent is missing");
    domain->forgotten = true;
    (void)listing_add(listing, "void");
    problem_add(problems, PROBLEM_FOREIGN_ENTRY,
                &(struct place){.file = "notes.txt"}, NULL);
    problem_add(problems, PROBLEM_EMPTY_DIRECTORY,
                &(struct place){.domain = "void", .file = "void"}, NULL);
    for (unsigned long line = 14; line < 17; line++)
        problem_add(problems, PROBLEM_PARENT_MISSING,
                    &(struct place){.domain = "web",
                                    .snapshot = "orphan",
                                    .file = "web/orphan.xml",
                                    .line = line,
                                    .column = 11},
                    "'%s'", "gone");
    problem_add(problems, PROBLEM_STATE_BAD,
                &(struct place){.domain = "web",
                                .snapshot = "not listed",
                                .file = "web/not listed.xml"},
                "'gone'");
    problem_add(problems, PROBLEM_FOREIGN_ENTRY,
                &(struct place){.domain = "web",
                                .snapshot = "other",
                                .file = "web/other.xml"},
                "for the test");
    messages_add(&listing->trouble, "domain '%s' could not be checked: %s",
                 "locked", "cannot open 'locked': Permission denied");
}

/* Every text of it is HOSTILE. */
static inline void
scene_hostile(struct listing *listing)
{
    struct listed_domain *domain;
    struct listed_snapshot *snapshot;

    listing->base = xstrdup("./" HOSTILE);
    domain = listing_add(listing, HOSTILE);
    domain->holds[LAYOUT_LEGACY] = domain->holds[LAYOUT_BULK] = true;
    domain->reason[LAYOUT_LEGACY] = xstrdup(HOSTILE);
    for (size_t i = 0; i < 3; i++) {
        snapshot = scene_snapshot(domain, HOSTILE, HOSTILE, i,
                                  i ? -62167219201 : LLONG_MIN);
        snapshot->state = HOSTILE;
        snapshot->current = true;
        scene_showing(snapshot, LAYOUT_LEGACY, SHOWING_HIDDEN, HOSTILE);
        scene_showing(snapshot, LAYOUT_BULK, SHOWING_ROOT, HOSTILE);
    }
    scene_snapshot(domain, "", "", 40, LLONG_MAX);
    for (int i = 0; i < 2; i++)
        problem_add(&listing->problems, PROBLEM_PARENT_MISSING,
                    &(struct place){.domain = i ? HOSTILE : NULL,
                                    .snapshot = HOSTILE,
                                    .file = HOSTILE "/" HOSTILE,
                                    .line = ULONG_MAX,
                                    .column = ULONG_MAX},
                    "%s", HOSTILE);
    messages_add(&listing->trouble, "%s", HOSTILE);
}

/* Two directories with a domain of the same name. */
static inline void
scene_several(struct listing *listing)
{
    static const char *const bases[] = {"a", "/a/b"};

    for (size_t i = 0; i < LENGTH(bases); i++) {
        cleanup(free_ptr) char *file = xasprintf("%s/web/s.xml", bases[i]);
        struct listed_domain *domain = listing_add(listing, "web");

        domain->base = xstrdup(bases[i]);
        domain->holds[LAYOUT_LEGACY] = true;
        scene_snapshot(domain, "s", NULL, 0, 0);
        problem_add(
            &listing->problems, PROBLEM_STATE_BAD,
            &(struct place){.domain = "web", .snapshot = "s", .file = file},
            "'x'");
    }
}

/* As many snapshots as there can be, one below the other, or all below one. */
static inline void
scene_large(struct listing *listing, bool chain, size_t findings)
{
    struct listed_domain *domain;

    listing->base = xstrdup("snapshots");
    domain = listing_add(listing, "large");
    domain->holds[LAYOUT_LEGACY] = true;
    for (size_t i = 0; i < SNAPSHOTS_MAX; i++) {
        cleanup(free_ptr) char *name = xasprintf("s%zu", i);
        cleanup(free_ptr) char *parent =
            xasprintf("s%zu", chain && i ? i - 1 : 0);

        scene_snapshot(domain, name, i ? parent : NULL,
                       chain ? i : (size_t)(i > 0), (long long)i * 3600);
    }
    for (size_t i = 0; i < findings; i++) {
        cleanup(free_ptr) char *name = xasprintf("s%zu", i % SNAPSHOTS_MAX);
        cleanup(free_ptr) char *file = xasprintf("large/%s.xml", name);

        problem_add(&listing->problems,
                    i % 2 ? PROBLEM_STATE_BAD : PROBLEM_FOREIGN_ENTRY,
                    &(struct place){.domain = "large",
                                    .snapshot = i % 3 ? name : NULL,
                                    .file = file,
                                    .line = i + 1},
                    "%zu", i);
    }
}

struct scene {
    const char *name;
    void (*make)(struct listing *listing);
    bool large;
};

static inline void
scene_nothing(struct listing *listing)
{
    listing->base = xstrdup("/");
}

static inline void
scene_chain(struct listing *listing)
{
    scene_large(listing, true, 4000);
}

static inline void
scene_wide(struct listing *listing)
{
    scene_large(listing, false, 0);
}

static const struct scene scenes[] = {
    {"nothing", scene_nothing, false}, {"common", scene_common, false},
    {"hostile", scene_hostile, false}, {"several", scene_several, false},
    {"chain", scene_chain, true},      {"wide", scene_wide, true},
};

/* The scene of that name, with its findings in their order. */
static inline void
scene_make(struct listing *listing, const char *name)
{
    size_t i = 0;

    while (i < LENGTH(scenes) && strcmp(scenes[i].name, name))
        i++;
    assert_true(i < LENGTH(scenes));
    *listing = (struct listing){0};
    scenes[i].make(listing);
    problems_sort(&listing->problems);
}

#endif
