/*
 * paths.h - where libvirt keeps things by default.
 *
 * Source: libvirt's virQEMUDriverConfigNew() (src/qemu/qemu_conf.c).
 */
#ifndef PATHS_H
#define PATHS_H

#include <stdbool.h>

struct paths {
    char *definitions; /* the directory of the domains' definitions */
    char *base;        /* the snapshot directory */
    char *run;         /* directory of driver.pid */
    char *daemons;     /* directory of the daemons' own .pid files */
};

/*
 * The paths of the system's libvirt, or of the caller's own session from
 * XDG_CONFIG_HOME, XDG_RUNTIME_DIR and HOME. Members are NULL where the
 * environment does not say. Release with paths_free().
 */
void paths_system(struct paths *paths);
void paths_session(struct paths *paths);
void paths_free(struct paths *paths);

#endif
