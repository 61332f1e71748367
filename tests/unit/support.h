/*
 * support.h - what several unit tests need: a scratch directory, snapshots to
 * put into it, and the found problems as one string to compare.
 *
 * All is static inline, because each test program is a single file.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../verify/cleanup.h"
#include "../../verify/layout.h"
#include "../../verify/memory.h"
#include "../../verify/problem.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* A scratch directory. */
struct temp {
    char *path;
    int fd;
};

/*
 * A failed assertion jumps out of its test: what that leaves behind goes when
 * the program ends.
 */
static char *temp_left[64];

static inline int
temp_remove_one(const char *path, const struct stat *stat, int type,
                struct FTW *ftw)
{
    (void)stat;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void
temp_remove_left(void)
{
    for (size_t i = 0; i < LENGTH(temp_left); i++) {
        if (temp_left[i])
            (void)nftw(temp_left[i], temp_remove_one, 16, FTW_DEPTH | FTW_PHYS);
        free(temp_left[i]);
        temp_left[i] = NULL;
    }
}

static inline void
temp_make(struct temp *temp)
{
    static bool registered;
    const char *top = getenv("TMPDIR");
    size_t slot = 0;

    if (!registered)
        registered = !atexit(temp_remove_left);
    while (slot + 1 < LENGTH(temp_left) && temp_left[slot])
        slot++;
    temp->path = xasprintf("%s/snapshot-unit.XXXXXX", top ? top : "/tmp");
    assert_non_null(mkdtemp(temp->path));
    free(temp_left[slot]);
    temp_left[slot] = xstrdup(temp->path);
    temp->fd = open(temp->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(temp->fd >= 0);
}

static inline void
temp_remove(struct temp *temp)
{
    for (size_t i = 0; i < LENGTH(temp_left); i++) {
        if (temp_left[i] && !strcmp(temp_left[i], temp->path)) {
            free(temp_left[i]);
            temp_left[i] = NULL;
        }
    }
    (void)nftw(temp->path, temp_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    close_fd(&temp->fd);
    free(temp->path);
    temp->path = NULL;
}

static inline int
group_temp_make(void **state)
{
    struct temp *temp = xcalloc(1, sizeof(*temp));

    temp_make(temp);
    *state = temp;
    return 0;
}

static inline int
group_temp_remove(void **state)
{
    temp_remove(*state);
    free(*state);
    return 0;
}

static inline void
put_file(int dir, const char *name, const void *bytes, size_t len)
{
    cleanup(close_fd) int fd =
        openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
}

static inline void
put_text(int dir, const char *name, const char *text)
{
    put_file(dir, name, text, strlen(text));
}

/* Is there anything of that name? A link counts, wherever it leads. */
static inline bool
entry_exists(int dir, const char *name)
{
    return !faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW);
}

static inline struct stat
stat_of(int dir, const char *name)
{
    struct stat stat;

    if (fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) < 0)
        print_error("cannot examine %s\n", name);
    assert_int_equal(fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW), 0);
    return stat;
}

/* The text of a file. The caller owns it. */
static inline char *
file_text(int dir, const char *path)
{
    cleanup(close_fd) int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    char *text;

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &stat), 0);
    text = xcalloc((size_t)stat.st_size + 1, 1);
    assert_int_equal(read(fd, text, (size_t)stat.st_size), stat.st_size);
    return text;
}

static inline void
assert_text(int dir, const char *name, const char *text)
{
    cleanup(free_ptr) char *found = file_text(dir, name);

    assert_string_equal(found, text);
}

/*
 * A copy in a block of exactly LEN bytes, so that a sanitizer sees any read
 * behind its end.
 */
static inline char *
exact_copy(const char *bytes, size_t len)
{
    char *copy = malloc(len ? len : 1);

    assert_non_null(copy);
    if (len)
        memcpy(copy, bytes, len);
    return copy;
}

static inline int
compare_ids(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;

    return strcmp(*a, *b);
}

/* The ids of all findings, sorted, with a blank between them. */
static inline char *
problem_ids(const struct problems *problems)
{
    cleanup(free_ptr) const char **ids = xcalloc(problems->count, sizeof(*ids));
    struct buffer out = {0};

    for (size_t i = 0; i < problems->count; i++)
        ids[i] = problem_info(problems->list[i].id)->id;
    qsort(ids, problems->count, sizeof(*ids), compare_ids);
    for (size_t i = 0; i < problems->count; i++) {
        buffer_puts(&out, i ? " " : "");
        buffer_puts(&out, ids[i]);
    }
    buffer_add(&out, "", 1);
    return out.data;
}

