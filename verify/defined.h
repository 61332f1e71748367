/*
 * defined.h - does libvirt look for the snapshots of a domain at all? Only if
 * one of the definitions is of that domain.
 *
 * Judges what definition.h has read; no I/O.
 */
#ifndef DEFINED_H
#define DEFINED_H

struct definitions;
struct holding;
struct messages;
struct reading;

/*
 * Add to the reading's problems what is wrong with the definition of its
 * domain, or that there is none. HOLDING says what it has in BASE. A definition
 * that libvirt may read, and we do not, goes to TROUBLE.
 */
void defined_check(const struct definitions *definitions,
                   const struct holding *holding, struct reading *reading,
                   struct messages *trouble);

#endif
