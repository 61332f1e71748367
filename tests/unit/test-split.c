/*
 * test-split.c - shows which schemas are cut into parts and a frame, and that
 * what is valid by these is valid by the whole; for most schemas, also the
 * other way round.
 */
#include "schema-trial.h"

#include "../../verify/part.h"
#include "../../verify/variant.h"

#define XSD " datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'"

/* A schema of these rules, in the root and beside it. */
#define SCHEMA(content, definitions)                                           \
    "<grammar xmlns='http://relaxng.org/ns/structure/1.0'" XSD                 \
    "><start><ref name='root'/></start><define name='root'>"                   \
    "<element name='domainsnapshot'>" content "</element></define>"            \
    "<define name='any'><zeroOrMore><choice><text/><attribute><anyName/>"      \
    "</attribute><element><anyName/><ref name='any'/></element></choice>"      \
    "</zeroOrMore></define>" definitions "</grammar>"
#define ANY(name) "<element name='" name "'><ref name='any'/></element>"
#define EMPTY(name) "<element name='" name "'><empty/></element>"
#define MAYBE(pattern) "<optional>" pattern "</optional>"

/* How the judgement by parts compares with that of the whole. */
enum likeness {
    NEVER,  /* it cannot be split: nothing is ever found valid */
    SUBSET, /* what it finds valid is valid */
    EQUAL,
};

struct schema_case {
    const char *what;
    enum likeness likeness;
    const char *schema;
    const char *documents[12]; /* in the root */
};

