/* transform.c - see transform.h. */
#include "transform.h"

#include <pthread.h>
#include <stdlib.h>
#include <libxml/xmlsave.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/memory.h"
#include "../verify/parse.h"
#include "../verify/same.h"
#include "../verify/span.h"
#include "../verify/stylesheet.h"
#include "render.h"
#include "restyle.h"

struct transform {
    struct stylesheet *sheet;
    pthread_mutex_t *busy; /* a stylesheet works for one thread at a time */
};

struct transform *
transform_open(const char *file, struct error *error)
{
    cleanup(free_ptr) char *subject = xasprintf("--transform='%s'", file);
    struct stylesheet *sheet = stylesheet_read(subject, file, error);
    struct transform *transform;

    if (!sheet)
        return NULL;
    transform = xcalloc(1, sizeof(*transform));
    transform->sheet = sheet;
    transform->busy = xcalloc(1, sizeof(*transform->busy));
    if (pthread_mutex_init(transform->busy, NULL))
        memory_exhausted();
    return transform;
}

void
transform_free(struct transform *transform)
{
    if (!transform)
        return;
    stylesheet_free(transform->sheet);
    (void)pthread_mutex_destroy(transform->busy);
    free(transform->busy);
    free(transform);
}

/* The one <domainsnapshot> of a result; NULL with an error if it is none. */
static xmlNode *
the_snapshot(const xmlDoc *result, struct error *error)
{
    xmlNode *found = NULL;

    for (xmlNode *node = result->children; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE && found) {
            (void)error_set(error, 0, "it makes several elements of it");
            return NULL;
        }
        if (node->type == XML_ELEMENT_NODE)
            found = node;
        if (node->type == XML_TEXT_NODE && !xmlIsBlankNode(node)) {
            (void)error_set(error, 0, "it makes text beside an element of it");
            return NULL;
        }
    }
    if (!found) {
        (void)error_set(error, 0, "it makes nothing of it");
        return NULL;
    }
    if (!parse_is(found, "domainsnapshot")) {
        (void)error_set(
            error, 0, "it makes <%.80s>%s of it, expected <domainsnapshot>%s",
            (const char *)found->name, found->ns ? " in a namespace" : "",
            found->ns ? " in none" : "");
        return NULL;
    }
    return found;
}

static void
free_xml_buffer(xmlBuffer **buffer)
{
    xmlBufferFree(*buffer);
}

/* Append an element as UTF-8, whatever the stylesheet says of its output. */
static void
write_element(xmlNode *element, struct buffer *out)
{
    cleanup(free_xml_buffer) xmlBuffer *bytes = xmlBufferCreate();
    xmlSaveCtxt *save =
        bytes ? xmlSaveToBuffer(bytes, "UTF-8",
                                XML_SAVE_NO_DECL | XML_SAVE_AS_XML)
              : NULL;

    if (!save)
        memory_exhausted();
    if (xmlSaveTree(save, element) < 0 || xmlSaveClose(save) < 0)
        memory_exhausted();
    buffer_add(out, (const char *)xmlBufferContent(bytes),
               (size_t)xmlBufferLength(bytes));
}

static int
apply(const struct transform *transform, const struct buffer *member,
      struct buffer *out, struct error *error)
{
    /* Between the blanks and the newline of a member's line. */
    cleanup(parse_free_doc) xmlDoc *doc =
        parse_document(member->data + 2, member->len - 3, NULL, NULL);
    cleanup(parse_free_doc) xmlDoc *result = NULL;
    xmlNode *element;

    if (!doc)
        return error_set(error, 0, "it is not well-formed");
    (void)pthread_mutex_lock(transform->busy);
    result = stylesheet_apply(transform->sheet, doc, error);
    (void)pthread_mutex_unlock(transform->busy);
    element = result ? the_snapshot(result, error) : NULL;
    if (!element)
        return -1;
    write_element(element, out);
    return 0;
}

int
transform_snapshot(const struct transform *transform, const char *element,
                   size_t len, enum layout from, struct buffer *out,
                   struct error *error)
{
    cleanup(buffer_free) struct buffer member = {0};

    out->len = 0;
    render_snapshot(element, len, from, LAYOUT_BULK, false, &member, NULL);
    if (apply(transform, &member, out, error) < 0)
        return -1;
    if (same_snapshot(element, len, out->data, out->len)) {
        out->len = 0;
        return 0;
    }
    restyle(out, member.data + 2, member.len - 3);
    return 1;
}
