/* json.c - see json.h. */
#include "json.h"

#include <string.h>

#include "escape.h"

struct json
json_start(const char *bytes, size_t len)
{
    return (struct json){.bytes = bytes, .len = len, .expect_value = true};
}

void
json_free(struct json *json)
{
    buffer_free(&json->text);
}

/* The byte that is next, 0 behind the last; a NUL in the text is no JSON. */
static char
peek(const struct json *json)
{
    return json->at < json->len ? json->bytes[json->at] : '\0';
}

static enum json_kind
bad(struct json *json)
{
    json->bad = true;
    return JSON_BAD;
}

static void
skip_blanks(struct json *json)
{
    while (peek(json) && strchr(" \t\r\n", peek(json)))
        json->at++;
}

static bool
take_word(struct json *json, const char *word)
{
    size_t len = strlen(word);

    if (json->len - json->at < len ||
        memcmp(json->bytes + json->at, word, len) != 0)
        return false;
    json->at += len;
    return true;
}

/* Four hexadecimal digits. */
static bool
take_unit(struct json *json, unsigned int *unit)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";

    *unit = 0;
    for (int i = 0; i < 4; i++) {
        const char *digit = peek(json) ? strchr(digits, peek(json)) : NULL;

        if (!digit)
            return false;
        *unit = *unit << 4 | ((unsigned int)(digit - digits) & 15);
        json->at++;
    }
    return true;
}

static void
add_utf8(struct buffer *text, unsigned int code)
{
    char bytes[4];
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = len; i > 1; i--) {
        bytes[i - 1] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    bytes[0] = (char)(lead[len] | code);
    buffer_add(text, bytes, len);
}

/* What follows a backslash. */
static bool
take_escape(struct json *json)
{
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *known = peek(json) ? strchr(names, peek(json)) : NULL;
    unsigned int code, low;

    if (known) {
        buffer_add(&json->text, &meant[known - names], 1);
        json->at++;
        return true;
    }
    if (!take_word(json, "u") || !take_unit(json, &code) || !code)
        return false;
    if (code >= 0xdc00 && code < 0xe000)
        return false;
    if (code >= 0xd800 && code < 0xdc00) {
        if (!take_word(json, "\\u") || !take_unit(json, &low) || low < 0xdc00 ||
            low > 0xdfff)
            return false;
        code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
    }
    add_utf8(&json->text, code);
    return true;
}

/* A string, behind its first quote. */
static bool
take_string(struct json *json)
{
    json->text.len = 0;
    for (;;) {
        const char *here = json->bytes + json->at;
        size_t len;

        if ((unsigned char)peek(json) < 0x20)
            return false;
        if (take_word(json, "\""))
            break;
        if (take_word(json, "\\")) {
            if (!take_escape(json))
                return false;
            continue;
        }
        len = utf8_length(here, json->len - json->at, NULL);
        if (!len)
            return false;
        buffer_add(&json->text, here, len);
        json->at += len;
    }
    buffer_add(&json->text, "", 1);
    return true;
}

/* One digit at least. */
static bool
take_digits(struct json *json)
{
    size_t start = json->at;

    while (peek(json) >= '0' && peek(json) <= '9')
        json->at++;
    return json->at > start;
}

static bool
take_number(struct json *json)
{
    size_t start = json->at;

    (void)take_word(json, "-");
    if (!take_word(json, "0") && !take_digits(json))
        return false;
    if (take_word(json, ".") && !take_digits(json))
        return false;
    if (take_word(json, "e") || take_word(json, "E")) {
        if (!take_word(json, "+"))
            (void)take_word(json, "-");
        if (!take_digits(json))
            return false;
    }
    json->text.len = 0;
    buffer_add(&json->text, json->bytes + start, json->at - start);
    buffer_add(&json->text, "", 1);
    return true;
}

/* A value, or what opens one. */
static enum json_kind
take_value(struct json *json)
{
    char first = peek(json);

    json->expect_value = false;
    json->first = false;
    if (first == '{' || first == '[') {
        if (json->depth == JSON_DEPTH_MAX)
            return bad(json);
        json->open[json->depth++] = first;
        json->first = true;
        json->at++;
        return first == '{' ? JSON_OBJECT : JSON_ARRAY;
    }
    if (take_word(json, "\""))
        return take_string(json) ? JSON_STRING : bad(json);
    if (take_word(json, "true"))
        return JSON_TRUE;
    if (take_word(json, "false"))
        return JSON_FALSE;
    if (take_word(json, "null"))
        return JSON_NULL;
    return take_number(json) ? JSON_NUMBER : bad(json);
}

/* A key with its colon, in an object. */
static enum json_kind
take_key(struct json *json)
{
    if (!take_word(json, "\"") || !take_string(json))
        return bad(json);
    skip_blanks(json);
    if (!take_word(json, ":"))
        return bad(json);
    json->first = false;
    json->expect_value = true;
    return JSON_KEY;
}

enum json_kind
json_next(struct json *json)
{
    bool object = json->depth && json->open[json->depth - 1] == '{';

    if (json->bad)
        return JSON_BAD;
    skip_blanks(json);
    if (json->expect_value)
        return take_value(json);
    if (!json->depth)
        return json->at == json->len ? JSON_END : bad(json);
    if (take_word(json, object ? "}" : "]")) {
        json->depth--;
        json->first = false;
        return object ? JSON_OBJECT_END : JSON_ARRAY_END;
    }
    if (!json->first && !take_word(json, ","))
        return bad(json);
    skip_blanks(json);
    return object ? take_key(json) : take_value(json);
}

enum json_kind
json_skip(struct json *json, enum json_kind kind)
{
    size_t around = json->depth - (kind == JSON_OBJECT || kind == JSON_ARRAY);

    if (kind == JSON_KEY)
        kind = json_next(json);
    while (kind != JSON_BAD && json->depth > around)
        kind = json_next(json);
    return kind;
}
