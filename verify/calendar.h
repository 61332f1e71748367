/*
 * calendar.h - a creation time for people: ISO 8601 in UTC, the same on every
 * machine. Pure functions.
 */
#ifndef CALENDAR_H
#define CALENDAR_H

#include <stdbool.h>

#define CALENDAR_SIZE sizeof("0000-00-00T00:00:00Z")

/*
 * SECONDS since 1970 as "2026-01-31T12:00:00Z", written to TEXT. False where
 * the year would not be one of 0000 to 9999.
 */
bool calendar_utc(long long seconds, char text[CALENDAR_SIZE]);

#endif
