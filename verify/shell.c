/* shell.c - see shell.h. */
#include "shell.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "escape.h"
#include "memory.h"

/* What needs no quotes, where the word is not empty. */
static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                            "abcdefghijklmnopqrstuvwxyz0123456789+,-./:=@_";

/* Is the character of LEN bytes to be shown as it is? A blank is. */
static bool
is_shown(const char *character, size_t len)
{
    cleanup(free_ptr) char *own = xstrndup(character, len);
    cleanup(free_ptr) char *safe = escape_text(own);

    /* U+FFFE and U+FFFF are no characters in XML. */
    return (!strcmp(own, safe) || *own == '\\') &&
           strcmp(own, "\xef\xbf\xbe") != 0 && strcmp(own, "\xef\xbf\xbf") != 0;
}

static size_t
length_at(const char *at)
{
    size_t len = utf8_length(at, strlen(at), NULL);

    return len ? len : 1;
}

static bool
all_shown(const char *word)
{
    for (size_t len; *word; word += len) {
        len = length_at(word);
        if (!is_shown(word, len))
            return false;
    }
    return true;
}

/* As the format of printf(1), in single quotes. */
static void
add_printf(struct buffer *out, const char *word)
{
    buffer_puts(out, word[0] == '-' ? "\"$(printf -- '" : "\"$(printf '");
    for (size_t len; *word; word += len) {
        len = length_at(word);
        if (*word == '%')
            buffer_puts(out, "%%");
        else if (*word == '\\' || *word == '\'' || !is_shown(word, len))
            for (size_t i = 0; i < len; i++)
                buffer_printf(out, "\\%03o", (unsigned char)word[i]);
        else
            buffer_add(out, word, len);
    }
    buffer_puts(out, "')\"");
}

void
shell_word(struct buffer *out, const char *word)
{
    if (*word && strspn(word, plain) == strlen(word)) {
        buffer_puts(out, word);
        return;
    }
    if (!all_shown(word)) {
        add_printf(out, word);
        return;
    }
    buffer_puts(out, "'");
    for (; *word; word++) {
        if (*word == '\'')
            buffer_puts(out, "'\\''");
        else
            buffer_add(out, word, 1);
    }
    buffer_puts(out, "'");
}
