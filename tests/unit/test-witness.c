/*
 * test-witness.c - shows that both readers show a witness each sound snapshot
 * once, with the bytes that domain_load() loads, and nothing else; and that
 * they fail with what the witness says, if it is the first that does.
 */
#include "store.h"

#include <stdatomic.h>

#include "../../verify/crew.h"

#define COUNT 40
#define DAMAGED 7
#define JOBS 3

/* What was shown, of all that are called after a number. */
struct shown {
    atomic_uint times[COUNT];
    char *bytes[COUNT];
    size_t threads;
    size_t wrong_from; /* those from here on are not liked */
};

static void
free_shown(struct shown *shown)
{
    for (size_t i = 0; i < COUNT; i++)
        free(shown->bytes[i]);
}

static int
see(void *data, const struct snapshot *snapshot, const char *bytes, size_t len,
    size_t thread, struct error *error)
{
    struct shown *shown = data;
    size_t number = strtoul(snapshot->name, NULL, 10);

    if (number >= shown->wrong_from)
        return error_set(error, 0, "not number %s", snapshot->name);
    if (thread < shown->threads && !atomic_fetch_add(&shown->times[number], 1))
        shown->bytes[number] = xstrndup(bytes, len);
    return 0;
}

/* d and d.xml, with the same snapshots; one of them has a time of letters. */
static void
put_store(const struct temp *temp)
{
    struct buffer bulk = {0};

    (void)mkdirat(temp->fd, "d", 0700);
    buffer_puts(&bulk, BULK_HEAD(""));
    for (int i = 0; i < COUNT; i++) {
        cleanup(free_ptr) char *name = xasprintf(">%02d<", i);
        cleanup(free_ptr) char *file = xasprintf("d/%02d.xml", i);
        cleanup(free_ptr) char *legacy =
            edit_text(LEGACY_SNAPSHOT("a", ROOT, "170", "0"), ">a<", name);
        cleanup(free_ptr) char *member =
            edit_text(BULK_SNAPSHOT("a", ROOT, "170"), ">a<", name);

        if (i == DAMAGED) {
            memcpy(strstr(legacy, "170"), "odd", 3);
            memcpy(strstr(member, "170"), "odd", 3);
        }
        put_text(temp->fd, file, legacy);
        buffer_puts(&bulk, member);
    }
    buffer_puts(&bulk, BULK_TAIL);
    put_file(temp->fd, "d.xml", bulk.data, bulk.len);
    buffer_free(&bulk);
}

static int
read_shown(struct domain *domain, const struct temp *temp, enum layout layout,
           struct shown *shown, size_t jobs, struct error *error)
{
    const struct witness witness = {see, shown};
    struct crew *crew = crew_new(jobs);
    const struct source source = {
        .base = temp->fd,
        .name = "d",
        .entry = layout == LAYOUT_BULK ? "d.xml" : "d",
        .max_bulk = BULK_FILE_MAX,
        .effort = {.crew = crew},
        .witness = &witness,
    };
    cleanup(problems_free) struct problems ignored = {0};
    int result;

    shown->threads = crew_size(crew);
    result = layout_ops(layout)->read(domain, &source, &ignored, error);
    crew_free(crew);
    return result;
}

static void
assert_shown(const struct domain *domain, struct shown *shown)
{
    cleanup(buffer_free) struct buffer bytes = {0};
    struct error error = {0};
    size_t sound = 0;

    assert_int_equal(domain->count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        size_t number = strtoul(domain->snaps[i].name, NULL, 10);
        struct span element;

        assert_int_equal(atomic_load(&shown->times[number]), number != DAMAGED);
        if (number == DAMAGED)
            continue;
        assert_int_equal(domain_load(domain, i, &bytes, &element, &error), 0);
        assert_int_equal(strlen(shown->bytes[number]), element.len);
        assert_memory_equal(shown->bytes[number], bytes.data + element.start,
                            element.len);
        sound++;
    }
    assert_int_equal(sound, COUNT - 1);
}

static void
test_shown_once(void **state)
{
    const struct temp *temp = *state;

    put_store(temp);
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        for (size_t jobs = 1; jobs <= JOBS; jobs++) {
            cleanup(free_shown) struct shown shown = {.wrong_from = COUNT};
            struct domain domain;
            struct error error = {0};

            assert_int_equal(read_shown(&domain, temp, (enum layout)layout,
                                        &shown, jobs, &error),
                             0);
            assert_shown(&domain, &shown);
            domain_free(&domain);
        }
    }
}

static void
test_not_content(void **state)
{
    const struct temp *temp = *state;

    put_store(temp);
    for (int layout = LAYOUT_LEGACY; layout <= LAYOUT_BULK; layout++) {
        for (size_t jobs = 1; jobs <= JOBS; jobs++) {
            cleanup(free_shown) struct shown shown = {.wrong_from = 12};
            struct domain domain;
            struct error error = {0};

            assert_int_equal(read_shown(&domain, temp, (enum layout)layout,
                                        &shown, jobs, &error),
                             -1);
            assert_said(&error, ": not number 12", "the first");
            domain_free(&domain);
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shown_once),
        cmocka_unit_test(test_not_content),
    };

    return cmocka_run_group_tests(tests, group_temp_make, group_temp_remove);
}
