/*
 * putback.h - where checkpoints that lie among the snapshots belong, and the
 * command that puts each back.
 *
 * libvirt, when it renames a domain, writes its checkpoints into the snapshot
 * directory and does not find them when it starts again (9.0.0).
 */
#ifndef PUTBACK_H
#define PUTBACK_H

#include <stdbool.h>
#include <stdio.h>

struct base;
struct problems;

/*
 * Say of each such finding in BASE what to do about it. NONE: there is no
 * snapshot beside them, so it may be a directory of checkpoints.
 */
void putback_decide(struct problems *problems, const struct base *base,
                    bool none);

/* Print a script that puts back what can be, and says of the rest why not. */
void putback_script(FILE *out, const struct problems *problems);

#endif
