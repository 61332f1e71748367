/*
 * test-crew.c - shows that a row is worked on once and finished in order by
 * whoever asked, whatever the timing, the grain, the window and the number of
 * threads; that work may ask for work; and that an end in the middle is one.
 */
#include "support.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <libxml/parser.h>

#include "../../verify/crew.h"

#define ITEMS_MAX 600
#define JOBS_MAX 8

/* Nothing here takes so long; a deadlock would. */
#define PATIENCE 120

/* What went wrong on any thread, where cmocka's assertions cannot be used. */
static const char *_Atomic failure;

static void
demand(bool fine, const char *what)
{
    const char *none = NULL;

    if (!fine)
        (void)atomic_compare_exchange_strong(&failure, &none, what);
}

static void
assert_no_failure(void)
{
    if (atomic_load(&failure))
        print_error("%s\n", atomic_load(&failure));
    assert_null(atomic_load(&failure));
}

/* How long the work on an item takes. */
enum pace {
    PACE_NONE,
    PACE_SPIN,
    PACE_YIELD,
    PACE_SLEEP,
    PACE_COUNT,
};

/* A row that watches over how it is worked on. */
struct trial {
    struct crew *crew;
    struct row row;
    enum pace pace;
    size_t stop;     /* the item whose finish() is the end; none: SIZE_MAX */
    size_t levels;   /* of rows inside of it, which ... */
    size_t in_every; /* ... one in so many items asks for */
    uint64_t seed;
    pthread_t asked;
    atomic_bool over;
    atomic_uchar worked[ITEMS_MAX]; /* 1: begun, 2: done */
    atomic_bool busy[CREW_MAX];
    atomic_size_t finished;
    atomic_size_t begun;
};

static void run_inner(const struct trial *outer, size_t index);

static void
linger(enum pace pace, uint64_t seed)
{
    struct prng prng = {seed | 1};
    size_t much = prng_below(&prng, 8) ? 50 : 2000;
    size_t amount = prng_below(&prng, much);

    switch (pace) {
    case PACE_SPIN:
        for (volatile size_t i = 0; i < amount; i = i + 1)
            ;
        break;
    case PACE_YIELD:
        for (size_t i = 0; i < amount % 4; i++)
            (void)sched_yield();
        break;
    case PACE_SLEEP:
        if (!(amount % 5))
            (void)usleep((useconds_t)(amount % 100));
        break;
    case PACE_NONE:
    case PACE_COUNT:
    default:
        break;
    }
}

/* Only the first thread is to be bothered with signals. */
static bool
is_deaf(void)
{
    sigset_t set;

    return !pthread_sigmask(SIG_SETMASK, NULL, &set) &&
           sigismember(&set, SIGTERM) == 1 && sigismember(&set, SIGINT) == 1;
}

/* A thread has one number in all rows. */
static bool
is_own(size_t number)
{
    static _Thread_local size_t own = SIZE_MAX;

    if (own == SIZE_MAX)
        own = number;
    return own == number;
}

static void
work(void *data, size_t index, size_t thread)
{
    struct trial *trial = data;
    unsigned char fresh = 0;

    demand(thread < crew_size(trial->crew), "an impossible thread number");
    demand(is_own(thread), "the number of another thread");
    demand(!atomic_exchange(&trial->busy[thread], true),
           "two threads of one number at once");
    demand(index < trial->row.count, "an item behind the last");
    demand(!atomic_load(&trial->over), "work after the end");
    demand(index < atomic_load(&trial->finished) + trial->row.window,
           "an item outside of the window");
    demand(trial->stop == SIZE_MAX || index < trial->stop + trial->row.window,
           "an item that waited for one behind the end");
    demand(atomic_compare_exchange_strong(&trial->worked[index], &fresh, 1),
           "work on an item twice");
    demand(!thread || is_deaf(), "a thread that signals would reach");
    atomic_fetch_add(&trial->begun, 1);
    linger(trial->pace, trial->seed + index * 7919);
    if (trial->levels && !(index % trial->in_every))
        run_inner(trial, index);
    atomic_store(&trial->worked[index], 2);
    atomic_store(&trial->busy[thread], false);
}

