/* shortcut.c - see shortcut.h. */
#include "shortcut.h"

#include <stdlib.h>
#include <string.h>

#include "afford.h"
#include "cleanup.h"
#include "escape.h"
#include "judge.h"
#include "memory.h"
#include "parse.h"
#include "prune.h"
#include "schema.h"
#include "schemas.h"
#include "snapshot.h"
#include "workspace.h"

/* An element that is met for the first time. */
struct stranger {
    enum part_name name;
    const char *bytes;
    size_t len;
    struct document extremes;
    struct path *paths; /* in order */
    size_t path_count;
};

/* The paths in a tag of <source> are remembered by their values. */
static void
note_paths(struct stranger *stranger, const struct scan *scan)
{
    static const char *const names[] = {"file", "dev"};
    const char *tag = scan->bytes + scan->token_at;
    const struct token *token = &scan->token;

    if ((token->kind != TOKEN_START && token->kind != TOKEN_EMPTY) ||
        token->name.len != 6 || memcmp(tag + 1, "source", 6) != 0)
        return;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct span value;

        if (!span_attribute(tag, token->len, names[i], &value))
            continue;
        value.start += scan->token_at;
        /* One tag with both, the other way round. */
        if (stranger->path_count &&
            stranger->paths[stranger->path_count - 1].value.start > value.start)
            continue;
        stranger->paths =
            xgrow(stranger->paths, stranger->path_count, sizeof(struct path));
        stranger->paths[stranger->path_count++] = (struct path){value, NULL};
    }
}

/* Scan an element to its end. False: it has none. */
static bool
scan_stranger(struct stranger *stranger, const char *bytes, size_t len)
{
    struct scan scan;

    scan_start(&scan, bytes, len, &stranger->extremes);
    do {
        if (!scan_step(&scan, &stranger->extremes))
            return false;
        note_paths(stranger, &scan);
    } while (scan.depth);
    stranger->bytes = bytes;
    stranger->len = scan.at;
    return true;
}

/* What our own loader reads of a part, and libvirt's stumbles over. */
static bool
is_sound(enum part_name name, const xmlNode *root)
{
    switch (name) {
    case PART_DOMAIN:
        return judge_domain_sound(root);
    case PART_INACTIVE:
        return judge_inactive_sound(root);
    case PART_DISKS:
        return judge_disks_sound(root);
    case PART_COOKIE:
    case PART_COUNT:
    default:
        return true;
    }
}

static bool
read_facts(struct part *part, const xmlNode *root)
{
    const xmlNode *name = parse_child(root, "name", NULL);
    const xmlNode *uuid = parse_child(root, "uuid", NULL);
    cleanup(parse_free_text) xmlChar *text = judge_text(name);
    cleanup(parse_free_text) xmlChar *digits = judge_text(uuid);
    struct where where = where_start(part->bytes, part->len, POSITION_FIRST);

    if (part->name != PART_DOMAIN)
        return true;
    part->domain_name = xstrdup((const char *)text);
    return judge_uuid((const char *)digits, part->uuid) &&
           where_offset(&where, uuid, &part->uuid_at);
}

/* Which pattern of each schema takes it? False: not all have one. */
static bool
choose(struct part *part, const struct schemas *schemas, xmlDoc *doc)
{
    size_t count = schemas_count(schemas);
    struct prunings prunings = {0};

    part->choices = xcalloc(count + 1, 1);
    part->cost = afford_cost(doc);
    for (size_t i = 0; i < count; i++) {
        bool own = schemas->own && !i;
        int choice = -1;

        if (own) {
            prune_part(doc, &prunings);
            part->pruned_cost = afford_cost(doc);
        }
        if ((own ? part->pruned_cost : part->cost) <= AFFORD_MOST)
            choice = schema_choice(schemas_get(schemas, i), part->name, doc);
        prune_undo(&prunings);
        if (choice < 0)
            return false;
        part->choices[i] = (unsigned char)choice;
    }
    return true;
}

static bool
judge_part(struct part *part, const struct schemas *schemas,
           struct parser *parser)
{
    const struct document *extremes = &part->extremes;
    cleanup(parse_free_doc) xmlDoc *doc = NULL;
    const xmlNode *root;

    if (extremes->depth >= NESTING_MAX ||
        extremes->attributes > ATTRIBUTES_MAX ||
        extremes->namespaces > NAMESPACES_MAX ||
        utf8_valid_prefix(part->bytes, part->len) < part->len)
        return false;
    doc = parser_read(parser, part->bytes, part->len, NULL);
    root = doc ? xmlDocGetRootElement(doc) : NULL;
    return root && parse_is(root, part_name(part->name)) &&
           is_sound(part->name, root) && read_facts(part, root) &&
           choose(part, schemas, doc);
}

