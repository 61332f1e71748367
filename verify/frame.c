/* frame.c - see frame.h. */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "layout.h"
#include "parse.h"
#include "problem.h"

/* The frame of a real file has some 50 bytes and a stub for each member. */
#define FRAME_MAX 4194304

/* A frame while it is judged. */
struct judging {
    const struct frame *frame;
    struct domain *domain;
    struct place place;
    struct problems *problems;
    size_t known;         /* offset in the frame that was looked up last */
    struct position last; /* and its place in the file */
};

int
frame_add(struct frame *frame, const char *bytes, struct token token, bool top)
{
    if (frame->bytes.len + token.len > FRAME_MAX)
        return -1;
    if (top && !frame->root_tag.len &&
        (token.kind == TOKEN_START || token.kind == TOKEN_EMPTY))
        frame->root_tag = (struct span){frame->bytes.len, token.len};
    buffer_add(&frame->bytes, bytes, token.len);
    return 0;
}

bool
frame_is_list(const struct frame *frame)
{
    static const char name[] = "<snapshots";
    const size_t len = sizeof(name) - 1;
    const char *tag;

    /* There may be no bytes at all. */
    if (frame->root_tag.len <= len)
        return false;
    tag = frame->bytes.data + frame->root_tag.start;
    return !memcmp(tag, name, len) && strchr(" \t\r\n/>", tag[len]) != NULL;
}

void
frame_stub(struct frame *frame, const char *name, size_t len,
           struct position start, struct position behind)
{
    struct anchor anchor = {{frame->bytes.len, len + 3}, start, behind};

    buffer_puts(&frame->bytes, "<");
    buffer_add(&frame->bytes, name, len);
    buffer_puts(&frame->bytes, "/>");
    frame->anchors =
        xgrow(frame->anchors, frame->children, sizeof(*frame->anchors));
    frame->anchors[frame->children++] = anchor;
}

