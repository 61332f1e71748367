/*
 * root.h - the snapshot directory BASE: open it, lock it, list and read below
 * it by descriptor.
 *
 * BASE belongs to an unprivileged user; whatever lies below it is hostile. No
 * symbolic link below BASE is ever followed, nothing but regular files is
 * opened, no read is unbounded, and no path is put together but for messages.
 * BASE itself may be a symbolic link: some sites make it one.
 * Nothing here opens anything for writing.
 */
#ifndef ROOT_H
#define ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct buffer;
struct error;

/* An open directory and the name it is known by in messages. */
struct root {
    int fd;
    char *path;
};

/*
 * Open BASE. With PREFIX, a mounted system: PATH is looked up in it, and links
 * stay inside of it (beneath.h). ROOT is to be closed by the
 * caller. -1: error->number is ENOENT where there is no such directory.
 */
int root_open(struct root *root, const char *path, const char *prefix,
              struct error *error);

/*
 * flock() BASE, shared for a reader and exclusive for a writer; released when
 * the root is closed. -1 with EXIT_BUSY: another run has it.
 */
int root_lock(const struct root *root, bool exclusive, struct error *error);

/* Is this the directory that STAT is of? */
bool root_is(const struct root *root, const struct stat *other);

void root_close(struct root *root);

struct entry {
    char *name;
    mode_t type; /* the S_IFMT bits */
};

struct entries {
    struct entry *list;
    size_t count;
};

/* All entries of a directory but . and .., sorted by byte value of the name. */
int entries_read(int dir, struct entries *entries, struct error *error);
/* The entry called NAME, NULL if there is none. */
const struct entry *entries_find(const struct entries *entries,
                                 const char *name);
void entries_free(struct entries *entries);

/* What a type is called in messages: "a fifo". */
const char *type_name(mode_t type);

/* Identity and version of a file: it is unchanged while this is equal. */
struct file_id {
    dev_t device;
    ino_t inode;
    mode_t mode;
    uid_t owner;
    gid_t group;
    off_t size;
    struct timespec modified;
    struct timespec changed;
};

/* The one that STAT, which is of the file, tells. */
struct file_id file_id(const struct stat *stat);
bool file_id_equal(const struct file_id *a, const struct file_id *b);

/* Is A after B? */
bool time_later(struct timespec a, struct timespec b);

/* Open a directory below DIR, not through a link. Descriptor or -1. */
int dir_open(int dir, const char *name, struct error *error);

/*
 * Open a regular file below DIR for reading, never through a link and without
 * ever waiting for a fifo or waking a device. Descriptor or -1; error->number
 * is ENXIO where it is something else than a regular file.
 */
int file_open(int dir, const char *name, struct stat *stat,
              struct error *error);

/*
 * The same, one look shorter: of an entry that is known to be a regular file,
 * from a listing or because it was read before. Should somebody put a device in
 * its place at this very moment, which only root can, it is opened before it is
 * noticed; a fifo or a link does no harm.
 */
int file_open_known(int dir, const char *name, struct stat *stat,
                    struct error *error);

/*
 * Append LEN bytes from OFFSET on to the buffer. -1: could not be read, or the
 * file is shorter by now.
 */
int file_read(int fd, off_t offset, size_t len, struct buffer *buffer,
              struct error *error);

#endif
