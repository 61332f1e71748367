/* stage.c - see stage.h. */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "../verify/staging.h"

/* A directory that is ours alone; nobody else can have prepared it. */
static int
open_own_dir(int dir, const char *name, bool create, struct error *error)
{
    struct stat stat;
    cleanup(close_fd) int fd = -1;

    if (create && mkdirat(dir, name, 0700) < 0 && errno != EEXIST)
        return error_set(error, errno, "cannot make directory '%s'", name);
    fd = dir_open(dir, name, error);
    if (fd < 0)
        return -1;
    if (fstat(fd, &stat) < 0)
        return error_set(error, errno, "cannot examine '%s'", name);
    if (stat.st_uid != geteuid() || (stat.st_mode & 0077))
        return error_set(error, 0,
                         "'%s' is not this tool's own: it belongs to another "
                         "user or others may enter it; look what it is and "
                         "move it away",
                         name);
    return steal_fd(&fd);
}

/* A domain may be called like our directory; then this holds what is not ours.
 */
static int
check_entries(int top, struct error *error)
{
    struct entries entries;
    int result = 0;

    if (entries_read(top, &entries, error) < 0)
        return -1;
    for (size_t i = 0; i < entries.count && !result; i++) {
        const char *name = entries.list[i].name;

        if (strcmp(name, staging_place(LAYOUT_LEGACY)) &&
            strcmp(name, staging_place(LAYOUT_BULK)))
            result = error_set(error, 0,
                               "'%s' holds '%s', which is not this tool's; "
                               "move it away",
                               STAGE_NAME, name);
    }
    entries_free(&entries);
    return result;
}

int
stage_open(struct stage *stage, const struct root *base, bool create,
           struct error *error)
{
    *stage = (struct stage){.base = base, .top = -1, .built = {-1, -1}};
    stage->top = open_own_dir(base->fd, STAGE_NAME, create, error);
    if (stage->top < 0 && !create && error->number == ENOENT) {
        error_clear(error);
        return 0;
    }
    if (stage->top < 0 || check_entries(stage->top, error) < 0)
        return error_prefix(error, "staging directory in '%s'", base->path);
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        stage->built[layout] = open_own_dir(
            stage->top, staging_place((enum layout)layout), true, error);
        if (stage->built[layout] < 0)
            return error_prefix(error, "staging directory in '%s'", base->path);
    }
    return 1;
}

int
stage_clean(struct stage *stage, struct error *error)
{
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        mode_t type = layout == LAYOUT_BULK ? S_IFREG : S_IFDIR;
        int dir = stage->built[layout];
        struct entries entries;
        int result = 0;

        if (entries_read(dir, &entries, error) < 0)
            return error_prefix(error, "staging directory in '%s'",
                                stage->base->path);
        for (size_t i = 0; i < entries.count && !result; i++) {
            if (entries.list[i].type == type)
                result = stage_discard(stage, (enum layout)layout,
                                       entries.list[i].name, error);
        }
        entries_free(&entries);
        if (result < 0)
            return error_prefix(error, "staging directory in '%s'",
                                stage->base->path);
    }
    return 0;
}

/* What is not empty holds a copy that is needed: that is as it should be. */
static int
remove_empty(int dir, const char *name)
{
    return !unlinkat(dir, name, AT_REMOVEDIR) || errno == ENOENT ||
                   errno == ENOTEMPTY || errno == EEXIST
               ? 0
               : -1;
}

int
stage_close(struct stage *stage, struct error *error)
{
    int result = 0;

    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        close_fd(&stage->built[layout]);
        if (!result && stage->top >= 0)
            result =
                remove_empty(stage->top, staging_place((enum layout)layout));
    }
    if (!result && stage->top >= 0)
        result = remove_empty(stage->base->fd, STAGE_NAME);
    if (result < 0)
        (void)error_set(error, errno,
                        "cannot remove the staging directory in '%s'",
                        stage->base->path);
    close_fd(&stage->top);
    return result;
}

