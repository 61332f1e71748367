/*
 * contain.h - does one layout of a domain hold all that the other holds?
 */
#ifndef CONTAIN_H
#define CONTAIN_H

struct domain;
struct error;

/*
 * Does TARGET hold every snapshot of SOURCE: the same canonical XML (C14N 1.0
 * with comments; <active> and structural white space apart), and current where
 * it is current? 1, 0 with the name of one that differs in *WHICH (borrowed
 * from SOURCE; may be NULL), -1.
 */
int domain_contained(const struct domain *source, const struct domain *target,
                     const char **which, struct error *error);

#endif
