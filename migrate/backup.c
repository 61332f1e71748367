/* backup.c - see backup.h. */
#include "backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "stage.h"

#define TEMPORARY ".virt-snapshot-migrate.new"
#define CHUNK 1048576

/* 1 if DIR is BASE or lies below it: walk up to the root of the file system. */
static int
is_below(int dir, const char *path, const struct root *base,
         struct error *error)
{
    cleanup(close_fd) int at =
        openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

    for (;;) {
        struct stat stat, above;
        int up;

        if (at < 0 || fstat(at, &stat) < 0)
            return error_set(error, errno, "cannot examine directory '%s'",
                             path);
        if (root_is(base, &stat))
            return 1;
        up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (up < 0 || fstat(up, &above) < 0) {
            (void)error_set(error, errno,
                            "cannot examine what is above directory '%s'",
                            path);
            close_fd(&up);
            return -1;
        }
        (void)close(at);
        at = up;
        if (above.st_dev == stat.st_dev && above.st_ino == stat.st_ino)
            return 0;
    }
}

/* -1 if DIR is in BASE, where libvirt would take what is in it for a domain. */
static int
check_outside(int dir, const char *path, const struct root *base,
              struct error *error)
{
    int below = is_below(dir, path, base, error);

    if (below > 0)
        return error_set(error, 0,
                         "'%s' lies in the snapshot directory '%s', where "
                         "libvirt would take it for a domain",
                         path, base->path);
    return below;
}

/* Make a directory, if the one it is to lie in is outside of BASE. */
static int
make_outside(const char *path, const struct root *base, struct error *error)
{
    cleanup(free_ptr) char *copy = xstrdup(path);
    cleanup(close_fd) int above = -1;
    char *end = copy + strlen(copy);
    const char *name;

    while (end > copy + 1 && end[-1] == '/')
        *--end = '\0';
    name = strrchr(copy, '/');
    if (!name) {
        above = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        name = copy;
    } else {
        cleanup(free_ptr) char *parent =
            xstrndup(copy, name == copy ? 1 : (size_t)(name - copy));

        above = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        name++;
    }
    if (above < 0)
        return error_set(error, errno,
                         "cannot make directory '%s', for the one that it is "
                         "to lie in cannot be opened",
                         path);
    if (check_outside(above, path, base, error) < 0)
        return -1;
    /* Another run may have been quicker; then its lock decides. */
    if (mkdirat(above, name, 0700) < 0 && errno != EEXIST)
        return error_set(error, errno, "cannot make directory '%s'", path);
    return 0;
}

int
outside_open(struct root *root, const char *path, const struct root *base,
             struct error *error)
{
    *root = (struct root){.fd = -1};
    if (access(path, F_OK) < 0 && make_outside(path, base, error) < 0)
        return -1;
    if (root_open(root, path, NULL, error) < 0)
        return -1;
    if (check_outside(root->fd, path, base, error) < 0) {
        root_close(root);
        return -1;
    }
    return 0;
}

int
backup_open(struct backup *backup, const char *path, const struct root *base,
            struct error *error)
{
    int around;

    if (outside_open(&backup->root, path, base, error) < 0)
        return -1;
    around = is_below(base->fd, base->path, &backup->root, error);
    if (around > 0)
        (void)error_set(error, 0,
                        "the snapshot directory '%s' lies in the backup '%s': "
                        "what is kept could be what is replaced; name another "
                        "directory",
                        base->path, path);
    if (around)
        return -1;
    return root_lock(&backup->root, true, error);
}

static int
make_and_open(int dir, const char *name, struct error *error)
{
    if (mkdirat(dir, name, 0700) < 0 && errno != EEXIST)
        return error_set(error, errno, "cannot make directory '%s'", name);
    return dir_open(dir, name, error);
}

/* 1: both files hold the same bytes. */
static int
same_content(int a, int b, off_t size, struct error *error)
{
    cleanup(buffer_free) struct buffer left = {0};
    cleanup(buffer_free) struct buffer right = {0};

    for (off_t at = 0; at < size; at += CHUNK) {
        size_t len = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

        left.len = right.len = 0;
        if (file_read(a, at, len, &left, error) < 0 ||
            file_read(b, at, len, &right, error) < 0)
            return -1;
        if (memcmp(left.data, right.data, len))
            return 0;
    }
    return 1;
}

