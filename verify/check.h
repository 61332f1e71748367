/*
 * check.h - judge the snapshots of a domain together: unique names, parents,
 * the current snapshot, one uuid; and put them in order.
 *
 * The order is libvirt's need and a reader's wish: a parent before its
 * children, apart from that by creation time, then by name. It is what a bulk
 * file is written in. Nothing recurses: a chain of 16384 is ordinary.
 */
#ifndef CHECK_H
#define CHECK_H

struct domain;
struct problems;

/*
 * Add the problems of DOMAIN and fill in its order and, in the legacy layout,
 * its current snapshot. In a damaged domain those in or below a cycle come
 * last. OTHER, or NULL, is the same domain in the other layout: a parent that
 * only it has is not missing (a conversion that was cut short, or both to be
 * merged). To be called again when the facts have changed.
 */
void check_domain(struct domain *domain, const struct domain *other,
                  struct problems *problems);

#endif