/* EXPECTED has the ids in alphabetical order; CASE tells a table's rows apart.
 */
static inline void
assert_found(const struct problems *problems, const char *expected,
             const char *of)
{
    cleanup(free_ptr) char *found = problem_ids(problems);

    if (strcmp(found, expected))
        print_error("of case: %s\n", of);
    assert_string_equal(found, expected);
}

static inline const struct problem *
find_problem(const struct problems *problems, enum problem_id id)
{
    for (size_t i = 0; i < problems->count; i++) {
        if (problems->list[i].id == id)
            return &problems->list[i];
    }
    return NULL;
}

/* The line of the first finding ID; 0: there is none. */
static inline unsigned long
line_of(const struct problems *problems, enum problem_id id)
{
    const struct problem *problem = find_problem(problems, id);

    return problem ? problem->line : 0;
}

/* The definition of a domain that libvirt is content with, in one line. */
#define GOOD_UUID "<uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>"
#define GOOD_DOMAIN_BODY                                                       \
    "<name>d</name>" GOOD_UUID "<memory>1024</memory>"                         \
    "<os><type>hvm</type></os>"
#define GOOD_DOMAIN "<domain type='qemu'>" GOOD_DOMAIN_BODY "</domain>"

/* What a legacy file and a bulk file begin with. */
#define WARNING_COMMENT                                                        \
    "<!--\n"                                                                   \
    "WARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE"  \
    "\n"                                                                       \
    "OVERWRITTEN AND LOST. Changes to this xml configuration should be made "  \
    "using:\n"                                                                 \
    "  virsh snapshot-edit\n"                                                  \
    "or other application using the libvirt API.\n"                            \
    "-->\n"                                                                    \
    "\n"

/*
 * A snapshot as it stands in a bulk file, in one line and without a definition
 * of the domain. PARENT may be NULL.
 */
static inline char *
member_text(const char *name, const char *parent, long long created)
{
    cleanup(free_ptr) char *above =
        parent ? xasprintf("<parent><name>%s</name></parent>", parent)
               : xstrdup("");

    return xasprintf("<domainsnapshot><name>%s</name><state>shutoff</state>"
                     "%s<creationTime>%lld</creationTime>" GOOD_DOMAIN
                     "</domainsnapshot>",
                     name, above, created);
}

/* A legacy file. PARENT may be NULL. */
static inline char *
legacy_text(const char *name, const char *parent, long long created, int active)
{
    cleanup(free_ptr) char *member = member_text(name, parent, created);
    char *end = strstr(member, "</domainsnapshot>");

    *end = '\0';
    return xasprintf(WARNING_COMMENT "%s<active>%d</active></domainsnapshot>\n",
                     member, active);
}

/* A deterministic generator of random numbers (xorshift64*). */
struct prng {
    uint64_t state; /* not 0 */
};

/* A number below LIMIT. */
static inline size_t
prng_below(struct prng *prng, size_t limit)
{
    prng->state ^= prng->state >> 12;
    prng->state ^= prng->state << 25;
    prng->state ^= prng->state >> 27;
    return (size_t)((prng->state * 0x2545f4914f6cdd1dULL) >> 33) % limit;
}

/* What says where a session's libvirt keeps things, and what it said. */
static const char *const session_names[] = {
    "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "HOME"};
static char *session_values[LENGTH(session_names)];

static inline void
session_put(const char *name, const char *value)
{
    assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

/* For the setup of a test: it starts with none of these variables. */
static inline void
session_clear(void)
{
    for (size_t i = 0; i < LENGTH(session_names); i++) {
        const char *value = getenv(session_names[i]);

        session_values[i] = value ? xstrdup(value) : NULL;
        session_put(session_names[i], NULL);
    }
}

/* For its teardown, which is run also where the test fails. */
static inline void
session_restore(void)
{
    for (size_t i = 0; i < LENGTH(session_names); i++) {
        session_put(session_names[i], session_values[i]);
        free(session_values[i]);
        session_values[i] = NULL;
    }
}

#endif
