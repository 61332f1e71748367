/*
 * crew.h - threads that share the work on a row of items.
 *
 * Any thread works on an item, in any order; the thread that called crew_run()
 * finishes them, in the order of the row: so what comes out does not depend on
 * how many threads there are. work() may call crew_run() with a row of its own;
 * threads that are idle help with it.
 */
#ifndef CREW_H
#define CREW_H

#include <stddef.h>

struct crew;
struct error;

/* Threads at most; more than any machine has use for. */
#define CREW_MAX 256

/*
 * JOBS threads, with the one that asks; where the system gives fewer, there are
 * fewer. The caller frees it.
 */
struct crew *crew_new(size_t jobs);
/* Waits for the threads to end; NULL-safe. */
void crew_free(struct crew *crew);

/* How many threads there are; 1 for NULL, which is nobody but the caller. */
size_t crew_size(const struct crew *crew);

/* How many processors this process may use. */
size_t crew_processors(void);

/* A row of items. */
struct row {
    size_t count;
    size_t grain;  /* items that a thread takes at a time, 1 or more */
    size_t window; /* items that may be begun before the first is finished */
    void *data;
    /* THREAD is below crew_size() and that of no other item in work. */
    void (*work)(void *data, size_t index, size_t thread);
    /* Below 0: no more items are begun. */
    int (*finish)(void *data, size_t index);
};

/* Work on all. Returns what finish() returned last; 0 if there are none. */
int crew_run(struct crew *crew, const struct row *row);

/* What may fail, with an error. */
typedef int attempt(void *data, size_t index, size_t thread,
                    struct error *error);

/*
 * Try all of COUNT. -1: one failed, with the error of the first; some behind it
 * may have been done.
 */
int crew_try(struct crew *crew, size_t count, attempt *try, void *data,
             struct error *error);

#endif
