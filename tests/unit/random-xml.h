/*
 * random-xml.h - random well-formed XML for property tests, rich in what makes
 * a scanner stumble: decoys in comments, CDATA and attribute values, mixed
 * content, xml:space, processing instructions, prefixes.
 */
#ifndef RANDOM_XML_H
#define RANDOM_XML_H

#include "support.h"

static inline const char *
random_of(struct prng *prng, const char *const *list, size_t count)
{
    return list[prng_below(prng, count)];
}

static inline void
random_attributes(struct prng *prng, struct buffer *out)
{
    static const char *const names[] = {"a", "b-c", "current", "space", "é"};
    static const char *const values[] = {
        "",          "v",          ">",
        "/>",        "-->",        "]]>",
        "?>",        "&lt;/name>", "&lt;active/>",
        "&#10;",     "&#9;x",      "&amp;#10;",
        "  two  ",   "é",          "=",
        "xml:space",
    };

    for (size_t i = 0; i < LENGTH(names); i++) {
        bool other = prng_below(prng, 2);

        if (prng_below(prng, 6))
            continue;
        buffer_printf(out,
                      prng_below(prng, 4) ? " %s=" : "\n  %s = ", names[i]);
        buffer_puts(out, other ? "\"" : "'");
        buffer_puts(out, random_of(prng, values, LENGTH(values)));
        if (!prng_below(prng, 4))
            buffer_puts(out, other ? "'" : "\"");
        buffer_puts(out, other ? "\"" : "'");
    }
    if (!prng_below(prng, 12))
        buffer_puts(out, prng_below(prng, 3) ? " xml:space='preserve'"
                                             : " xml:space=\"default\"");
}

/* Anything but an element. */
static inline void
random_piece(struct prng *prng, struct buffer *out)
{
    static const char *const blanks[] = {" ", "\n", "\n  ", "\n\n\t", "    "};
    static const char *const texts[] = {
        "x", " text ", "two\n  lines", "&amp;", "&#32;", "&#10;",
        "é", "/>",     "]] >",         "--",    "'\"",   "\n  x\n",
    };
    static const char *const markup[] = {
        "<!--c-->",
        "<!-- <name>no</name> -->",
        "<!--\n  two\n-->",
        "<!-- > -->",
        "<?p?>",
        "<?p <active>1</active>\n  ?>",
        "<?p a='>' ?>",
    };
    static const char *const sections[] = {
        "<![CDATA[]]>",        "<![CDATA[ ]]>",
        "<![CDATA[</name>]]>", "<![CDATA[\n  <active>\n]]>",
        "<![CDATA[]]]]>",
    };
    size_t choice = prng_below(prng, 16);

    if (choice < 9)
        buffer_puts(out, random_of(prng, blanks, LENGTH(blanks)));
    else if (choice < 11)
        buffer_puts(out, random_of(prng, texts, LENGTH(texts)));
    else if (choice < 15)
        buffer_puts(out, random_of(prng, markup, LENGTH(markup)));
    else
        buffer_puts(out, random_of(prng, sections, LENGTH(sections)));
}

/* An element of at most DEPTH levels; NAME may be NULL. */
static inline void
random_element(struct prng *prng, struct buffer *out, const char *name,
               size_t depth)
{
    static const char *const names[] = {
        "name",      "active", "a", "parent",  "domainsnapshot",
        "snapshots", "n:x",    "é", "a.b-c_d", "names",
    };
    size_t children = depth > 1 ? prng_below(prng, 7) : 0;

    if (!name)
        name = random_of(prng, names, LENGTH(names));
    buffer_printf(out, "<%s", name);
    if (strchr(name, ':'))
        buffer_puts(out, " xmlns:n='urn:n'");
    random_attributes(prng, out);
    if (!prng_below(prng, 4))
        buffer_puts(out, " ");
    if (!children && prng_below(prng, 2)) {
        buffer_puts(out, "/>");
        return;
    }
    buffer_puts(out, ">");
    if (!children && prng_below(prng, 2))
        random_piece(prng, out);
    for (size_t i = 0; i < children; i++) {
        if (prng_below(prng, 2))
            random_element(prng, out, NULL, depth - 1);
        else
            random_piece(prng, out);
    }
    buffer_printf(out, "</%s%s>", name, prng_below(prng, 6) ? "" : " ");
}

#endif
