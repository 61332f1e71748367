/*
 * judge-rules.h - what libvirt takes in a <domain>: the words that it knows and
 * the numbers that it reads, without what depends on QEMU or on the machine.
 *
 * What no version of libvirt takes is an error: a value outside of a set that
 * is the same since libvirt 1.0, a number that is none, a part that is not
 * there. All else is a warning: a newer libvirt may know the value, and an
 * older one does not look at it. A rule that errs towards a warning does no
 * harm; one that errs towards an error has a domain refused that libvirt would
 * show.
 *
 * Used by judge-values.c only.
 */
#ifndef JUDGE_RULES_H
#define JUDGE_RULES_H

/* What applies to the place of a rule. */
enum {
    CLOSED = 1, /* a value that is not taken is an error */
    NEEDED = 2, /* that there is none is an error, */
    ASKED = 4,  /* or a warning */
    XPATH = 8,  /* an empty value counts as none */
};

/*
 * Elements, from <domain> on: "!" behind a name for only the first of it, "*"
 * for any. The attribute, or NULL for the text. WHEN is what another attribute
 * of the element must be for it, as "name=value", or NULL.
 */
struct rule_place {
    const char *path;
    const char *attribute;
    const char *when;
    unsigned int flags;
};

struct words_rule {
    struct rule_place place;
    const char *words; /* with a blank between them */
};

struct number_rule {
    struct rule_place place;
    long long least, most;
    int base; /* 0: of any, as in C */
};

/* Tables that a path of NULL ends. Of the last, WORDS are names of children. */
extern const struct words_rule judge_words[];
extern const struct number_rule judge_numbers[];
extern const struct words_rule judge_children[];

#endif
