/*
 * beneath.h - open what a path names in a system that is mounted somewhere: its
 * links and ".." stay inside of it. Opens only what it is asked for; follows
 * links by hand where the kernel has no openat2() (Linux before 5.6).
 */
#ifndef BENEATH_H
#define BENEATH_H

/*
 * Open PATH, which begins at the directory ROOT, with FLAGS, which create
 * nothing. -1 and errno.
 */
int beneath_open(int root, const char *path, int flags);

/* The same by hand. */
int beneath_walk(int root, const char *path, int flags);

#endif
