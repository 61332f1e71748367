/*
 * embedded.h - the schemas and stylesheets of schemas/, as part of the program:
 * it finds them wherever it is installed, or run from.
 *
 * The C file behind it is written by verify/embed when the programs are built.
 */
#ifndef EMBEDDED_H
#define EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *name; /* "relations.rng" */
    const char *bytes;
    size_t len; /* without the NUL that ends them */
};

/* All of them; the last one has no name. */
extern const struct embedded embedded_files[];

#endif