/* The offset of the last line. */
static size_t
line_start(const char *bytes, size_t len)
{
    const char *feed = memrchr(bytes, '\n', len);

    return feed ? (size_t)(feed - bytes) + 1 : 0;
}

/* Judge an element, and remember what came out. */
static const struct part *
meet(struct stranger *stranger, const struct schemas *schemas,
     struct workspace *workspace)
{
    struct part *part = xcalloc(1, sizeof(*part));
    const struct span whole = {0, stranger->len};

    part->name = stranger->name;
    part->len = stranger->len;
    part->bytes = xstrndup(stranger->bytes, stranger->len);
    part->extremes = stranger->extremes;
    part->cut = cut_of(part->bytes, whole, 0);
    part->paths = steal_ptr(&stranger->paths);
    part->last_line = line_start(part->bytes, part->len);
    part->path_count = stranger->path_count;
    part->sound = judge_part(part, schemas, workspace->parser);
    memo_add(&workspace->memo, part);
    return part;
}

/* A part that begins where the scan is. False: it cannot be taken out. */
static bool
take_part(struct shortcut *shortcut, struct scan *scan, enum part_name name,
          struct document *map, struct workspace *workspace)
{
    const char *bytes = scan->bytes + scan->at;
    struct stranger stranger = {.name = name};
    struct met *met = &shortcut->met[shortcut->count];
    struct cut *cut = &shortcut->cuts[shortcut->count];

    for (size_t i = 0; i < shortcut->count; i++) {
        if (shortcut->met[i].part->name == name)
            return false;
    }
    if (!memo_find(&workspace->memo, shortcut->schemas, bytes,
                   scan->len - scan->at, met)) {
        if (!scan_stranger(&stranger, bytes, scan->len - scan->at)) {
            free(stranger.paths);
            return false;
        }
        *met = memo_first(meet(&stranger, shortcut->schemas, workspace));
    }
    if (!met->part->sound)
        return false;
    *cut = met->cut;
    cut->whole.start = scan->at;
    cut->stub = strlen(part_stub(name, 0)) + 3;
    shortcut->count++;
    scan_skip(scan, met->len, &met->part->extremes, map);
    return true;
}

/* Scan a document, and take out what is a part. */
static bool
take_parts(struct shortcut *shortcut, struct document *map,
           struct workspace *workspace)
{
    struct scan scan;

    scan_start(&scan, shortcut->bytes, shortcut->len, map);
    if (scan.at)
        return false;
    while (scan.at < scan.len) {
        const char *here = scan.bytes + scan.at;

        if (scan.depth == 1 && here[0] == '<') {
            size_t left = scan.len - scan.at - 1;
            size_t most = left < 32 ? left : 32, len = 0;
            enum part_name name;

            while (len < most && !strchr(" \t\r\n/>", here[1 + len]))
                len++;
            name = part_find(here + 1, len);
            if (name != PART_COUNT) {
                if (!take_part(shortcut, &scan, name, map, workspace))
                    return false;
                continue;
            }
        }
        if (!scan_step(&scan, map))
            return false;
        /* A namespace of the root would reach into the parts. */
        if (scan.token_at == map->root.start && scan.depth &&
            scan.token.attributes)
            return false;
    }
    return scan_is_whole(&scan);
}

/* Is there nothing about it that only the judgement of the whole tells? */
static bool
is_ordinary(const struct shortcut *shortcut, const struct document *map)
{
    return shortcut->count && !map->has_doctype && !map->encoding.len &&
           map->depth < NESTING_MAX && map->attributes <= ATTRIBUTES_MAX &&
           map->namespaces <= NAMESPACES_MAX;
}

/* Append what is between two parts. False: no stub could be told from it. */
static bool
add_between(struct buffer *rest, const char *bytes, size_t len)
{
    if (memmem(bytes, len, PART_PREFIX, sizeof(PART_PREFIX) - 1))
        return false;
    buffer_add(rest, bytes, len);
    return true;
}

static bool
write_rest(const struct shortcut *shortcut, struct buffer *rest)
{
    size_t from = 0;

    rest->len = 0;
    for (size_t i = 0; i < shortcut->count; i++) {
        const struct span whole = shortcut->cuts[i].whole;

        if (!add_between(rest, shortcut->bytes + from, whole.start - from))
            return false;
        buffer_puts(rest, "<");
        buffer_puts(rest, part_stub(shortcut->met[i].part->name, 0));
        buffer_puts(rest, "/>");
        from = span_end(whole);
    }
    return add_between(rest, shortcut->bytes + from, shortcut->len - from) &&
           utf8_valid_prefix(rest->data, rest->len) == rest->len;
}

