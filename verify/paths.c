/* paths.c - see paths.h. */
#include "paths.h"

#include <stdlib.h>

#include "memory.h"

void
paths_system(struct paths *paths, enum kind kind)
{
    paths->base = xasprintf("/var/lib/libvirt/qemu/%s", kind_info(kind)->name);
    paths->definitions = xstrdup("/etc/libvirt/qemu");
    paths->run = xstrdup("/run/libvirt/qemu");
    paths->daemons = xstrdup("/run");
}

/* A directory named by the environment; relative ones are ignored (XDG). */
static const char *
environment_dir(const char *name)
{
    const char *value = secure_getenv(name);

    return value && value[0] == '/' ? value : NULL;
}

void
paths_session(struct paths *paths, enum kind kind)
{
    const char *config = environment_dir("XDG_CONFIG_HOME");
    const char *runtime = environment_dir("XDG_RUNTIME_DIR");
    const char *cache = environment_dir("XDG_CACHE_HOME");
    const char *home = environment_dir("HOME");

    *paths = (struct paths){0};
    if (config)
        paths->definitions = xasprintf("%s/libvirt/qemu", config);
    else if (home)
        paths->definitions = xasprintf("%s/.config/libvirt/qemu", home);
    if (paths->definitions)
        paths->base =
            xasprintf("%s/%s", paths->definitions, kind_info(kind)->name);
    /* Without a runtime directory libvirt takes the cache directory. */
    if (runtime)
        paths->daemons = xasprintf("%s/libvirt", runtime);
    else if (cache)
        paths->daemons = xasprintf("%s/libvirt", cache);
    else if (home)
        paths->daemons = xasprintf("%s/.cache/libvirt", home);
    if (paths->daemons)
        paths->run = xasprintf("%s/qemu/run", paths->daemons);
}

void
paths_free(struct paths *paths)
{
    free(paths->base);
    free(paths->definitions);
    free(paths->run);
    free(paths->daemons);
    *paths = (struct paths){0};
}
