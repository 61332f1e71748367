/*
 * base.h - which snapshot (or checkpoint) directory is meant, and whose driver
 * uses it.
 */
#ifndef BASE_H
#define BASE_H

#include "paths.h"
#include "root.h"

struct error;

struct base {
    struct root root;
    struct paths driver; /* of the libvirt that uses it; empty: none does */
};

/*
 * Open the directory of a KIND that is NAMED on the command line or, when it is
 * NULL, the default one: the system's for root or below PREFIX (a mounted
 * system, or NULL), the session's for others. 1: open, 0: there is no default
 * directory, so there is nothing to do, -1: error. Close it with base_close()
 * in every case.
 */
int base_open(struct base *base, enum kind kind, const char *named,
              const char *prefix, struct error *error);
void base_close(struct base *base);

#endif
