/* output.c - see output.h. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "error.h"
#include "memory.h"

static bool
same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Which of the PATHS would be changed by writing to this one? */
static const char *
path_around(const char *file, const char *const *paths)
{
    cleanup(free_ptr) char *copy = xstrdup(file);
    const char *name = dirname(copy);
    cleanup(free_ptr) char *above = xasprintf("%s/..", name);
    struct stat self, dir, up, path;
    bool exists = !stat(file, &self);

    if (stat(name, &dir) < 0 || stat(above, &up) < 0)
        return NULL;
    for (; *paths; paths++) {
        if (stat(*paths, &path) < 0)
            continue;
        if (same(&path, &dir) || same(&path, &up) ||
            (exists && same(&path, &self)))
            return *paths;
    }
    return NULL;
}

FILE *
output_open(const char *path, const char *const *paths, struct error *error)
{
    const char *around = path ? path_around(path, paths) : NULL;
    FILE *out;
    int fd;

    if (!path)
        return stdout;
    if (around) {
        (void)error_set(
            error, 0,
            "--output: '%s' would change '%s', which is only looked at; "
            "name a file elsewhere",
            path, around);
        return NULL;
    }
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    out = fd < 0 ? NULL : fdopen(fd, "w");
    if (!out) {
        (void)error_set(error, errno, "cannot write '%s'", path);
        if (fd >= 0)
            (void)close(fd);
    }
    return out;
}

int
output_close(FILE *out, const char *path, struct error *error)
{
    bool failed;

    if (out == stdout)
        return 0;
    failed = ferror(out);
    if (!fclose(out) && !failed)
        return 0;
    return error_set(error, errno, "cannot write '%s'", path);
}
