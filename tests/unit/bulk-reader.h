/*
 * bulk-reader.h - write bytes into a bulk file of a scratch directory and read
 * them with bulk_read().
 */
#ifndef BULK_READER_H
#define BULK_READER_H

#include "support.h"

#include "../../verify/error.h"

/* A bulk file that was read. */
struct bulk {
    struct domain domain;
    struct problems problems;
};

static inline void
bulk_read_limited(struct bulk *bulk, const struct temp *temp, const char *bytes,
                  size_t len, size_t max)
{
    struct source source = {
        .base = temp->fd, .name = "d", .entry = "d.xml", .max_bulk = max};
    struct error error = {0};

    *bulk = (struct bulk){.domain = {.fd = -1}};
    put_file(temp->fd, "d.xml", bytes, len);
    assert_int_equal(bulk_read(&bulk->domain, &source, &bulk->problems, &error),
                     0);
}

static inline void
bulk_read_bytes(struct bulk *bulk, const struct temp *temp, const char *bytes,
                size_t len)
{
    bulk_read_limited(bulk, temp, bytes, len, BULK_FILE_MAX);
}

static inline void
bulk_free(struct bulk *bulk)
{
    domain_free(&bulk->domain);
    problems_free(&bulk->problems);
}

/* The names of the snapshots in the order of the file, the current one with *.
 */
static inline char *
bulk_names(const struct bulk *bulk)
{
    struct buffer out = {0};

    for (size_t i = 0; i < bulk->domain.count; i++) {
        buffer_puts(&out, i ? "|" : "");
        buffer_puts(&out, bulk->domain.snaps[i].name);
        buffer_puts(&out, bulk->domain.current == i ? "*" : "");
    }
    buffer_add(&out, "", 1);
    return out.data;
}

#endif
