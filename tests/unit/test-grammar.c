/*
 * test-grammar.c - shows that a schema is read with all that it includes, as
 * the specification says, and from its own directory and below only.
 */
#include "schema-trial.h"

/* Includes, their replacements, nested grammars, and a folder further down. */
static void
test_includes(void **state)
{
    const struct temp *temp = *state;
    cleanup(free_ptr) char *first = NULL, *second = NULL;
    struct error error = {0};
    struct schema *schema;

    assert_int_equal(mkdirat(temp->fd, "below", 0700), 0);
    put_text(temp->fd, "below/b c.rng",
             GRAMMAR "<include href='d.rng'/><define name='b'>"
                     "<element name='b'><text/></element></define></grammar>");
    put_text(temp->fd, "below/d.rng",
             "<grammar xmlns='http://relaxng.org/ns/structure/1.0' "
             "datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'>"
             "<start><ref name='b'/></start>"
             "<div><define name='n'><element name='n'><data type='int'/>"
             "</element></define></div></grammar>");
    put_text(temp->fd, "e.rng",
             "<p:element xmlns:p='http://relaxng.org/ns/structure/1.0' "
             "xmlns:q='urn:q' name='q:e'><p:empty/></p:element>");
    schema = made_schema(
        temp, "a.rng",
        GRAMMAR "<include href='below/b%20c.rng'><start><element name='a'>"
                "<ref name='b'/><ref name='n'/><externalRef href='e.rng'/>"
                "<grammar><start><parentRef name='n'/></start></grammar>"
                "</element></start></include></grammar>",
        &error);
    if (!schema)
        print_error("%s\n", error.message);
    assert_non_null(schema);
    first = judged(schema, "<a><b/><n>1</n><e xmlns='urn:q'/><n>2</n></a>");
    assert_string_equal(first, "");
    second = judged(schema, "<a><b/><n>x</n><e/><n>2</n></a>");
    assert_string_equal(second,
                        "<a> lacks <e xmlns='urn:q'>; found 'x' in <n>, "
                        "expected int; found <e> in <a>, perhaps "
                        "<e xmlns='urn:q'> is meant");
    schema_free(schema);
}

static const struct {
    const char *text; /* of the file; NULL: there is none */
    const char *said;
} refused[] = {
    {NULL, "No such file"},
    {"<a", "line 1"},
    {"<a/>", "is not RELAX NG"},
    {"<!DOCTYPE grammar [<!ENTITY a 'b'>]>" GRAMMAR "</grammar>", "DOCTYPE"},
    {GRAMMAR "<start><foo/></start></grammar>", "foo"},
    {GRAMMAR "<start><ref name='x'/></start></grammar>", "x"},
    {GRAMMAR "<include href='http://example.org/a.rng'/></grammar>",
     "'http://example.org/a.rng' is not included"},
    {GRAMMAR "<include href='file:///etc/passwd'/></grammar>", "not included"},
    {GRAMMAR "<include href='/etc/passwd'/></grammar>", "not included"},
    {GRAMMAR "<include href='%2fetc/passwd'/></grammar>", "not included"},
    {GRAMMAR "<include href='../a.rng'/></grammar>", "not included"},
    {GRAMMAR "<include href='x/%2e%2e/../a.rng'/></grammar>", "not included"},
    {GRAMMAR "<include/></grammar>", "not included"},
    {GRAMMAR "<include href='none.rng'/></grammar>", "'none.rng'"},
    {GRAMMAR "<include href='r.rng'/></grammar>", "too many files"},
    {GRAMMAR "<start><externalRef href='r.rng'/></start></grammar>",
     "too many files"},
    {GRAMMAR "<include href='element.rng'/></grammar>", "not a <grammar>"},
};

static void
test_refused(void **state)
{
    const struct temp *temp = *state;
    struct error error = {0};

    put_text(temp->fd, "element.rng",
             "<element xmlns='http://relaxng.org/ns/structure/1.0' name='a'>"
             "<empty/></element>");
    for (size_t i = 0; i < LENGTH(refused); i++) {
        cleanup(free_ptr) char *path = path_in(temp, "r.rng");

        (void)unlinkat(temp->fd, "r.rng", 0);
        if (refused[i].text)
            put_text(temp->fd, "r.rng", refused[i].text);
        assert_null(schema_open(path, &error));
        assert_said(&error, refused[i].said,
                    refused[i].text ? refused[i].text : "none");
    }
    assert_null(schema_open(temp->path, &error));
    assert_said(&error, "is a directory", "a directory");
    assert_null(schema_embedded("none.rng", &error));
    assert_said(&error, "none.rng", "embedded");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_includes),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
