/*
 * images.h - do the disk and memory images that snapshots name exist, and do
 * the snapshots in them and the metadata know of each other? (--check-images)
 *
 * What cannot be asked is said, once, and is neither a finding nor fine. Each
 * image is asked once in a run. Calling sequence:
 *
 *     images_open(&images, prefix, &error);
 *     images_check(&images, ...) for each domain that has snapshots, or
 *     images_check_defined(&images, ...) for one that has only a definition
 *     images_finish(&images, &problems, &trouble);
 *     images_close(&images);
 */
#ifndef IMAGES_H
#define IMAGES_H

#include <stddef.h>

#include "record.h"

struct definitions;
struct error;
struct holding;
struct messages;
struct problems;
struct reading;

struct images {
    struct records records;
    size_t generation; /* of the domain at hand */
};

/* With PREFIX, images are those of a system that is mounted there. */
int images_open(struct images *images, const char *prefix, struct error *error);
void images_close(struct images *images);

/*
 * Check what the snapshots of a domain name, and its definitions. HOLDING says
 * what it has in BASE. Problems go to the reading's.
 */
void images_check(struct images *images, const struct holding *holding,
                  struct reading *reading,
                  const struct definitions *definitions,
                  struct messages *trouble);

/* A domain NAME that has no snapshots, but maybe some in its images. */
void images_check_defined(struct images *images, const char *name,
                          const struct definitions *definitions,
                          struct messages *trouble);

/* When all domains were checked: what is in the images, and nobody knows. */
void images_finish(struct images *images, struct problems *problems,
                   struct messages *trouble);

#endif
