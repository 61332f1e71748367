/* defining.h - directories of definitions, for the tests of those. */
#ifndef DEFINING_H
#define DEFINING_H

#include "../../verify/base.h"
#include "../../verify/definition.h"
#include "support.h"

#define ONE "c7a5fdbd-edaf-9455-926a-d65c16db1809"
#define TWO "c7a5fdbd-edaf-9455-926a-d65c16db1808"
#define NAMED(content) "<name>web</name>" content
#define DEFINED(content) "<domain type='kvm'>" NAMED(content) "</domain>\n"
#define UUID(text) "<uuid>" text "</uuid>"

static const unsigned char one[16] = {0xc7, 0xa5, 0xfd, 0xbd, 0xed, 0xaf,
                                      0x94, 0x55, 0x92, 0x6a, 0xd6, 0x5c,
                                      0x16, 0xdb, 0x18, 0x09};

/* Read what a driver with this directory of definitions has. */
static inline int
read_own(struct definitions *definitions, char *path, const char *prefix,
         struct error *error)
{
    struct base base = {.root = {.fd = -1}, .driver = {.definitions = path}};

    return definitions_read(definitions, &base, NULL, prefix, error);
}

#endif
