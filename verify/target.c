/* target.c - see target.h. */
#include "target.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base.h"
#include "cleanup.h"
#include "error.h"
#include "layout.h"
#include "memory.h"

/* What is read of a file to see what it is. */
#define PEEK 65536

enum content {
    CONTENT_OTHER,
    CONTENT_SNAPSHOT,
    CONTENT_LIST,
};

/* Which element comes first in the head of a file? */
static enum content
peek(int dir, const char *name)
{
    cleanup(buffer_free) struct buffer bytes = {0};
    struct error ignored = {0};
    struct stat stat;
    cleanup(close_fd) int fd = file_open(dir, name, &stat, &ignored);
    size_t len = fd < 0 ? 0 : stat.st_size > PEEK ? PEEK : (size_t)stat.st_size;
    const char *snapshot = NULL, *list = NULL;

    if (len && !file_read(fd, 0, len, &bytes, &ignored)) {
        snapshot = memmem(bytes.data, bytes.len, "<domainsnapshot", 15);
        list = memmem(bytes.data, bytes.len, "<snapshots", 10);
    }
    error_clear(&ignored);
    if (list && (!snapshot || list < snapshot))
        return CONTENT_LIST;
    return snapshot ? CONTENT_SNAPSHOT : CONTENT_OTHER;
}

/* The content of the first *.xml file that has one of interest. */
static enum content
peek_first(int dir, const struct entries *entries)
{
    enum content content = CONTENT_OTHER;

    for (size_t i = 0; i < entries->count && content == CONTENT_OTHER; i++) {
        if (S_ISREG(entries->list[i].type) &&
            has_xml_suffix(entries->list[i].name))
            content = peek(dir, entries->list[i].name);
    }
    return content;
}

/* Does a directory below this one hold a snapshot? */
static bool
has_domain(int dir, const struct entries *entries)
{
    bool found = false;

    for (size_t i = 0; i < entries->count && !found; i++) {
        struct error ignored = {0};
        struct entries below = {0};
        cleanup(close_fd) int fd = -1;

        if (!S_ISDIR(entries->list[i].type))
            continue;
        fd = dir_open(dir, entries->list[i].name, &ignored);
        if (fd >= 0 && !entries_read(fd, &below, &ignored))
            found = peek_first(fd, &below) == CONTENT_SNAPSHOT;
        entries_free(&below);
        error_clear(&ignored);
    }
    return found;
}

/*
 * A directory with files of snapshots in it is that of a domain. A snapshot
 * directory may hold such files as well, by mistake; it holds domains too.
 */
static int
is_domain(const char *path, bool *domain, struct error *error)
{
    struct base base;
    struct entries entries = {0};
    int result = base_open(&base, path, NULL, error) < 0 ? -1 : 0;

    *domain = false;
    if (!result && !base.driver.base) {
        result = entries_read(base.root.fd, &entries, error);
        if (result < 0)
            (void)error_prefix(error, "'%s'", path);
        *domain = !result &&
                  peek_first(base.root.fd, &entries) == CONTENT_SNAPSHOT &&
                  !has_domain(base.root.fd, &entries);
    }
    entries_free(&entries);
    base_close(&base);
    return result;
}

/* Move the last component of PATH, which is an ordinary one, into *LAST. */
static void
split(char **path, char **last)
{
    char *slash;

    while (strlen(*path) > 1 && (*path)[strlen(*path) - 1] == '/')
        (*path)[strlen(*path) - 1] = '\0';
    slash = strrchr(*path, '/');
    *last = xstrdup(slash ? slash + 1 : *path);
    if (!slash) {
        free(*path);
        *path = xstrdup(".");
    } else {
        slash[slash == *path] = '\0';
    }
}

/*
 * Can the last COUNT components be cut off, and what is left is where they lie?
 * Not so where they are links, or go up.
 */
static bool
can_split(const char *path, int count)
{
    cleanup(free_ptr) char *rest = xstrdup(path);

    for (int i = 0; i < count; i++) {
        cleanup(free_ptr) char *last = NULL;
        struct stat stat;

        if (!strcmp(rest, ".") || lstat(rest, &stat) < 0 ||
            S_ISLNK(stat.st_mode))
            return false;
        split(&rest, &last);
        if (!last[0] || !strcmp(last, ".") || !strcmp(last, ".."))
            return false;
    }
    return true;
}

/* Say where it lies as the user did, if that can be done. */
static int
locate(struct target *target, const char *path, struct error *error)
{
    int count = target->kind == TARGET_SNAPSHOT ? 2 : 1;

    target->base =
        can_split(path, count) ? xstrdup(path) : realpath(path, NULL);
    if (!target->base)
        return error_set(error, errno, "cannot find '%s'", path);
    if (target->kind == TARGET_SNAPSHOT)
        split(&target->base, &target->file);
    split(&target->base, &target->entry);
    return 0;
}

static int
find_file(struct target *target, const char *path, struct error *error)
{
    struct root dir;
    enum content content;

    target->kind = TARGET_BULK;
    if (locate(target, path, error) < 0 ||
        root_open(&dir, target->base, NULL, error) < 0)
        return -1;
    content = peek(dir.fd, target->entry);
    root_close(&dir);
    if (content == CONTENT_LIST)
        return 0;
    target_free(target);
    target->kind = TARGET_SNAPSHOT;
    return locate(target, path, error);
}

int
target_find(struct target *target, const char *path, struct error *error)
{
    struct stat stat_of;
    bool domain;

    *target = (struct target){.kind = TARGET_BASE};
    if (stat(path, &stat_of) < 0)
        return error_set(error, errno, "cannot open '%s'", path);
    if (!S_ISDIR(stat_of.st_mode) && !S_ISREG(stat_of.st_mode))
        return error_set(error, 0, "'%s' is %s, neither a directory nor a file",
                         path, type_name(stat_of.st_mode & S_IFMT));
    if (S_ISREG(stat_of.st_mode))
        return find_file(target, path, error);
    if (is_domain(path, &domain, error) < 0)
        return -1;
    if (domain) {
        target->kind = TARGET_DIRECTORY;
        return locate(target, path, error);
    }
    target->base = xstrdup(path);
    return 0;
}

void
target_free(struct target *target)
{
    free(target->base);
    free(target->entry);
    free(target->file);
    *target = (struct target){0};
}
