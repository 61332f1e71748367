/*
 * json.h - read JSON, piece by piece: what a program that was asked answers.
 *
 * Strict: RFC 8259, in UTF-8, without a byte order mark, and without the
 * character U+0000, which our strings cannot hold. Objects may name a key
 * twice. Pure functions over memory; never reads behind the bytes, always
 * ends, and recursion there is none.
 *
 *     struct json json = json_start(bytes, len);
 *     while ((kind = json_next(&json)) != JSON_END && kind != JSON_BAD) ...
 *     json_free(&json);
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "memory.h"

enum json_kind {
    JSON_OBJECT, /* { */
    JSON_OBJECT_END,
    JSON_ARRAY, /* [ */
    JSON_ARRAY_END,
    JSON_KEY,    /* its text; the value is next */
    JSON_STRING, /* its text */
    JSON_NUMBER, /* its text, as it is written */
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
    JSON_END, /* of a whole, correct document; from now on always this */
    JSON_BAD, /* it is not JSON, or nested too deep; from now on always this */
};

#define JSON_DEPTH_MAX 64

struct json {
    const char *bytes;
    size_t len;
    size_t at;
    size_t depth;              /* how many objects and arrays are open */
    char open[JSON_DEPTH_MAX]; /* '{' or '[', of each */
    bool expect_value;         /* behind a key or a comma, and at the start */
    bool first;                /* nothing of what is open has been read yet */
    bool bad;
    struct buffer text; /* of a key, string or number, with a NUL behind it */
};

/* BYTES must live as long as the reader. */
struct json json_start(const char *bytes, size_t len);

/* The next piece. */
enum json_kind json_next(struct json *json);

/* Skip the rest of what KIND, which json_next() returned, began. */
enum json_kind json_skip(struct json *json, enum json_kind kind);

void json_free(struct json *json);

#endif
