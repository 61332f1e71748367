/*
 * test-prune.c - what is taken out of a snapshot before it is held against our
 * schema changes no verdict, and is put back where it was.
 */
#include <stdlib.h>
#include <string.h>

#include "../../verify/error.h"
#include "../../verify/memory.h"
#include "../../verify/parse.h"
#include "../../verify/prune.h"
#include "../../verify/schema.h"
#include "support.h"

#define ROUNDS 4000

static unsigned int
below(unsigned int *seed, unsigned int most)
{
    *seed = *seed * 1103515245u + 12345u;
    return (*seed >> 16) % most;
}

/* Parts of a definition: what libvirt needs, what it does not, and damage. */
static const char *const parts[] = {
    "<name>web</name>",
    "<name/>",
    "<name>a/b</name>",
    "<uuid>7cd9cd12-6d05-4d7c-8d6c-2c7c3f5f7b1a</uuid>",
    "<uuid>x</uuid>",
    "<memory unit='KiB'>65536</memory>",
    "<memory>none</memory>",
    "<os><type arch='x86_64'>hvm</type></os>",
    "<os/>",
    "<os><boot dev='hd'/><type>hvm</type><type/></os>",
    "<currentMemory>1</currentMemory>",
    "<vcpu>2</vcpu>",
    "<vcpu>0</vcpu>",
    "<title>t</title>",
    "<metadata><x:a xmlns:x='urn:x'><uuid/>text</x:a></metadata>",
    "<devices><disk type='file'/></devices>",
    "<q:commandline xmlns:q='urn:q'/>",
    "<name xmlns='urn:x'>other</name>",
    "<!-- a word -->",
    "<?a word?>",
    "text",
    "<![CDATA[more]]>",
    "\n    ",
};

static void
add_definition(struct buffer *out, const char *name, unsigned int *seed)
{
    static const char *const types[] = {" type='qemu'", " type='odd'", " a=''",
                                        ""};
    static const size_t sound[] = {0, 3, 5, 7};
    unsigned int count = below(seed, 12);

    buffer_printf(out, "<%s%s>", name, types[below(seed, LENGTH(types))]);
    /* Sound to begin with, most of the time. */
    if (below(seed, 4)) {
        for (size_t i = 0; i < LENGTH(sound); i++)
            buffer_puts(out, parts[sound[i]]);
    }
    for (unsigned int i = 0; i < count; i++)
        buffer_puts(out, parts[below(seed, LENGTH(parts))]);
    buffer_printf(out, "</%s>", name);
}

static char *
random_snapshot(unsigned int *seed)
{
    struct buffer out = {0};

    buffer_puts(&out, "<domainsnapshot><name>s</name><state>shutoff</state>"
                      "<creationTime>1</creationTime>");
    add_definition(&out, "domain", seed);
    if (!below(seed, 3))
        add_definition(&out, "inactiveDomain", seed);
    if (!below(seed, 3))
        add_definition(&out, "cookie", seed);
    if (!below(seed, 8))
        add_definition(&out, "domain", seed);
    buffer_add(&out, "</domainsnapshot>", sizeof("</domainsnapshot>"));
    return out.data;
}

static char *
dump(xmlDoc *doc)
{
    xmlChar *text = NULL;
    int len = 0;

    xmlDocDumpMemory(doc, &text, &len);
    return (char *)text;
}

static void
test_no_verdict_changes(void **state)
{
    struct error error = {0};
    struct schema *own = schema_embedded("domainsnapshot.rng", &error);
    size_t valid = 0, cut = 0;
    unsigned int seed = 20240229;

    (void)state;
    assert_non_null(own);
    for (size_t i = 0; i < ROUNDS; i++) {
        char *text = random_snapshot(&seed);
        xmlDoc *doc = parse_document(text, strlen(text), NULL, NULL);
        struct prunings prunings = {0};
        char *before, *after;
        int plain, pruned;

        assert_non_null(doc);
        before = dump(doc);
        plain = schema_judge(own, doc, NULL, &error);
        prune(doc, &prunings);
        cut += prunings.count;
        pruned = schema_judge(own, doc, NULL, &error);
        prune_undo(&prunings);
        after = dump(doc);
        if (plain != pruned)
            print_error("%s\n", text);
        assert_int_equal(plain, pruned);
        assert_string_equal(before, after);
        valid += plain > 0;
        xmlFree(before);
        xmlFree(after);
        xmlFreeDoc(doc);
        free(text);
    }
    /* Both verdicts, and work to be done, were among them. */
    assert_true(valid > ROUNDS / 50 && valid < ROUNDS - ROUNDS / 50);
    assert_true(cut > ROUNDS);
    schema_free(own);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_verdict_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
