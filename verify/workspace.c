/* workspace.c - see workspace.h. */
#include "workspace.h"

#include "parse.h"

void
workspace_start(struct workspace *workspace, xmlDict *dictionary, bool no_memo)
{
    *workspace = (struct workspace){
        .parser = parser_new(dictionary),
        .no_memo = no_memo,
    };
}

void
workspace_free(struct workspace *workspace)
{
    parser_free(workspace->parser);
    memo_free(&workspace->memo);
    outlines_free(&workspace->outlines);
    buffer_free(&workspace->bytes);
    buffer_free(&workspace->rest);
}
