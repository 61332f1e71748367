/* repair-judge.c - see files.h: read and judge a single file anew, so that what
 * is decided is about the very file that the identity is of. */
#include <sys/stat.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "files.h"

int
files_judge(const struct files *files, struct judged *judged,
            const struct problem *problem, struct error *error)
{
    struct stat stat;
    struct document map;
    const struct place place = {.domain = problem->domain,
                                .file = problem->file};
    cleanup(close_fd) int fd = -1;

    *judged = (struct judged){.file = files_name(files, problem)};
    fd = file_open(files_legacy(files)->fd, judged->file, &stat, error);
    if (fd < 0)
        return -1;
    judged->id = file_id(&stat);
    if (stat.st_size > LEGACY_FILE_MAX)
        return 0;
    if (file_read(fd, 0, (size_t)stat.st_size, &judged->bytes, error) < 0)
        return error_prefix(error, "'%s'", judged->file);
    judged->kind = snapshot_parse(&judged->snapshot, LAYOUT_LEGACY,
                                  judged->bytes.data, judged->bytes.len, &map,
                                  NULL, NULL, &place, &judged->found);
    judged->snapshot.id = judged->id;
    judged->snapshot.file = xstrdup(judged->file);
    judged->snapshot.element = map.root;
    return 1;
}

void
judged_free(struct judged *judged)
{
    snapshot_free(&judged->snapshot);
    buffer_free(&judged->bytes);
    problems_free(&judged->found);
}

bool
judged_is_loaded(const struct judged *judged)
{
    for (size_t i = 0; i < judged->found.count; i++) {
        if (problem_info(judged->found.list[i].id)->hides & HIDES_STOCK)
            return false;
    }
    return judged->kind < SNAPSHOT_OTHER;
}
