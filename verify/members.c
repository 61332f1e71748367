/* members.c - see members.h. */
#include "members.h"

#include <stdlib.h>
#include <string.h>
#include <libxml/parserInternals.h>

#include "crew.h"
#include "memory.h"
#include "parse.h"
#include "workspace.h"

/* Members that a thread takes at a time, and that wait for their turn. */
#define GRAIN 8
#define WINDOW 256

void
members_start(struct members *members, const struct source *source,
              struct domain *domain, struct problems *problems)
{
    const size_t threads = crew_size(source->effort.crew);

    *members = (struct members){
        .source = source,
        .domain = domain,
        .problems = problems,
        .place = {.domain = source->name, .file = source->entry},
        .workspaces = xcalloc(threads, sizeof(*members->workspaces)),
        .dictionaries = xcalloc(threads, sizeof(xmlDict *)),
        .threads = threads,
    };
    for (size_t i = 0; i < threads; i++) {
        members->dictionaries[i] = parse_dictionary();
        workspace_start(&members->workspaces[i], members->dictionaries[i],
                        source->effort.no_memo);
    }
}

void
members_add(struct members *members, size_t at, size_t len, struct span name,
            struct position start)
{
    members->list =
        xgrow(members->list, members->count, sizeof(*members->list));
    members->list[members->count++] = (struct member){
        .at = at,
        .len = len,
        .name = name,
        .start = start,
    };
}

static bool
is_snapshot(const struct member *member, const char *bytes)
{
    static const char name[] = "domainsnapshot";

    return member->name.len == sizeof(name) - 1 &&
           !memcmp(bytes + member->name.start, name, member->name.len);
}

/* On any thread. */
static void
judge_member(void *data, size_t index, size_t thread)
{
    const struct members *members = data;
    struct member *member = &members->list[index];
    const char *bytes = members->bytes + member->at;
    struct place place = members->place;
    struct document map;

    if (!is_snapshot(member, bytes))
        return;
    position_put(member->start, &place);
    member->found.max = PROBLEMS_MAX;
    member->kind =
        snapshot_parse(&member->snapshot, LAYOUT_BULK, bytes, member->len, &map,
                       &members->workspaces[thread], members->source->schemas,
                       &place, &member->found);
    if (member->kind == SNAPSHOT_SOUND)
        member->result = source_show(members->source, &member->snapshot, bytes,
                                     member->len, thread, &member->error);
}

/* In the order of the file. */
static int
add_member(void *data, size_t index)
{
    struct members *members = data;
    struct member *member = &members->list[index];
    const char *bytes = members->bytes + member->at;
    struct place place = members->place;
    size_t name = member->name.len < 80 ? member->name.len : 80;

    if (member->result < 0)
        return error_take(members->error, &member->error);
    position_put(member->start, &place);
    if (!is_snapshot(member, bytes)) {
        if (members->in_list)
            problem_add(members->problems, PROBLEM_LIST_FOREIGN, &place,
                        "found <%.*s>", (int)name, bytes + member->name.start);
        return 0;
    }
    if (member->kind == SNAPSHOT_OTHER)
        problem_add(members->problems, PROBLEM_LIST_FOREIGN, &place,
                    "found <domainsnapshot> in a namespace");
    else
        problems_append(members->problems, &member->found);
    if (member->kind < SNAPSHOT_OTHER) {
        member->snapshot.element =
            (struct span){(size_t)members->offset + member->at, member->len};
        (void)domain_add(members->domain, &member->snapshot);
    }
    return 0;
}

static void
forget(struct members *members)
{
    for (size_t i = 0; i < members->count; i++) {
        snapshot_free(&members->list[i].snapshot);
        problems_free(&members->list[i].found);
        error_clear(&members->list[i].error);
    }
    members->count = 0;
}

int
members_judge(struct members *members, const char *bytes, off_t offset,
              bool in_list, struct error *error)
{
    const struct row row = {
        .count = members->count,
        .grain = GRAIN,
        .window = WINDOW,
        .data = members,
        .work = judge_member,
        .finish = add_member,
    };
    int result;

    members->bytes = bytes;
    members->offset = offset;
    members->in_list = in_list;
    members->error = error;
    result = crew_run(members->source->effort.crew, &row);
    forget(members);
    return result;
}

bool
members_know(struct members *members, const char *bytes, size_t len,
             struct met *met)
{
    if (!len || bytes[0] != '<')
        return false;
    /* Nobody is at work in them now. */
    for (size_t i = 0; i < members->threads; i++) {
        if (memo_find(&members->workspaces[i].memo, members->source->schemas,
                      bytes, len, met))
            return true;
    }
    return false;
}

bool
members_have_few_names(const struct members *members)
{
    size_t sum = 0;

    for (size_t i = 0; i < members->threads; i++)
        sum += xmlDictGetUsage(members->dictionaries[i]);
    return (members->threads == 1 && members->source->effort.no_memo) ||
           sum < XML_MAX_DICTIONARY_LIMIT / 2;
}

void
members_free(struct members *members)
{
    forget(members);
    free(members->list);
    for (size_t i = 0; i < members->threads; i++) {
        workspace_free(&members->workspaces[i]);
        xmlDictFree(members->dictionaries[i]);
    }
    free(members->workspaces);
    free(members->dictionaries);
}
