/*
 * target.h - what a PATH on the command line of virt-snapshot-verify is: a
 * snapshot directory, the directory of one domain, a bulk file, or the file of
 * one snapshot; told by what is in it.
 *
 * Links in PATH itself are followed, for the user named it; below it none are.
 */
#ifndef TARGET_H
#define TARGET_H

struct error;

enum target_kind {
    TARGET_BASE,
    TARGET_DIRECTORY, /* of one domain, in the legacy layout */
    TARGET_BULK,      /* a bulk file */
    TARGET_SNAPSHOT,  /* a file of the legacy layout */
};

struct target {
    enum target_kind kind;
    char *base;  /* the snapshot directory it is, or would lie in */
    char *entry; /* of the domain in it: its directory or bulk file */
    char *file;  /* in that directory: of one snapshot */
};

/*
 * See what PATH is. Release with target_free() in every case. -1: there is
 * nothing, or it cannot be looked at.
 */
int target_find(struct target *target, const char *path, struct error *error);
void target_free(struct target *target);

#endif
