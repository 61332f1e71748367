/*
 * backup-scene.h - a snapshot directory, and files to be kept in a backup.
 */
#ifndef BACKUP_SCENE_H
#define BACKUP_SCENE_H

#include "support.h"

#include "../../migrate/backup.h"
#include "../../verify/error.h"

/* A scratch directory with BASE in it, and what is to be kept. */
struct scene {
    struct temp temp;
    struct root base;
    int from; /* a directory of sources */
};

static inline int
scene_make(void **state)
{
    struct scene *scene = xcalloc(1, sizeof(*scene));
    struct error error = {0};
    cleanup(free_ptr) char *base = NULL;

    temp_make(&scene->temp);
    base = xasprintf("%s/base", scene->temp.path);
    assert_int_equal(mkdirat(scene->temp.fd, "base", 0700), 0);
    assert_int_equal(mkdirat(scene->temp.fd, "base/vm", 0700), 0);
    assert_int_equal(mkdirat(scene->temp.fd, "from", 0700), 0);
    assert_int_equal(root_open(&scene->base, base, NULL, &error), 0);
    scene->from =
        openat(scene->temp.fd, "from", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(scene->from >= 0);
    *state = scene;
    return 0;
}

static inline int
scene_remove(void **state)
{
    struct scene *scene = *state;

    root_close(&scene->base);
    close_fd(&scene->from);
    temp_remove(&scene->temp);
    free(scene);
    return 0;
}

/* Opens the directory NAME of the scratch directory, or says why not. */
static inline int
open_named(struct backup *backup, const struct scene *scene, const char *name,
           struct error *error)
{
    cleanup(free_ptr) char *path = xasprintf("%s/%s", scene->temp.path, name);

    return backup_open(backup, path, &scene->base, error);
}

static inline void
open_kept(struct backup *backup, const struct scene *scene)
{
    struct error error = {0};

    assert_int_equal(open_named(backup, scene, "kept", &error), 0);
}

#endif