/* The last stub that begins at or before an offset; NULL: there is none. */
static const struct anchor *
anchor_before(const struct frame *frame, size_t offset)
{
    size_t low = 0, high = frame->children;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (frame->anchors[middle].stub.start <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &frame->anchors[low - 1] : NULL;
}

/*
 * Let the place be where in the file the frame's byte at OFFSET is; where it
 * belongs to a stub, where the member begins. Many in a row, forwards, cost no
 * more than the way.
 */
static void
go_to(struct judging *judging, size_t offset)
{
    const struct frame *frame = judging->frame;
    const struct anchor *anchor;
    size_t from = 0;
    struct position position = POSITION_FIRST;

    if (offset > frame->bytes.len)
        offset = frame->bytes.len;
    anchor = anchor_before(frame, offset);
    if (anchor && offset < span_end(anchor->stub)) {
        position_put(anchor->start, &judging->place);
        return;
    }
    if (anchor) {
        from = span_end(anchor->stub);
        position = anchor->behind;
    }
    if (judging->known > from && judging->known <= offset) {
        from = judging->known;
        position = judging->last;
    }
    judging->last =
        position_behind(position, frame->bytes.data + from, offset - from);
    judging->known = offset;
    position_put(judging->last, &judging->place);
}

static void
report_beside(struct judging *judging, size_t at, size_t len)
{
    const char *bytes = judging->frame->bytes.data;

    for (; len > 1 && span_blank(bytes + at, 1); at++)
        len--;
    go_to(judging, at);
    problem_add(judging->problems, PROBLEM_OUTSIDE_CONTENT, &judging->place,
                "found '%.*s'", (int)(len < 60 ? len : 60), bytes + at);
}

/* Anything beside the snapshots that libvirt did not write. */
static void
judge_beside(struct judging *judging, const xmlNode *root)
{
    const struct buffer *bytes = &judging->frame->bytes;
    const xmlAttr *attribute;
    size_t at = 0;

    for (attribute = root->properties; attribute; attribute = attribute->next) {
        if (attribute->ns || strcmp((const char *)attribute->name, "current"))
            problem_add(
                judging->problems, PROBLEM_OUTSIDE_CONTENT, &judging->place,
                "found attribute '%.80s' of <snapshots>", attribute->name);
    }
    if (bytes->len >= 3 && !memcmp(bytes->data, "\xef\xbb\xbf", 3))
        at = 3;
    while (at < bytes->len) {
        const char *here = bytes->data + at;
        struct token token = span_token(here, bytes->len - at, false);
        bool tag = token.kind == TOKEN_START || token.kind == TOKEN_EMPTY ||
                   token.kind == TOKEN_END;
        bool blank = token.kind == TOKEN_TEXT && span_blank(here, token.len);

        if (!token.len)
            break;
        if (!tag && !blank && !span_is_warning(here, token) &&
            !span_is_declaration(here, token))
            report_beside(judging, at, token.len);
        at += token.len;
    }
}

/*
 * Find the snapshot that current= names: by what a parser reads, or, because
 * libvirt writes a tab or a line break raw, by the bytes.
 */
static void
find_current(struct judging *judging, const char *read, const char *tag,
             size_t len)
{
    struct domain *domain = judging->domain;
    cleanup(free_ptr) char *raw = NULL;
    struct span value;
    size_t by_parser = domain_find(domain, read), by_bytes = NO_SNAPSHOT;

    if (span_attribute(tag, len, "current", &value))
        raw = span_decode(tag + value.start, value.len);
    if (raw && strcmp(raw, read)) {
        by_bytes = domain_find(domain, raw);
        /* A name with a raw carriage return is read with a line feed. */
        for (char *p = raw; *p; p++)
            *p = *p == '\r' ? '\n' : *p;
        if (by_bytes == NO_SNAPSHOT)
            by_bytes = domain_find(domain, raw);
    }
    if (by_parser != NO_SNAPSHOT && by_bytes != NO_SNAPSHOT) {
        problem_add(judging->problems, PROBLEM_CURRENT_AMBIGUOUS,
                    &judging->place, "'%.300s' or '%.300s'",
                    domain->snaps[by_bytes].name, read);
        return;
    }
    domain->current = by_parser != NO_SNAPSHOT ? by_parser : by_bytes;
    if (domain->current == NO_SNAPSHOT &&
        judging->frame->children == domain->count) {
        domain->dangling = xstrdup(read);
        problem_add(judging->problems, PROBLEM_CURRENT_DANGLING,
                    &judging->place, "'%.300s'", read);
    } else if (by_parser == NO_SNAPSHOT && by_bytes != NO_SNAPSHOT)
        problem_add(judging->problems, PROBLEM_CURRENT_RAW, &judging->place,
                    "'%.300s'", domain->snaps[by_bytes].name);
    if (domain->current != NO_SNAPSHOT)
        domain->snaps[domain->current].active = true;
}

static size_t
count_elements(const xmlNode *root)
{
    size_t count = 0;

    for (const xmlNode *node = root->children; node; node = node->next)
        count += node->type == XML_ELEMENT_NODE;
    return count;
}

/* Parse the frame, or say why it cannot be parsed. */
static xmlDoc *
parse_frame(struct judging *judging, const struct document *map)
{
    struct parse_failure failure = {0};
    const char *bytes = judging->frame->bytes.data;
    size_t len = judging->frame->bytes.len, offset = 0;
    cleanup(free_ptr) char *found = snapshot_not_utf8(bytes, len, map, &offset);
    xmlDoc *doc;

    if (found) {
        go_to(judging, offset);
        problem_add(judging->problems, PROBLEM_XML_NOT_UTF8, &judging->place,
                    "%s", found);
        return NULL;
    }
    doc = parse_document(bytes, len, NULL, &failure);
    if (!doc) {
        go_to(judging, failure.offset);
        problem_add(judging->problems, PROBLEM_XML_MALFORMED, &judging->place,
                    "%.300s", failure.message);
    }
    free(failure.message);
    return doc;
}

static void
judge_root(struct judging *judging, const xmlNode *root,
           const struct document *map)
{
    cleanup(parse_free_text) xmlChar *current = NULL;
    const char *bytes = judging->frame->bytes.data;

    go_to(judging, judging->frame->root_tag.start);
    if (strcmp((const char *)root->name, "snapshots") ||
        (root->ns && root->ns->prefix)) {
        problem_add(judging->problems, PROBLEM_ROOT_WRONG, &judging->place,
                    "found <%.*s>, expected <snapshots>%s",
                    (int)(map->root_name.len < 80 ? map->root_name.len : 80),
                    bytes + map->root_name.start,
                    !strcmp((const char *)root->name, "domainsnapshot")
                        ? "; if this is the directory of one domain, name the "
                          "one that it lies in"
                        : "");
        return;
    }
    if (root->nsDef) {
        const xmlNs *ns = root->nsDef;

        problem_add(judging->problems,
                    root->ns ? PROBLEM_LIST_NAMESPACE : PROBLEM_LIST_PREFIX,
                    &judging->place, "found xmlns%s%.80s='%.80s'",
                    ns->prefix ? ":" : "",
                    ns->prefix ? (const char *)ns->prefix : "",
                    ns->href ? (const char *)ns->href : "");
        return;
    }
    if (count_elements(root) != judging->frame->children) {
        problem_add(judging->problems, PROBLEM_XML_MALFORMED, &judging->place,
                    "its elements cannot be told apart");
        return;
    }
    judge_beside(judging, root);
    go_to(judging, judging->frame->root_tag.start);
    if (!judging->frame->children)
        problem_add(judging->problems, PROBLEM_LIST_EMPTY, &judging->place,
                    NULL);
    if (!xmlHasNsProp(root, (const xmlChar *)"current", NULL))
        return;
    current = xmlGetNoNsProp(root, (const xmlChar *)"current");
    if (!current)
        memory_exhausted();
    find_current(judging, (const char *)current,
                 bytes + judging->frame->root_tag.start,
                 judging->frame->root_tag.len);
}

void
frame_judge(const struct frame *frame, struct domain *domain,
            const struct place *place, struct problems *problems)
{
    struct judging judging = {
        .frame = frame,
        .domain = domain,
        .place = *place,
        .problems = problems,
    };
    cleanup(parse_free_doc) xmlDoc *doc = NULL;
    struct document map;

    (void)scan_document(frame->bytes.data, frame->bytes.len, &map);
    doc = parse_frame(&judging, &map);
    if (doc)
        judge_root(&judging, xmlDocGetRootElement(doc), &map);
}

void
frame_free(struct frame *frame)
{
    buffer_free(&frame->bytes);
    free(frame->anchors);
}
