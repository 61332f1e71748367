/*
 * fitting.h - a domain that is to be converted, and what fit_check() says of
 * it.
 */
#ifndef FITTING_H
#define FITTING_H

#include "bench.h"

#include "../../migrate/fit.h"

/* Domain d, what is known of it, and what is to be done with it. */
struct fitting {
    struct temp temp;
    struct settings settings;
    struct item item;
    struct reading reading;
    struct error error;
};

static inline void
fitting_make(struct fitting *fitting, enum layout to)
{
    *fitting = (struct fitting){
        .settings = {.to = to, .max_bulk = BULK_FILE_MAX},
        .item = {.name = "d", .action = ACTION_CONVERT, .selected = true},
        .reading = {.domain = {{.fd = -1}, {.fd = -1}}},
    };
    temp_make(&fitting->temp);
}

static inline void
fitting_put(struct fitting *fitting, const char *file, const char *text)
{
    (void)mkdirat(fitting->temp.fd, "d", 0700);
    fitting->item.entry[LAYOUT_LEGACY] = "d";
    put_text(fitting->temp.fd, file, text);
}

static inline void
fitting_put_bulk(struct fitting *fitting, const char *text)
{
    fitting->item.entry[LAYOUT_BULK] = "d.xml";
    put_text(fitting->temp.fd, "d.xml", text);
}

static inline void
fitting_read(struct fitting *fitting)
{
    reading_free(&fitting->reading);
    assert_int_equal(reading_read(&fitting->reading,
                                  &(struct source){.base = fitting->temp.fd,
                                                   .name = fitting->item.name,
                                                   .max_bulk = BULK_FILE_MAX},
                                  fitting->item.entry, &fitting->error),
                     0);
}

static inline int
fitting_check(struct fitting *fitting)
{
    return fit_check(&fitting->reading, NULL, &fitting->item,
                     &fitting->settings, &fitting->error);
}

static inline void
fitting_free(struct fitting *fitting)
{
    reading_free(&fitting->reading);
    error_clear(&fitting->error);
    temp_remove(&fitting->temp);
}

/* Read, check, and find that problem so many times; PART is in its detail. */
static inline void
assert_fits(struct fitting *fitting, enum problem_id id, size_t expected,
            const char *part, const char *of)
{
    const struct problems *problems = &fitting->reading.problems;
    size_t count = 0;

    fitting_read(fitting);
    assert_int_equal(fitting_check(fitting), 0);
    for (size_t i = 0; i < problems->count; i++) {
        if (problems->list[i].id != id)
            continue;
        count++;
        assert_string_equal(problems->list[i].domain, fitting->item.name);
        if (!strstr(problems->list[i].detail, part))
            print_error("of case: %s: %s\n", of, problems->list[i].detail);
        assert_non_null(strstr(problems->list[i].detail, part));
    }
    if (count != expected)
        print_error("of case: %s\n", of);
    assert_int_equal(count, expected);
}

#endif
