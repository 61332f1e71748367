/*
 * store.h - snapshots as libvirt writes them, in both layouts and written out
 * by hand, so that no code under test has a part in them; and edits of files.
 */
#ifndef STORE_H
#define STORE_H

#include "support.h"

#include "../../verify/error.h"

/*
 * The lines of a snapshot, indented by I. Text of several lines, mixed content,
 * CDATA and a comment stay where they are in either layout. PARENT and MORE
 * are lines of their own.
 */
/* clang-format off */
#define SNAPSHOT_LINES(I, name, parent, time, more)                            \
    I "<domainsnapshot>\n"                                                     \
    I "  <name>" name "</name>\n"                                              \
    I "  <description>of " name "\n    and more</description>\n"               \
    I "  <state>shutoff</state>\n"                                             \
    parent                                                                     \
    I "  <creationTime>" time "</creationTime>\n"                              \
    I "  <domain type='qemu'>\n"                                               \
    I "    <name>d</name>\n"                                                   \
    I "    " GOOD_UUID "\n"                                                    \
    I "    <memory unit='KiB'>1024</memory>\n"                                 \
    I "    <os>\n"                                                             \
    I "      <type arch='x86_64'>hvm</type>\n"                                 \
    I "    </os>\n"                                                            \
    I "    <metadata>\n"                                                       \
    I "      <m:mix xmlns:m='urn:m'>text\n"                                    \
      "  <m:a>\n    <m:b/></m:a></m:mix>\n"                                    \
    I "      <m:raw xmlns:m='urn:m'>\n"                                        \
      "  <![CDATA[x\n  y]]>\n</m:raw>\n"                                       \
    I "      <!-- a\n  comment -->\n"                                          \
    I "    </metadata>\n"                                                      \
    I "  </domain>\n"                                                          \
    more                                                                       \
    I "</domainsnapshot>\n"

#define PARENT_LINES(I, name)                                                  \
    I "  <parent>\n"                                                           \
    I "    <name>" name "</name>\n"                                            \
    I "  </parent>\n"
/* clang-format on */

/* The parents that the macros below take. */
#define ROOT(I)
#define CHILD_OF_A(I) PARENT_LINES(I, "a")
#define CHILD_OF_B(I) PARENT_LINES(I, "b")

/* A whole legacy file, and the parts of a bulk file. */
#define LEGACY_SNAPSHOT(name, parent, time, active)                            \
    WARNING_COMMENT SNAPSHOT_LINES("", name, parent(""), time,                 \
                                   "  <active>" active "</active>\n")
#define BULK_SNAPSHOT(name, parent, time)                                      \
    SNAPSHOT_LINES("  ", name, parent("  "), time, "")
#define BULK_HEAD(current) WARNING_COMMENT "<snapshots" current ">\n"
#define BULK_TAIL "</snapshots>\n"

/* TEXT with the first FIND replaced; there must be one. The caller owns it. */
static inline char *
edit_text(const char *text, const char *find, const char *with)
{
    const char *at = strstr(text, find);

    if (!at)
        print_error("not found: %s\n", find);
    assert_non_null(at);
    return xasprintf("%.*s%s%s", (int)(at - text), text, with,
                     at + strlen(find));
}

/* The same with every FIND. */
static inline char *
edit_all(const char *text, const char *find, const char *with)
{
    struct buffer out = {0};
    const char *at;

    assert_non_null(strstr(text, find));
    for (; (at = strstr(text, find)); text = at + strlen(find)) {
        buffer_add(&out, text, (size_t)(at - text));
        buffer_puts(&out, with);
    }
    buffer_add(&out, text, strlen(text) + 1);
    return out.data;
}

/* A change of the file PATH. No FIND: WITH is all of it; no WITH: it goes. */
struct edit {
    const char *path;
    const char *find;
    const char *with;
};

static inline void
edit_file(int dir, struct edit edit)
{
    if (!edit.with) {
        assert_int_equal(unlinkat(dir, edit.path, 0), 0);
    } else if (!edit.find) {
        put_text(dir, edit.path, edit.with);
    } else {
        cleanup(free_ptr) char *old = file_text(dir, edit.path);
        cleanup(free_ptr) char *new = edit_text(old, edit.find, edit.with);

        put_text(dir, edit.path, new);
    }
}

/* Read domain d from ENTRY; whatever is wrong with it. */
static inline void
read_domain(struct domain *domain, enum layout layout, int base,
            const char *entry)
{
    struct source source = {
        .base = base, .name = "d", .entry = entry, .max_bulk = BULK_FILE_MAX};
    cleanup(problems_free) struct problems ignored = {0};
    struct error error = {0};

    assert_int_equal(
        layout_ops(layout)->read(domain, &source, &ignored, &error), 0);
}

/* Why something failed; and that it did not go without a word. */
static inline void
assert_said(struct error *error, const char *part, const char *of)
{
    if (!error->message || !strstr(error->message, part))
        print_error("of case: %s: %s\n", of,
                    error->message ? error->message : "no message");
    assert_non_null(error->message);
    assert_non_null(strstr(error->message, part));
    error_clear(error);
}

#endif
