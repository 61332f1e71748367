/*
 * members.h - the members of a bulk file, judged in the order of the file by as
 * many threads as there are. Used by bulk.c only.
 */
#ifndef MEMBERS_H
#define MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <libxml/tree.h>

#include "error.h"
#include "layout.h"
#include "memo.h"
#include "problem.h"
#include "where.h"

struct workspace;

/* One that was scanned, until it is its turn to be added to the domain. */
struct member {
    size_t at; /* in the bytes that were read */
    size_t len;
    struct span name; /* of its element, relative to its first byte */
    struct position start;
    enum snapshot_kind kind; /* from here on: when it was judged */
    struct snapshot snapshot;
    struct problems found;
    int result;
    struct error error;
};

/* Those that wait, and with what they are judged. */
struct members {
    const struct source *source;
    struct domain *domain;
    struct problems *problems;
    struct place place;
    struct member *list;
    size_t count;
    const char *bytes; /* while they are judged */
    off_t offset;      /* of these in the file */
    bool in_list;
    struct error *error;
    struct workspace *workspaces; /* of each thread ... */
    xmlDict **dictionaries;       /* ... of all members that it judges */
    size_t threads;
};

/* Sound ones are to be added to DOMAIN, findings to PROBLEMS. */
void members_start(struct members *members, const struct source *source,
                   struct domain *domain, struct problems *problems);

/* One more, of LEN bytes, with the NAME of its element. */
void members_add(struct members *members, size_t at, size_t len,
                 struct span name, struct position start);

/*
 * Judge all that wait, which lie in BYTES, read from OFFSET on. IN_LIST: it is
 * <snapshots> that they are in. -1: the witness was not content.
 */
int members_judge(struct members *members, const char *bytes, off_t offset,
                  bool in_list, struct error *error);

/* Does a part of a snapshot begin here that one of them had? */
bool members_know(struct members *members, const char *bytes, size_t len,
                  struct met *met);

/*
 * libxml2 refuses a document with too many different names. Each thread knows
 * only those that it has met, and the memo has a few of its own. False: all of
 * them together may be too many, and the file has to be read again, by one
 * thread and without a memo.
 */
bool members_have_few_names(const struct members *members);

void members_free(struct members *members);

#endif
