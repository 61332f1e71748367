/* kind.c - see kind.h. */
#include "kind.h"

#include <stddef.h>
#include <string.h>

#define LIBVIRT_SCHEMAS "/usr/share/libvirt/schemas/"

static const struct kind_info table[] = {
    [KIND_SNAPSHOT] = {"snapshot", "snapshots", "domainsnapshot",
                       "domainsnapshot.rng",
                       LIBVIRT_SCHEMAS "domainsnapshot.rng"},
    [KIND_CHECKPOINT] = {"checkpoint", "checkpoints", "domaincheckpoint",
                         "domaincheckpoint.rng",
                         LIBVIRT_SCHEMAS "domaincheckpoint.rng"},
};

const struct kind_info *
kind_info(enum kind kind)
{
    return &table[kind];
}

int
kind_find(const char *name, enum kind *kind)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (!strcmp(table[i].name, name)) {
            *kind = (enum kind)i;
            return 0;
        }
    }
    return -1;
}
