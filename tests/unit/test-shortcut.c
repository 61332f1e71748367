/*
 * test-shortcut.c - shows that a snapshot that is judged by its parts, and by
 * what is remembered of others, comes out as one that is judged as a whole:
 * each fact, each position, each finding.
 */
#include "twin.h"

#include "random-xml.h"

static struct schemas sets[3];

static int
open_sets(void **state)
{
    static const char picky[] = GRAMMAR
        "<start><element name='domainsnapshot'><interleave>"
        "<element name='name'><data type='token' "
        "datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'>"
        "<param name='maxLength'>9</param></data></element><zeroOrMore>"
        "<choice><element name='domain'><attribute name='type'><value>kvm"
        "</value></attribute><ref name='content'/></element>"
        "<element name='domain'><attribute name='type'><value>qemu</value>"
        "</attribute><ref name='content'/></element>"
        "<element name='disks'><ref name='any'/></element>"
        "<element name='cookie'><ref name='any'/></element>"
        "<element name='inactiveDomain'><ref name='any'/></element>"
        "<element><choice><name>state</name><name>parent</name>"
        "<name>creationTime</name><name>memory</name><name>active</name>"
        "<name>revertDisks</name><name>description</name></choice>"
        "<ref name='any'/></element></choice></zeroOrMore></interleave>"
        "</element></start><define name='any'><optional>"
        "<attribute name='file'><choice><value>/srv/x</value>"
        "<data type='string' "
        "datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'>"
        "<param name='pattern'>/srv/vm/[^x]*</param></data></choice>"
        "</attribute></optional><zeroOrMore><attribute><anyName><except>"
        "<name>file</name></except></anyName></attribute></zeroOrMore>"
        "<ref name='content'/></define><define name='content'>"
        "<zeroOrMore><choice><text/><element><anyName/><ref name='any'/>"
        "</element></choice></zeroOrMore></define></grammar>";
    struct error error = {0};
    const char *names[] = {NULL, NULL};
    cleanup(free_ptr) char *path = NULL;

    if (group_temp_make(state) < 0)
        return -1;
    path = path_in(*state, "picky.rng");
    names[0] = path;
    put_text(((struct temp *)*state)->fd, "picky.rng", picky);
    if (schemas_open(&sets[1], KIND_SNAPSHOT, true, NULL, &error) < 0 ||
        schemas_open(&sets[2], KIND_SNAPSHOT, true, names, &error) < 0) {
        print_error("%s\n", error.message);
        return -1;
    }
    return 0;
}

static int
close_sets(void **state)
{
    for (size_t i = 0; i < LENGTH(sets); i++)
        schemas_close(&sets[i]);
    return group_temp_remove(state);
}

/* A random snapshot: its markup is that of a few, its values are of many. */
struct author {
    struct prng shape;
    struct prng value;
    struct buffer out;
};

static void
write_path(struct author *author, const char *attribute)
{
    static const char *const paths[] = {
        "/srv/x",
        "/srv/xx",
        "/srv/vm/a",
        "/srv/vm/b.qcow2",
        "/srv/vm/x",
        "/a&amp;b",
        "/a&#38;b",
        "/a&#10;b",
        "/a b",
        "/a  b ",
        "/\xc3\xbc",
        "relative",
        "",
        "/a&lt;b",
        "/a>b",
        "/a\nb",
        "/a]]>b",
        "/a&nope;b",
        "/a&#0;",
        " /a",
        "/srv/vm/long",
        "/srv/vm/&#x41;",
    };
    const char *quote = prng_below(&author->shape, 2) ? "'" : "\"";

    /* Most are such as a schema sees no difference between. */
    if (prng_below(&author->value, 12))
        buffer_printf(&author->out, " %s=%s/srv/vm/s%.*s%s", attribute, quote,
                      (int)prng_below(&author->value, 12), "tttttttttttttttt",
                      quote);
    else
        buffer_printf(&author->out, " %s=%s%s%s", attribute, quote,
                      random_of(&author->value, paths, LENGTH(paths)), quote);
}

