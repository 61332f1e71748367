/*
 * main.c - run a fuzz target where there is no libFuzzer: over files, and over
 * so many mutations of them, the same in every run.
 *
 *     fuzz-NAME [-runs=N] [-seed=N] [-timeout=SECONDS] [-artifact_prefix=P]
 *         FILE|DIRECTORY...
 *
 * The options are those of libFuzzer. An input that ends the process is left in
 * P followed by "crash-NAME".
 */
#include "fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>

#define INPUT_MAX 65536

/* All inputs, and the one that is being tried. */
static struct buffer *inputs;
static size_t input_count;
static struct buffer current;
static char artifact[4096];
static unsigned int most_seconds;

static uint64_t state = 1;

static size_t
below(size_t limit)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (size_t)((state * 0x2545f4914f6cdd1dULL) >> 33) % limit;
}

/* Only what may be called in a handler. */
static void
keep(int number)
{
    int fd = open(artifact, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd >= 0 && write(fd, current.data, current.len) >= 0)
        (void)close(fd);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void
read_input(const char *path)
{
    cleanup(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct buffer input = {0};
    ssize_t got;

    if (fd < 0)
        return;
    buffer_reserve(&input, INPUT_MAX);
    got = read(fd, input.data, INPUT_MAX);
    input.len = got > 0 ? (size_t)got : 0;
    inputs = xgrow(inputs, input_count, sizeof(*inputs));
    inputs[input_count++] = input;
}

static void
read_inputs(const char *path)
{
    struct dirent **list;
    int count = scandir(path, &list, NULL, alphasort);

    if (count < 0) {
        read_input(path);
        return;
    }
    for (int i = 0; i < count; i++) {
        cleanup(free_ptr) char *name =
            xasprintf("%s/%s", path, list[i]->d_name);

        if (list[i]->d_name[0] != '.')
            read_input(name);
        free(list[i]);
    }
    free(list);
}

static void
try(void)
{
    cleanup(free_ptr) char *exact = fuzz_copy(current.data, current.len);

    (void)alarm(most_seconds);
    (void)LLVMFuzzerTestOneInput((const uint8_t *)exact, current.len);
    (void)alarm(0);
}

/* A piece of some input comes in the place of a piece of this one. */
static void
cross(void)
{
    const struct buffer *other = &inputs[below(input_count)];
    struct buffer out = {0};
    size_t from = below(current.len + 1);
    size_t gone = below(current.len - from < 40 ? current.len - from + 1 : 40);
    size_t at = below(other->len + 1);
    size_t more = below(other->len - at < 60 ? other->len - at + 1 : 60);

    buffer_reserve(&out, current.len + more + 1);
    buffer_add(&out, current.data, from);
    buffer_add(&out, other->data + at, more);
    buffer_add(&out, current.data + from + gone, current.len - from - gone);
    buffer_free(&current);
    current = out;
}

static void
mutate(void)
{
    static const char likely[] = "<>&'\"/=![]?-; \n\r\t\0\xff"
                                 "aA01:#x";

    for (size_t n = 1 + below(4); n > 0; n--) {
        if (!current.len || !below(3))
            cross();
        else if (below(2))
            current.data[below(current.len)] = likely[below(sizeof(likely))];
        else
            current.data[below(current.len)] = (char)below(256);
    }
}

static const char *
option(const char *argument, const char *name)
{
    size_t len = strlen(name);

    return strncmp(argument, name, len) ? NULL : argument + len;
}

int
main(int argc, char **argv)
{
    const char *prefix = "", *name = strrchr(argv[0], '/');
    size_t runs = 0, done = 0;

    (void)LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++) {
        const char *text;

        if ((text = option(argv[i], "-runs=")))
            runs = strtoul(text, NULL, 10);
        else if ((text = option(argv[i], "-seed=")))
            state = strtoul(text, NULL, 10) | 1;
        else if ((text = option(argv[i], "-timeout=")))
            most_seconds = (unsigned int)strtoul(text, NULL, 10);
        else if ((text = option(argv[i], "-artifact_prefix=")))
            prefix = text;
        else
            read_inputs(argv[i]);
    }
    (void)snprintf(artifact, sizeof(artifact), "%scrash-%s", prefix,
                   name ? name + 1 : argv[0]);
    (void)signal(SIGABRT, keep);
    (void)signal(SIGSEGV, keep);
    (void)signal(SIGALRM, keep);
    for (; done < input_count; done++) {
        current.len = 0;
        buffer_add(&current, inputs[done].data, inputs[done].len);
        try();
    }
    for (; input_count && done < input_count + runs; done++) {
        const struct buffer *input = &inputs[below(input_count)];

        current.len = 0;
        buffer_add(&current, input->data, input->len);
        mutate();
        try();
    }
    for (size_t i = 0; i < input_count; i++)
        buffer_free(&inputs[i]);
    free(inputs);
    buffer_free(&current);
    (void)printf("Done %zu runs\n", done);
    return 0;
}
