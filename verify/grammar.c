/* grammar.c - see grammar.h. */
#include "grammar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <libxml/uri.h>

#include "cleanup.h"
#include "embedded.h"
#include "error.h"
#include "memory.h"
#include "parse.h"
#include "pin.h"
#include "root.h"

#define RELAXNG "http://relaxng.org/ns/structure/1.0"
#define GRAMMAR_FILE_MAX 16777216 /* bytes */
#define INCLUDES_MAX 256          /* in one schema, all together */
#define NESTED_MAX 16             /* includes in includes */

struct loader {
    int dir; /* where files are looked up; -1: among the embedded ones */
    size_t includes;
    size_t nested;
    xmlDict *dictionary; /* of all documents: nodes move between them */
    struct error *error;
};

static int load_includes(struct loader *loader, xmlNode *parent);

bool
grammar_is(const xmlNode *node, const char *name)
{
    return node && node->type == XML_ELEMENT_NODE && node->ns &&
           !strcmp((const char *)node->name, name) &&
           !strcmp((const char *)node->ns->href, RELAXNG);
}

xmlNode *
grammar_next(xmlNode *node)
{
    while (node && (node->type != XML_ELEMENT_NODE || !node->ns ||
                    strcmp((const char *)node->ns->href, RELAXNG)))
        node = node->next;
    return node;
}

xmlChar *
grammar_attribute(const xmlNode *node, const char *name)
{
    return xmlGetNoNsProp(node, (const xmlChar *)name);
}

xmlChar *
grammar_inherited(const xmlNode *node, const char *name)
{
    xmlChar *value = NULL;

    for (; !value && node && node->type == XML_ELEMENT_NODE;
         node = node->parent)
        value = grammar_attribute(node, name);
    return value;
}

/* Elsewhere every later step would look at them for nothing. */
static bool
keeps_blanks(const xmlNode *element)
{
    return grammar_is(element, "value") || grammar_is(element, "param") ||
           grammar_is(element, "name");
}

static xmlDoc *
parse_schema(const struct loader *loader, const char *bytes, size_t len)
{
    struct error *error = loader->error;
    struct parse_failure failure = {0};
    cleanup(parse_free_doc) xmlDoc *doc =
        parse_sparse(bytes, len, loader->dictionary, keeps_blanks, &failure);
    cleanup(free_ptr) char *message = failure.message;

    if (!doc) {
        error_set(error, 0, "%s", message);
        if (failure.line)
            error_prefix(error, "line %lu", failure.line);
        return NULL;
    }
    if (doc->intSubset) {
        error_set(error, 0, "it has a DOCTYPE");
        return NULL;
    }
    if (!grammar_next(xmlDocGetRootElement(doc))) {
        error_set(error, 0, "it is not RELAX NG in XML");
        return NULL;
    }
    pin_schema(xmlDocGetRootElement(doc));
    return steal_ptr(&doc);
}

