/*
 * beside.h - what there is beside the snapshots of a domain, and is compared
 * with them: its definition, the images that they name, and who may read and
 * write them.
 */
#ifndef BESIDE_H
#define BESIDE_H

#include "definition.h"
#include "images.h"

struct base;
struct choice;
struct survey;

struct beside {
    struct definitions definitions;
    struct images images;
    const struct base *base; /* borrowed */
    bool check_images;
    bool live; /* a libvirt uses the directory, and it was not named */
};

/* What is compared with. */
struct wishes {
    const char *domains_dir; /* of definitions; NULL: those of BASE's libvirt */
    const char *prefix;      /* a mounted system; or NULL */
    bool check_images;
    bool live;
};

/*
 * Open what belongs to BASE, and judge who may write to it. -1: error. Close it
 * with beside_close() in both cases.
 */
int beside_open(struct beside *beside, const struct base *base,
                const struct wishes *wishes, struct problems *problems,
                struct messages *trouble, struct error *error);
void beside_close(struct beside *beside);

/* Check a domain that was read; problems go to the reading's. */
int beside_check(struct beside *beside, const struct holding *holding,
                 struct reading *reading, struct messages *trouble,
                 struct error *error);

/*
 * When all domains of SURVEY were checked: images can hold snapshots of domains
 * that have none there.
 */
void beside_finish(struct beside *beside, const struct survey *survey,
                   const struct choice *choice, struct problems *problems,
                   struct messages *trouble);

#endif
