/*
 * fuzz.h - what the fuzz targets share: an input as a row of decisions, a
 * scratch directory, and how something found is said.
 *
 * Each target is a LLVMFuzzerTestOneInput(), driven by libFuzzer, or by main.c
 * where that is not there. Something found ends the process.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../verify/cleanup.h"
#include "../../verify/memory.h"
#include "../../verify/program.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Say what was found and end. */
#define FUZZ_FAIL(...)                                                         \
    do {                                                                       \
        (void)fprintf(stderr, "FOUND: " __VA_ARGS__);                          \
        (void)fputc('\n', stderr);                                             \
        abort();                                                               \
    } while (0)

#define FUZZ_CHECK(condition, ...)                                             \
    do {                                                                       \
        if (!(condition))                                                      \
            FUZZ_FAIL(__VA_ARGS__);                                            \
    } while (0)

/*
 * Decisions: each byte of the input is one. When they are used up, they are
 * made at random from a seed, the first four bytes; so an input may be short,
 * and a change in it changes nothing in front of it.
 */
struct dice {
    const uint8_t *bytes;
    size_t len;
    size_t at;
    uint64_t state;
};

static inline struct dice
dice_start(const uint8_t *bytes, size_t len)
{
    struct dice dice = {bytes, len, len < 4 ? len : 4, 0x9e3779b97f4a7c15ULL};

    for (size_t i = 0; i < dice.at; i++)
        dice.state = (dice.state ^ bytes[i]) * 0x2545f4914f6cdd1dULL;
    dice.state |= 1;
    return dice;
}

/* A number below LIMIT, which is 256 at most. */
static inline size_t
roll(struct dice *dice, size_t limit)
{
    if (dice->at < dice->len)
        return dice->bytes[dice->at++] % limit;
    dice->state ^= dice->state >> 12;
    dice->state ^= dice->state << 25;
    dice->state ^= dice->state >> 27;
    return (size_t)((dice->state * 0x2545f4914f6cdd1dULL) >> 33) % limit;
}

/* True once in so many times. */
static inline bool
once_in(struct dice *dice, size_t times)
{
    return roll(dice, times) == times - 1;
}

#define ANY_OF(dice, list) ((list)[roll(dice, LENGTH(list))])

/* In a block of its own, so that a sanitizer sees what reads behind it. */
static inline char *
fuzz_copy(const void *bytes, size_t len)
{
    char *copy = malloc(len ? len : 1);

    if (!copy)
        memory_exhausted();
    if (len)
        memcpy(copy, bytes, len);
    return copy;
}

static char fuzz_scratch_path[64];

static inline int
fuzz_remove(const char *path, const struct stat *stat, int type,
            struct FTW *ftw)
{
    (void)stat;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void
fuzz_remove_scratch(void)
{
    (void)nftw(fuzz_scratch_path, fuzz_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* A directory for this process, open; in memory where there is some. */
static inline int
fuzz_scratch(void)
{
    static int fd = -1;
    const char *top = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";

    if (fd >= 0)
        return fd;
    (void)snprintf(fuzz_scratch_path, sizeof(fuzz_scratch_path),
                   "%s/snapshot-fuzz.XXXXXX", top);
    FUZZ_CHECK(mkdtemp(fuzz_scratch_path), "no scratch directory");
    (void)atexit(fuzz_remove_scratch);
    fd = open(fuzz_scratch_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    FUZZ_CHECK(fd >= 0, "no scratch directory");
    return fd;
}

static inline void
fuzz_put(int dir, const char *name, const void *bytes, size_t len)
{
    cleanup(close_fd) int fd =
        openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    FUZZ_CHECK(fd >= 0 && write(fd, bytes, len) == (ssize_t)len,
               "cannot write %s", name);
}

#endif
