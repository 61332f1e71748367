/* fingerprint.c - see fingerprint.h. */
#include "fingerprint.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "memory.h"

/* The parameters of FNV-1a in 64 bits. */
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static void
hash_byte(uint64_t *hash, unsigned char byte)
{
    *hash = (*hash ^ byte) * FNV_PRIME;
}

/*
 * A field and in front of it its length, so that no two rows of fields are the
 * same bytes; an absent field is not an empty one.
 */
static void
hash_field(uint64_t *hash, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    uint64_t mark = text ? (uint64_t)len + 1 : 0;

    for (unsigned int shift = 0; shift < 64; shift += 8)
        hash_byte(hash, (unsigned char)(mark >> shift));
    for (size_t i = 0; i < len; i++)
        hash_byte(hash, (unsigned char)text[i]);
}

/* The file of a problem below its snapshot directory, BASE or NULL. */
static const char *
file_below(const struct problem *problem, const char *base)
{
    size_t len = base ? strlen(base) : 0;
    const char *file = problem->file;

    return file && len && !strncmp(file, base, len) && file[len] == '/'
               ? file + len + 1
               : file;
}

static uint64_t
hash_of(const struct problem *problem, const char *base)
{
    uint64_t hash = FNV_BASIS;

    hash_field(&hash, problem->domain);
    hash_field(&hash, problem->snapshot);
    hash_field(&hash, problem_info(problem->id)->id);
    hash_field(&hash, problem->snapshot ? NULL : file_below(problem, base));
    return hash;
}

struct hashed {
    uint64_t hash;
    size_t index;
};

static int
compare_hashed(const void *left, const void *right)
{
    const struct hashed *a = left, *b = right;

    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

struct fingerprint *
fingerprints_of(const struct listing *listing, const struct placing *placing)
{
    const struct problems *problems = &listing->problems;
    struct fingerprint *prints = xcalloc(problems->count + 1, sizeof(*prints));
    cleanup(free_ptr) struct hashed *hashed =
        xcalloc(problems->count + 1, sizeof(*hashed));
    size_t number = 0;

    for (size_t i = 0; i < problems->count; i++) {
        size_t domain = placing->domain[i];
        const char *base =
            domain == PLACED_NOWHERE ? NULL : listing->list[domain].base;

        hashed[i] = (struct hashed){hash_of(&problems->list[i], base), i};
    }
    if (problems->count)
        qsort(hashed, problems->count, sizeof(*hashed), compare_hashed);
    for (size_t i = 0; i < problems->count; i++) {
        char *text = prints[hashed[i].index].text;
        size_t room = sizeof(prints->text);

        number = i && hashed[i].hash == hashed[i - 1].hash ? number + 1 : 1;
        if (number == 1)
            (void)snprintf(text, room, "%016" PRIx64, hashed[i].hash);
        else
            (void)snprintf(text, room, "%016" PRIx64 "-%zu", hashed[i].hash,
                           number);
    }
    return prints;
}