static int
finish(void *data, size_t index)
{
    struct trial *trial = data;

    demand(pthread_equal(pthread_self(), trial->asked),
           "finished by another thread than asked");
    demand(index == atomic_load(&trial->finished), "finished out of order");
    demand(atomic_load(&trial->worked[index]) == 2, "finished before its work");
    linger(trial->pace, trial->seed + index * 104729);
    if (trial->levels && index % trial->in_every == 1)
        run_inner(trial, index);
    atomic_fetch_add(&trial->finished, 1);
    return index == trial->stop ? -1 : (int)index + 1;
}

static struct trial *
new_trial(struct crew *crew, size_t count, size_t grain, size_t window)
{
    struct trial *trial = xcalloc(1, sizeof(*trial));

    demand(count <= ITEMS_MAX, "too many items");
    trial->crew = crew;
    trial->row = (struct row){count, grain, window, trial, work, finish};
    trial->stop = SIZE_MAX;
    trial->in_every = 1;
    trial->seed = 1;
    return trial;
}

/* What is left is released: thread checkers see who comes too late. */
static void
run_trial(struct trial *trial)
{
    const size_t count = trial->row.count;
    const bool stops = trial->stop < count;
    const size_t done = stops ? trial->stop + 1 : count;
    int result;

    trial->asked = pthread_self();
    result = crew_run(trial->crew, &trial->row);
    atomic_store(&trial->over, true);
    demand(result == (stops ? -1 : (int)count), "another result");
    demand(atomic_load(&trial->finished) == done, "not all was finished");
    demand(atomic_load(&trial->begun) >= done, "finished without work");
    for (size_t i = 0; i < count; i++)
        demand(atomic_load(&trial->worked[i]) != 1, "returned too early");
    for (size_t i = 0; i < CREW_MAX; i++)
        demand(!atomic_load(&trial->busy[i]), "returned before a thread left");
    if (!stops)
        demand(atomic_load(&trial->begun) == count, "items left out");
    if (crew_size(trial->crew) == 1)
        demand(atomic_load(&trial->begun) == done, "work for nothing");
    free(trial);
}

static void
run_inner(const struct trial *outer, size_t index)
{
    struct prng prng = {outer->seed * 31 + index * 2 + 1};
    struct trial *trial =
        new_trial(outer->crew, prng_below(&prng, 12), 1 + prng_below(&prng, 3),
                  1 + prng_below(&prng, 6));

    trial->seed = prng.state;
    trial->pace = outer->pace;
    trial->levels = outer->levels - 1;
    trial->in_every = 4;
    if (!prng_below(&prng, 5))
        trial->stop = prng_below(&prng, 12);
    run_trial(trial);
}

/* A crew for each number of jobs, 0 being nobody. */
static int
make_crews(void **state)
{
    struct crew **crews = xcalloc(JOBS_MAX + 1, sizeof(struct crew *));

    (void)alarm(PATIENCE);
    /* As program.c does, before there are threads. */
    xmlInitParser();
    for (size_t i = 1; i <= JOBS_MAX; i++)
        crews[i] = crew_new(i);
    *state = crews;
    return 0;
}

static int
free_crews(void **state)
{
    struct crew **crews = *state;

    for (size_t i = 0; i <= JOBS_MAX; i++)
        crew_free(crews[i]);
    free(crews);
    return 0;
}

static void
test_size(void **state)
{
    struct crew **crews = *state;

    assert_int_equal(crew_size(NULL), 1);
    for (size_t i = 1; i <= JOBS_MAX; i++)
        assert_int_equal(crew_size(crews[i]), i);
    assert_in_range(crew_processors(), 1, CREW_MAX);
    crew_free(NULL);
}