/* clang-format off */
static const struct schema_case cases[] = {
    {"a simple one",
     EQUAL,
     SCHEMA(EMPTY("name") MAYBE(ANY("domain")) MAYBE(EMPTY("disks")), ""),
     {"<name/>", "<name/><domain/>", "<name/><domain>x<y/></domain><disks/>",
      "<name/><disks/>", "<disks/><name/>", "<domain/>",
      "<name/><disks/><name/>", "<name/><disks/><domain/>",
      "<name/><disks>x</disks>", ""}},
    {"any order",
     EQUAL,
     SCHEMA("<interleave>" EMPTY("name") MAYBE(ANY("domain"))
                MAYBE(EMPTY("disks")) "</interleave>",
            ""),
     {"<name/>", "<name/><domain/>", "<domain/><disks/><name/>", "<domain/>",
      "<domain/><name/>x", "<disks/><name/><disks a='1'/>"}},
    {"text around",
     EQUAL,
     SCHEMA("<mixed>" EMPTY("name") ANY("domain") "</mixed>", ""),
     {"a<name/>b<domain/>c", "<name/><domain/>", "<domain/><name/>", "a"}},
    {"two patterns of one part",
     EQUAL,
     SCHEMA(
         "<choice><group><ref name='a'/>" EMPTY(
             "name") "</group><group><ref name='b'/>" EMPTY("active") "</group>"
             "</choice>",
         "<define name='a'><element name='domain'><value>a</value>"
         "</element></define><define name='b'><element name='domain'>"
         "<value>b</value></element></define>"),
     {"<domain>a</domain><name/>", "<domain>b</domain><active/>",
      "<domain>a</domain><active/>", "<domain>b</domain><name/>",
      "<domain>c</domain><name/>", "<domain/>"}},
    {"two patterns that take the same",
     SUBSET,
     SCHEMA(
         "<choice><group>" ANY("domain")
             EMPTY("name") "</group><group><element name='domain'><text/>"
             "</element>" EMPTY(
                 "active") "</group></choice>",
         ""),
     {"<domain>a</domain><name/>", "<domain>b</domain><active/>",
      "<domain><x/></domain><name/>", "<domain><x/></domain><active/>"}},
    {"anything in the root",
     NEVER,
     SCHEMA("<zeroOrMore><element><anyName/><ref name='any'/></element>"
            "</zeroOrMore>",
            ""),
     {"<name/>", "<domain/>", ""}},
    {"anything but the parts",
     SUBSET,
     SCHEMA(MAYBE(ANY("domain")) "<zeroOrMore><element><anyName><except>"
                                 "<name>domain</name><name>disks</name>"
                                 "<name>cookie</name><name>inactiveDomain"
                                 "</name></except></anyName><ref name='any'/>"
                                 "</element></zeroOrMore>",
            ""),
     {"<domain/><name/>", "<name/>", "<name/><domain/>", "<domain/><domain/>",
      "<disks/>", "<domain/><name/><domain>x</domain>"}},
    {"anything of another namespace",
     EQUAL,
     SCHEMA(MAYBE(ANY("domain")) "<zeroOrMore><element><nsName ns='urn:x'/>"
                                 "<ref name='any'/></element></zeroOrMore>",
            ""),
     {"<domain/><name xmlns='urn:x'/>", "<domain/><name/>",
      "<name xmlns='urn:x'/><domain/>", "<domain xmlns='urn:x'/>"}},
    {"a part with two names",
     NEVER,
     SCHEMA("<element><choice><name>domain</name><name>name</name></choice>"
            "<empty/></element>",
            ""),
     {"<domain/>", "<name/>", "<disks/>"}},
    {"a name as an element",
     EQUAL,
     SCHEMA("<element><name> domain </name><empty/></element>", ""),
     {"<domain/>", "<domain>x</domain>", "<disks/>"}},
    {"an xsd:ID",
     NEVER,
     SCHEMA(ANY("name") "<element name='domain'><attribute name='id'>"
                        "<data type='ID'/></attribute></element>",
            ""),
     {"<name/><domain id='a'/>"}},
    {"an xsd:ID with blanks around it",
     NEVER,
     SCHEMA(ANY("name") "<element name='domain'><attribute name='id'>"
                        "<data type=' ID&#9;'/></attribute></element>",
            ""),
     {"<name/><domain id='a'/>"}},
    {"an xsd:ID in a list",
     NEVER,
     SCHEMA("<element name='disks'><attribute name='id'><list><data "
            "type='ID'/></list></attribute></element>"
            "<element name='domain'><attribute name='id'>"
            "<list><oneOrMore><data type='ID'/></oneOrMore></list>"
            "</attribute></element>",
            ""),
     {"<disks id='a'/><domain id='b'/>", "<disks id='a'/><domain id='a'/>"}},
    {"an xsd:ID that is excepted",
     NEVER,
     SCHEMA("<element name='domain'><attribute name='id'><data type='token'>"
            "<except><data type='ID'/></except></data></attribute></element>",
            ""),
     {"<domain id='1'/>", "<domain id='a'/>"}},
    {"a list",
     EQUAL,
     SCHEMA("<element name='name'><list><data type='int'/><data type='int'/>"
            "</list></element>" ANY("domain"),
            ""),
     {"<name>1 2</name><domain/>", "<name>1</name><domain/>"}},
    {"a list in the root",
     EQUAL,
     SCHEMA("<choice>" EMPTY("domain") "<list><value>a</value></list></choice>",
            ""),
     {"<domain/>", "<domain>a</domain>"}},
    {"a nested grammar",
     EQUAL,
     SCHEMA(EMPTY("name") "<grammar><start><element name='domain'>"
                          "<ref name='any'/></element></start>"
                          "<define name='any'><value>x</value></define>"
                          "</grammar>",
            ""),
     {"<name/><domain>x</domain>", "<name/><domain>y</domain>",
      "<name/><domain><y/></domain>", "<name/>"}},
    {"a nested grammar that refers to the one around it",
     SUBSET,
     SCHEMA(EMPTY("name") "<grammar><start><element name='domain'>"
                          "<parentRef name='x'/></element></start></grammar>",
            "<define name='x'><value>x</value></define>"),
     {"<name/><domain>x</domain>", "<name/><domain>y</domain>"}},
    {"a grammar nested in a part, with a reference to the one around",
     EQUAL,
     SCHEMA("<element name='domain'><grammar><start><group><ref name='x'/>"
            "<parentRef name='x'/></group></start><define name='x'>" EMPTY(
                "a") "</define></grammar></element>",
            "<define name='x'>" EMPTY("b") "</define>"),
     {"<domain><a/><b/></domain>", "<domain><b/><a/></domain>",
      "<domain><a/><a/></domain>"}},
    {"recursion",
     EQUAL,
     SCHEMA(EMPTY("name") "<ref name='d'/>",
            "<define name='d'><element name='domain'><zeroOrMore><choice>"
            "<ref name='d'/><ref name='e'/></choice></zeroOrMore></element>"
            "</define><define name='e'><element name='e'><ref name='d'/>"
            "</element></define>"),
     {"<name/><domain/>", "<name/><domain><domain/></domain>",
      "<name/><domain><e><domain><e><domain/></e></domain></e></domain>",
      "<name/><domain><e/></domain>", "<name/><name/>"}},
    {"recursion through the root",
     EQUAL,
     SCHEMA("<choice>" EMPTY("name") "<element name='domain'>"
                                     "<ref name='root'/></element></choice>",
            ""),
     {"<domain><domainsnapshot><name/></domainsnapshot></domain>",
      "<domain><domainsnapshot><domain><domainsnapshot><name/>"
      "</domainsnapshot></domain></domainsnapshot></domain>",
      "<domain><domainsnapshot/></domain>", "<name/>", "<domain/>"}},
    {"a part that stands elsewhere, too",
     SUBSET,
     SCHEMA(
         MAYBE(
             "<element name='name'><ref name='d'/></element>")
             "<ref name='d'/>",
         "<define name='d'>" EMPTY("domain") "</define>"),
     {"<name><domain/></name><domain/>", "<domain/>", "<name/><domain/>"}},
    {"definitions that are combined",
     EQUAL,
     SCHEMA(
         "<ref name='c'/>",
         "<define name='c' combine='interleave'>" EMPTY(
             "name") "</define><define name='c' combine='interleave'><ref "
                     "name='e'/></define><define name='e' combine='choice'>"
                     "<element name='domain'><value>1</value></element>"
                     "</define>"
                     "<div><define name='e' combine='choice'><element "
                     "name='domain'><ref name='f'/></element></define></div>"
                     "<define name='f' combine='choice'><value>2</value>"
                     "</define>"
                     "<define name='f' combine='choice'><value>3</value>"
                     "</define>"),
     {"<name/><domain>1</domain>", "<domain>2</domain><name/>",
      "<name/><domain>3</domain>", "<name/><domain>4</domain>",
      "<domain>1</domain>", "<name/>"}},
    {"a definition that is nothing",
     EQUAL,
     SCHEMA("<choice><notAllowed/><group>" ANY(
                "domain") "<ref name='n'/>"
                          "</group>" EMPTY("disks") "</choice>",
            "<define name='n'><notAllowed/></define>"),
     {"<domain/>", "<disks/>", ""}},
    {"types from around",
     EQUAL,
     "<grammar xmlns='http://relaxng.org/ns/structure/1.0'" XSD
     "><div><start><element name='domainsnapshot'>" EMPTY(
         "name") "<div xmlns='urn:ignored'/><element name='domain'>"
         "<data type='int'/>"
                 "</element></element></start></div></grammar>",
     {"<name/><domain>1</domain>", "<name/><domain>x</domain>"}},
    {"types of a part of its own",
     EQUAL,
     "<grammar xmlns='http://relaxng.org/ns/structure/1.0'><start>"
     "<element name='domainsnapshot'><group" XSD "><element name='domain'>"
     "<data type='int'/></element></group></element></start></grammar>",
     {"<domain>1</domain>", "<domain>x</domain>"}},
    {"a namespace from around",
     EQUAL,
     "<grammar xmlns='http://relaxng.org/ns/structure/1.0' ns='urn:x' "
     "xmlns:n=''><start><element name='domainsnapshot' ns=''><element "
     "name='domain' ns=''><ref name='e'/><element name='f'><empty/></element>"
     "</element></element></start><define name='e'><element name='e'><empty/>"
     "</element></define></grammar>",
     {"<domain><e xmlns='urn:x'/><f xmlns=''/></domain>",
      "<domain><e/><f/></domain>",
      "<domain><e xmlns='urn:x'/><f xmlns='urn:x'/></domain>"}},
    {"names with prefixes",
     EQUAL,
     "<grammar xmlns='http://relaxng.org/ns/structure/1.0' xmlns:p='urn:p'>"
     "<start><element name='domainsnapshot'><element name='p:name'><empty/>"
     "</element><element name='domain'><element name='p:e'><attribute "
     "name='p:a'/></element></element></element></start></grammar>",
     {"<p:name xmlns:p='urn:p'/><domain><q:e xmlns:q='urn:p' q:a=''/></domain>",
      "<p:name xmlns:p='urn:p'/><domain><e a=''/></domain>",
      "<name/><domain><q:e xmlns:q='urn:p' q:a=''/></domain>"}},
    {"a prefix declared at the part",
     EQUAL,
     "<grammar xmlns='http://relaxng.org/ns/structure/1.0'><start><element "
     "name='domainsnapshot'><group xmlns:p='urn:p'><element name='domain'>"
     "<element name='p:e'><empty/></element></element></group></element>"
     "</start></grammar>",
     {"<domain><e xmlns='urn:p'/></domain>", "<domain><e/></domain>"}},
    {"no namespace from around",
     EQUAL,
     "<grammar xmlns='http://relaxng.org/ns/structure/1.0' ns='urn:x'><start>"
     "<element name='domainsnapshot' ns=''><group ns=''><element "
     "name='domain'><element name='e'><empty/></element></element></group>"
     "</element></start></grammar>",
     {"<domain><e/></domain>", "<domain><e xmlns='urn:x'/></domain>"}},
    {"a namespace from around a nested grammar",
     EQUAL,
     "<grammar xmlns='http://relaxng.org/ns/structure/1.0' xmlns:p='urn:p'>"
     "<start><element name='domainsnapshot'><group ns='urn:x'><grammar><start>"
     "<element name='domain' ns=''><ref name='e'/></element></start><define "
     "name='e'><element name='e'><element name='p:f'><empty/></element>"
     "</element></define></grammar></group></element></start></grammar>",
     {"<domain><e xmlns='urn:x'><f xmlns='urn:p'/></e></domain>",
      "<domain><e><f xmlns='urn:p'/></e></domain>",
      "<domain><e xmlns='urn:x'><f/></e></domain>"}},
    {"no grammar around it",
     SUBSET,
     "<element name='domainsnapshot' "
     "xmlns='http://relaxng.org/ns/structure/1.0'>" EMPTY(
         "name") "<optional><element name='domain'><empty/></element>"
                 "</optional></element>",
     {"<name/>", "<name/><domain/>", "<domain/>"}},
    {"of another element",
     NEVER,
     "<grammar xmlns='http://relaxng.org/ns/structure/1.0'><start><choice>"
     "<element name='domainsnapshot'><empty/></element><element name='x'>"
     "<empty/></element></choice></start></grammar>",
     {"", "<name/>"}},
    {"nine patterns of one part",
     NEVER,
     SCHEMA("<choice>" ANY("domain") ANY("domain") ANY("domain") ANY("domain")
                ANY("domain") ANY("domain") ANY("domain") ANY("domain")
                    ANY("domain") "</choice>",
            ""),
     {"<domain/>"}},
};
/* clang-format on */

