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
#include "span.h"

/* What is read of a file to see what it is. */
#define PEEK 65536

enum content {
    CONTENT_OTHER,
    CONTENT_SNAPSHOT,
    CONTENT_LIST,
};

/* Behind a DOCTYPE, well enough to find what comes then. */
static size_t
doctype_len(const char *bytes, size_t len)
{
    size_t at = 0;
    bool subset = false;

    while (at < len && (subset || bytes[at] != '>')) {
        subset = bytes[at] == '[' || (subset && bytes[at] != ']');
        at++;
    }
    return at < len ? at + 1 : len;
}

static bool
starts(const char *bytes, size_t len, const char *with)
{
    return len >= strlen(with) && !memcmp(bytes, with, strlen(with));
}

/* Past comments and the like; the element itself may be torn. */
static enum content
first_element(const char *bytes, size_t len)
{
    size_t at = starts(bytes, len, "\xef\xbb\xbf") ? 3 : 0;

    while (at < len) {
        struct token token;

        if (starts(bytes + at, len - at, "<snapshots"))
            return CONTENT_LIST;
        if (starts(bytes + at, len - at, "<domainsnapshot") ||
            starts(bytes + at, len - at, "<domaincheckpoint"))
            return CONTENT_SNAPSHOT;
        token = span_token(bytes + at, len - at, false);
        if (token.kind == TOKEN_MORE || token.kind == TOKEN_BAD ||
            token.kind == TOKEN_START || token.kind == TOKEN_EMPTY ||
            token.kind == TOKEN_END)
            break;
        at += token.kind == TOKEN_DOCTYPE ? doctype_len(bytes + at, len - at)
                                          : token.len;
    }
    return CONTENT_OTHER;
}

/* What kind of element comes first in the head of a file? */
static enum content
peek(int dir, const char *name)
{
    cleanup(buffer_free) struct buffer bytes = {0};
    struct error ignored = {0};
    struct stat stat;
    cleanup(close_fd) int fd = file_open(dir, name, &stat, &ignored);
    size_t len = fd < 0 ? 0 : stat.st_size > PEEK ? PEEK : (size_t)stat.st_size;
    enum content content = CONTENT_OTHER;

    if (len && !file_read(fd, 0, len, &bytes, &ignored))
        content = first_element(bytes.data, bytes.len);
    error_clear(&ignored);
    return content;
}

/*
 * A directory with the files of snapshots in it is that of a domain, unless it
 * also holds what only a snapshot directory does: a directory, or a bulk file.
 */
static bool
holds_files_only(int dir, const struct entries *entries)
{
    bool found = false;

    for (size_t i = 0; i < entries->count; i++) {
        const struct entry *entry = &entries->list[i];
        enum content content;

        if (S_ISDIR(entry->type))
            return false;
        if (!S_ISREG(entry->type) || !has_xml_suffix(entry->name))
            continue;
        content = peek(dir, entry->name);
        if (content == CONTENT_LIST)
            return false;
        found = found || content == CONTENT_SNAPSHOT;
    }
    return found;
}

static bool
is_of_checkpoints(const char *path)
{
    struct base base;
    struct error ignored = {0};
    bool used = base_open(&base, KIND_CHECKPOINT, path, NULL, &ignored) > 0 &&
                base.driver.base;

    base_close(&base);
    error_clear(&ignored);
    return used;
}

/* A directory that a libvirt uses is never taken for that of a domain. */
static int
is_domain(const char *path, bool *domain, struct error *error)
{
    struct base base;
    struct entries entries = {0};
    int result =
        base_open(&base, KIND_SNAPSHOT, path, NULL, error) < 0 ? -1 : 0;

    *domain = false;
    if (!result && !base.driver.base && !is_of_checkpoints(path)) {
        result = entries_read(base.root.fd, &entries, error);
        if (result < 0)
            (void)error_prefix(error, "'%s'", path);
        *domain = !result && holds_files_only(base.root.fd, &entries);
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

        while (strlen(rest) > 1 && rest[strlen(rest) - 1] == '/')
            rest[strlen(rest) - 1] = '\0';
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
