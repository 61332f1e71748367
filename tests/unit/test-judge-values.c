/*
 * test-judge-values.c - shows that each word and number of a rule is taken, and
 * that others are an error where the rule is closed and a doubt where not; and
 * what is asked for. The cases damage-domain-* show the messages, and
 * tests/libvirt_values.py that a real libvirt agrees.
 */
#include "support.h"

#include "../../verify/judge-rules.h"
#include "../../verify/judge.h"
#include "../../verify/parse.h"

/* A definition and what is said of it. */
struct trial {
    xmlDoc *doc;
    struct verdict verdict;
};

static void
trial_start(struct trial *trial, const char *content)
{
    cleanup(free_ptr) char *text = xasprintf("<domain>%s</domain>", content);

    trial->doc = parse_document(text, strlen(text), NULL, NULL);
    if (!trial->doc)
        print_error("%s\n", text);
    assert_non_null(trial->doc);
    trial->verdict =
        (struct verdict){.domain = xmlDocGetRootElement(trial->doc)};
    judge_values(&trial->verdict);
}

static void
trial_end(struct trial *trial)
{
    free(trial->verdict.wrong);
    free(trial->verdict.doubt);
    xmlFreeDoc(trial->doc);
}

/* NEEDED of another attribute of the same element: as one with a value. */
static void
add_needed(char **text, const struct rule_place *other, const char *value,
           const struct rule_place *place)
{
    char *more;

    if (!(other->flags & NEEDED) || strcmp(other->path, place->path) ||
        !strcmp(other->attribute, place->attribute))
        return;
    more = xasprintf("%s %s='%s'", *text, other->attribute, value);
    free(*text);
    *text = more;
}

/* The other attributes that the element has to have. */
static char *
needed_beside(const struct rule_place *place)
{
    char *text = xstrdup("");

    for (const struct number_rule *number = judge_numbers; number->place.path;
         number++)
        add_needed(&text, &number->place, "1", place);
    for (const struct words_rule *rule = judge_words; rule->words; rule++) {
        cleanup(free_ptr) char *word =
            xstrndup(rule->words, strcspn(rule->words, " "));

        if (!place->when)
            add_needed(&text, &rule->place, word, place);
    }
    return text;
}

/* The elements of a path with the value at the end; the caller owns it. */
static char *
content_of(const struct rule_place *place, const char *value)
{
    cleanup(free_ptr) char *path = xstrdup(place->path);
    char *names[4];
    size_t count = 0;
    char *inner;

    for (char *at = strtok(path, "/"); at; at = strtok(NULL, "/")) {
        size_t len = strcspn(at, "!");

        names[count++] = xasprintf("%.*s", (int)len, *at == '*' ? "rng" : at);
    }
    if (!place->attribute) {
        inner =
            xasprintf("<%s>%s</%s>", names[count - 1], value, names[count - 1]);
    } else {
        size_t len = place->when ? strcspn(place->when, "=") : 0;

        cleanup(free_ptr) char *needed = needed_beside(place);

        inner = xasprintf("<%s %s='%s' %s %.*s%s%s%s/>", names[count - 1],
                          place->attribute, value, needed, (int)len,
                          len ? place->when : "", len ? "='" : "",
                          len ? place->when + len + 1 : "", len ? "'" : "");
    }
    for (size_t i = count - 1; i-- > 0;) {
        char *outer = xasprintf("<%s>%s</%s>", names[i], inner, names[i]);

        free(inner);
        inner = outer;
    }
    while (count)
        free(names[--count]);
    return inner;
}

static bool
names(const char *message, const char *value)
{
    cleanup(free_ptr) char *quoted = xasprintf("'%s'", value);

    return message && strstr(message, quoted);
}

/* Is VALUE taken in this place, or an error, or a doubt? */
static void
assert_said(const struct rule_place *place, const char *value, bool taken)
{
    cleanup(free_ptr) char *content = content_of(place, value);
    struct trial trial;
    bool closed = !taken && place->flags & CLOSED;
    bool open = !taken && !(place->flags & CLOSED);

    trial_start(&trial, content);
    if (names(trial.verdict.wrong, value) != closed ||
        names(trial.verdict.doubt, value) != open)
        print_error("%s: %s, %s\n", content, trial.verdict.wrong,
                    trial.verdict.doubt);
    assert_int_equal(names(trial.verdict.wrong, value), closed);
    assert_int_equal(names(trial.verdict.doubt, value), open);
    trial_end(&trial);
}