/* Every count, grain and window that is small, and some that are not. */
static void
test_shapes(void **state)
{
    static const size_t counts[] = {0, 1, 2, 3, 7, 8, 9, 31};
    static const size_t sizes[] = {1, 2, 3, 8, 16, 100, SIZE_MAX / 16};
    struct crew **crews = *state;

    for (size_t jobs = 0; jobs <= JOBS_MAX; jobs++) {
        for (size_t i = 0; i < LENGTH(counts); i++) {
            for (size_t j = 0; j < LENGTH(sizes); j++) {
                /* The window takes room, the grain does not. */
                for (size_t k = 0; k < LENGTH(sizes) - 1; k++)
                    run_trial(
                        new_trial(crews[jobs], counts[i], sizes[j], sizes[k]));
            }
        }
        assert_no_failure();
    }
}

static void
test_timing(void **state)
{
    struct prng prng = {20240229};
    struct crew **crews = *state;

    for (int round = 0; round < 600; round++) {
        size_t most = prng_below(&prng, 20) ? 60 : ITEMS_MAX + 1;
        struct trial *trial =
            new_trial(crews[prng_below(&prng, JOBS_MAX + 1)],
                      prng_below(&prng, most), 1 + prng_below(&prng, 9),
                      1 + prng_below(&prng, prng_below(&prng, 2) ? 4 : 80));

        trial->pace = (enum pace)prng_below(&prng, PACE_COUNT);
        trial->seed = prng.state;
        run_trial(trial);
        assert_no_failure();
    }
}

/* An end at any item, the first and the last among them. */
static void
test_stop(void **state)
{
    struct prng prng = {31};
    struct crew **crews = *state;

    for (int round = 0; round < 600; round++) {
        size_t count = 1 + prng_below(&prng, 40);
        struct trial *trial =
            new_trial(crews[prng_below(&prng, JOBS_MAX + 1)], count,
                      1 + prng_below(&prng, 9), 1 + prng_below(&prng, count));

        trial->pace = (enum pace)prng_below(&prng, PACE_COUNT);
        trial->seed = prng.state;
        trial->stop = prng_below(&prng, count);
        run_trial(trial);
        assert_no_failure();
    }
}

/* Work and finish() that ask for work, which does so in turn. */
static void
test_nested(void **state)
{
    struct prng prng = {77};
    struct crew **crews = *state;

    for (int round = 0; round < 400; round++) {
        struct trial *trial = new_trial(
            crews[prng_below(&prng, JOBS_MAX + 1)], prng_below(&prng, 24),
            1 + prng_below(&prng, 4), 1 + prng_below(&prng, 24));

        trial->pace = (enum pace)prng_below(&prng, PACE_COUNT);
        trial->seed = prng.state;
        trial->levels = 1 + prng_below(&prng, 3);
        trial->in_every = 2 + prng_below(&prng, 3);
        if (!prng_below(&prng, 4))
            trial->stop = prng_below(&prng, 24);
        run_trial(trial);
        assert_no_failure();
    }
}

/* Crews come and go, idle or not. */
static void
test_come_and_go(void **state)
{
    (void)state;
    for (size_t round = 0; round < 500; round++) {
        struct crew *crew = crew_new(round % (JOBS_MAX + 1));

        demand(crew_size(crew) >= 1, "a crew of none");
        if (round % 3)
            run_trial(new_trial(crew, round % 5, 1, 2));
        crew_free(crew);
    }
    assert_no_failure();
}

/* The one that asked hears signals as before. */
static void
test_signals(void **state)
{
    struct crew *crew = crew_new(4);

    (void)state;
    assert_false(is_deaf());
    crew_free(crew);
    assert_false(is_deaf());
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_timing),      cmocka_unit_test(test_stop),
        cmocka_unit_test(test_nested),      cmocka_unit_test(test_signals),
        cmocka_unit_test(test_come_and_go),
    };

    return cmocka_run_group_tests(tests, make_crews, free_crews);
}
