/*
 * checkpoint.h - one checkpoint: the facts read from the bytes of its file.
 */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include "snapshot.h"

/*
 * As snapshot_parse(), of a file of libvirt's checkpoint directory.
 *
 * libvirt holds the whole of such a file against its own schema before it reads
 * it, so far more than of a snapshot makes it skip the file. What is demanded
 * is what every version of that schema does, and virDomainCheckpointDefParse()
 * with REDEFINE (libvirt, src/conf/checkpoint_conf.c); measured on 9.0.0.
 */
enum snapshot_kind
checkpoint_parse(struct snapshot *checkpoint, const char *bytes, size_t len,
                 struct document *map, struct workspace *workspace,
                 const struct schemas *schemas, const struct place *place,
                 struct problems *problems);

/* What is wrong with the name of a checkpoint, which is not empty; or NULL. */
const char *checkpoint_name_wrong(const char *name);

#endif
