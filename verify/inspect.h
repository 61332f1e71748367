/*
 * inspect.h - look at what PATHs name, and list all that is seen: the work of
 * virt-snapshot-verify, apart from options and printing.
 */
#ifndef INSPECT_H
#define INSPECT_H

#include <stdbool.h>

#include "layout.h"
#include "listing.h"

struct choice;
struct error;
struct schema;
struct schemas;

/* What is looked at, and how. */
struct inspection {
    enum kind kind;
    const struct choice *choice;
    const struct schemas *schemas;  /* each snapshot is held against these */
    const struct schema *relations; /* and those of a domain against this */
    const char *domains_dir;        /* definitions to compare with; or NULL */
    struct effort effort;
    bool check_images;
    bool trees;   /* list the snapshots, and foresee what becomes of them */
    bool several; /* paths: say of each finding in which one it is */
    void (*progress)(size_t done, size_t total); /* domains; may be NULL */
};

/*
 * Look at PATH, or at the default directory where it is NULL, and append what
 * is seen to LISTING; findings sorted. 1: done, 0: there is no default
 * directory, which *MISSING says (the caller owns it), -1: error.
 */
int inspect(struct listing *listing, const char *path,
            const struct inspection *inspection, char **missing,
            struct error *error);

#endif