/* An extended attribute; *VALUE is NULL where there is none. */
static int
read_xattr(int fd, const char *name, char **value, size_t *len,
           struct error *error)
{
    char *room = NULL;
    ssize_t size = fgetxattr(fd, name, NULL, 0);

    if (size > 0) {
        room = xcalloc((size_t)size, 1);
        size = fgetxattr(fd, name, room, (size_t)size);
    }
    if (size > 0) {
        *value = room;
        *len = (size_t)size;
        return 0;
    }
    free(room);
    if (size == 0 || errno == ENODATA || errno == ENOTSUP || errno == ENOSYS)
        return 0;
    return error_set(error, errno, "cannot read %s of the source", name);
}

int
attributes_read(struct attributes *attributes, int fd, struct error *error)
{
    struct stat stat;

    *attributes = (struct attributes){0};
    if (fstat(fd, &stat) < 0)
        return error_set(error, errno, "cannot examine the source");
    attributes->mode = 0600;
    attributes->owner = stat.st_uid;
    attributes->group = stat.st_gid;
    attributes->modified = stat.st_mtim;
    if (read_xattr(fd, "security.selinux", &attributes->label,
                   &attributes->label_len, error) < 0)
        return -1;
    if (!S_ISREG(stat.st_mode))
        return 0;
    return read_xattr(fd, "system.posix_acl_access", &attributes->acl,
                      &attributes->acl_len, error);
}

void
attributes_free(struct attributes *attributes)
{
    free(attributes->label);
    free(attributes->acl);
    *attributes = (struct attributes){0};
}

static int
apply_xattr(int fd, const char *name, const char *value, size_t len,
            struct error *error)
{
    if (!value || !fsetxattr(fd, name, value, len, 0))
        return 0;
    /* A file system without them, or a caller who may not: no loss of data. */
    if (errno == ENOTSUP || (errno == EPERM && geteuid() != 0))
        return 0;
    return error_set(error, errno, "cannot set %s", name);
}

static int
apply_attributes(int fd, const struct attributes *attributes,
                 struct error *error)
{
    const struct timespec times[] = {{.tv_nsec = UTIME_OMIT},
                                     attributes->modified};
    struct stat stat;

    if (fstat(fd, &stat) < 0)
        return error_set(error, errno, "cannot examine the new copy");
    /* Whatever the umask. */
    if ((stat.st_mode & 07777) != attributes->mode &&
        fchmod(fd, attributes->mode) < 0)
        return error_set(error, errno, "cannot set the mode");
    /* Only root can give files away; for others the copy is their own. */
    if ((stat.st_uid != attributes->owner ||
         stat.st_gid != attributes->group) &&
        geteuid() == 0 && fchown(fd, attributes->owner, attributes->group) < 0)
        return error_set(error, errno, "cannot set the owner");
    if (apply_xattr(fd, "system.posix_acl_access", attributes->acl,
                    attributes->acl_len, error) < 0 ||
        apply_xattr(fd, "security.selinux", attributes->label,
                    attributes->label_len, error) < 0)
        return -1;
    if (futimens(fd, times) < 0)
        return error_set(error, errno, "cannot set the times");
    return 0;
}

