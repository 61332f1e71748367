/* permission.c - see permission.h. */
#include "permission.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "error.h"
#include "memory.h"
#include "problem.h"
#include "root.h"
#include "survey.h"

static void
judge(mode_t mode, const struct place *place, struct problems *problems)
{
    unsigned int shown = mode & 07777;

    if (mode & (S_IWGRP | S_IWOTH))
        problem_add(problems, PROBLEM_WRITABLE_BY_OTHERS, place, "mode %04o",
                    shown);
    if (S_ISREG(mode) && mode & (S_IRGRP | S_IROTH))
        problem_add(problems, PROBLEM_READABLE_BY_OTHERS, place, "mode %04o",
                    shown);
}

/* An entry of DIR; of other types than files and directories others say it. */
static int
check_entry(int dir, const char *name, mode_t type, const struct place *place,
            struct problems *problems, struct error *error)
{
    struct stat stat;

    if (fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) < 0) {
        /* libvirt may be at work. */
        return errno == ENOENT ? 0
                               : error_set(error, errno, "cannot examine '%s'",
                                           place->file);
    }
    if ((stat.st_mode & S_IFMT) == type)
        judge(stat.st_mode, place, problems);
    return 0;
}

int
permission_check_base(const struct root *base, struct problems *problems,
                      struct error *error)
{
    const struct place place = {.file = "."};
    struct stat stat;

    if (fstat(base->fd, &stat) < 0)
        return error_set(error, errno, "cannot examine '%s'", base->path);
    judge(stat.st_mode, &place, problems);
    return 0;
}

static void
free_entries(struct entries *entries)
{
    entries_free(entries);
}

static int
check_directory(const struct root *base, const struct holding *holding,
                struct problems *problems, struct error *error)
{
    const char *name = holding->entry[LAYOUT_LEGACY];
    cleanup(close_fd) int fd = dir_open(base->fd, name, error);
    cleanup(free_entries) struct entries entries = {0};

    if (fd < 0 || entries_read(fd, &entries, error) < 0)
        return -1;
    for (size_t i = 0; i < entries.count; i++) {
        const struct entry *entry = &entries.list[i];
        cleanup(free_ptr) char *file = xasprintf("%s/%s", name, entry->name);
        struct place place = {.domain = holding->name, .file = file};

        if (S_ISREG(entry->type) &&
            check_entry(fd, entry->name, S_IFREG, &place, problems, error) < 0)
            return -1;
    }
    return 0;
}

int
permission_check(const struct root *base, const struct holding *holding,
                 struct problems *problems, struct error *error)
{
    static const mode_t types[] = {
        [LAYOUT_LEGACY] = S_IFDIR, [LAYOUT_BULK] = S_IFREG};

    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        struct place place = {.domain = holding->name,
                              .file = holding->entry[layout]};

        if (place.file && check_entry(base->fd, place.file, types[layout],
                                      &place, problems, error) < 0)
            return -1;
    }
    return holding->entry[LAYOUT_LEGACY]
               ? check_directory(base, holding, problems, error)
               : 0;
}
