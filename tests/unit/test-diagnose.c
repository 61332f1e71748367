/*
 * test-diagnose.c - shows what is said of a document that is not valid: what
 * was found, and what was expected in its place.
 */
#include "schema-trial.h"

#include "../../verify/nearest.h"

/* What is said of a snapshot with PART replaced. */
static const struct {
    const char *part;
    const char *with;
    const char *said;
} sayings[] = {
    {NAME, NAME, ""},
    {NAME, "", "<domainsnapshot> lacks <name>"},
    {NAME, NAME "<foo/>",
     "found <foo> in <domainsnapshot>, expected <description>, <parent>, "
     "<memory>, <disks>, <revertDisks>, <inactiveDomain>, <cookie> or "
     "<snapshotDeleteInProgress>"},
    {NAME, NAME "<creationTmie/>",
     "found <creationTmie> in <domainsnapshot>, expected <description>, "
     "<parent>, <memory>, <disks>, <revertDisks>, <inactiveDomain>, <cookie> "
     "or <snapshotDeleteInProgress>"},
    {TIME, "<creationTmie>1</creationTmie>",
     "<domainsnapshot> lacks <creationTime>; found <creationTmie> in "
     "<domainsnapshot>, perhaps <creationTime> is meant"},
    {NAME, NAME "<Memory/>",
     "found <Memory> in <domainsnapshot>, perhaps <memory> is meant"},
    {NAME, NAME NAME NAME,
     "found <name> again in <domainsnapshot>, expected it once"},
    {NAME, "<name a='1'>s</name>", "found a= in <name>, expected none"},
    {NAME, "<name>s<b/></name>", "found <b> in <name>, expected only text"},
    {STATE, "<state>runing</state>",
     "found 'runing' in <state>, perhaps running is meant"},
    {STATE, "<state>up</state>",
     "found 'up' in <state>, expected running, blocked, paused, shutdown, "
     "shutoff, crashed, pmsuspended or disk-snapshot"},
    {TIME, "<creationTime>12x</creationTime>",
     "found '12x' in <creationTime>, expected a whole number"},
    {TIME, TIME "text",
     "found text in <domainsnapshot>, expected none: 'text'"},
    {TIME, TIME "<memory snapshot='no' file='/m'/>",
     "found file= in <memory>, expected snapshot="},
    {TIME, TIME "<memory snapshot='external'/>", "<memory> lacks file="},
    {TIME, TIME "<memory snapshot='external' file='m'/>",
     "found file='m' in <memory>, expected an absolute file name"},
    {TIME, TIME "<memory snapshot='off'/>",
     "found snapshot='off' in <memory>, expected no, internal or external"},
    {TIME, TIME "<disks><disk><source/><foo/></disk></disks>",
     "<disk> lacks name=; found <foo> in <disk>, expected "
     "<snapshotDeleteInProgress> or <driver>"},
    {TIME, TIME "<parent/>", "<parent> lacks <name>"},
    {GOOD_UUID, "<uuid>1</uuid>", "found '1' in <uuid>, expected a uuid"},
    {GOOD_UUID, "", "<domain> lacks <uuid>"},
    {"type='qemu'", "type='quemu'",
     "found type='quemu' in <domain>, perhaps qemu is meant"},
    {NAME, "<name xmlns='urn:x'>s</name>",
     "<domainsnapshot> lacks <name>; found <name xmlns='urn:x'> in "
     "<domainsnapshot>, perhaps <name> is meant"},
    {"<domainsnapshot>", "<domainsnapshot a='1' xmlns:b='u' b:c='2'>",
     "found a= in <domainsnapshot>, expected none; found c= in "
     "<domainsnapshot>, expected none"},
    /* Several at once, in the order of the document. */
    {NAME STATE, "<nam>s</nam><state/>",
     "<domainsnapshot> lacks <name>; found <nam> in <domainsnapshot>, perhaps "
     "<name> is meant; found '' in <state>, expected running, blocked, paused, "
     "shutdown, shutoff, crashed, pmsuspended or disk-snapshot"},
};

static void
test_sayings(void **state)
{
    struct error error = {0};
    struct schema *own = schema_embedded("domainsnapshot.rng", &error);

    (void)state;
    assert_non_null(own);
    for (size_t i = 0; i < LENGTH(sayings); i++) {
        cleanup(free_ptr) char *text =
            snapshot_with(sayings[i].part, sayings[i].with);
        cleanup(free_ptr) char *found = judged(own, text);

        assert_string_equal(found, sayings[i].said);
    }
    schema_free(own);
}