int
stage_create(int dir, const char *name, struct error *error)
{
    int fd = openat(dir, name,
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return error_set(error, errno, "cannot create '%s'", name);
    return fd;
}

int
stage_write(int fd, struct buffer *bytes, struct error *error)
{
    size_t done = 0;

    while (done < bytes->len) {
        ssize_t wrote = write(fd, bytes->data + done, bytes->len - done);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return error_set(error, wrote ? errno : EIO, "cannot write");
        done += (size_t)wrote;
    }
    bytes->len = 0;
    return 0;
}

int
stage_finish(int *fd, const struct attributes *attributes, struct error *error)
{
    int result = apply_attributes(*fd, attributes, error);

    if (close(steal_fd(fd)) < 0 && !result)
        result = error_set(error, errno, "cannot close the new copy");
    return result;
}

int
stage_create_dir(int dir, const char *name, const struct attributes *attributes,
                 struct error *error)
{
    cleanup(close_fd) int fd = -1;

    if (mkdirat(dir, name, 0755) < 0)
        return error_set(error, errno, "cannot make directory '%s'", name);
    fd = dir_open(dir, name, error);
    if (fd < 0)
        return -1;
    if (fchmod(fd, 0755) < 0)
        return error_set(error, errno, "cannot set the mode of '%s'", name);
    if (geteuid() == 0 && fchown(fd, attributes->owner, attributes->group) < 0)
        return error_set(error, errno, "cannot set the owner of '%s'", name);
    return steal_fd(&fd);
}

static int
discard_dir(int dir, const char *name, struct error *error)
{
    cleanup(close_fd) int fd = dir_open(dir, name, error);
    struct entries entries;
    int result = 0;

    if (fd < 0 || entries_read(fd, &entries, error) < 0)
        return -1;
    for (size_t i = 0; i < entries.count && !result; i++) {
        if (unlinkat(fd, entries.list[i].name, 0) < 0)
            result = error_set(error, errno, "cannot remove '%s'",
                               entries.list[i].name);
    }
    entries_free(&entries);
    if (!result && unlinkat(dir, name, AT_REMOVEDIR) < 0)
        result = error_set(error, errno, "cannot remove '%s'", name);
    return result;
}

/* By type: the opposite one is an old copy, and not to be thrown away. */
int
stage_discard(const struct stage *stage, enum layout built, const char *name,
              struct error *error)
{
    int dir = stage->built[built];

    if (built == LAYOUT_LEGACY)
        return discard_dir(dir, name, error);
    if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
        return error_set(error, errno, "cannot remove '%s'", name);
    return 0;
}

int
stage_sync(const struct stage *stage, struct error *error)
{
    if (syncfs(stage->top) < 0)
        return error_set(error, errno, "cannot sync the new copies in '%s'",
                         stage->base->path);
    return 0;
}

int
stage_sync_dir(int dir, const char *shown, struct error *error)
{
    if (fsync(dir) < 0)
        return error_set(error, errno, "cannot sync directory '%s'", shown);
    return 0;
}

/*
 * Some file systems know no RENAME_NOREPLACE. A link does not replace a file
 * either, and a plain rename of a directory replaces an empty one at most.
 */
static int
place_without_flags(int from_dir, const char *from, int to_dir, const char *to)
{
    struct stat stat;

    if (fstatat(from_dir, from, &stat, AT_SYMLINK_NOFOLLOW) < 0)
        return -1;
    if (S_ISDIR(stat.st_mode))
        return renameat(from_dir, from, to_dir, to);
    if (linkat(from_dir, from, to_dir, to, 0) < 0)
        return -1;
    return unlinkat(from_dir, from, 0);
}

int
stage_place(int from_dir, const char *from, int to_dir, const char *to,
            unsigned int how, struct error *error)
{
    int result = renameat2(from_dir, from, to_dir, to, how);

    if (result < 0 && how == RENAME_NOREPLACE &&
        (errno == EINVAL || errno == ENOSYS))
        result = place_without_flags(from_dir, from, to_dir, to);
    if (result < 0)
        return error_set(error, errno, "cannot rename the new copy to '%s'",
                         to);
    return 0;
}

int
stage_remove(int dir, const char *name, const struct file_id *id,
             struct error *error)
{
    struct stat stat;
    struct file_id now;

    if (fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) < 0)
        return error_set(error, errno, "cannot examine '%s'", name);
    now = file_id(&stat);
    if (!file_id_equal(&now, id))
        return error_set(error, 0,
                         "'%s' changed after it was converted; it "
                         "is left where it is",
                         name);
    if (unlinkat(dir, name, 0) < 0)
        return error_set(error, errno, "cannot remove '%s'", name);
    return 0;
}
