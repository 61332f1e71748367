/*
 * bench.h - a domain of three snapshots in both layouts, and a staging
 * directory to build a copy of it in.
 */
#ifndef BENCH_H
#define BENCH_H

#include "store.h"

#include "../../migrate/build.h"
#include "../../migrate/readback.h"
#include "../../migrate/stage.h"
#include "../../migrate/wanted.h"

/* A domain of three, of which the second is current. */
#define A LEGACY_SNAPSHOT("a", ROOT, "170", "0")
#define B LEGACY_SNAPSHOT("b", CHILD_OF_A, "160", "1")
#define C LEGACY_SNAPSHOT("c", CHILD_OF_B, "180", "0")
#define IN_BULK_A BULK_SNAPSHOT("a", ROOT, "170")
#define IN_BULK_B BULK_SNAPSHOT("b", CHILD_OF_A, "160")
#define IN_BULK_C BULK_SNAPSHOT("c", CHILD_OF_B, "180")
#define BULK BULK_HEAD(" current='b'") IN_BULK_A IN_BULK_B IN_BULK_C BULK_TAIL

/* A domain in BASE, what is wanted of it, and an open staging directory. */
struct bench {
    struct temp temp;
    struct root base;
    struct stage stage;
    enum layout to;
    struct domain source;
    struct wanted wanted;
    struct error error;
};

/* The source is domain d, in the other layout than TO. */
static inline void
bench_set(struct bench *bench, enum layout to)
{
    *bench = (struct bench){.to = to, .wanted = {.facts = {.fd = -1}}};
    temp_make(&bench->temp);
    bench->base = (struct root){.fd = bench->temp.fd, .path = bench->temp.path};
    assert_int_equal(mkdirat(bench->temp.fd, "d", 0700), 0);
    put_text(bench->temp.fd, "d/a.xml", A);
    put_text(bench->temp.fd, "d/b.xml", B);
    put_text(bench->temp.fd, "d/c.xml", C);
    put_text(bench->temp.fd, "d.xml", BULK);
    assert_int_equal(
        stage_open(&bench->stage, &bench->base, true, &bench->error), 1);
}

static inline void
bench_want(struct bench *bench)
{
    cleanup(problems_free) struct problems problems = {0};

    read_domain(&bench->source, !bench->to, bench->temp.fd,
                bench->to == LAYOUT_BULK ? "d" : "d.xml");
    wanted_build(&bench->wanted, &bench->source, NULL, &problems);
    assert_found(&problems, "", "the source");
}

static inline void
bench_make(struct bench *bench, enum layout to)
{
    bench_set(bench, to);
    bench_want(bench);
}

static inline void
bench_free(struct bench *bench)
{
    struct error ignored = {0};

    wanted_free(&bench->wanted);
    domain_free(&bench->source);
    (void)stage_close(&bench->stage, &ignored);
    error_clear(&ignored);
    error_clear(&bench->error);
    temp_remove(&bench->temp);
}

static inline int
bench_dir(const struct bench *bench)
{
    return bench->stage.built[bench->to];
}

/* The copy is called "new". */
static inline int
bench_build(struct bench *bench)
{
    return build_copy(&bench->stage, "new", bench->to, &bench->wanted, NULL,
                      &bench->error);
}

static inline int
bench_prove(struct bench *bench)
{
    const struct source copy = {.base = bench_dir(bench),
                                .name = "d",
                                .entry = "new",
                                .max_bulk = BULK_FILE_MAX};

    return readback_prove(&copy, bench->to, &bench->wanted, &bench->error);
}

#endif
