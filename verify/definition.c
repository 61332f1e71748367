/* definition.c - see definition.h. */
#include "definition.h"

#include <errno.h>
#include <string.h>

#include "base.h"
#include "cleanup.h"
#include "error.h"
#include "judge.h"
#include "layout.h"
#include "memory.h"
#include "parse.h"
#include "problem.h"

/* Definitions are some kilobytes; libvirt itself reads 10 MiB at most. */
#define DEFINITION_MAX 10485760

int
definition_open(struct root *definitions, const struct base *base,
                const char *prefix, struct error *error)
{
    *definitions = (struct root){.fd = -1};
    if (!base->driver.definitions)
        return 0;
    if (!root_open(definitions, base->driver.definitions, prefix, error))
        return 1;
    if (error->number != ENOENT && error->number != EACCES)
        return -1;
    error_clear(error);
    return 0;
}

/* The uuid in DIR/NAME.xml. False: there is none to be had. */
static bool
read_uuid(int dir, const char *name, unsigned char uuid[16])
{
    cleanup(free_ptr) char *file = xasprintf("%s.xml", name);
    cleanup(buffer_free) struct buffer bytes = {0};
    cleanup(parse_free_doc) xmlDoc *doc = NULL;
    cleanup(parse_free_text) xmlChar *text = NULL;
    struct error ignored = {0};
    struct stat stat;
    cleanup(close_fd) int fd = file_open(dir, file, &stat, &ignored);
    const xmlNode *root;

    if (fd >= 0 && stat.st_size <= DEFINITION_MAX &&
        !file_read(fd, 0, (size_t)stat.st_size, &bytes, &ignored) && bytes.len)
        doc = parse_document(bytes.data, bytes.len, NULL, NULL);
    error_clear(&ignored);
    root = doc ? xmlDocGetRootElement(doc) : NULL;
    if (!parse_is(root, "domain"))
        return false;
    text = judge_text(parse_child(root, "uuid", NULL));
    return judge_uuid((const char *)text, uuid);
}

void
definition_check(const struct root *definitions, const struct domain *domain,
                 struct problems *problems)
{
    unsigned char uuid[16] = {0};

    if (definitions->fd < 0 || !domain->count ||
        !read_uuid(definitions->fd, domain->name, uuid))
        return;
    for (size_t i = 0; i < domain->count; i++) {
        const struct snapshot *snapshot = &domain->snaps[i];
        cleanup(free_ptr) char *file =
            snapshot->file ? xasprintf("%s/%s", domain->entry, snapshot->file)
                           : xstrdup(domain->entry);
        struct place place = {
            .domain = domain->name, .snapshot = snapshot->name, .file = file};
        cleanup(free_ptr) char *found = NULL;
        cleanup(free_ptr) char *expected = NULL;

        if (!snapshot->has_uuid || !memcmp(snapshot->uuid, uuid, sizeof(uuid)))
            continue;
        found = snapshot_uuid_text(snapshot->uuid);
        expected = snapshot_uuid_text(uuid);
        position_put(snapshot->uuid_at, &place);
        problem_add(problems, PROBLEM_UUID_UNDEFINED, &place,
                    "found %s, expected %s", found, expected);
    }
}
