/* splice.c - see splice.h. */
#include "splice.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "../verify/root.h"
#include "splice-range.h"
#include "stage.h"

#define CHUNK 262144

void
splice_add(struct splices *splices, size_t start, size_t len, const char *text)
{
    size_t at = splices->count;

    splices->list =
        xgrow(splices->list, splices->count, sizeof(*splices->list));
    for (; at && splices->list[at - 1].start > start; at--)
        splices->list[at] = splices->list[at - 1];
    splices->list[at] = (struct splice){start, len, xstrdup(text)};
    splices->count++;
    assert(!at ||
           splices->list[at - 1].start + splices->list[at - 1].len <= start);
    assert(at + 1 == splices->count ||
           start + len <= splices->list[at + 1].start);
}

void
splices_free(struct splices *splices)
{
    for (size_t i = 0; i < splices->count; i++)
        free(splices->list[i].text);
    free(splices->list);
    *splices = (struct splices){0};
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

struct span
splice_lines(const char *bytes, size_t len, struct span element)
{
    size_t start = element.start, end = span_end(element);

    while (start && is_blank(bytes[start - 1]))
        start--;
    while (end < len && is_blank(bytes[end]))
        end++;
    if (!start || bytes[start - 1] != '\n' || end == len || bytes[end] != '\n')
        return element;
    return (struct span){start, end + 1 - start};
}

int
range_old(const struct spliced *file, size_t from, size_t to, taker *take,
          void *data, struct error *error)
{
    cleanup(buffer_free) struct buffer bytes = {0};

    while (from < to) {
        size_t len = to - from < CHUNK ? to - from : CHUNK;

        bytes.len = 0;
        if (file_read(file->fd, (off_t)from, len, &bytes, error) < 0 ||
            take(data, bytes.data, len, error) < 0)
            return -1;
        from += len;
    }
    return 0;
}

int
range_new(const struct spliced *file, struct block block, taker *take,
          void *data, struct error *error)
{
    size_t from = block.from;

    for (size_t i = block.first; i < block.end; i++) {
        const struct splice *splice = &file->splices->list[i];

        if (range_old(file, from, splice->start, take, data, error) < 0 ||
            take(data, splice->text, strlen(splice->text), error) < 0)
            return -1;
        from = splice->start + splice->len;
    }
    return range_old(file, from, block.to, take, data, error);
}

static struct block
whole(const struct spliced *file)
{
    return (struct block){.to = file->size, .end = file->splices->count};
}

/* A file while it is written. */
struct copy {
    int fd;
    struct buffer piece;
};

static int
write_piece(void *data, const char *bytes, size_t len, struct error *error)
{
    struct copy *copy = data;

    buffer_add(&copy->piece, bytes, len);
    return stage_write(copy->fd, &copy->piece, error);
}

int
splice_apply(const struct spliced *file, int to, struct error *error)
{
    struct copy copy = {.fd = to};
    int result = range_new(file, whole(file), write_piece, &copy, error);

    buffer_free(&copy.piece);
    return result;
}

/* A file while it is compared with what it should be. */
struct proof {
    int fd;
    size_t at;
    size_t size;
    bool differs;
    struct buffer bytes;
};

static int
compare_piece(void *data, const char *bytes, size_t len, struct error *error)
{
    struct proof *proof = data;

    if (proof->differs || len > proof->size - proof->at) {
        proof->differs = true;
        return 0;
    }
    if (!len)
        return 0;
    proof->bytes.len = 0;
    if (file_read(proof->fd, (off_t)proof->at, len, &proof->bytes, error) < 0)
        return -1;
    proof->differs = memcmp(proof->bytes.data, bytes, len) != 0;
    proof->at += len;
    return 0;
}

int
splice_prove(const struct spliced *file, int new, size_t new_size,
             struct error *error)
{
    struct proof proof = {.fd = new, .size = new_size};
    int result = range_new(file, whole(file), compare_piece, &proof, error);

    buffer_free(&proof.bytes);
    if (result < 0)
        return -1;
    return !proof.differs && proof.at == new_size;
}
