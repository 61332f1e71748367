/* root.c - see root.h. */
#include "root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "beneath.h"
#include "cleanup.h"
#include "error.h"
#include "memory.h"

int
root_open(struct root *root, const char *path, const char *prefix,
          struct error *error)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

    *root = (struct root){.fd = -1};
    if (prefix) {
        cleanup(close_fd) int top = open(prefix, flags);

        if (top < 0)
            return error_set(error, errno, "cannot open directory '%s'",
                             prefix);
        root->path = xasprintf("%s%s", prefix, path);
        root->fd = beneath_open(top, path, flags);
    } else {
        root->path = xstrdup(path);
        root->fd = open(path, flags);
    }
    if (root->fd < 0) {
        (void)error_set(error, errno, "cannot open directory '%s'", root->path);
        root_close(root);
        return -1;
    }
    return 0;
}

int
root_lock(const struct root *root, bool exclusive, struct error *error)
{
    if (!flock(root->fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB))
        return 0;
    if (errno == EWOULDBLOCK)
        return error_busy(error,
                          "'%s' is locked: another run of this tool is at "
                          "work in it; wait for it to end, then run again",
                          root->path);
    return error_set(error, errno, "cannot lock directory '%s'", root->path);
}

bool
root_is(const struct root *root, const struct stat *other)
{
    struct stat own;

    return !fstat(root->fd, &own) && own.st_dev == other->st_dev &&
           own.st_ino == other->st_ino;
}

void
root_close(struct root *root)
{
    close_fd(&root->fd);
    free(root->path);
    root->path = NULL;
}

static int
compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;

    return strcmp(a->name, b->name);
}

static void
close_dir(DIR **dir)
{
    if (*dir)
        (void)closedir(*dir);
}

/* Type of an entry; 0 when it is gone by now. */
static int
entry_type(int dir, const struct dirent *entry, mode_t *type,
           struct error *error)
{
    struct stat stat;

    *type = (mode_t)DTTOIF(entry->d_type);
    if (entry->d_type != DT_UNKNOWN)
        return 0;
    *type = 0;
    if (!fstatat(dir, entry->d_name, &stat, AT_SYMLINK_NOFOLLOW))
        *type = stat.st_mode & S_IFMT;
    else if (errno != ENOENT)
        return error_set(error, errno, "cannot examine '%s'", entry->d_name);
    return 0;
}

int
entries_read(int dir, struct entries *entries, struct error *error)
{
    /* A description of its own: the offset of DIR's is nobody's business. */
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleanup(close_dir) DIR *stream = fd < 0 ? NULL : fdopendir(fd);

    *entries = (struct entries){0};
    if (!stream) {
        int number = errno;

        if (fd >= 0)
            (void)close(fd);
        return error_set(error, number, "cannot list the directory");
    }
    for (;;) {
        struct dirent *entry;
        mode_t type;

        errno = 0;
        entry = readdir(stream);
        if (!entry)
            break;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        if (entry_type(fd, entry, &type, error) < 0) {
            entries_free(entries);
            return -1;
        }
        if (!type)
            continue;
        entries->list =
            xgrow(entries->list, entries->count, sizeof(*entries->list));
        entries->list[entries->count++] =
            (struct entry){.name = xstrdup(entry->d_name), .type = type};
    }
    if (errno) {
        int number = errno;

        entries_free(entries);
        return error_set(error, number, "cannot list the directory");
    }
    if (entries->count)
        qsort(entries->list, entries->count, sizeof(*entries->list),
              compare_entries);
    return 0;
}

const struct entry *
entries_find(const struct entries *entries, const char *name)
{
    struct entry key = {.name = (char *)(uintptr_t)name};

    if (!entries->count)
        return NULL;
    return bsearch(&key, entries->list, entries->count, sizeof(key),
                   compare_entries);
}

void
entries_free(struct entries *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        free(entries->list[i].name);
    free(entries->list);
    *entries = (struct entries){0};
}

const char *
type_name(mode_t type)
{
    switch (type & S_IFMT) {
    case S_IFREG:
        return "a file";
    case S_IFDIR:
        return "a directory";
    case S_IFLNK:
        return "a symbolic link";
    case S_IFIFO:
        return "a fifo";
    case S_IFSOCK:
        return "a socket";
    case S_IFCHR:
    case S_IFBLK:
        return "a device";
    default:
        return "of an unknown type";
    }
}

struct file_id
file_id(const struct stat *stat)
{
    return (struct file_id){
        .device = stat->st_dev,
        .inode = stat->st_ino,
        .mode = stat->st_mode,
        .owner = stat->st_uid,
        .group = stat->st_gid,
        .size = stat->st_size,
        .modified = stat->st_mtim,
        .changed = stat->st_ctim,
    };
}

static bool
same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool
file_id_equal(const struct file_id *a, const struct file_id *b)
{
    return a->device == b->device && a->inode == b->inode &&
           a->mode == b->mode && a->owner == b->owner && a->group == b->group &&
           a->size == b->size && same_time(a->modified, b->modified) &&
           same_time(a->changed, b->changed);
}

bool
time_later(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

int
dir_open(int dir, const char *name, struct error *error)
{
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return error_set(error, errno, "cannot open directory '%s'", name);
    return fd;
}

int
file_open(int dir, const char *name, struct stat *stat, struct error *error)
{
    struct stat before;
    cleanup(close_fd) int fd = -1;

    if (fstatat(dir, name, &before, AT_SYMLINK_NOFOLLOW) < 0)
        return error_set(error, errno, "cannot examine '%s'", name);
    if (!S_ISREG(before.st_mode)) {
        (void)error_set(error, 0, "'%s' is %s", name,
                        type_name(before.st_mode));
        error->number = ENXIO;
        return -1;
    }
    fd = file_open_known(dir, name, stat, error);
    if (fd < 0)
        return -1;
    if (stat->st_dev != before.st_dev || stat->st_ino != before.st_ino)
        return error_set(error, 0, "'%s' was replaced while it was opened",
                         name);
    return steal_fd(&fd);
}

int
file_open_known(int dir, const char *name, struct stat *stat,
                struct error *error)
{
    cleanup(close_fd) int fd = openat(
        dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return error_set(error, errno, "cannot open '%s'", name);
    if (fstat(fd, stat) < 0)
        return error_set(error, errno, "cannot examine '%s'", name);
    if (!S_ISREG(stat->st_mode))
        return error_set(error, 0, "'%s' was replaced while it was opened",
                         name);
    return steal_fd(&fd);
}

int
file_read(int fd, off_t offset, size_t len, struct buffer *buffer,
          struct error *error)
{
    /* There is a pointer also to the bytes of an empty file. */
    buffer_reserve(buffer, len ? len : 1);
    while (len) {
        ssize_t got = pread(fd, buffer->data + buffer->len, len, offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(error, errno, "cannot read");
        if (!got)
            return error_set(error, 0,
                             "the file became shorter while it was read");
        buffer->len += (size_t)got;
        offset += got;
        len -= (size_t)got;
    }
    return 0;
}
