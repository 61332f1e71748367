/*
 * snapshot-parts.h - a sound legacy file of which one part is replaced, and
 * what snapshot_parse() says of it.
 */
#ifndef SNAPSHOT_PARTS_H
#define SNAPSHOT_PARTS_H

#include "support.h"

#include "../../verify/snapshot.h"

enum part {
    PART_NAME,
    PART_STATE,
    PART_PARENT,
    PART_TIME,
    PART_MEMORY,
    PART_DISKS,
    PART_DOMAIN,
    PART_EXTRA,
    PART_ACTIVE,
    PART_COUNT,
};

/* A file with one part replaced by TEXT, and the ids of its problems. */
struct part_case {
    const char *text;
    const char *ids; /* sorted */
};

/* A snapshot that was judged. */
struct judged {
    struct snapshot snapshot;
    struct problems problems;
    enum snapshot_kind kind;
};

static inline void
judge_bytes(struct judged *judged, enum layout layout, const char *bytes,
            size_t len)
{
    struct place place = {.domain = "d", .file = "d/s.xml", .line = 1};
    cleanup(free_ptr) char *exact = exact_copy(bytes, len);
    struct document map;

    *judged = (struct judged){0};
    (void)scan_document(exact, len, &map);
    judged->kind = snapshot_parse(&judged->snapshot, layout, exact, len, &map,
                                  NULL, NULL, &place, &judged->problems);
}

static inline void
judge_text(struct judged *judged, const char *text)
{
    judge_bytes(judged, LAYOUT_LEGACY, text, strlen(text));
}

/* A sound document but for the parts given; STATE may be NULL. */
static inline char *
part_document(enum part part, const char *text, const char *state)
{
    const char *parts[PART_COUNT] = {
        [PART_NAME] = "<name>s</name>",
        [PART_STATE] = state ? state : "<state>shutoff</state>",
        [PART_PARENT] = "",
        [PART_TIME] = "<creationTime>170</creationTime>",
        [PART_MEMORY] = "",
        [PART_DISKS] = "",
        [PART_DOMAIN] = GOOD_DOMAIN,
        [PART_EXTRA] = "",
        [PART_ACTIVE] = "<active>0</active>",
    };
    struct buffer out = {0};

    parts[part] = text;
    buffer_puts(&out, "<domainsnapshot>\n");
    for (size_t i = 0; i < PART_COUNT; i++) {
        buffer_puts(&out, parts[i]);
        buffer_puts(&out, "\n");
    }
    buffer_puts(&out, "</domainsnapshot>\n");
    buffer_add(&out, "", 1);
    return out.data;
}

static inline void
judge_part(struct judged *judged, enum part part, const char *text)
{
    cleanup(free_ptr) char *document = part_document(part, text, NULL);

    judge_text(judged, document);
}

static inline void
judged_free(struct judged *judged)
{
    snapshot_free(&judged->snapshot);
    problems_free(&judged->problems);
}

/* Each case is sound or damaged, as its problems are warnings or errors. */
static inline void
run_parts(enum part part, const char *state, const struct part_case *cases,
          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cleanup(free_ptr) char *text =
            part_document(part, cases[i].text, state);
        struct judged judged;

        judge_text(&judged, text);
        assert_found(&judged.problems, cases[i].ids, cases[i].text);
        assert_int_equal(judged.kind, problems_errors(&judged.problems, 0)
                                          ? SNAPSHOT_DAMAGED
                                          : SNAPSHOT_SOUND);
        judged_free(&judged);
    }
}

#endif