/* 1: NAME in DIR is a file like the open one, 0: it is another, or missing. */
static int
holds_already(int dir, const char *name, int fd, const struct stat *source,
              bool *exists, struct error *error)
{
    struct stat stat;
    cleanup(close_fd) int there = file_open(dir, name, &stat, error);

    *exists = there >= 0;
    if (there < 0 && error->number != ENOENT)
        return -1;
    if (there < 0) {
        error_clear(error);
        return 0;
    }
    if (stat.st_dev == source->st_dev && stat.st_ino == source->st_ino)
        return error_set(error, 0, "it is the very file that is to be kept");
    return stat.st_size == source->st_size
               ? same_content(there, fd, stat.st_size, error)
               : 0;
}

static int
write_copy(int spare, int dir, const char *name, int from,
           const struct stat *stat, struct error *error)
{
    cleanup(close_fd) int fd = -1;
    cleanup(buffer_free) struct buffer bytes = {0};
    cleanup(attributes_free) struct attributes attributes = {0};

    /* A run that was killed may have left its own behind. */
    if (unlinkat(spare, TEMPORARY, 0) < 0 && errno != ENOENT)
        return error_set(error, errno, "cannot remove '%s'", TEMPORARY);
    if (attributes_read(&attributes, from, error) < 0)
        return -1;
    fd = stage_create(spare, TEMPORARY, error);
    if (fd < 0)
        return -1;
    for (off_t at = 0; at < stat->st_size; at += CHUNK) {
        off_t left = stat->st_size - at;

        if (file_read(from, at, left < CHUNK ? (size_t)left : CHUNK, &bytes,
                      error) < 0 ||
            stage_write(fd, &bytes, error) < 0)
            return -1;
    }
    attributes.mode = stat->st_mode & 0700;
    if (stage_finish(&fd, &attributes, error) < 0)
        return -1;
    return stage_place(spare, TEMPORARY, dir, name, RENAME_NOREPLACE, error);
}

/*
 * Keep the open file as NAME in a directory of the backup; it is written in
 * SPARE, where no file has a name of the users' choice. 1: it is there now,
 * 0: another file has the name.
 */
static int
keep_in(int spare, int target, const char *name, int fd,
        const struct stat *stat, struct error *error)
{
    bool exists;
    int same = holds_already(target, name, fd, stat, &exists, error);

    if (same || exists)
        return same;
    return write_copy(spare, target, name, fd, stat, error) < 0 ? -1 : 1;
}

int
backup_keep(struct backup *backup, enum layout layout, const char *domain,
            int dir, const char *name, struct error *error)
{
    struct stat stat;
    cleanup(close_fd) int fd = file_open(dir, name, &stat, error);
    int kept = fd < 0 ? -1 : 0;

    for (unsigned int i = 0; !kept; i++) {
        const char *kind = layout == LAYOUT_BULK ? "bulk" : "legacy";
        cleanup(free_ptr) char *numbered =
            i ? xasprintf("%s.~%u~", kind, i) : xstrdup(kind);
        cleanup(close_fd) int top =
            make_and_open(backup->root.fd, numbered, error);
        cleanup(close_fd) int below = -1;

        if (top >= 0 && domain)
            below = make_and_open(top, domain, error);
        kept = top < 0 || (domain && below < 0)
                   ? -1
                   : keep_in(backup->root.fd, domain ? below : top, name, fd,
                             &stat, error);
    }
    if (kept < 0)
        return error_prefix(error, "backup of '%s' in '%s'", name,
                            backup->root.path);
    return 0;
}

int
backup_sync(const struct backup *backup, struct error *error)
{
    if (syncfs(backup->root.fd) < 0)
        return error_set(error, errno, "cannot sync the backup in '%s'",
                         backup->root.path);
    return 0;
}

void
backup_close(struct backup *backup)
{
    root_close(&backup->root);
}
