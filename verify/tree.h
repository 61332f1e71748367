/*
 * tree.h - the snapshots of a domain as a tree: put in order, and drawn for a
 * person as `virsh snapshot-list --tree' does, with what each libvirt makes of
 * them.
 *
 * Nothing recurses: a chain of 16384 snapshots is ordinary.
 */
#ifndef TREE_H
#define TREE_H

#include <stdio.h>

struct listed_domain;

/*
 * Put each snapshot behind its parent, siblings by creation time and then by
 * name, and set its depth. A snapshot whose parent is not there is a root; of a
 * cycle, the oldest is.
 */
void tree_arrange(struct listed_domain *domain);

/* Draw it. The domain's name is put in front, and everything is escaped. */
void tree_print(FILE *out, const struct listed_domain *domain);

/* Seconds since 1970 as "2023-11-14 22:13:20 UTC", or as a bare number where
 * no calendar has them. */
struct moment {
    char text[32];
};
struct moment tree_moment(long long seconds);

#endif
