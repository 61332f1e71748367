/*
 * measure: run a command; how long it takes, and the memory that it needs.
 *
 *     measure FILE COMMAND [ARGUMENT...]
 *
 * Writes to FILE: seconds, KiB of resident memory at the peak of it or of one
 * of its children, exit status. The kernel counts the memory of the process
 * that forks as the child's, so this one has to be small: a script cannot do
 * it. Exit status 98: trouble in the harness itself, explained on standard
 * error.
 */
#define _GNU_SOURCE 1

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TROUBLE 98

int
main(int argc, char **argv)
{
    struct timespec start, end;
    struct rusage usage;
    FILE *file;
    double seconds;
    int status;
    pid_t pid;

    if (argc < 3) {
        (void)fprintf(stderr, "measure: FILE COMMAND [ARGUMENT...]\n");
        return TROUBLE;
    }
    file = fopen(argv[1], "we");
    if (!file) {
        perror(argv[1]);
        return TROUBLE;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    pid = fork();
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(TROUBLE);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0) {
        perror("measure");
        return TROUBLE;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    seconds = (double)(end.tv_sec - start.tv_sec) +
              (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (fprintf(file, "%.6f %ld %d\n", seconds, usage.ru_maxrss, status) < 0 ||
        fclose(file)) {
        perror(argv[1]);
        return TROUBLE;
    }
    return 0;
}
