/* putback.c - see putback.h. */
#include "putback.h"

#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cleanup.h"
#include "escape.h"
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
 * Whoever can write there may have put links in the place of directories: none
 * of those that may be exchanged is to be one. (That leaves a moment between
 * the look and the move; nothing may run that is not trusted.) No domain has a
 * line feed in its name: it gets no command, for a shell drops those at the end
 * of a word that is written with printf(1).
 */
static void
decide(struct problem *problem, const char *base, const char *directory)
{
    cleanup(free_ptr) char *from = xasprintf("%s/%s", base, problem->file);
    cleanup(free_ptr) char *to = xasprintf("%s/%s", directory, problem->domain);
    cleanup(free_ptr) char *where =
        xstrndup(from, (size_t)(strrchr(from, '/') - from));
    cleanup(buffer_free) struct buffer folder = {0}, both = {0}, source = {0},
                                       above = {0};

    if (strchr(problem->domain, '\n'))
        return;
    shell_word(&folder, to);
    buffer_add(&folder, "", 1);
    shell_word(&both, from);
    buffer_puts(&both, " ");
    buffer_puts(&both, folder.data);
    buffer_add(&both, "", 1);
    shell_word(&source, where);
    buffer_add(&source, "", 1);
    shell_word(&above, directory);
    buffer_add(&above, "", 1);
    problem->words = xstrdup(both.data);
    problem->remedy =
        xasprintf(WHEN "test ! -L %s && test ! -L %s && test ! -L %s && "
                       "mkdir -p -- %s && mv -n -- %s/",
                  source.data, above.data, folder.data, folder.data, both.data);
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
            decide(problem, base->root.path, directory);
        else if (none && !problem->detail)
            problem->detail = xstrdup("if this is a directory of checkpoints, "
                                      "see --kind=checkpoint");
    }
}

/* What each line of the script calls: FILE DIRECTORY NAME-TO-SHOW. */
static const char function[] =
    "left=\n"
    "putback() {\n"
    "    to=$2/${1##*/}\n"
    "    if [ -L \"$2\" ] || [ -L \"${2%/*}\" ] || [ -L \"${1%/*}\" ]; then\n"
    "        why='a link is in the place of a directory'\n"
    "    elif [ -L \"$to\" ]; then\n"
    "        why='a link is there in its place'\n"
    "    elif [ -f \"$to\" ] && cmp -s -- \"$1\" \"$to\"; then\n"
    "        why='the same is there already; remove this one'\n"
    "    elif [ -e \"$to\" ]; then\n"
    "        why='another one is there; compare them, and move away one'\n"
    "    else\n"
    "        why='see above'\n"
    "        mkdir -p -- \"$2\" && mv -n -- \"$1\" \"$2/\" && return\n"
    "    fi\n"
    "    left=1\n"
    "    printf 'left where it is: %s: %s\\n' \"$3\" \"$why\" >&2\n"
    "}\n";

static void
print_one(FILE *out, const struct problem *problem)
{
    cleanup(free_ptr) char *file = escape_text(problem->file);
    cleanup(buffer_free) struct buffer shown = {0};

    if (!problem->words) {
        fprintf(out, "# not '%s': %s\n", file,
                strchr(problem->domain, '\n')
                    ? "no domain has a line feed in its name"
                    : "this directory is not called 'snapshot', so it is not "
                      "known where checkpoints belong");
        return;
    }
    shell_word(&shown, file);
    buffer_add(&shown, "", 1);
    fprintf(out, "putback %s %s\n", problem->words, shown.data);
}

void
putback_script(FILE *out, const struct problems *problems)
{
    size_t found = 0, commands = 0;

    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];

        found += problem->id == PROBLEM_CHECKPOINT_MISPLACED;
        commands += problem->words != NULL;
    }
    if (!found)
        fprintf(out, "# nothing to do\n");
    if (commands)
        fprintf(out, "# While libvirt does not run:\n%s", function);
    for (size_t i = 0; found && i < problems->count; i++) {
        if (problems->list[i].id == PROBLEM_CHECKPOINT_MISPLACED)
            print_one(out, &problems->list[i]);
    }
    /* So that it ends with 1 if anything was left. */
    if (commands)
        fprintf(out, "test -z \"$left\"\n");
}