static void
test_words(void **state)
{
    (void)state;
    for (const struct words_rule *rule = judge_words; rule->words; rule++) {
        cleanup(free_ptr) char *words = xstrdup(rule->words);

        for (char *word = words, *next; word; word = next) {
            next = strchr(word, ' ');
            if (next)
                *next++ = '\0';
            assert_said(&rule->place, word, true);
        }
        assert_said(&rule->place, "odd", false);
        assert_said(&rule->place, "on off", false);
    }
}

static void
test_numbers(void **state)
{
    const struct number_rule *rule = judge_numbers;

    (void)state;
    for (; rule->place.path; rule++) {
        cleanup(free_ptr) char *least = xasprintf("%lld", rule->least);
        cleanup(free_ptr) char *most = xasprintf("%lld", rule->most);
        cleanup(free_ptr) char *below = xasprintf("%lld", rule->least - 1);
        cleanup(free_ptr) char *hex = xasprintf("0x%llx", rule->most);

        assert_said(&rule->place, least, true);
        assert_said(&rule->place, most, true);
        assert_said(&rule->place, below, false);
        assert_said(&rule->place, "1x", false);
        assert_said(&rule->place, hex, rule->base == 0);
    }
}

/* A definition, and parts of what is said of it; NULL: nothing. */
struct said_case {
    const char *content;
    const char *wrong;
    const char *doubt;
};

static void
test_others(void **state)
{
    static const struct said_case cases[] = {
        {"", NULL, NULL},
        /* An empty one counts as none in some versions. */
        {"<on_crash/>", NULL, NULL},
        {"<cpu match=''/>", NULL, "match=''"},
        /* What has to be there. */
        {"<clock><timer/></clock>", "no name= of <timer>", NULL},
        {"<features><hyperv><x/></hyperv></features>", NULL, "no state= of <x"},
        {"<devices><sound/></devices>", "no model= of <sound>", NULL},
        /* Only the first of a name; each of others. */
        {"<on_crash>destroy</on_crash><on_crash>odd</on_crash>", NULL, NULL},
        {"<features><apic/><apic eoi='odd'/></features>", "'odd'", NULL},
        {"<on_crash xmlns='u'>odd</on_crash>", NULL, NULL},
        /* Only where another attribute has a value. */
        {"<os><bootmenu enable='no' timeout='x'/></os>", NULL, NULL},
        {"<devices><disk><address type='drive' bus='x'/></disk></devices>",
         NULL, NULL},
        /* Names of elements, in any namespace. */
        {"<features><acpi/><pae/></features>", NULL, NULL},
        {"<features><x xmlns='u'/></features>", NULL, "<x> in <features>"},
        {"<features><hyperv mode='passthrough'><x state='on'/></hyperv>"
         "</features>",
         NULL, NULL},
        /* The first of each kind stands, and both do. */
        {"<vcpu placement='one'>1</vcpu><seclabel type='two'/>"
         "<os firmware='three'><loader type='four'/></os>",
         "'one'", "'three'"},
        /* Many words are not all shown. */
        {"<os><type arch='x'/></os>", NULL, "ia64 or another that libvirt"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct trial trial;
        const char *wrong, *doubt;

        trial_start(&trial, cases[i].content);
        wrong = trial.verdict.wrong;
        doubt = trial.verdict.doubt;
        if (!wrong != !cases[i].wrong || !doubt != !cases[i].doubt)
            print_error("%s: %s, %s\n", cases[i].content, wrong, doubt);
        assert_int_equal(!wrong, !cases[i].wrong);
        assert_int_equal(!doubt, !cases[i].doubt);
        assert_true(!wrong || strstr(wrong, cases[i].wrong));
        assert_true(!doubt || strstr(doubt, cases[i].doubt));
        trial_end(&trial);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