static bool
is_stub(const xmlNode *node)
{
    return node->type == XML_ELEMENT_NODE &&
           !strncmp((const char *)node->name, PART_PREFIX,
                    sizeof(PART_PREFIX) - 1);
}

/* Have the stubs come out as the children that the parts are? */
static bool
has_stubs(const struct shortcut *shortcut)
{
    const xmlNode *root = xmlDocGetRootElement(shortcut->doc);
    size_t count = 0;

    if (!parse_is(root, "domainsnapshot"))
        return false;
    for (const xmlNode *node = root->children; node; node = node->next) {
        const char *name = (const char *)node->name;

        if (node->type != XML_ELEMENT_NODE)
            continue;
        if (part_find(name, strlen(name)) != PART_COUNT)
            return false;
        if (!is_stub(node))
            continue;
        if (count == shortcut->count ||
            strcmp(name, part_stub(shortcut->met[count].part->name, 0)) != 0)
            return false;
        count++;
    }
    return count == shortcut->count;
}

bool
shortcut_take(struct shortcut *shortcut, const char *bytes, size_t len,
              struct document *map, const struct schemas *schemas,
              struct workspace *workspace)
{
    *shortcut = (struct shortcut){
        .schemas = schemas,
        .bytes = bytes,
        .len = len,
    };
    return take_parts(shortcut, map, workspace) && is_ordinary(shortcut, map) &&
           write_rest(shortcut, &workspace->rest);
}

bool
shortcut_parse(struct shortcut *shortcut, struct workspace *workspace)
{
    shortcut->doc = parser_read(workspace->parser, workspace->rest.data,
                                workspace->rest.len, NULL);
    return shortcut->doc && has_stubs(shortcut);
}

void
shortcut_guide(const struct shortcut *shortcut,
               const struct workspace *workspace, struct where *where)
{
    where->cuts = shortcut->cuts;
    where->cut_count = shortcut->count;
    where->rest = workspace->rest.data;
    where->rest_len = workspace->rest.len;
}

const struct met *
shortcut_part(const struct shortcut *shortcut, enum part_name name,
              size_t *start)
{
    for (size_t i = 0; i < shortcut->count; i++) {
        if (shortcut->met[i].part->name == name) {
            *start = shortcut->cuts[i].whole.start;
            return &shortcut->met[i];
        }
    }
    return NULL;
}

/* Let each stub be called after what schema INDEX has taken its part for. */
static void
name_stubs(const struct shortcut *shortcut, const xmlChar **names, size_t index)
{
    xmlNode *node = xmlDocGetRootElement(shortcut->doc)->children;

    for (size_t i = 0; node; node = node->next) {
        const struct part *part;

        if (!is_stub(node))
            continue;
        part = shortcut->met[i].part;
        names[i++] = node->name;
        node->name =
            (const xmlChar *)part_stub(part->name, part->choices[index]);
    }
}

/* The names are in the dictionary of the document, which looks for them. */
static void
restore_stubs(const struct shortcut *shortcut, const xmlChar **names)
{
    xmlNode *node = xmlDocGetRootElement(shortcut->doc)->children;

    for (size_t i = 0; node; node = node->next) {
        if (is_stub(node))
            node->name = names[i++];
    }
}

bool
shortcut_affordable(const struct shortcut *shortcut, double rest)
{
    const struct schemas *schemas = shortcut->schemas;
    double cost = rest, pruned_cost = rest;
    double limit = afford_limit(shortcut->len);

    for (size_t i = 0; i < shortcut->count; i++) {
        cost += shortcut->met[i].part->cost;
        pruned_cost += shortcut->met[i].part->pruned_cost;
    }
    return (!schemas || !schemas->own || pruned_cost <= limit) &&
           (!schemas || !schemas->count || cost <= limit);
}

bool
shortcut_valid(const struct shortcut *shortcut)
{
    size_t count = schemas_count(shortcut->schemas);
    bool valid = shortcut_affordable(shortcut, afford_cost(shortcut->doc));

    for (size_t i = 0; i < count && valid; i++) {
        const xmlChar *names[PART_COUNT] = {0};

        name_stubs(shortcut, names, i);
        valid = schema_takes_frame(schemas_get(shortcut->schemas, i),
                                   shortcut->doc);
        restore_stubs(shortcut, names);
    }
    return valid;
}

void
shortcut_free(struct shortcut *shortcut)
{
    if (shortcut->doc)
        xmlFreeDoc(shortcut->doc);
}