static xmlDoc *
read_file(const struct loader *loader, const char *name)
{
    struct error *error = loader->error;
    cleanup(close_fd) int fd =
        openat(loader->dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    cleanup(buffer_free) struct buffer bytes = {0};
    struct stat stat;

    if (fd < 0 || fstat(fd, &stat) < 0) {
        error_set(error, errno, "cannot open it");
        return NULL;
    }
    if (!S_ISREG(stat.st_mode)) {
        error_set(error, 0, "it is %s", type_name(stat.st_mode));
        return NULL;
    }
    if (stat.st_size > GRAMMAR_FILE_MAX) {
        error_set(error, 0, "it has more than 16 MiB");
        return NULL;
    }
    return file_read(fd, 0, (size_t)stat.st_size, &bytes, error) < 0
               ? NULL
               : parse_schema(loader, bytes.data, bytes.len);
}

static xmlDoc *
find_embedded(const struct loader *loader, const char *name)
{
    for (const struct embedded *file = embedded_files; file->name; file++) {
        if (!strcmp(file->name, name))
            return parse_schema(loader, file->bytes, file->len);
    }
    error_set(loader->error, 0, "it is not in this program");
    return NULL;
}

/* Is this the name of a file here or further down? */
static bool
stays_below(const char *name)
{
    if (!name[0] || name[0] == '/' || strchr(name, ':') ||
        strpbrk(name, "?#\\"))
        return false;
    while (name) {
        if (!strncmp(name, "..", 2) && (!name[2] || name[2] == '/'))
            return false;
        name = strchr(name, '/');
        name = name ? name + 1 : NULL;
    }
    return true;
}

/* Descend for what NAME includes: that is relative to where NAME lies. */
static int
load_below(struct loader *loader, xmlNode *root, const char *name)
{
    const char *slash = strrchr(name, '/');
    cleanup(close_fd) int dir = -1;
    struct loader below = *loader;
    int result;

    if (slash && loader->dir >= 0) {
        cleanup(free_ptr) char *path = xstrndup(name, (size_t)(slash - name));

        dir = openat(loader->dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir < 0)
            return error_set(loader->error, errno, "cannot open '%s'", path);
        below.dir = dir;
    }
    below.nested++;
    result = load_includes(&below, root);
    loader->includes = below.includes;
    return result < 0 ? error_prefix(loader->error, "in '%s'", name) : 0;
}

/* The document that href= of NODE names, with all that it includes. */
static xmlDoc *
load_reference(struct loader *loader, const xmlNode *node)
{
    cleanup(parse_free_text) xmlChar *href = grammar_attribute(node, "href");
    cleanup(parse_free_doc) xmlDoc *doc = NULL;
    cleanup(parse_free_text) xmlChar *unescaped =
        href ? (xmlChar *)xmlURIUnescapeString((const char *)href, 0, NULL)
             : NULL;
    const char *name = (const char *)unescaped;

    if (!name || !stays_below(name)) {
        error_set(loader->error, 0,
                  "line %ld: '%.200s' is not included: only files beside the "
                  "schema and below are",
                  xmlGetLineNo(node), href ? (const char *)href : "");
        return NULL;
    }
    if (++loader->includes > INCLUDES_MAX || loader->nested >= NESTED_MAX) {
        error_set(loader->error, 0, "line %ld: too many files are included",
                  xmlGetLineNo(node));
        return NULL;
    }
    doc =
        loader->dir < 0 ? find_embedded(loader, name) : read_file(loader, name);
    if (!doc)
        error_prefix(loader->error, "line %ld: '%s'", xmlGetLineNo(node), name);
    return !doc || load_below(loader, xmlDocGetRootElement(doc), name) < 0
               ? NULL
               : steal_ptr(&doc);
}

/* Its root, as a node of TARGET; both have the same dictionary. */
static xmlNode *
take_root(xmlDoc *doc, xmlDoc *target)
{
    xmlNode *root = xmlDocGetRootElement(doc);

    /* Where xml: was used, that belongs to the document. */
    if (doc->oldNs)
        root = xmlDocCopyNode(root, target, 1);
    else
        xmlUnlinkNode(root);
    if (!root)
        memory_exhausted();
    xmlSetTreeDoc(root, target);
    return root;
}

static int
load_external(struct loader *loader, xmlNode *node)
{
    cleanup(parse_free_doc) xmlDoc *doc = load_reference(loader, node);
    cleanup(parse_free_text) xmlChar *space = grammar_attribute(node, "ns");
    xmlNode *copy;

    if (!doc)
        return -1;
    copy = take_root(doc, node->doc);
    if (space && !xmlHasProp(copy, (const xmlChar *)"ns"))
        (void)xmlSetProp(copy, (const xmlChar *)"ns", space);
    (void)xmlReplaceNode(node, copy);
    xmlFreeNode(node);
    return 0;
}

/* Does an <include> replace this <start> or <define>? */
static bool
is_replaced(const xmlNode *include, const xmlNode *component)
{
    cleanup(parse_free_text) xmlChar *name =
        grammar_attribute(component, "name");

    for (xmlNode *node = grammar_first(include); node;
         node = grammar_next(node->next)) {
        cleanup(parse_free_text) xmlChar *other =
            grammar_attribute(node, "name");

        if (grammar_is(node, "div") && is_replaced(node, component))
            return true;
        if (!xmlStrcmp(node->name, component->name) &&
            (grammar_is(node, "start") ||
             (grammar_is(node, "define") && xmlStrEqual(name, other))))
            return true;
    }
    return false;
}

static void
drop_replaced(const xmlNode *include, xmlNode *grammar)
{
    xmlNode *node = grammar_first(grammar), *next;

    for (; node; node = next) {
        next = grammar_next(node->next);
        if (grammar_is(node, "div")) {
            drop_replaced(include, node);
        } else if (is_replaced(include, node)) {
            xmlUnlinkNode(node);
            xmlFreeNode(node);
        }
    }
}

/* What is included becomes a <div>, and so does the <include> around it. */
static int
load_include(struct loader *loader, xmlNode *node)
{
    cleanup(parse_free_doc) xmlDoc *doc = load_reference(loader, node);
    xmlNode *copy;

    if (!doc)
        return -1;
    if (!grammar_is(xmlDocGetRootElement(doc), "grammar"))
        return error_set(loader->error, 0,
                         "line %ld: what is included is not a <grammar>",
                         xmlGetLineNo(node));
    copy = take_root(doc, node->doc);
    drop_replaced(node, copy);
    xmlNodeSetName(copy, (const xmlChar *)"div");
    xmlNodeSetName(node, (const xmlChar *)"div");
    (void)xmlUnsetProp(node, (const xmlChar *)"href");
    if (node->children)
        (void)xmlAddPrevSibling(node->children, copy);
    else
        (void)xmlAddChild(node, copy);
    return 0;
}

static int
load_includes(struct loader *loader, xmlNode *parent)
{
    xmlNode *node = grammar_first(parent), *next;

    for (; node; node = next) {
        int result;

        next = grammar_next(node->next);
        /* First what stands in an <include> to replace something. */
        result = load_includes(loader, node);
        if (!result && grammar_is(node, "externalRef"))
            result = load_external(loader, node);
        else if (!result && grammar_is(node, "include"))
            result = load_include(loader, node);
        if (result < 0)
            return -1;
    }
    return 0;
}

/* The root may be an <externalRef> itself. */
static xmlDoc *
load_all(struct loader *loader, xmlDoc *loaded, const char *name)
{
    cleanup(parse_free_doc) xmlDoc *doc = loaded;
    xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;

    if (!doc || load_includes(loader, root) < 0 ||
        (grammar_is(root, "externalRef") && load_external(loader, root) < 0)) {
        error_prefix(loader->error, "schema '%s'", name);
        return NULL;
    }
    return steal_ptr(&doc);
}

static void
free_dictionary(xmlDict **dictionary)
{
    xmlDictFree(*dictionary);
}

xmlDoc *
grammar_embedded(const char *name, struct error *error)
{
    cleanup(free_dictionary) xmlDict *dictionary = parse_dictionary();
    struct loader loader = {
        .dir = -1, .dictionary = dictionary, .error = error};

    return load_all(&loader, find_embedded(&loader, name), name);
}

xmlDoc *
grammar_read(const char *path, struct error *error)
{
    const char *slash = strrchr(path, '/');
    cleanup(free_ptr) char *folder =
        slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
    cleanup(close_fd) int dir =
        open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleanup(free_dictionary) xmlDict *dictionary = parse_dictionary();
    struct loader loader = {
        .dir = dir, .dictionary = dictionary, .error = error};

    if (dir < 0) {
        error_set(error, errno, "schema '%s': cannot open it", path);
        return NULL;
    }
    return load_all(&loader, read_file(&loader, slash ? slash + 1 : path),
                    path);
}
