/*
 * permission.h - who else may read or write snapshot metadata? Files can hold
 * passwords (virsh snapshot-dumpxml --security-info), and what somebody can
 * write there, libvirt loads.
 *
 * Only of a directory that a libvirt uses; a copy may be open to anybody.
 * libvirt writes files as 0600 and directories as 0755. BASE belongs to the
 * user of QEMU, and that is as libvirt has it.
 */
#ifndef PERMISSION_H
#define PERMISSION_H

struct error;
struct holding;
struct problems;
struct root;

/* BASE itself; and what a domain has in it. -1: it could not be examined. */
int permission_check_base(const struct root *base, struct problems *problems,
                          struct error *error);
int permission_check(const struct root *base, const struct holding *holding,
                     struct problems *problems, struct error *error);

#endif
