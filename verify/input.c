/* input.c - see input.h. */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "error.h"
#include "memory.h"
#include "root.h"

#define STEP 65536

static bool
is_readable_type(mode_t mode)
{
    return S_ISREG(mode) || S_ISFIFO(mode);
}

/* Look before opening: to open a device can be an action. */
static int
open_input(const char *path, struct error *error)
{
    struct stat stat_;
    cleanup(close_fd) int fd = -1;

    if (stat(path, &stat_) < 0)
        return error_set(error, errno, "cannot open '%s'", path);
    if (!is_readable_type(stat_.st_mode))
        return error_set(error, 0, "'%s' is %s, not a file", path,
                         type_name(stat_.st_mode));
    fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &stat_) < 0)
        return error_set(error, errno, "cannot open '%s'", path);
    if (!is_readable_type(stat_.st_mode))
        return error_set(error, 0, "'%s' was replaced while it was opened",
                         path);
    return steal_fd(&fd);
}

int
input_read(const char *path, size_t max, struct buffer *bytes,
           struct error *error)
{
    cleanup(close_fd) int fd = open_input(path, error);

    if (fd < 0)
        return -1;
    for (;;) {
        ssize_t got;

        buffer_reserve(bytes, STEP);
        got = read(fd, bytes->data + bytes->len, STEP);
        if (got < 0 && errno == EINTR)
            continue;
        if (!got)
            return 0;
        if (got < 0) {
            int number = errno;

            buffer_free(bytes);
            return error_set(error, number, "cannot read '%s'", path);
        }
        bytes->len += (size_t)got;
        if (bytes->len > max) {
            buffer_free(bytes);
            return error_set(error, 0, "'%s' has more than %zu bytes", path,
                             max);
        }
    }
}