static void
write_gap(struct author *author)
{
    static const char *const gaps[] = {
        "",           "",           "\n  ",
        "\n",         "\r\n  ",     " ",
        "\t",         "<!-- c -->", "<!-- <domain type='kvm'> -->",
        "<?p <x> ?>", "\r",         "<!--\n\xc3\xa9-->",
    };

    buffer_puts(&author->out, random_of(&author->shape, gaps, LENGTH(gaps)));
}

static void
write_source(struct author *author)
{
    if (prng_below(&author->shape, 3)) {
        buffer_puts(&author->out, "<source");
        write_path(author, prng_below(&author->shape, 3) ? "file" : "dev");
        if (!prng_below(&author->shape, 8))
            write_path(author, "dev");
        buffer_puts(&author->out,
                    prng_below(&author->shape, 4) ? "/>" : "></source>");
    } else {
        static const char *const others[] = {
            "<x:y xmlns:x='urn:x' x:a='1'/>",
            "<!-- <source file='/c'/> -->",
            "<![CDATA[<source file='/d'/></domain>]]>",
            "\xc3\xa9\xc3\xa9\xc3\xa9\xe2\x82\xac\xe2\x82\xac\xf0\x9f\x98\x80"
            "\xc3\xa9\xc3\xa9\xc3\xa9\xe2\x82\xac\xe2\x82\xac\xf0\x9f\x98\x80"
            "\xc3\xa9\xc3\xa9\xc3\xa9\xe2\x82\xac\xe2\x82\xac\xf0\x9f\x98\x80"
            "\xc3\xa9\xc3\xa9\xc3\xa9\xe2\x82\xac\xe2\x82\xac\xf0\x9f\x98\x80",
            "<a><b><c d='1' e='2' f='3'/></b></a>",
            "<domain/>",
        };

        buffer_puts(&author->out,
                    random_of(&author->shape, others, LENGTH(others)));
    }
    write_gap(author);
}

static void
write_definition(struct author *author, const char *name)
{
    bool early = prng_below(&author->shape, 2);

    buffer_printf(&author->out, "<%s type='%s'>", name,
                  prng_below(&author->shape, 3) ? "qemu" : "kvm");
    write_gap(author);
    buffer_puts(&author->out, "<name>d&amp;</name>");
    if (early)
        buffer_puts(&author->out, GOOD_UUID);
    buffer_puts(&author->out, "<devices>");
    for (size_t i = prng_below(&author->shape, 4); i; i--)
        write_source(author);
    buffer_puts(&author->out, "</devices>");
    if (!early)
        buffer_puts(&author->out, GOOD_UUID);
    buffer_puts(&author->out, "<memory>1024</memory>"
                              "<os><type>hvm</type></os>");
    write_gap(author);
    for (size_t i = prng_below(&author->shape, 3); i; i--)
        write_source(author);
    buffer_printf(&author->out, "</%s>", name);
}

static void
write_disks(struct author *author, const char *name)
{
    buffer_printf(&author->out, "<%s>", name);
    for (size_t i = prng_below(&author->shape, 3); i; i--) {
        buffer_puts(&author->out, "<disk name='vda' snapshot='external'>"
                                  "<driver type='qcow2'/><source");
        write_path(author, "file");
        buffer_puts(&author->out, "/></disk>");
        write_gap(author);
    }
    buffer_printf(&author->out, "</%s>", name);
}

static void
write_name(struct author *author)
{
    static const char *const names[] = {
        "a",
        "b",
        "a b",
        " a",
        "a&amp;b",
        "a&#65;b",
        "",
        ".a",
        "a/b",
        "\xc3\xbc",
        "a\nb",
        "a]]>b",
        "a]]&gt;b",
        "a&#10;b",
        "a&b",
        "&nope;",
        "longer than nine",
        "a\rb",
        "a\r\nb",
        "a<!-- c -->b",
        "a&#13;",
        "a ",
        "a<x/>",
        "a<![CDATA[b]]>",
    };

    if (prng_below(&author->value, 3))
        buffer_printf(&author->out, "<name>n%zu</name>",
                      prng_below(&author->value, 100000));
    else
        buffer_printf(&author->out, "<name>%s</name>",
                      random_of(&author->value, names, LENGTH(names)));
}

