/* crew.c - see crew.h. */
#include "crew.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "cleanup.h"
#include "error.h"
#include "memory.h"
#include "quiet.h"

/* A row while it is worked on. Everything in it is the crew's lock's. */
struct task {
    const struct row *row;
    size_t next;     /* item that is begun next */
    size_t finished; /* items before this one are finished */
    size_t busy;     /* threads at work in it */
    bool stopped;
    bool waiting; /* whoever asked for it sleeps */
    bool *done;   /* by index in the window */
    struct task *below;
    pthread_cond_t progress; /* something was done, or a thread has left */
};

struct member {
    struct crew *crew;
    size_t number;
    pthread_t thread;
};

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t work; /* there may be something to begin */
    struct task *top;    /* the newest; the others are below it */
    size_t idle;
    size_t size;
    bool ending;
    struct member *members; /* all but the first are threads of their own */
};

/* Which member of the crew this thread is; the first is whoever asks. */
static size_t
own_number(const struct crew *crew)
{
    size_t number = crew_size(crew);

    while (--number &&
           !pthread_equal(crew->members[number].thread, pthread_self()))
        ;
    return number;
}

/* The end of the items that could be begun now. */
static size_t
reach(const struct task *task)
{
    const struct row *row = task->row;

    return row->count - task->finished < row->window
               ? row->count
               : task->finished + row->window;
}

static bool
has_work(const struct task *task)
{
    return !task->stopped && task->next < reach(task);
}

/* Take some items and work on them. To be called with the lock, and work. */
static void
take(struct crew *crew, struct task *task, size_t number)
{
    const struct row *row = task->row;
    size_t from = task->next, end = reach(task);

    if (end - from > row->grain)
        end = from + row->grain;
    task->next = end;
    task->busy++;
    (void)pthread_mutex_unlock(&crew->lock);
    for (size_t i = from; i < end; i++)
        row->work(row->data, i, number);
    (void)pthread_mutex_lock(&crew->lock);
    for (size_t i = from; i < end; i++)
        task->done[i % row->window] = true;
    task->busy--;
    (void)pthread_cond_signal(&task->progress);
}

/*
 * Something to begin in a row newer than OLDER (NULL: in any). Nobody who waits
 * for that one is at work in a newer one.
 */
static struct task *
find_work(const struct crew *crew, const struct task *older)
{
    struct task *found = NULL;

    /* The oldest: to help with an item costs more than to begin one. */
    for (struct task *task = crew->top; task != older; task = task->below) {
        if (has_work(task))
            found = task;
    }
    return found;
}

/* There is something to begin. To be called with the lock. */
static void
wake(struct crew *crew)
{
    if (crew->idle)
        (void)pthread_cond_broadcast(&crew->work);
    for (struct task *task = crew->top; task; task = task->below) {
        if (task->waiting)
            (void)pthread_cond_signal(&task->progress);
    }
}

static void *
serve(void *data)
{
    const struct member *member = data;
    struct crew *crew = member->crew;

    quiet_thread();
    (void)pthread_mutex_lock(&crew->lock);
    while (!crew->ending) {
        struct task *task = find_work(crew, NULL);

        if (task) {
            take(crew, task, member->number);
            continue;
        }
        crew->idle++;
        (void)pthread_cond_wait(&crew->work, &crew->lock);
        crew->idle--;
    }
    (void)pthread_mutex_unlock(&crew->lock);
    return NULL;
}

struct crew *
crew_new(size_t jobs)
{
    struct crew *crew = xcalloc(1, sizeof(*crew));
    sigset_t all, before;

    (void)pthread_mutex_init(&crew->lock, NULL);
    (void)pthread_cond_init(&crew->work, NULL);
    crew->size = 1;
    crew->members = xcalloc(jobs + 1, sizeof(*crew->members));
    /* Signals are the first thread's. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    /* None begins before it is known which is which. */
    (void)pthread_mutex_lock(&crew->lock);
    while (crew->size < jobs) {
        struct member *member = &crew->members[crew->size];

        *member = (struct member){.crew = crew, .number = crew->size};
        if (pthread_create(&member->thread, NULL, serve, member))
            break;
        crew->size++;
    }
    (void)pthread_mutex_unlock(&crew->lock);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return crew;
}

void
crew_free(struct crew *crew)
{
    if (!crew)
        return;
    (void)pthread_mutex_lock(&crew->lock);
    crew->ending = true;
    (void)pthread_cond_broadcast(&crew->work);
    (void)pthread_mutex_unlock(&crew->lock);
    for (size_t i = 1; i < crew->size; i++)
        (void)pthread_join(crew->members[i].thread, NULL);
    (void)pthread_cond_destroy(&crew->work);
    (void)pthread_mutex_destroy(&crew->lock);
    free(crew->members);
    free(crew);
}

