/*
 * record.h - what is known of each image that some domain names, so that none
 * is looked at or asked twice in a run.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "image.h"

struct error;

struct record {
    char *path;
    enum image_state state;
    char *why;         /* of the state; or NULL */
    bool asked;        /* for its snapshots, */
    bool answered;     /* and they are */
    struct tags tags;  /* these */
    bool *known;       /* to the metadata of some domain; one of each tag */
    char *domain;      /* the first that named it, */
    char *entry;       /* its entry in BASE, or NULL */
    bool doubtful;     /* a snapshot of a domain with it could not be read */
    size_t generation; /* of the domain that named it last: images.c */
};

struct records {
    struct images_from from;
    struct record **list; /* sorted by path */
    size_t count;
    bool unasked; /* some, for want of qemu-img */
};

/* With PREFIX, images are those of a system that is mounted there. */
int records_open(struct records *records, const char *prefix,
                 struct error *error);
void records_close(struct records *records);

/* The image PATH, or NULL if it is a new one. */
struct record *records_find(const struct records *records, const char *path);
/* Add it and look for it. It lives as long as the records do. */
struct record *records_add(struct records *records, const char *path);

/* Ask an image for its snapshots, once. -1: it could not be asked. */
int record_ask(struct records *records, struct record *record,
               struct error *error);

#endif
