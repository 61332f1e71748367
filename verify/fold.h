/*
 * fold.h - characters that no pattern of a value tells apart.
 *
 * A regular expression that has [a-z] in it, and none of these letters by
 * itself, takes two texts that differ only in such letters for the same. So
 * they are folded into one, and most paths of a chain of snapshots are one text
 * for which the schemas were asked before. ASCII only.
 */
#ifndef FOLD_H
#define FOLD_H

#include <stdbool.h>

struct pattern;

#define FOLD_CHARACTERS 128

struct fold {
    bool alone[FOLD_CHARACTERS]; /* told apart from all others */
    bool edge[FOLD_CHARACTERS];  /* told apart from those in front of it */
};

/*
 * Tell apart what the pattern of a value does, or more. DIGITS: texts are of 18
 * digits at most and nothing else, so all of them are numbers of 64 bits.
 */
void fold_add(struct fold *fold, const struct pattern *value, bool digits);

/* The one that stands for each character: of its kind, the first. */
void fold_table(const struct fold *fold, char table[FOLD_CHARACTERS]);

#endif