size_t
crew_size(const struct crew *crew)
{
    return crew ? crew->size : 1;
}

size_t
crew_processors(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);

    return count > CREW_MAX ? CREW_MAX : (size_t)count;
}

static int
run_alone(const struct crew *crew, const struct row *row)
{
    const size_t number = own_number(crew);
    int result = 0;

    for (size_t i = 0; i < row->count && result >= 0; i++) {
        row->work(row->data, i, number);
        result = row->finish(row->data, i);
    }
    return result;
}

/* Finish what is done and next. With the lock, which is left meanwhile. */
static int
finish_done(struct crew *crew, struct task *task)
{
    const struct row *row = task->row;
    int result = 0;

    while (result >= 0 && task->finished < row->count &&
           task->done[task->finished % row->window]) {
        size_t index = task->finished;

        (void)pthread_mutex_unlock(&crew->lock);
        result = row->finish(row->data, index);
        (void)pthread_mutex_lock(&crew->lock);
        task->done[index % row->window] = false;
        task->finished++;
        if (has_work(task))
            wake(crew);
    }
    return result;
}

/* Take the task from wherever it is by now. */
static void
withdraw(struct crew *crew, const struct task *task)
{
    struct task **link = &crew->top;

    while (*link && *link != task)
        link = &(*link)->below;
    assert(*link);
    *link = task->below;
}

static void
add_task(struct crew *crew, struct task *task)
{
    (void)pthread_cond_init(&task->progress, NULL);
    task->below = crew->top;
    crew->top = task;
    wake(crew);
}

/* Wait for progress; meanwhile help those that are further inside. */
static void
wait_for(struct crew *crew, struct task *task, size_t number)
{
    struct task *other = find_work(crew, task);

    if (other) {
        take(crew, other, number);
        return;
    }
    task->waiting = true;
    (void)pthread_cond_wait(&task->progress, &crew->lock);
    task->waiting = false;
}

static struct task *
new_task(const struct row *row)
{
    struct task *task = xcalloc(1, sizeof(*task));

    task->row = row;
    task->done = xcalloc(row->window, sizeof(*task->done));
    return task;
}

static void
free_task(struct task *task)
{
    (void)pthread_cond_destroy(&task->progress);
    free(task->done);
    free(task);
}

int
crew_run(struct crew *crew, const struct row *row)
{
    const size_t number = own_number(crew);
    struct task *task;
    int result = 0;

    assert(row->grain && row->window);
    if (crew_size(crew) == 1 || row->count < 2)
        return run_alone(crew, row);
    task = new_task(row);
    (void)pthread_mutex_lock(&crew->lock);
    add_task(crew, task);
    while (result >= 0 && task->finished < row->count) {
        if (task->done[task->finished % row->window])
            result = finish_done(crew, task);
        else if (has_work(task))
            take(crew, task, number);
        else
            wait_for(crew, task, number);
    }
    task->stopped = true;
    while (task->busy)
        (void)pthread_cond_wait(&task->progress, &crew->lock);
    withdraw(crew, task);
    (void)pthread_mutex_unlock(&crew->lock);
    free_task(task);
    return result;
}

/* Items of crew_try() that a thread takes at a time, and that may wait. */
#define TRY_GRAIN 16
#define TRY_WINDOW 256

struct outcome {
    int result;
    struct error error;
};

struct attempts {
    attempt *try;
    void *data;
    struct error *error;
    struct outcome outcomes[TRY_WINDOW];
};

static void
free_attempts(struct attempts *attempts)
{
    for (size_t i = 0; i < TRY_WINDOW; i++)
        error_clear(&attempts->outcomes[i].error);
}

static void
try_one(void *data, size_t index, size_t thread)
{
    struct attempts *attempts = data;
    struct outcome *outcome = &attempts->outcomes[index % TRY_WINDOW];

    outcome->result =
        attempts->try(attempts->data, index, thread, &outcome->error);
}

static int
tell(void *data, size_t index)
{
    struct attempts *attempts = data;
    struct outcome *outcome = &attempts->outcomes[index % TRY_WINDOW];

    return outcome->result < 0 ? error_take(attempts->error, &outcome->error)
                               : outcome->result;
}

int
crew_try(struct crew *crew, size_t count, attempt *try, void *data,
         struct error *error)
{
    cleanup(free_attempts) struct attempts attempts = {
        .try = try,
        .data = data,
        .error = error,
    };
    const struct row row = {
        .count = count,
        .grain = TRY_GRAIN,
        .window = TRY_WINDOW,
        .data = &attempts,
        .work = try_one,
        .finish = tell,
    };

    return crew_run(crew, &row);
}
