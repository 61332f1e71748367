/*
 * session.h - one run of virt-snapshot-migrate: open and lock what is needed,
 * plan, repair, convert, and say what came of it. Called by main() only, for
 * which it prints.
 */
#ifndef SESSION_H
#define SESSION_H

#include "../verify/program.h"
#include "plan.h"

#define PROGRAM "virt-snapshot-migrate"

/* The command line; the strings are popt's. */
struct options {
    struct choice common;
    struct settings settings;
    char *output_dir;
    char *backup_dir;
    char *merge;
    char *repair;
    char *transform;
    int export;
    int dry_run;
    int allow_running;
    int syslog;
};

/* Run, on the directory NAMED or the default one. Returns the exit status. */
int session_run(const struct options *options, const char *named);

#endif
