/*
 * files.h - which files of a legacy directory a repair moves away or
 * renames, and which of its snapshots are left. Used by repair.c and its likes.
 */
#ifndef FILES_H
#define FILES_H

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

/* Move a file to the backup; TEXT, which says why, is taken over. */
int files_move(struct files *files, const char *file, enum problem_id id,
               char *text, struct error *error);

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

#endif
