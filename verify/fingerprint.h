/*
 * fingerprint.h - what a finding is recognised by in another run: its domain,
 * snapshot and problem id, and where it has no snapshot its file.
 *
 * Neither lines nor messages count: they change when something else in the file
 * does. Further findings of the same kind at the same place get "-2", "-3" and
 * so on, in the order of the list, so that one more of them is a new one. With
 * several directories the one that comes first on the command line is counted
 * first; how a directory is called does not matter.
 */
#ifndef FINGERPRINT_H
#define FINGERPRINT_H

#include "listing.h"
#include "placing.h"

/* 16 hexadecimal digits and a number. */
struct fingerprint {
    char text[16 + 1 + 20 + 1];
};

/* Of all findings of a listing, in their order. The caller owns the array. */
struct fingerprint *fingerprints_of(const struct listing *listing,
                                    const struct placing *placing);

#endif
