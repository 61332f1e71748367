/*
 * image.h - one file that a snapshot names: is it there, and if it is a disk
 * image, which snapshots are in it?
 *
 * The names come from snapshots, so from whoever can write there. A file is
 * only looked at, and opened for reading if it is a regular file or a block
 * device; where the root is another, links stay below it. qemu-img gets the
 * open file, not its name, and is told that it is qcow2 in a file: nothing is
 * guessed from the content, and backing files are not opened. It is asked for
 * nothing but what the image itself says.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdbool.h>
#include <stddef.h>

struct error;

/* Where paths begin, and whom to ask; for the whole run. */
struct images_from {
    int root;   /* directory of a mounted system; -1: the running one's */
    char *tool; /* qemu-img; NULL: there is none */
};

enum image_state {
    IMAGE_PRESENT,
    IMAGE_MISSING, /* or it is something that cannot be an image */
    IMAGE_UNCERTAIN,
};

/* Is there a file, or block device, called PATH? WHY, if not, is owned. */
enum image_state image_find(const struct images_from *from, const char *path,
                            char **why);

/* Names of the snapshots in an image, sorted; {0} when there is none. */
struct tags {
    char **list;
    size_t count;
};

/* Ask for the snapshots in a qcow2 image. -1: it could not be asked. */
int image_ask(const struct images_from *from, const char *path,
              struct tags *tags, struct error *error);
void tags_free(struct tags *tags);
/* Index of NAME; NO_TAG: it is not there. */
#define NO_TAG ((size_t)-1)
size_t tags_find(const struct tags *tags, const char *name);

/*
 * The names in what qemu-img says of an image ("info --output=json"). -1: that
 * is not JSON, or not of an image in FORMAT.
 */
int tags_read(struct tags *tags, const char *bytes, size_t len,
              const char *format);

#endif
