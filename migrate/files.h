/*
 * files.h - which files of a legacy directory a repair moves away or
 * renames, and which of its snapshots are left. Used by repair.c and its likes.
 */
#ifndef FILES_H
#define FILES_H

#include "../verify/lookup.h"
#include "../verify/memory.h"
#include "repair.h"

/* A legacy directory while it is decided about. */
struct files {
    struct repairs *repair;
    const struct reading *reading;
    enum repair how;
    size_t *facts; /* indexes, sorted by the name of the file */
    size_t *changes;
    size_t changes_count;
    bool *moved;               /* of the snapshots that were read */
    struct lookup holders;     /* of repair-strays.c: facts, by snapshot */
    struct lookup unsound;     /* files with an error of their own */
    struct problems uncovered; /* findings that count, now that others go */
};

/* Is this finding one of a file in the legacy directory? */
bool files_is_one(const struct problem *problem, const struct reading *reading);

/* The legacy layout of the reading. */
const struct domain *files_legacy(const struct files *files);

/* The name in the directory of the file that a finding is about, or NULL. */
const char *files_name(const struct files *files,
                       const struct problem *problem);

/* Sort facts and changes by the name of the file, for those below. */
void files_index(struct files *files);
/* The change of FILE, or NULL. */
const struct change *files_change(const struct files *files, const char *file);
/* Index of the fact of the snapshot in FILE, or NO_SNAPSHOT. */
size_t files_fact(const struct files *files, const char *file);

/* Is the file called after its snapshot? */
bool files_named_well(const struct snapshot *snapshot);

/* Move a file to the backup, if it is still the one that was judged, which ID
 * is of; TEXT, which says why, is taken over. */
void files_move(struct files *files, const char *file, const struct file_id *id,
                enum problem_id why, char *text);

/* A file by itself. */
struct judged {
    const char *file;  /* its name; borrowed */
    struct file_id id; /* taken before it was read */
    struct snapshot snapshot;
    enum snapshot_kind kind;
    struct buffer bytes;
    struct problems found;
};

/*
 * Read and judge the file that a finding is about. 0: it is too large to be
 * read; -1: error. judged_free() it in every case.
 */
int files_judge(const struct files *files, struct judged *judged,
                const struct problem *problem, struct error *error);
void judged_free(struct judged *judged);

/* Would a stock libvirt show it? */
bool judged_is_loaded(const struct judged *judged);

/*
 * Is it what no stock libvirt shows either, and no small change makes readable?
 * Moving that takes nothing away from anybody.
 */
bool files_is_unreadable(enum problem_id id);

/* Decide about files that are no snapshots as long as others are. */
int files_strays(struct files *files, struct error *error);

/* Rename those that are not, where the name is free or gets free. */
void files_rename(struct files *files);

/* Add the changes, and fill in the facts of the legacy layout. */
int files_decide(struct files *files, struct error *error);

/* Is it about an <active> that has to be written anew? */
bool files_is_active(enum problem_id id);

/* Is this finding of a file mended by what was decided? */
bool files_mended(const struct files *files, const struct problem *problem);

void files_free(struct files *files);

/* Of repair.c: add a change, or a note to it, which it takes over. */
struct change *repair_add(struct repairs *repair, enum change_kind kind,
                          enum layout layout, const char *file,
                          const struct file_id *id);
void repair_note(struct change *change, enum problem_id id, char *text);

/* Add to what is left what would only show when the changes are made. */
void repair_foresee(struct repairs *repair, size_t max_bulk);

#endif
