/*
 * backup.h - keep what is replaced, instead of deleting it.
 *
 *     BACKUP/legacy/DOMAIN/SNAPSHOT.xml
 *     BACKUP/bulk/DOMAIN.xml
 *
 * so that both layouts, and domains called foo and foo.xml, have room side by
 * side. Nothing that is in a backup is ever overwritten: a copy that is there
 * already, byte for byte, is enough, and another one of the same name goes to
 * legacy.~1~, legacy.~2~ or bulk.~1~ and so on. (Not to NAME.~1~: the names of
 * domains and snapshots can be as long as a file name gets.)
 */
#ifndef BACKUP_H
#define BACKUP_H

#include "../verify/root.h"
#include "../verify/snapshot.h"

struct error;

struct backup {
    struct root root;
};

/*
 * Open and lock BACKUP, and make it where it is missing. Neither it nor BASE
 * may lie in the other.
 */
int backup_open(struct backup *backup, const char *path,
                const struct root *base, struct error *error);

/*
 * Copy the file NAME, which lies in DIR, with its owner, mode and times. DOMAIN
 * is NULL for a bulk file. It is on disk after the next backup_sync().
 */
int backup_keep(struct backup *backup, enum layout layout, const char *domain,
                int dir, const char *name, struct error *error);
/* All that was kept is on disk when this returns 0. */
int backup_sync(const struct backup *backup, struct error *error);
/* Close and unlock; also one that was never opened ({.root = {.fd = -1}}). */
void backup_close(struct backup *backup);

/* Open a directory for a result, and make it; it must lie outside of BASE. */
int outside_open(struct root *root, const char *path, const struct root *base,
                 struct error *error);

#endif
