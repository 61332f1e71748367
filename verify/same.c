/* same.c - see same.h. */
#include "same.h"

#include <string.h>
#include <libxml/c14n.h>
#include <libxml/tree.h>

#include "cleanup.h"
#include "parse.h"

/* Is the content of an element elements, so that blanks between may go? */
static bool
has_element_content(const xmlNode *element)
{
    cleanup(parse_free_text) xmlChar *space =
        xmlGetNsProp(element, (const xmlChar *)"space", XML_XML_NAMESPACE);
    bool parent = false;

    if (space && !strcmp((const char *)space, "preserve"))
        return false;
    for (const xmlNode *node = element->children; node; node = node->next) {
        if (node->type == XML_CDATA_SECTION_NODE ||
            (node->type == XML_TEXT_NODE && !xmlIsBlankNode(node)))
            return false;
        parent = parent || node->type != XML_TEXT_NODE;
    }
    return parent;
}

/* Recursion is bounded by libxml2's limit of 257 levels. */
static void
strip_space(xmlNode *element)
{
    xmlNode *node = element->children;

    if (!has_element_content(element))
        return;
    while (node) {
        xmlNode *next = node->next;

        if (node->type == XML_ELEMENT_NODE) {
            strip_space(node);
        } else if (node->type == XML_TEXT_NODE) {
            xmlUnlinkNode(node);
            xmlFreeNode(node);
        }
        node = next;
    }
}

static void
strip_active(xmlNode *root)
{
    xmlNode *node = root->children;

    while (node) {
        xmlNode *next = node->next;

        if (parse_is(node, "active")) {
            xmlUnlinkNode(node);
            xmlFreeNode(node);
        }
        node = next;
    }
}

/*
 * NULL: not well-formed. C14N refuses a namespace with a relative name, which
 * libvirt accepts: then the text as libxml2 writes it must do, which differs in
 * the order of attributes at most. The caller frees it with xmlFree().
 */
static xmlChar *
canonical(const char *element, size_t len)
{
    cleanup(parse_free_doc) xmlDoc *doc =
        parse_document(element, len, NULL, NULL);
    xmlChar *text = NULL;
    int size;

    if (!doc)
        return NULL;
    strip_active(xmlDocGetRootElement(doc));
    strip_space(xmlDocGetRootElement(doc));
    if (xmlC14NDocDumpMemory(doc, NULL, XML_C14N_1_0, NULL, 1, &text) < 0) {
        text = NULL;
        xmlDocDumpMemoryEnc(doc, &text, &size, "UTF-8");
    }
    return text;
}

bool
same_snapshot(const char *a, size_t a_len, const char *b, size_t b_len)
{
    cleanup(parse_free_text) xmlChar *left = canonical(a, a_len);
    cleanup(parse_free_text) xmlChar *right = canonical(b, b_len);

    return left && right && xmlStrEqual(left, right);
}