static void
write_time(struct author *author)
{
    static const char *const times[] = {
        "0",
        "-1",
        "01",
        " 1",
        "1 ",
        "",
        "x",
        "&#49;",
        "99999999999999999999",
        "9223372036854775807",
        "+5",
        "1<!-- c -->2",
        "999999999999999999",
    };

    buffer_printf(&author->out, "<creationTime>");
    if (prng_below(&author->value, 4))
        buffer_printf(&author->out, "%zu", prng_below(&author->value, 99999));
    else
        buffer_puts(&author->out,
                    random_of(&author->value, times, LENGTH(times)));
    buffer_printf(&author->out, "</creationTime>");
}

static void
write_parent(struct author *author)
{
    static const char *const holders[][2] = {
        {"<parent>", "</parent>"},
        {"<parent>\n ", " </parent>"},
        {"<parent><x/>", "</parent>"},
        {"<parent xmlns='urn:x'>", "</parent>"},
        {"<parent><x>", "</x></parent>"},
        {"<parent/><parent>", "</parent>"},
    };
    size_t i = prng_below(&author->shape, 3)
                   ? 0
                   : prng_below(&author->shape, LENGTH(holders));

    buffer_puts(&author->out, holders[i][0]);
    write_name(author);
    buffer_puts(&author->out, holders[i][1]);
}

static void
write_memory(struct author *author)
{
    buffer_puts(&author->out, "<memory snapshot='external'");
    write_path(author, "file");
    buffer_puts(&author->out, "/>");
}

static void
write_odd(struct author *author)
{
    static const char *const odd[] = {
        "text",
        "<" PART_PREFIX "domain-0/>",
        "<!-- " PART_PREFIX "disks-0 -->",
        "<![CDATA[ ]]>",
        "<x:y xmlns:x='urn:x'/>",
        "<name xmlns='urn:x'>other</name>",
        "<active xmlns='urn:x'>1</active>",
        "<active>1</active>",
        "<creationTime xmlns='urn:x'>1</creationTime>",
        "<domain xmlns='urn:x' type='qemu'>" GOOD_DOMAIN_BODY "</domain>",
        "<domain/>",
        "<domains/>",
        "<disks/>",
        "<cookie/><cookie/>",
        "</domain>",
        "<domain",
        "&amp;",
        "<parent><name>second</name></parent>",
        "<memory snapshot='no'/>",
        "<state>running</state>",
        "\xc3",
    };

    buffer_puts(&author->out, random_of(&author->shape, odd, LENGTH(odd)));
}

enum piece {
    PIECE_NAME,
    PIECE_TEXT,
    PIECE_STATE,
    PIECE_PARENT,
    PIECE_TIME,
    PIECE_MEMORY,
    PIECE_DISKS,
    PIECE_DOMAIN,
    PIECE_INACTIVE,
    PIECE_COOKIE,
    PIECE_REVERT,
    PIECE_ODD,
    PIECE_ACTIVE,
    PIECE_COUNT,
};

/* One in so many snapshots is without it, below 0 has it. */
static const int lack[PIECE_COUNT] = {30, -4, 30, -2, 30, -6, 3,
                                      30, -3, -3, -8, -5, 30};

static void
write_piece(struct author *author, enum piece piece, enum layout layout)
{
    switch (piece) {
    case PIECE_NAME:
        write_name(author);
        break;
    case PIECE_PARENT:
        write_parent(author);
        break;
    case PIECE_TIME:
        write_time(author);
        break;
    case PIECE_MEMORY:
        write_memory(author);
        break;
    case PIECE_DISKS:
        write_disks(author, "disks");
        break;
    case PIECE_REVERT:
        write_disks(author, "revertDisks");
        break;
    case PIECE_DOMAIN:
        write_definition(author, "domain");
        break;
    case PIECE_INACTIVE:
        write_definition(author, "inactiveDomain");
        break;
    case PIECE_COOKIE:
        buffer_puts(&author->out, "<cookie><a\n><source file='/c'/></a>"
                                  "</cookie >");
        break;
    case PIECE_ODD:
        write_odd(author);
        break;
    case PIECE_STATE:
        buffer_puts(&author->out, prng_below(&author->shape, 9)
                                      ? "<state>running</state>"
                                      : "<state >shutoff</state>");
        break;
    case PIECE_TEXT:
        buffer_puts(&author->out, "<description>t\n\xc3\xa9</description>");
        break;
    case PIECE_ACTIVE:
    case PIECE_COUNT:
    default:
        if (layout == LAYOUT_LEGACY || !prng_below(&author->shape, 20))
            buffer_printf(&author->out, "<active>%zu</active>",
                          prng_below(&author->shape, 2));
        break;
    }
    write_gap(author);
}