/* Give the parts of DOC stubs, as SCHEMA takes them. False: it does not. */
static bool
put_stubs(const struct schema *schema, xmlDoc *doc)
{
    xmlNode *root = xmlDocGetRootElement(doc), *next;

    for (xmlNode *node = root->children; node; node = next) {
        const char *name = (const char *)node->name;
        enum part_name part = PART_COUNT;
        cleanup(parse_free_doc) xmlDoc *alone = NULL;
        xmlNode *stub;
        int choice;

        next = node->next;
        if (node->type == XML_ELEMENT_NODE && !node->ns)
            part = part_find(name, strlen(name));
        if (part == PART_COUNT)
            continue;
        alone = xmlNewDoc((const xmlChar *)"1.0");
        (void)xmlDocSetRootElement(alone, xmlDocCopyNode(node, alone, 1));
        choice = schema_choice(schema, part, alone);
        if (choice < 0)
            return false;
        stub = xmlNewDocNode(
            doc, NULL, (const xmlChar *)part_stub(part, (size_t)choice), NULL);
        xmlFreeNode(xmlReplaceNode(node, stub));
    }
    return true;
}

static xmlDoc *
snapshot_of(const char *content)
{
    cleanup(free_ptr) char *text =
        xasprintf("<domainsnapshot>%s</domainsnapshot>", content);
    xmlDoc *doc = parse_document(text, strlen(text), NULL, NULL);

    if (!doc)
        print_error("of case: %s\n", content);
    assert_non_null(doc);
    return doc;
}

