/*
 * judge.h - the parts of a <domainsnapshot> that libvirt's loader looks into
 * and that do not matter to a conversion: each is judged by what makes libvirt
 * skip the snapshot, as measured on libvirt 9.0.0 and read in
 * virDomainSnapshotDefParse() and virDomainDefParseXML().
 *
 * Used by snapshot.c and checkpoint.c only. The functions take the root element
 * and add what they find to the judge's problems.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>
#include <libxml/tree.h>

#include "problem.h"
#include "snapshot.h"

struct document;
struct parser;

/* What is being judged, handed through the checks of one document. */
struct judge {
    struct snapshot *snapshot;
    enum layout layout;
    struct parser *parser; /* or NULL */
    struct place place;    /* of the next problem */
    struct where where;
    struct problems *problems;
};

/* Let the place of the next problem be that of NODE, and return where it is. */
struct position judge_at(struct judge *judge, const xmlNode *node);

/*
 * The document, which the caller frees; or NULL, and a problem says why it
 * cannot be parsed, or why libvirt would not. In snapshot.c, as are the two
 * below.
 */
xmlDoc *judge_parse(struct judge *judge, const char *bytes, size_t len,
                    const struct document *map);
/* Name and parent: what is called so is a problem of others. */
void judge_name(struct judge *judge, const xmlNode *root, const char *bytes,
                const struct document *map);
void judge_parent(struct judge *judge, const xmlNode *root);

/* Text of a node, "" for NULL; the caller frees it with xmlFree(). */
xmlChar *judge_text(const xmlNode *node);

/* The one of those, up to NULL, that TEXT is; or NULL. */
const char *judge_one_of(const xmlChar *text, const char *const *known);

/* libvirt's virStrToLong_ll(): strtoll() that must end at the text's end. */
bool judge_integer(const char *text, long long *value);

/* libvirt's virUUIDParse(): 32 hexadecimal digits, hyphens anywhere between. */
bool judge_uuid(const char *text, unsigned char uuid[16]);

/* A definition that is looked at, and what was found in it. */
struct verdict {
    const xmlNode *domain;
    const xmlNode *at;       /* the element that it is about */
    char *wrong;             /* owned; NULL: nothing */
    const xmlNode *doubtful; /* the same for what some libvirt may not take */
    char *doubt;
};

/* Note what is wrong, or doubtful, unless there is something; takes WHAT. */
void judge_remark(struct verdict *verdict, const xmlNode *at, bool error,
                  char *what);

/* Note the first value that libvirt does not take, or may not: judge-values.c,
 * and of what depends on several, judge-parts.c. */
void judge_values(struct verdict *verdict);
void judge_definition(struct verdict *verdict);

/*
 * What libvirt stumbles over in the <source> of a <disk> of this TYPE (may be
 * NULL): a message that the caller owns, with *AT the element, and *CERTAIN
 * unless some libvirt may take it. NULL: nothing.
 */
char *judge_source(const xmlNode *disk, const xmlChar *type, const xmlNode **at,
                   bool *certain);

/*
 * Judge one part of a snapshot as libvirt's loader does, store what it says in
 * judge->snapshot, and add what is wrong to judge->problems. ROOT is the
 * <domainsnapshot>. The sources stand above the functions.
 */
void judge_time(struct judge *judge, const xmlNode *root);
void judge_state(struct judge *judge, const xmlNode *root);
void judge_memory(struct judge *judge, const xmlNode *root);
void judge_disks(struct judge *judge, const xmlNode *root);
void judge_domain(struct judge *judge, const xmlNode *root);

/* Would judge_disks() and judge_domain() have nothing to say of this one? */
bool judge_disks_sound(const xmlNode *disks);
bool judge_domain_sound(const xmlNode *domain);
bool judge_inactive_sound(const xmlNode *inactive);

#endif
