/*
 * foresee.h - what each kind of libvirt will make of the snapshots of a domain:
 * the stock loader, which reads the directory file by file and forgives much,
 * and that of the 2019 series, which reads the bulk file, all of it or nothing.
 *
 * Where a domain has no bulk file yet, the second reads the directory as the
 * stock one does, writes a bulk file, deletes the directory with all it did not
 * load, and from its next start on lives with what it wrote.
 *
 * Decides from what was read and found; reads nothing itself. Where this tool
 * does not look into something that libvirt does, a symbolic link or a DOCTYPE,
 * the snapshot counts as shown, and the reason says that it was not judged.
 *
 * Sources: qemuDomainSnapshotLoad(), virDomainSnapshotUpdateRelations() and the
 * series' qemuDomainSnapshotLoadBulk equivalent, as measured on libvirt 9.0.0.
 */
#ifndef FORESEE_H
#define FORESEE_H

#include <stdbool.h>
#include <stddef.h>

struct listed_domain;
struct reading;

/* What stands around a domain in its directory. */
struct surroundings {
    /* What is in the place of the bulk file that it does not have: "a
     * directory"; NULL: nothing. */
    const char *in_the_way;
    bool alone;      /* a single file: its parent is elsewhere */
    size_t max_bulk; /* bytes: libvirt reads no larger bulk file */
};

/*
 * List all snapshots of a domain, those too that could not be read, with what
 * each loader makes of them. LISTED has its name and kind only.
 */
void foresee(struct listed_domain *listed, const struct reading *reading,
             const struct surroundings *surroundings);

/* How many of its snapshots FROM's loader shows and that of TO hides. */
size_t foresee_lost(const struct listed_domain *listed, int from, int to);

#endif
