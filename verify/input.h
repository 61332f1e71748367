/*
 * input.h - read a file that the user named on the command line: an earlier
 * report, a stylesheet.
 *
 * Unlike what lies below BASE it may be reached through links, and may be a
 * pipe, as the shell makes them; but never a device, and never without a bound.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stddef.h>

struct buffer;
struct error;

/*
 * Append all of the file, at most MAX bytes, to the buffer, which is empty and
 * stays so on failure. -1: it cannot be read, or is larger.
 */
int input_read(const char *path, size_t max, struct buffer *bytes,
               struct error *error);

#endif
