/*
 * checkpoint-disks.h - the disks that a checkpoint names, beside those of the
 * <domain> in it. Used by checkpoint.c only.
 */
#ifndef CHECKPOINT_DISKS_H
#define CHECKPOINT_DISKS_H

#include <libxml/tree.h>

struct judge;

/*
 * Note the first one for which libvirt would not redefine the checkpoint:
 * virDomainCheckpointAlignDisks() (libvirt, src/conf/checkpoint_conf.c);
 * measured on 9.0.0. It loads the file all the same, and does not look at the
 * disks where there is no <domain>.
 */
void checkpoint_disks(struct judge *judge, const xmlNode *root);

#endif
