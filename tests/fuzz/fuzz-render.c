/*
 * fuzz-render.c - an element that is made into the other layout says the same,
 * and made back again it is what it was.
 */
#include "fuzz.h"

#include "../../migrate/render.h"
#include "../../verify/scan.h"
#include "../../verify/space.h"
#include "view.h"

/* What it knows from one element must make no difference to another. */
static struct space_memo memo;

static void
forget(void)
{
    space_forget(&memo);
    program_end_xml();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    program_start_xml();
    (void)atexit(forget);
    return 0;
}

/* Render, with a memo and without. */
static void
render(const struct buffer *element, enum layout from, bool active,
       struct buffer *out)
{
    enum layout to = from == LAYOUT_BULK ? LAYOUT_LEGACY : LAYOUT_BULK;
    cleanup(free_ptr) char *exact = fuzz_copy(element->data, element->len);
    cleanup(buffer_free) struct buffer again = {0};

    render_snapshot(exact, element->len, from, to, active, out, NULL);
    for (int i = 0; i < 2; i++) {
        again.len = 0;
        render_snapshot(exact, element->len, from, to, active, &again, &memo);
        FUZZ_CHECK(again.len == out->len &&
                       !memcmp(again.data, out->data, out->len),
                   "what it knows makes a difference:\n%.*s--- is not\n%.*s",
                   (int)again.len, again.data, (int)out->len, out->data);
    }
}

/* The root element in a document that was rendered. */
static void
take_root(struct buffer *document)
{
    struct document map;

    FUZZ_CHECK(!scan_document(document->data, document->len, &map),
               "no document: %.*s", (int)document->len, document->data);
    memmove(document->data, document->data + map.root.start, map.root.len);
    document->len = map.root.len;
}

/* The <active> of a snapshot, of which there is one. */
static void
check_active(const xmlNode *root, enum layout layout, bool active)
{
    const xmlNode *node = view_child(root, "active");
    xmlChar *text = view_text(node);

    if (layout == LAYOUT_BULK)
        FUZZ_CHECK(!node, "an <active> in a bulk file");
    else
        FUZZ_CHECK(!strcmp((const char *)text, active ? "1" : "0"),
                   "<active> is %s", (const char *)text);
    xmlFree(text);
}

/* Does it say the same as the original, whose view is EXPECTED? */
static void
check_view(const struct buffer *element, enum layout layout, bool active,
           const char *expected)
{
    xmlDoc *doc = view_parse(element->data, element->len);
    cleanup(free_ptr) char *found = NULL;

    FUZZ_CHECK(doc, "not well-formed: %.*s", (int)element->len, element->data);
    found = view_of(xmlDocGetRootElement(doc));
    FUZZ_CHECK(!strcmp(found, expected), "%s\n--- has become\n%s", expected,
               found);
    check_active(xmlDocGetRootElement(doc), layout, active);
    xmlFreeDoc(doc);
}

static void
there_and_back(const struct buffer *element, enum layout from, bool active,
               const char *expected)
{
    enum layout to = from == LAYOUT_BULK ? LAYOUT_LEGACY : LAYOUT_BULK;
    struct buffer steps[4] = {0};

    for (size_t i = 0; i < LENGTH(steps); i++) {
        render(i ? &steps[i - 1] : element, i % 2 ? to : from, active,
               &steps[i]);
        take_root(&steps[i]);
        check_view(&steps[i], i % 2 ? from : to, active, expected);
    }
    /* The first time it may be put in order; but that once only. */
    for (size_t i = 2; i < LENGTH(steps); i++)
        FUZZ_CHECK(steps[i].len == steps[i - 2].len &&
                       !memcmp(steps[i].data, steps[i - 2].data, steps[i].len),
                   "there and back it is\n%.*s\n--- and was\n%.*s",
                   (int)steps[i].len, steps[i].data, (int)steps[i - 2].len,
                   steps[i - 2].data);
    for (size_t i = 0; i < LENGTH(steps); i++)
        buffer_free(&steps[i]);
}

/* Any bytes, without a memo: nothing is read that is not there. */
static void
render_any(const uint8_t *data, size_t size)
{
    for (int i = 0; i < 2; i++) {
        cleanup(buffer_free) struct buffer out = {0};

        render_snapshot((const char *)data, size,
                        i ? LAYOUT_BULK : LAYOUT_LEGACY,
                        i ? LAYOUT_LEGACY : LAYOUT_BULK, true, &out, NULL);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    struct document map;
    xmlDoc *doc;

    render_any(data, size);
    doc = view_parse(bytes, size);
    if (doc && !doc->intSubset &&
        (!doc->encoding || !strcmp((const char *)doc->encoding, "UTF-8")) &&
        view_is(xmlDocGetRootElement(doc), "domainsnapshot") &&
        !scan_document(bytes, size, &map)) {
        cleanup(free_ptr) char *view = view_of(xmlDocGetRootElement(doc));
        const struct buffer element = {
            (char *)(uintptr_t)bytes + map.root.start, map.root.len, 0};

        there_and_back(&element, LAYOUT_LEGACY, size % 2, view);
        there_and_back(&element, LAYOUT_BULK, size % 2, view);
    }
    if (doc)
        xmlFreeDoc(doc);
    return 0;
}
