/*
 * stage.h - the place where new copies are built, and the few operations that
 * change anything below BASE.
 *
 * verify/staging.h says what lies in it after a crash, so no journal is needed:
 * copies that were being built are thrown away, for their sources still stand;
 * remove.c removes old ones that were swapped out. The directory is the
 * caller's alone (0700) and on BASE's file system.
 *
 * Every path is relative to a descriptor; nothing follows a symbolic link.
 */
#ifndef STAGE_H
#define STAGE_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "../verify/snapshot.h"

struct buffer;
struct error;
struct root;

struct stage {
    const struct root *base; /* borrowed: BASE, or the output directory */
    int top;                 /* BASE/.virt-snapshot-migrate */
    int built[2];            /* by the layout built: to-legacy, to-bulk */
};

/*
 * Open the staging directory of a base, and make it if CREATE says so. 1: open,
 * 0: there is none, -1: error, for instance if somebody else put it there.
 */
int stage_open(struct stage *stage, const struct root *base, bool create,
               struct error *error);
/* Throw away copies that were being built. */
int stage_clean(struct stage *stage, struct error *error);
/*
 * Close, in every case, and remove the directories that are empty. -1: one of
 * them could not be removed; whoever has something worse to tell ignores it.
 */
int stage_close(struct stage *stage, struct error *error);

/* What a new file takes over from the one it replaces. */
struct attributes {
    mode_t mode; /* of a file: libvirt's own, unless the caller sets another */
    uid_t owner;
    gid_t group;
    struct timespec modified;
    char *label; /* security.selinux; NULL for none */
    size_t label_len;
    char *acl; /* system.posix_acl_access; NULL for none */
    size_t acl_len;
};

/*
 * Those of an open file or directory, to be released with attributes_free() in
 * every case. -1: one that is there could not be read.
 */
int attributes_read(struct attributes *attributes, int fd, struct error *error);
void attributes_free(struct attributes *attributes);

/* A new file in a staging directory, for us alone; descriptor or -1. */
int stage_create(int dir, const char *name, struct error *error);
/* Write all of the bytes, and empty the buffer. -1: only a part was written. */
int stage_write(int fd, struct buffer *bytes, struct error *error);
/* Give it its attributes and close it, in every case. */
int stage_finish(int *fd, const struct attributes *attributes,
                 struct error *error);
/* A new directory in a staging directory; descriptor or -1. */
int stage_create_dir(int dir, const char *name,
                     const struct attributes *attributes, struct error *error);
/*
 * Throw away one copy that was built: a file, or a directory of files. An old
 * copy of that name, which is of the opposite type, is never removed: -1.
 */
int stage_discard(const struct stage *stage, enum layout built,
                  const char *name, struct error *error);

/* Everything written to this file system is on disk when this returns 0. */
int stage_sync(const struct stage *stage, struct error *error);
/* The entries of this directory are. */
int stage_sync_dir(int dir, const char *shown, struct error *error);

/*
 * Rename into place: the target must not exist (RENAME_NOREPLACE), or is
 * replaced (0), or swapped (RENAME_EXCHANGE). -1: error->number says why.
 */
int stage_place(int from_dir, const char *from, int to_dir, const char *to,
                unsigned int how, struct error *error);

/* Remove a file, if it still is the one that ID is of. */
int stage_remove(int dir, const char *name, const struct file_id *id,
                 struct error *error);

#endif
