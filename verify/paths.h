/*
 * paths.h - where libvirt keeps things by default.
 *
 * Source: libvirt's virQEMUDriverConfigNew() (src/qemu/qemu_conf.c).
 */
#ifndef PATHS_H
#define PATHS_H

#include <stdbool.h>

#include "kind.h"

struct paths {
    char *definitions; /* the directory of the domains' definitions */
    char *base;        /* the snapshot directory, or that of checkpoints */
    char *run;         /* directory of driver.pid */
    char *daemons;     /* directory of the daemons' own .pid files */
};

/*
 * The paths for metadata of a KIND, of the system's libvirt, or of the caller's
 * own session from XDG_CONFIG_HOME, XDG_RUNTIME_DIR and HOME. Members are NULL
 * where the environment does not say. Release with paths_free().
 */
void paths_system(struct paths *paths, enum kind kind);
void paths_session(struct paths *paths, enum kind kind);
void paths_free(struct paths *paths);

#endif
