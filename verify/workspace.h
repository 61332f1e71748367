/*
 * workspace.h - what one thread needs to judge snapshots one after the other:
 * a parser, the parts and outlines that it met, and buffers.
 */
#ifndef WORKSPACE_H
#define WORKSPACE_H

#include <stdbool.h>
#include <libxml/tree.h>

#include "memo.h"
#include "memory.h"
#include "outline.h"

struct parser;

struct workspace {
    struct parser *parser;
    struct memo memo;
    struct outlines outlines;
    bool no_memo; /* every snapshot is judged as a whole */
    struct buffer bytes;
    struct buffer rest; /* of a snapshot without its parts */
};

/*
 * Ready to work, with DICTIONARY for all that is parsed, or NULL. Release it
 * with workspace_free().
 */
void workspace_start(struct workspace *workspace, xmlDict *dictionary,
                     bool no_memo);
void workspace_free(struct workspace *workspace);

#endif
