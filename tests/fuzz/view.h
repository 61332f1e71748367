/*
 * view.h - what libxml2 makes of a document by itself, without any code of
 * ours: the oracle of the fuzz targets.
 */
#ifndef VIEW_H
#define VIEW_H

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "fuzz.h"

/* NULL: not well-formed. The caller frees it with xmlFreeDoc(). */
static inline xmlDoc *
view_parse(const char *bytes, size_t len)
{
    return xmlReadMemory(bytes, (int)len, NULL, NULL,
                         XML_PARSE_NONET | XML_PARSE_NOERROR |
                             XML_PARSE_NOWARNING);
}

static inline bool
view_is(const xmlNode *node, const char *name)
{
    return node && node->type == XML_ELEMENT_NODE && !node->ns &&
           !strcmp((const char *)node->name, name);
}

/* The next element among siblings. */
static inline xmlNode *
view_element(xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

static inline size_t
view_children(const xmlNode *root)
{
    size_t count = 0;

    for (xmlNode *node = view_element(root->children); node;
         node = view_element(node->next))
        count++;
    return count;
}

/* Its first child of that name, without a namespace. */
static inline xmlNode *
view_child(const xmlNode *root, const char *name)
{
    for (xmlNode *node = root->children; node; node = node->next) {
        if (view_is(node, name))
            return node;
    }
    return NULL;
}

/* "" for none. The caller frees it with xmlFree(). */
static inline xmlChar *
view_text(const xmlNode *node)
{
    return node ? xmlNodeGetContent(node) : xmlStrdup((const xmlChar *)"");
}

static inline void
view_put(struct buffer *out, const char *what, const xmlChar *text)
{
    buffer_printf(out, "%s %zu ", what, strlen((const char *)text));
    buffer_puts(out, (const char *)text);
}

static inline int
view_compare(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Attributes, sorted. */
static inline void
view_attributes(struct buffer *out, const xmlNode *node)
{
    char *list[64];
    size_t count = 0;

    for (const xmlAttr *attribute = node->properties;
         attribute && count < LENGTH(list); attribute = attribute->next) {
        xmlChar *value = xmlNodeGetContent((const xmlNode *)attribute);

        list[count++] =
            xasprintf(" {%s}%s=%s",
                      attribute->ns ? (const char *)attribute->ns->href : "",
                      (const char *)attribute->name, (const char *)value);
        xmlFree(value);
    }
    qsort(list, count, sizeof(list[0]), view_compare);
    for (size_t i = 0; i < count; i++) {
        buffer_puts(out, list[i]);
        free(list[i]);
    }
}

/* Do blanks in it say nothing? */
static inline bool
view_is_frame(const xmlNode *node)
{
    xmlChar *space =
        xmlGetNsProp(node, (const xmlChar *)"space", XML_XML_NAMESPACE);
    bool keep = space && !strcmp((const char *)space, "preserve"), any = false;

    xmlFree(space);
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (child->type == XML_TEXT_NODE) {
            keep = keep || !xmlIsBlankNode(child);
        } else {
            keep = keep || child->type == XML_CDATA_SECTION_NODE;
            any = true;
        }
    }
    return any && !keep;
}

/*
 * All that an element says, whatever its layout: names, namespaces, attributes,
 * texts, comments; without the blanks between elements, and without the
 * <active> of a snapshot, which is at DEPTH 0.
 */
static inline void
view_write(struct buffer *out, const xmlNode *node, size_t depth, bool layout)
{
    bool frame = layout && view_is_frame(node);

    buffer_printf(out, "<{%s}%s", node->ns ? (const char *)node->ns->href : "",
                  (const char *)node->name);
    view_attributes(out, node);
    buffer_puts(out, ">");
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE) {
            if (depth || !view_is(child, "active"))
                view_write(out, child, depth + 1, frame);
        } else if (child->type == XML_PI_NODE) {
            view_put(out, (const char *)child->name,
                     child->content ? child->content : (const xmlChar *)"");
        } else if (child->type == XML_COMMENT_NODE) {
            view_put(out, "comment", child->content);
        } else if (!frame && child->content) {
            buffer_puts(out, (const char *)child->content);
        }
    }
    buffer_puts(out, "</>");
}

/* As a string. The caller owns it. */
static inline char *
view_of(const xmlNode *node)
{
    struct buffer out = {0};

    view_write(&out, node, 0, true);
    buffer_add(&out, "", 1);
    return out.data;
}

#endif
