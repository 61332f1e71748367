/* record.c - see record.h. */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "command.h"
#include "error.h"
#include "memory.h"

int
records_open(struct records *records, const char *prefix, struct error *error)
{
    *records = (struct records){.from = {.root = -1}};
    if (prefix) {
        records->from.root = open(prefix, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (records->from.root < 0)
            return error_set(error, errno, "cannot open directory '%s'",
                             prefix);
    }
    records->from.tool = command_find("qemu-img");
    return 0;
}

void
records_close(struct records *records)
{
    for (size_t i = 0; i < records->count; i++) {
        struct record *record = records->list[i];

        free(record->path);
        free(record->why);
        free(record->known);
        free(record->domain);
        free(record->entry);
        tags_free(&record->tags);
        free(record);
    }
    free(records->list);
    free(records->from.tool);
    close_fd(&records->from.root);
    *records = (struct records){.from = {.root = -1}};
}

/* Where PATH is, or would be. */
static size_t
position(const struct records *records, const char *path)
{
    size_t low = 0, high = records->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(records->list[middle]->path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct record *
records_find(const struct records *records, const char *path)
{
    size_t at = position(records, path);

    return at < records->count && !strcmp(records->list[at]->path, path)
               ? records->list[at]
               : NULL;
}

struct record *
records_add(struct records *records, const char *path)
{
    size_t at = position(records, path);
    struct record *record = xcalloc(1, sizeof(*record));

    records->list =
        xgrow(records->list, records->count, sizeof(struct record *));
    memmove(records->list + at + 1, records->list + at,
            (records->count - at) * sizeof(struct record *));
    records->list[at] = record;
    records->count++;
    record->path = xstrdup(path);
    record->state = image_find(&records->from, path, &record->why);
    return record;
}

int
record_ask(struct records *records, struct record *record, struct error *error)
{
    if (record->asked)
        return 0;
    record->asked = true;
    if (!records->from.tool) {
        records->unasked = true;
        return 0;
    }
    if (image_ask(&records->from, record->path, &record->tags, error) < 0)
        return -1;
    record->answered = true;
    record->known = xcalloc(record->tags.count, sizeof(bool));
    return 0;
}
