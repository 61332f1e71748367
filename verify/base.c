/* base.c - see base.h. */
#include "base.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"

/* Is the open directory the one that this libvirt uses, under any name? */
static bool
uses(const struct base *base, const struct paths *paths)
{
    struct stat stat_of;

    return paths->base && !stat(paths->base, &stat_of) &&
           root_is(&base->root, &stat_of);
}

static void
find_driver(struct base *base, enum kind kind)
{
    paths_system(&base->driver, kind);
    if (uses(base, &base->driver))
        return;
    paths_free(&base->driver);
    paths_session(&base->driver, kind);
    if (!uses(base, &base->driver))
        paths_free(&base->driver);
}

int
base_open(struct base *base, enum kind kind, const char *named,
          const char *prefix, struct error *error)
{
    *base = (struct base){.root = {.fd = -1}};
    if (named) {
        if (root_open(&base->root, named, NULL, error) < 0)
            return -1;
        find_driver(base, kind);
        return 1;
    }
    if (prefix || geteuid() == 0)
        paths_system(&base->driver, kind);
    else
        paths_session(&base->driver, kind);
    if (!base->driver.base)
        return error_set(error, 0,
                         "neither XDG_CONFIG_HOME nor HOME says where your "
                         "session's %s are; name the directory",
                         kind_info(kind)->plural);
    if (!root_open(&base->root, base->driver.base, prefix, error))
        return 1;
    /* A mounted system that is not there is a mistake, not an empty one. */
    if (error->number != ENOENT || (prefix && access(prefix, F_OK) < 0))
        return -1;
    error_clear(error);
    return 0;
}

void
base_close(struct base *base)
{
    root_close(&base->root);
    paths_free(&base->driver);
}