static void
compare(const struct schema *schema, const char *content,
        enum likeness likeness, const char *what)
{
    cleanup(parse_free_doc) xmlDoc *whole = snapshot_of(content);
    cleanup(parse_free_doc) xmlDoc *stubs = snapshot_of(content);
    struct error error = {0};
    /* Of a list that is too short, libxml2 does not say. */
    const bool valid = schema_judge(schema, whole, NULL, &error) > 0;
    const bool by_parts =
        put_stubs(schema, stubs) && schema_takes_frame(schema, stubs);

    if (by_parts > valid || (likeness == EQUAL && by_parts != valid) ||
        (likeness == NEVER && by_parts))
        print_error("%s: %s: valid %d, by parts %d\n", what, content, valid,
                    by_parts);
    error_clear(&error);
    assert_true(by_parts <= valid);
    if (likeness == EQUAL)
        assert_int_equal(by_parts, valid);
    if (likeness == NEVER)
        assert_false(by_parts);
}

static void
test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct error error = {0};
        struct schema *schema =
            made_schema(*state, "s.rng", cases[i].schema, &error);

        if (!schema)
            print_error("%s: %s\n", cases[i].what, error.message);
        assert_non_null(schema);
        for (size_t j = 0; j < LENGTH(cases[i].documents); j++) {
            if (cases[i].documents[j])
                compare(schema, cases[i].documents[j], cases[i].likeness,
                        cases[i].what);
        }
        schema_free(schema);
    }
}

