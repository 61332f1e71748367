/* putback.c - see putback.h. */
#include "putback.h"

#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cleanup.h"
#include "kind.h"
#include "memory.h"
#include "problem.h"
#include "shell.h"

/* The checkpoint directory beside the snapshot directory PATH; or NULL. */
static char *
directory_beside(const char *path)
{
    const char *name = kind_info(KIND_SNAPSHOT)->name;
    size_t len = strlen(path), tail = strlen(name);

    while (len && path[len - 1] == '/')
        len--;
    if (len < tail || strncmp(path + len - tail, name, tail) != 0 ||
        (len > tail && path[len - tail - 1] != '/'))
        return NULL;
    return xasprintf("%.*s%s", (int)(len - tail), path,
                     kind_info(KIND_CHECKPOINT)->name);
}

/* A directory that libvirt uses may have been named in another way. */
static char *
find_directory(const struct base *base)
{
    char *found = directory_beside(base->root.path);

    return found || !base->driver.base ? found
                                       : directory_beside(base->driver.base);
}

/* In front of the command; no colon but the last. */
#define WHEN                                                                   \
    "while libvirt does not run (it stays where it is if its name is taken "   \
    "there): "

/*
 * Whoever can write there may have put a link in the place of the directory.
 * No domain has a line feed in its name: NULL, for a shell drops those at the
 * end of a word that is written with printf(1).
 */
static char *
command(const struct problem *problem, const char *base, const char *directory)
{
    cleanup(free_ptr) char *from = xasprintf("%s/%s", base, problem->file);
    cleanup(free_ptr) char *to = xasprintf("%s/%s", directory, problem->domain);
    struct buffer out = {0};

    if (strchr(problem->domain, '\n'))
        return NULL;
    buffer_puts(&out, WHEN "test ! -L ");
    shell_word(&out, to);
    buffer_puts(&out, " && mkdir -p -- ");
    shell_word(&out, to);
    buffer_puts(&out, " && mv -n -- ");
    shell_word(&out, from);
    buffer_puts(&out, " ");
    shell_word(&out, to);
    buffer_puts(&out, "/");
    buffer_add(&out, "", 1);
    return out.data;
}

void
putback_decide(struct problems *problems, const struct base *base, bool none)
{
    cleanup(free_ptr) char *directory = find_directory(base);

    for (size_t i = 0; i < problems->count; i++) {
        struct problem *problem = &problems->list[i];

        if (problem->id != PROBLEM_CHECKPOINT_MISPLACED || problem->remedy)
            continue;
        if (directory)
            problem->remedy = command(problem, base->root.path, directory);
        else if (none && !problem->detail)
            problem->detail = xstrdup("if this is a directory of checkpoints, "
                                      "see --kind=checkpoint");
    }
}

const char *
putback_command(const struct problem *problem)
{
    return problem->id == PROBLEM_CHECKPOINT_MISPLACED && problem->remedy
               ? problem->remedy + strlen(WHEN)
               : NULL;
}