static const struct {
    const char *patterns; /* in <start> */
    const char *document;
    const char *said; /* NULL: anything */
} foreign[] = {
    {"<element name='a'><choice><element name='b'><text/></element>"
     "<element name='c'><text/></element></choice></element>",
     "<a/>", "<a> lacks <b> or <c>"},
    {"<element name='a'><choice><attribute name='b'/><attribute name='c'/>"
     "</choice></element>",
     "<a/>", "<a> lacks b= or c="},
    {"<element name='a'><choice><group><attribute name='t'><value>1</value>"
     "</attribute><element name='b'><empty/></element></group><group>"
     "<attribute name='t'><value>2</value></attribute><element name='c'>"
     "<empty/></element></group></choice></element>",
     "<a t='2'><b/></a>", "<a> lacks <c>; found <b> in <a>, expected <c>"},
    {"<element name='a'><oneOrMore><element name='b'><empty/></element>"
     "</oneOrMore></element>",
     "<a/>", "<a> lacks <b>"},
    {"<element name='a' ns='urn:x'><attribute name='b'><data type='token'/>"
     "</attribute></element>",
     "<x:a xmlns:x='urn:x' c='1'/>",
     "found c= in <x:a>, expected b=; <x:a> lacks b="},
    {"<choice><element name='a'><element name='b'><empty/></element></element>"
     "<element name='a'><element name='c'><text/></element></element></choice>",
     "<a><c x='1'>t</c></a>", "found x= in <c>, expected none"},
    /* For what hangs on the order there are only the words of libxml2. */
    {"<element name='a'><element name='b'><empty/></element><element name='c'>"
     "<empty/></element></element>",
     "<a><c/><b/></a>", NULL},
};

static void
test_foreign(void **state)
{
    const struct temp *temp = *state;

    for (size_t i = 0; i < LENGTH(foreign); i++) {
        cleanup(free_ptr) char *text = xasprintf(
            GRAMMAR "<start>%s</start></grammar>", foreign[i].patterns);
        cleanup(free_ptr) char *found = NULL;
        struct error error = {0};
        struct schema *schema = made_schema(temp, "s.rng", text, &error);

        if (!schema)
            print_error("%s\n", error.message);
        assert_non_null(schema);
        found = judged(schema, foreign[i].document);
        assert_true(found[0]);
        if (foreign[i].said)
            assert_string_equal(found, foreign[i].said);
        schema_free(schema);
    }
}

static const struct {
    const char *a;
    const char *b;
    size_t distance;
    bool near;
} pairs[] = {
    {"state", "state", 0, true},
    {"sate", "state", 1, true},
    {"sttae", "state", 1, true},
    {"stat", "state", 1, true},
    {"statue", "state", 1, true},
    {"satte", "state", 1, true},
    {"foo", "os", 2, false},
    {"a", "b", 1, false},
    {"", "", 0, true},
    {"", "ab", 2, false},
    {"STATE", "state", 3, true},
    {"parent", "domain", 3, false},
    {"creationTmei", "creationTime", 2, true},
};

static void
test_nearest(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(pairs); i++) {
        assert_int_equal(nearest_distance(pairs[i].a, pairs[i].b),
                         pairs[i].distance);
        assert_int_equal(nearest_distance(pairs[i].b, pairs[i].a),
                         pairs[i].distance);
        assert_int_equal(nearest_is_near(pairs[i].a, pairs[i].b),
                         pairs[i].near);
    }
    assert_int_equal(nearest_distance("0123456789012345678901234567890123456789"
                                      "0123456789012345678901234",
                                      "0"),
                     3);
}

/* A schema in which each <a> of an <r> is as much work as its depth squared. */
static struct schema *
dear_schema(const struct temp *temp, size_t depth)
{
    struct error error = {0};
    struct buffer text = {0};
    struct schema *schema;

    buffer_puts(&text, GRAMMAR "<start><element name='r'><zeroOrMore>"
                               "<element name='a'>");
    for (size_t i = 0; i < depth; i++)
        buffer_printf(&text, "<choice><attribute name='a%zu'/>", i);
    buffer_puts(&text, "<empty/>");
    for (size_t i = 0; i < depth; i++)
        buffer_puts(&text, "</choice>");
    buffer_puts(&text, "</element></zeroOrMore></element></start></grammar>");
    buffer_add(&text, "", 1);
    schema = made_schema(temp, "dear.rng", text.data, &error);
    assert_non_null(schema);
    buffer_free(&text);
    return schema;
}

/* An <r> with COUNT times <a/>, and with what is wrong before and behind. */
static char *
said_of_many(const struct schema *schema, const char *first, size_t count,
             const char *last)
{
    cleanup(buffer_free) struct buffer text = {0};

    buffer_printf(&text, "<r>%s", first);
    for (size_t i = 0; i < count; i++)
        buffer_puts(&text, "<a/>");
    buffer_printf(&text, "%s</r>", last);
    buffer_add(&text, "", 1);
    return judged(schema, text.data);
}

/* What the search has not come to is not said; the verdict stays. */
static void
test_far(void **state)
{
    static const char found[] = "found <x> in <r>, expected <a>";
    static const char far[] = "this is how far the search came";
    static const struct {
        const char *first, *last;
        size_t count;
        bool found, far;
    } cases[] = {
        {"", "", 20, false, false},     {"<x/>", "", 20, true, false},
        {"", "<x/>", 20, true, false},  {"", "", 3000, false, false},
        {"<x/>", "", 3000, true, true}, {"", "<x/>", 3000, false, false},
    };
    struct schema *schema = dear_schema(*state, 100);

    for (size_t i = 0; i < LENGTH(cases); i++) {
        cleanup(free_ptr) char *said =
            said_of_many(schema, cases[i].first, cases[i].count, cases[i].last);

        assert_int_equal(strstr(said, found) != NULL, cases[i].found);
        assert_int_equal(strstr(said, far) != NULL, cases[i].far);
        assert_int_equal(said[0] != '\0',
                         cases[i].first[0] || cases[i].last[0]);
    }
    schema_free(schema);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_far),
        cmocka_unit_test(test_sayings),
        cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_nearest),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