/* What is included is a part like any other. */
static void
test_included(void **state)
{
    const struct temp *temp = *state;
    struct error error = {0};
    struct schema *schema;

    put_text(temp->fd, "i.rng",
             SCHEMA(EMPTY("name") "<ref name='d'/>",
                    "<define name='d'>" EMPTY(
                        "domain") "</define>"
                                  "<define name='x'><element name='x'>"
                                  "<data type='int'/>"
                                  "</element></define>"));
    schema = made_schema(temp, "s.rng",
                         GRAMMAR "<include href='i.rng'><define name='d'>"
                                 "<element name='domain'><ref name='x'/>"
                                 "</element></define></include></grammar>",
                         &error);
    assert_non_null(schema);
    compare(schema, "<name/><domain><x>1</x></domain>", EQUAL, "included");
    compare(schema, "<name/><domain><x>a</x></domain>", EQUAL, "included");
    compare(schema, "<name/><domain/>", EQUAL, "included");
    schema_free(schema);
}

/* Values that are told apart, and schemas of which that is not known. */
static void
test_values(void **state)
{
    static const struct {
        const char *content;
        bool told;
    } schemas[] = {
        {"<attribute name='file'/>", true},
        {"<attribute name='file'><choice><value>/a</value><value>/b</value>"
         "</choice></attribute>",
         true},
        {"<attribute name='file'><list><value>/a</value></list></attribute>",
         false},
        {"<element name='x'><oneOrMore><attribute><anyName/><list><value>/a"
         "</value></list></attribute></oneOrMore></element>",
         false},
        {"<attribute name='other'><list><value>/a</value></list></attribute>",
         true},
        {"<element name='name'><list><value>/a</value></list></element>",
         false},
    };

    for (size_t i = 0; i < LENGTH(schemas); i++) {
        cleanup(free_ptr) char *text =
            edit_text(SCHEMA("CONTENT", ""), "CONTENT", schemas[i].content);
        struct error error = {0};
        struct schema *schema = made_schema(*state, "s.rng", text, &error);

        if (!schema)
            print_error("%s: %s\n", schemas[i].content, error.message);
        assert_non_null(schema);
        if (schema_has_values(schema) != schemas[i].told)
            print_error("of case: %s\n", schemas[i].content);
        assert_int_equal(schema_has_values(schema), schemas[i].told);
        if (i == 1) {
            uint64_t a = schema_value(schema, VARIANT_PATH, "/a");

            assert_int_equal(a, schema_value(schema, VARIANT_PATH, " /a "));
            assert_int_not_equal(a, schema_value(schema, VARIANT_PATH, "/b"));
            assert_int_not_equal(a, schema_value(schema, VARIANT_PATH, "/c"));
            assert_int_equal(schema_value(schema, VARIANT_PATH, "/d"),
                             schema_value(schema, VARIANT_PATH, "/c"));
            assert_int_equal(schema_value(schema, VARIANT_NAME, "/a"), 0);
        }
        schema_free(schema);
    }
}

/* Ours is split, and finds valid what it is meant for. */
static void
test_own(void **state)
{
    struct error error = {0};
    struct schema *own = schema_embedded("domainsnapshot.rng", &error);

    (void)state;
    assert_non_null(own);
    assert_true(schema_has_values(own));
    compare(own, NAME STATE TIME GOOD_DOMAIN ACTIVE, EQUAL, "own");
    compare(own,
            NAME STATE TIME GOOD_DOMAIN "<disks/><cookie><a/></cookie>" ACTIVE,
            EQUAL, "own");
    compare(own, NAME STATE TIME GOOD_DOMAIN "<disks/><disks/>" ACTIVE, EQUAL,
            "own");
    compare(own, NAME STATE TIME "<domain>" GOOD_DOMAIN_BODY "</domain>" ACTIVE,
            EQUAL, "own");
    compare(own, NAME STATE TIME "<disks><disk/></disks>" ACTIVE, EQUAL, "own");
    compare(own, NAME STATE GOOD_DOMAIN ACTIVE, EQUAL, "own");
    schema_free(own);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_included),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_own),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
