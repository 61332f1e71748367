/* output.c - see output.h. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "error.h"
#include "memory.h"
#include "scan.h"
#include "target.h"

/* Where it really would be written: links resolved, of the directory at least.
 */
static char *
resolve(const char *file)
{
    char *real = realpath(file, NULL);
    cleanup(free_ptr) char *copy = xstrdup(file);
    cleanup(free_ptr) char *link = NULL;
    cleanup(free_ptr) char *above = NULL;

    if (real)
        return real;
    above = realpath(dirname(copy), NULL);
    link = xstrdup(file);
    return above ? xasprintf("%s/%s", above, basename(link)) : NULL;
}

/* Is FILE the directory DIR, or below it? Both are real paths. */
static bool
is_below(const char *file, const char *dir)
{
    size_t len = strlen(dir);

    return !strcmp(dir, "/") ||
           (!strncmp(file, dir, len) && (!file[len] || file[len] == '/'));
}

/* Which of the PATHS would be changed by writing to this one? */
static const char *
path_around(const char *file, const char *const *paths)
{
    for (; *paths; paths++) {
        struct target target;
        struct error ignored = {0};
        bool found = target_find(&target, *paths, &ignored) < 0;
        cleanup(free_ptr) char *dir =
            target.kind == TARGET_SNAPSHOT
                ? xasprintf("%s/%s", target.base, target.entry)
                : xstrdup(*paths);
        cleanup(free_ptr) char *real = realpath(dir, NULL);

        found = !found && real && is_below(file, real);
        target_free(&target);
        error_clear(&ignored);
        if (found)
            return *paths;
    }
    return NULL;
}

/* Does the file hold something that is not a report: metadata, a schema? */
static bool
is_precious(const char *file)
{
    static const char *const roots[] = {"domainsnapshot", "domaincheckpoint",
                                        "snapshots",      "domain",
                                        "domstatus",      "grammar"};
    char head[4096];
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat stat;
    ssize_t len = fd >= 0 && !fstat(fd, &stat) && S_ISREG(stat.st_mode)
                      ? read(fd, head, sizeof(head))
                      : 0;
    struct document map = {0};
    bool precious = false;

    if (len > 0)
        (void)scan_document(head, (size_t)len, &map);
    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
        precious = precious || (map.root_name.len == strlen(roots[i]) &&
                                !memcmp(head + map.root_name.start, roots[i],
                                        map.root_name.len));
    if (fd >= 0)
        (void)close(fd);
    return precious;
}

static int
refuse(const char *path, const char *what, const char *of, struct error *error)
{
    return error_set(error, 0, "--output: '%s' %s%s%s%s; name a file elsewhere",
                     path, what, of ? "'" : "", of ? of : "",
                     of ? "', which is only looked at" : "");
}

/* May this be opened for writing, and emptied? */
static int
check(const char *path, const char *const *paths, struct error *error)
{
    cleanup(free_ptr) char *real = resolve(path);
    const char *around = real ? path_around(real, paths) : NULL;

    struct stat stat;

    /* A link to where nothing is yet. */
    if (!lstat(path, &stat) && S_ISLNK(stat.st_mode) && access(path, F_OK) < 0)
        return refuse(path, "is a link to nothing", NULL, error);
    if (around)
        return refuse(path, "would change ", around, error);
    if (real && is_precious(real))
        return refuse(path, "holds something else than a report", NULL, error);
    return 0;
}

int
output_open(struct output *output, const char *path, const char *const *paths,
            struct error *error)
{
    const int flags = O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY;
    int fd;

    *output = (struct output){.out = stdout};
    if (!path)
        return 0;
    if (check(path, paths, error) < 0)
        return -1;
    fd = open(path, flags | O_CREAT | O_EXCL, 0666);
    output->created = fd >= 0;
    if (fd < 0 && errno == EEXIST)
        fd = open(path, flags | O_CREAT, 0666);
    output->out = fd < 0 ? NULL : fdopen(fd, "w");
    if (output->out)
        return 0;
    (void)error_set(error, errno, "cannot write '%s'", path);
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/*
 * What is incomplete must not pass for a report. What was there before is the
 * user's: a device, or a file of which nothing is left to keep.
 */
static int
incomplete(const struct output *output, const char *path, int number,
           struct error *error)
{
    bool removed = output->created && !unlink(path);

    return error_set(error, number,
                     removed ? "cannot write '%s', which is removed again"
                             : "cannot write '%s', it is incomplete",
                     path);
}

int
output_close(struct output *output, const char *path, struct error *error)
{
    FILE *out = output->out;
    bool failed;
    int number = 0;

    if (out == stdout)
        return 0;
    failed = fflush(out) || ferror(out);
    if (failed)
        number = errno;
    if (!fclose(out) && !failed)
        return 0;
    return incomplete(output, path, failed ? number : errno, error);
}
