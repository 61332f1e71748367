/* part.c - see part.h. */
#include "part.h"

#include <string.h>

const char *
part_name(enum part_name part)
{
    static const char *const names[PART_COUNT] = {
        [PART_DOMAIN] = "domain",
        [PART_INACTIVE] = "inactiveDomain",
        [PART_COOKIE] = "cookie",
        [PART_DISKS] = "disks",
    };

    return names[part];
}

enum part_name
part_find(const char *name, size_t len)
{
    int part = 0;

    while (part < PART_COUNT &&
           (strlen(part_name((enum part_name)part)) != len ||
            memcmp(part_name((enum part_name)part), name, len) != 0))
        part++;
    return (enum part_name)part;
}

const char *
part_stub(enum part_name part, size_t choice)
{
#define STUBS(name)                                                            \
    {                                                                          \
        PART_PREFIX name "-0", PART_PREFIX name "-1", PART_PREFIX name "-2",   \
            PART_PREFIX name "-3", PART_PREFIX name "-4",                      \
            PART_PREFIX name "-5", PART_PREFIX name "-6",                      \
            PART_PREFIX name "-7",                                             \
    }
    static const char *const stubs[PART_COUNT][8] = {
        [PART_DOMAIN] = STUBS("domain"),
        [PART_INACTIVE] = STUBS("inactive"),
        [PART_COOKIE] = STUBS("cookie"),
        [PART_DISKS] = STUBS("disks"),
    };
#undef STUBS

    return stubs[part][choice];
}
