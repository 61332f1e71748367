/*
 * static.h - what the musl of Debian 12 does not declare, for `make static',
 * which includes this before all else.
 */
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#define RENAME_EXCHANGE (1 << 1)

static inline int
renameat2(int from_dir, const char *from, int to_dir, const char *to,
          unsigned int flags)
{
    return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}
#endif
