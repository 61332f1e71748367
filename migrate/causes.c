/* causes.c - see causes.h. */
#include "causes.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "../verify/error.h"
#include "../verify/report.h"
#include "../verify/root.h"

static const int numbers[CAUSES] = {ENOSPC, EDQUOT, EMFILE, ENFILE};

void
causes_count(struct causes *causes, int number)
{
    for (size_t i = 0; i < CAUSES; i++)
        causes->count[i] += numbers[i] == number;
}

static void
tell_room(const char *failed, const struct root *target,
          struct messages *messages)
{
    struct statvfs stat;

    if (fstatvfs(target->fd, &stat) < 0) {
        messages_add(messages,
                     "%s failed for want of room on the file system of '%s'; "
                     "make room, then run again",
                     failed, target->path);
        return;
    }
    messages_add(
        messages,
        "%s failed for want of room on the file system of '%s': it has "
        "%llu KiB and %llu files left; make room, then run again",
        failed, target->path,
        (unsigned long long)stat.f_bavail * stat.f_frsize / 1024,
        (unsigned long long)stat.f_favail);
}

static void
tell(int number, const char *failed, const struct root *target,
     struct messages *messages)
{
    struct rlimit limit;

    if (number == ENOSPC)
        tell_room(failed, target, messages);
    else if (number == EDQUOT)
        messages_add(
            messages,
            "%s failed for the disk quota of the owner of the files in "
            "'%s'; raise it or make room, then run again",
            failed, target->path);
    else if (number == EMFILE && !getrlimit(RLIMIT_NOFILE, &limit))
        messages_add(messages,
                     "%s failed for the limit of open files, which is %llu; "
                     "raise it (ulimit -n 1024), then run again",
                     failed, (unsigned long long)limit.rlim_cur);
    else
        messages_add(messages,
                     "%s failed because the system has too many open files; "
                     "run again when it has fewer",
                     failed);
}

void
causes_tell(const struct causes *causes, const struct root *target,
            struct messages *messages)
{
    for (size_t i = 0; i < CAUSES; i++) {
        if (causes->count[i])
            tell(numbers[i],
                 count_of(causes->count[i], "domain", "domains").text, target,
                 messages);
    }
}
