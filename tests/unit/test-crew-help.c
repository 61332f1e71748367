/*
 * test-crew-help.c - shows that the threads of a crew really share the work:
 * all of them help, also in rows inside of others, and nobody sleeps while
 * there is something to begin. Where that fails, these tests do not end.
 */
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <libxml/parser.h>

#include "../../verify/crew.h"

#define JOBS_MAX 8

/* Seconds; more than any machine takes. */
#define PATIENCE 120

/* All threads meet in a row that has an item for each of them. */
struct meeting {
    pthread_barrier_t barrier;
    atomic_uint numbers; /* a bit for each */
};

static void
meet(void *data, size_t index, size_t thread)
{
    struct meeting *meeting = data;

    (void)index;
    atomic_fetch_or(&meeting->numbers, 1U << thread);
    (void)pthread_barrier_wait(&meeting->barrier);
}

static int
pass(void *data, size_t index)
{
    (void)data;
    return (int)index;
}

/* Asked for by one of them, whichever that is. */
struct invitation {
    struct crew *crew;
    struct row row;
};

static void
invite(void *data, size_t index, size_t thread)
{
    const struct invitation *invitation = data;

    (void)thread;
    /* The other item is another thread's, so this is not the first's alone. */
    if (index)
        (void)crew_run(invitation->crew, &invitation->row);
}

/* Have all of them met? */
static void
assert_met(struct meeting *meeting, unsigned int count)
{
    assert_int_equal(__builtin_popcount(atomic_exchange(&meeting->numbers, 0)),
                     count);
}

/*
 * There are so many threads, and all of them help; inside of another row all
 * but the one that waits for that.
 */
static void
test_all_help(void **state)
{
    struct crew **crews = *state;

    for (unsigned int jobs = 2; jobs <= JOBS_MAX; jobs++) {
        struct meeting all = {.numbers = 0}, inner = {.numbers = 0};
        const struct row row = {jobs, 1, jobs, &all, meet, pass};
        struct invitation inside = {crews[jobs],
                                    {jobs - 1, 1, jobs, &inner, meet, pass}};
        const struct row outside = {2, 1, 2, &inside, invite, pass};

        (void)pthread_barrier_init(&all.barrier, NULL, jobs);
        (void)pthread_barrier_init(&inner.barrier, NULL, jobs - 1);
        for (int round = 0; round < 100; round++) {
            assert_int_equal(crew_run(crews[jobs], &row), jobs - 1);
            assert_met(&all, jobs);
            assert_int_equal(crew_run(crews[jobs], &outside), 1);
            assert_met(&inner, jobs - 1);
        }
        (void)pthread_barrier_destroy(&all.barrier);
        (void)pthread_barrier_destroy(&inner.barrier);
    }
}

/* Items that wait for others to be begun, or done. */
struct relay {
    struct crew *crew;
    struct row inner;
    atomic_uint begun; /* a bit for each; those inside from 8 on */
    atomic_uint done;
};

static void
await(const atomic_uint *bits, unsigned int wanted)
{
    while ((atomic_load(bits) & wanted) != wanted)
        (void)usleep(20);
}

static void
relay_work(void *data, size_t index, size_t thread)
{
    struct relay *relay = data;

    (void)thread;
    atomic_fetch_or(&relay->begun, 1U << index);
    if (index == 3)
        await(&relay->begun, 1U << 4);
    else if (index == 4)
        await(&relay->begun, 1U << 3);
    atomic_fetch_or(&relay->done, 1U << index);
}

static int
relay_finish(void *data, size_t index)
{
    const struct relay *relay = data;

    if (!index) {
        await(&relay->done, 6);
        (void)usleep(500); /* the other one falls asleep */
    }
    return 0;
}

/* Who has gone to sleep at the end of the window is woken when that moves. */
static void
test_window_wakes(void **state)
{
    struct crew **crews = *state;

    for (int round = 0; round < 50; round++) {
        struct relay relay = {.begun = 0};
        const struct row row = {5, 1, 3, &relay, relay_work, relay_finish};

        assert_int_equal(crew_run(crews[2], &row), 0);
    }
}

static void
below_inner(void *data, size_t index, size_t thread)
{
    struct relay *relay = data;

    (void)thread;
    atomic_fetch_or(&relay->begun, 256U << index);
    await(&relay->begun, 4);
}

static void
below_work(void *data, size_t index, size_t thread)
{
    struct relay *relay = data;

    (void)thread;
    atomic_fetch_or(&relay->begun, 1U << index);
    if (index == 1)
        await(&relay->begun, 256);
    else if (!index)
        (void)crew_run(relay->crew, &relay->inner);
}

/* A row inside in which nobody can help now does not hide those around it. */
static void
test_help_below(void **state)
{
    struct crew **crews = *state;

    for (int round = 0; round < 300; round++) {
        struct relay relay = {
            .crew = crews[2],
            .inner = {2, 1, 1, &relay, below_inner, pass},
        };
        const struct row row = {3, 1, 3, &relay, below_work, pass};

        assert_int_equal(crew_run(crews[2], &row), 2);
    }
}

/* A crew for each number of jobs. */
static int
make_crews(void **state)
{
    struct crew **crews = xcalloc(JOBS_MAX + 1, sizeof(struct crew *));

    (void)alarm(PATIENCE);
    /* As program.c does, before there are threads. */
    xmlInitParser();
    for (size_t i = 2; i <= JOBS_MAX; i++)
        crews[i] = crew_new(i);
    *state = crews;
    return 0;
}

static int
free_crews(void **state)
{
    struct crew **crews = *state;

    for (size_t i = 2; i <= JOBS_MAX; i++)
        crew_free(crews[i]);
    free(crews);
    return 0;
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_help),
        cmocka_unit_test(test_window_wakes),
        cmocka_unit_test(test_help_below),
    };

    return cmocka_run_group_tests(tests, make_crews, free_crews);
}
