/*
 * clash.h - names that two domains need: BASE/foo.xml is the bulk file of
 * domain foo and the legacy directory of domain foo.xml. Reads only.
 */
#ifndef CLASH_H
#define CLASH_H

struct plan;
struct settings;

/*
 * Put the domains of a plan into waves, so that whoever has a name gives it up
 * before another takes it; chains have any length. A domain whose name stays
 * taken is refused, and so is who waits for it. Also refuses names that are too
 * long.
 */
void clash_resolve(struct plan *plan, const struct settings *settings);

#endif
