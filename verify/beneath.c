/* beneath.c - see beneath.h. */
#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "memory.h"

#define LINKS_MAX 40 /* as the kernel has it */

/* Where a walk is: the directories from below ROOT to here, each open. */
struct walk {
    int root;
    int *dirs;
    size_t depth;
    char *rest; /* of the path */
    unsigned int links;
};

static int
here(const struct walk *walk)
{
    return walk->depth ? walk->dirs[walk->depth - 1] : walk->root;
}

/* One directory up, but never above the root. */
static void
go_up(struct walk *walk)
{
    if (walk->depth)
        (void)close(walk->dirs[--walk->depth]);
}

static void
end_walk(struct walk *walk)
{
    while (walk->depth)
        go_up(walk);
    free(walk->dirs);
    free(walk->rest);
}

/* Take the next name from the path; the caller owns it. NULL: it is at its end.
 */
static char *
next_name(struct walk *walk)
{
    const char *start = walk->rest + strspn(walk->rest, "/");
    size_t len = strcspn(start, "/");
    char *name = NULL;

    if (len) {
        char *rest = xstrdup(start + len);

        name = xasprintf("%.*s", (int)len, start);
        free(walk->rest);
        walk->rest = rest;
    }
    return name;
}

/* What is in the link FD goes before the rest of the path. */
static int
follow(struct walk *walk, int fd)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(fd, "", target, sizeof(target));
    char *rest;

    if (len < 0)
        return -1;
    if (++walk->links > LINKS_MAX || (size_t)len == sizeof(target)) {
        errno = ELOOP;
        return -1;
    }
    if (target[0] == '/') {
        while (walk->depth)
            go_up(walk);
    }
    rest = xasprintf("%.*s%s", (int)len, target, walk->rest);
    free(walk->rest);
    walk->rest = rest;
    return 0;
}

/*
 * Go to NAME: into a directory, along a link, or it is the end of the path. 1:
 * go on; 0: *OPENED is what was asked for; -1 and errno.
 */
static int
step(struct walk *walk, const char *name, int flags, int *opened)
{
    cleanup(close_fd) int fd =
        openat(here(walk), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat stat;

    if (fd < 0 || fstat(fd, &stat) < 0)
        return -1;
    if (S_ISLNK(stat.st_mode))
        return follow(walk, fd) < 0 ? -1 : 1;
    if (S_ISDIR(stat.st_mode)) {
        walk->dirs = xrealloc(walk->dirs, walk->depth + 1, sizeof(*walk->dirs));
        walk->dirs[walk->depth++] = steal_fd(&fd);
        return 1;
    }
    if (walk->rest[0]) {
        errno = ENOTDIR;
        return -1;
    }
    *opened = openat(here(walk), name, flags | O_NOFOLLOW);
    return *opened < 0 ? -1 : 0;
}

int
beneath_walk(int root, const char *path, int flags)
{
    cleanup(end_walk) struct walk walk = {.root = root, .rest = xstrdup(path)};
    int opened = -1, result = 1;

    if (!path[0]) {
        errno = ENOENT;
        return -1;
    }
    while (result == 1) {
        cleanup(free_ptr) char *name = next_name(&walk);

        if (!name)
            return openat(here(&walk), ".", flags);
        if (!strcmp(name, ".."))
            go_up(&walk);
        else if (strcmp(name, ".") != 0)
            result = step(&walk, name, flags, &opened);
    }
    return opened;
}

int
beneath_open(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned int)flags,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

    /* Some containers say EPERM to calls that they do not know. */
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return beneath_walk(root, path, flags);
    return fd;
}
