/*
 * test-needs.c - which images a snapshot names, and what they are to it.
 */
#include "support.h"

#include "../../verify/needs.h"
#include "../../verify/parse.h"

/*
 * A line for each image: role, disk, path or type, q for qcow2, i if the
 * snapshot is in it. Blanks between, ";" behind.
 */
static char *
needs_text(const char *text)
{
    static const char *const roles[] = {"none", "disk", "overlay", "revert",
                                        "memory"};
    cleanup(parse_free_doc) xmlDoc *doc =
        parse_document(text, strlen(text), NULL, NULL);
    cleanup(needs_free) struct needs needs = {0};
    struct buffer out = {0};

    if (!doc)
        print_error("of case: %s\n", text);
    assert_non_null(doc);
    needs_of_snapshot(&needs, xmlDocGetRootElement(doc));
    for (size_t i = 0; i < needs.count; i++) {
        const struct need *need = &needs.list[i];

        assert_true(needs_have(&needs, need->role));
        assert_true(!need->path != !need->type);
        buffer_printf(&out, "%s %s %s%s%s;", roles[need->role], need->disk,
                      need->path ? need->path : need->type,
                      need->qcow2 ? " q" : "", need->internal ? " i" : "");
    }
    buffer_add(&out, "", 1);
    return out.data;
}

#define DOMAIN(disks) "<domain><devices>" disks "</devices></domain>"
#define DISK(target, format, path)                                             \
    "<disk type='file'><driver type='" format "'/><source file='" path         \
    "'/><target dev='" target "'/></disk>"
#define INSIDE(name, kind) "<disk name='" name "' snapshot='" kind "'/>"
#define OVERLAY(name, path)                                                    \
    "<disk name='" name "' snapshot='external' type='file'>"                   \
    "<driver type='qcow2'/><source file='" path "'/></disk>"

#define VDA DISK("vda", "qcow2", "/a")
#define VDB DISK("vdb", "raw", "/b")
#define VDC DISK("vdc", "qcow2", "/c")
#define TWO DOMAIN(VDA VDB)
#define IN_VDA INSIDE("vda", "internal")
#define IN_VDB INSIDE("vdb", "internal")
#define NO_VDB INSIDE("vdb", "no")
#define OVER OVERLAY("vda", "/o")
#define SINCE OVERLAY("vda", "/r")
#define STRANGE OVERLAY("vdz", "/o") INSIDE("vdy", "internal")

/* clang-format off */
static const struct {
    const char *content;
    const char *needs;
} cases[] = {
    {"", ""},
    /* Nothing is said: all that can hold a snapshot. */
    {"<state>running</state>" TWO, "disk vda /a q i;none vdb /b;"},
    {"<state>shutoff</state><memory snapshot='no'/>" TWO,
     "disk vda /a q i;none vdb /b;"},
    {"<state>disk-snapshot</state>" TWO, "none vda /a q;none vdb /b;"},
    {"<memory snapshot='external' file='/m'/>" TWO,
     "none vda /a q;none vdb /b;memory  /m;"},
    {"<memory file='/m'/>" TWO, "none vda /a q;none vdb /b;memory  /m;"},
    {"<memory snapshot='internal'/>", ""},
    /* Disk by disk. */
    {"<disks/>" TWO, "none vda /a q;none vdb /b;"},
    {"<disks>" IN_VDA NO_VDB "</disks>" TWO, "disk vda /a q i;none vdb /b;"},
    {"<disks>" IN_VDB "</disks>" TWO, "none vda /a q;disk vdb /b i;"},
    {"<disks>" OVER "</disks>" TWO,
     "disk vda /a q;none vdb /b;overlay vda /o q;"},
    {"<disks><disk name='vda'><source file='/o'/></disk>"
     "<disk name='vdb'/></disks>" TWO,
     "disk vda /a q;none vdb /b;overlay vda /o;"},
    {"<disks>" INSIDE("vda", "external") "</disks>" TWO,
     "disk vda /a q;none vdb /b;"},
    {"<disks>" INSIDE("vda", "manual") "</disks>" TWO,
     "none vda /a q;none vdb /b;"},
    {"<disks>" STRANGE "</disks>" TWO,
     "none vda /a q;none vdb /b;overlay vdz /o q;"},
    {"<disks>" OVER "</disks>", "overlay vda /o q;"},
    {"<disks>" OVER "</disks><revertDisks>" SINCE "</revertDisks>" TWO,
     "disk vda /a q;none vdb /b;overlay vda /o q;revert vda /r q;"},
    /* Where an image is. */
    {"<disks><disk name='vda' snapshot='external' type='block'>"
     "<source dev='/dev/x' file='/no'/></disk></disks>",
     "overlay vda /dev/x;"},
    {"<disks><disk name='vda' snapshot='external' type='network'>"
     "<source protocol='nbd' name='x'/></disk></disks>",
     "overlay vda network;"},
    {"<disks>" IN_VDA "</disks>"
     DOMAIN("<disk type='volume'><driver type='qcow2'/>"
            "<source pool='p' volume='v'/><target dev='vda'/></disk>"),
     "disk vda volume q i;"},
    /* Disks without a type= are files; empty drives have none. */
    {DOMAIN("<disk><driver type='qcow2'/><source file='/x'/>"
            "<target dev='a'/></disk>"
            "<disk type='file'><target dev='b'/></disk>"
            "<disk type='file'><source/><target dev='c'/></disk>"
            "<disk type='file' device='cdrom'><source file='/y'/>"
            "<target dev='d'/></disk>"
            "<disk type='file' device='floppy'><source file='/y'/>"
            "<target dev='e'/></disk>"
            "<disk type='file' device='lun'><source file='/y'/>"
            "<target dev='e'/></disk>"
            "<disk type='file'><source file='/z'/><readonly/>"
            "<target dev='f'/></disk>"),
     "disk a /x q i;"},
    /* Elements of that name elsewhere, or of another namespace. */
    {"<x><disks>" OVER "</disks></x><disks xmlns='urn:x'>" OVER "</disks>"
     "<domain><disk><source file='/a'/></disk></domain>",
     ""},
    {"<disks/>" DOMAIN(VDA) DOMAIN(VDB)
     "<inactiveDomain><devices>" VDC "</devices></inactiveDomain>",
     "none vda /a q;"},
};
/* clang-format on */

static void
test_snapshots(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(free_ptr) char *text =
            xasprintf("<domainsnapshot>%s</domainsnapshot>", cases[i].content);
        cleanup(free_ptr) char *found = needs_text(text);

        if (strcmp(found, cases[i].needs))
            print_error("of case: %s\n", cases[i].content);
        assert_string_equal(found, cases[i].needs);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_snapshots)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
