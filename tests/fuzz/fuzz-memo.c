/*
 * fuzz-memo.c - a snapshot from the input, and relatives of it: what comes out
 * of each with a memo is what comes out without, against our own schema, one
 * that tells values apart, and that of libvirt where it is installed.
 *
 * The first 64 bytes of an input say what becomes of the rest, which is the
 * text of a snapshot.
 */
#include "fuzz.h"

#include "../../verify/error.h"
#include "../../verify/schemas.h"
#include "edits.h"
#include "twins.h"

#define DECISIONS 64
#define RELATIVES 8
#define LIBVIRT "/usr/share/libvirt/schemas/domainsnapshot.rng"

static struct schemas sets[4];
static size_t set_count;

/* Two patterns of <domain>; paths, names and times that are told apart. */
static const char picky[] =
    "<grammar xmlns='http://relaxng.org/ns/structure/1.0' "
    "datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'>"
    "<start><element name='domainsnapshot'><interleave>"
    "<element name='name'><choice><data type='string'><param name='pattern'>"
    "[a-m0-9]+</param></data><value>snap</value></choice></element>"
    "<optional><element name='creationTime'><choice><data type='long'>"
    "<param name='maxInclusive'>1795428240</param></data>"
    "<data type='string'><param name='pattern'>9[0-9]*</param></data></choice>"
    "</element></optional><zeroOrMore><choice>"
    "<element name='domain'><attribute name='type'><value>kvm</value>"
    "</attribute><ref name='rest'/></element>"
    "<element name='domain'><attribute name='type'><value>qemu</value>"
    "</attribute><ref name='rest'/></element>"
    "<element name='inactiveDomain'><ref name='any'/></element>"
    "<element name='disks'><ref name='any'/></element>"
    "<element name='cookie'><ref name='any'/></element>"
    "<element><choice><name>state</name><name>parent</name><name>active</name>"
    "<name>memory</name><name>revertDisks</name><name>description</name>"
    "</choice><ref name='any'/></element></choice></zeroOrMore></interleave>"
    "</element></start><define name='rest'><zeroOrMore><attribute><anyName>"
    "<except><name>type</name></except></anyName></attribute></zeroOrMore>"
    "<ref name='content'/></define><define name='any'><optional>"
    "<attribute name='file'><choice><value>/srv/x</value><data type='string'>"
    "<param name='pattern'>/[a-z]*/?[^x]*</param></data></choice></attribute>"
    "</optional><zeroOrMore><attribute><anyName><except><name>file</name>"
    "</except></anyName></attribute></zeroOrMore><ref name='content'/>"
    "</define><define name='content'><zeroOrMore><choice><text/><element>"
    "<anyName/><ref name='any'/></element></choice></zeroOrMore></define>"
    "</grammar>";

static void
add_set(bool own, const char *path)
{
    const char *names[] = {path, NULL};
    struct error error = {0};

    FUZZ_CHECK(
        !schemas_open(&sets[set_count], KIND_SNAPSHOT, own, names, &error),
        "%s", error.message);
    set_count++;
}

static void
close_sets(void)
{
    for (size_t i = 0; i < set_count; i++)
        schemas_close(&sets[i]);
    program_end_xml();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    cleanup(free_ptr) char *path = NULL;

    (void)argc;
    (void)argv;
    program_start_xml();
    fuzz_put(fuzz_scratch(), "picky.rng", picky, sizeof(picky) - 1);
    path = xasprintf("%s/picky.rng", fuzz_scratch_path);
    add_set(false, NULL);
    add_set(true, NULL);
    add_set(false, path);
    if (!access(LIBVIRT, R_OK))
        add_set(false, "libvirt");
    (void)atexit(close_sets);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct position starts[] = {{0, 0}, {1, 1}, {7, 3}, {1, 40}};
    struct dice dice = dice_start(data, size < DECISIONS ? size : DECISIONS);
    struct twins twins;

    if (size <= DECISIONS)
        return 0;
    twins_start(&twins, &sets[roll(&dice, set_count)],
                once_in(&dice, 3) ? LAYOUT_BULK : LAYOUT_LEGACY);
    twins_judge(&twins, (const char *)data + DECISIONS, size - DECISIONS);
    for (size_t i = 0; i < RELATIVES; i++) {
        cleanup(buffer_free) struct buffer text = {0};

        buffer_add(&text, data + DECISIONS, size - DECISIONS);
        for (size_t n = roll(&dice, 4); n; n--)
            edit(&text, &dice);
        twins.setting.start = ANY_OF(&dice, starts);
        twins_judge(&twins, text.data, text.len);
    }
    twins_end(&twins);
    return 0;
}
