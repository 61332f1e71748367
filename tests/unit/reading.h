/* reading.h - the domain d of a scratch directory, read in both layouts. */
#ifndef READING_H
#define READING_H

#include "../../verify/error.h"
#include "../../verify/survey.h"
#include "store.h"

/* ENTRY, by layout, may be missing (NULL). */
static inline void
read_both(struct reading *reading, const struct temp *temp,
          const char *const entry[2])
{
    const struct source where = {
        .base = temp->fd, .name = "d", .max_bulk = BULK_FILE_MAX};
    struct error error = {0};

    assert_int_equal(reading_read(reading, &where, entry, &error), 0);
}

#endif