static void
write_snapshot(struct author *author, enum layout layout)
{
    static const char *const prologs[] = {
        "\xef\xbb\xbf",
        "<?xml version='1.0'?>\n",
        "<?xml version='1.0' encoding='ISO-8859-1'?>\n",
        WARNING_COMMENT,
        "<!-- <domainsnapshot><domain> -->",
        "<!DOCTYPE domainsnapshot>",
        "\n",
    };
    static const char *const roots[] = {
        "<domainsnapshot >",
        "<domainsnapshot\n>",
        "<domainsnapshot xmlns:x='u'>",
        "<domainsnapshot xmlns='u'>",
        "<domainsnapshot a='1'>",
        "<snapshot>",
    };
    enum piece order[PIECE_COUNT];

    for (int i = 0; i < PIECE_COUNT; i++)
        order[i] = (enum piece)i;
    for (size_t i = PIECE_COUNT; i && !prng_below(&author->shape, 3);) {
        size_t one = prng_below(&author->shape, PIECE_COUNT);
        enum piece first = order[0];

        order[0] = order[one];
        order[one] = first;
        i = prng_below(&author->shape, 2);
    }
    if (layout == LAYOUT_LEGACY && prng_below(&author->shape, 2))
        buffer_puts(&author->out,
                    random_of(&author->shape, prologs, LENGTH(prologs)));
    buffer_puts(&author->out,
                prng_below(&author->shape, 8)
                    ? "<domainsnapshot>"
                    : random_of(&author->shape, roots, LENGTH(roots)));
    for (int i = 0; i < PIECE_COUNT; i++) {
        int chance = lack[order[i]];
        bool hit = !prng_below(&author->shape,
                               (size_t)(chance < 0 ? -chance : chance));

        if (hit == (chance < 0))
            write_piece(author, order[i], layout);
    }
    buffer_puts(&author->out, "</domainsnapshot>");
    if (layout == LAYOUT_LEGACY && prng_below(&author->shape, 2))
        buffer_puts(&author->out, "\n");
}

/* Let one byte be another, or the end be missing; rarely. */
static void
damage(struct author *author)
{
    struct buffer *out = &author->out;
    size_t at = prng_below(&author->value, out->len);

    switch (prng_below(&author->value, 24)) {
    case 0:
        out->data[at] = (char)prng_below(&author->value, 256);
        break;
    case 1:
        out->data[at] =
            "<>&'\"\0\n\r/ ]\x7f\x01"[prng_below(&author->value, 13)];
        break;
    case 2:
        out->len = at;
        break;
    default:
        break;
    }
}

static void
run_random(size_t set, enum layout layout, uint64_t seed)
{
    static const struct position starts[] = {{0, 0}, {1, 1}, {7, 3}, {1, 40}};
    struct author author = {.value = {seed}};
    struct twin twin;
    size_t sound = 0;

    twin_start(&twin, &sets[set], layout);
    for (int round = 0; round < 2500; round++) {
        author.shape.state = (seed * 1000 + prng_below(&author.value, 12) +
                              (uint64_t)round / 90) *
                             0x9e3779b97f4a7c15ULL;
        author.out.len = 0;
        write_snapshot(&author, layout);
        damage(&author);
        twin.setting.start = starts[prng_below(&author.value, LENGTH(starts))];
        sound += twin_judge_bytes(&twin, author.out.data, author.out.len) ==
                 SNAPSHOT_SOUND;
    }
    print_message("%zu of 2500 are sound\n", sound);
    twin_end(&twin);
    buffer_free(&author.out);
}

static void
test_random(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        for (size_t set = 0; set < LENGTH(sets); set++) {
            run_random(set, LAYOUT_LEGACY, seed + set);
            run_random(set, LAYOUT_BULK, seed + set);
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, open_sets, close_sets);
}
