/* calendar.c - see calendar.h. */
#include "calendar.h"

#include <stdio.h>

bool
calendar_utc(long long seconds, char text[CALENDAR_SIZE])
{
    /* The library's gmtime() may count leap seconds, as TZ says. */
    const long long day = 86400, first = -62167219200, last = 253402300799;
    /* 400 years, 100 without a 29 February in the last, 4 of them, one. */
    const int era = 146097, century = 36524, leap = 1461, year = 365;
    int days, clock, years = 0, part, month = 0;

    if (seconds < first || seconds > last)
        return false;
    clock = (int)((seconds - first) % day);
    /* Years from March on: the day that is not always there is the last one. */
    days = (int)((seconds - first) / day) + era - 60;
    years = days / era * 400 - 400;
    days %= era;
    part = days / century < 4 ? days / century : 3;
    years += part * 100;
    days -= part * century;
    years += days / leap * 4;
    days %= leap;
    part = days / year < 4 ? days / year : 3;
    years += part;
    days -= part * year;
    /* Five months from March on have 153 days, as the next five. */
    month = (5 * days + 2) / 153;
    days -= (153 * month + 2) / 5;
    years += month >= 10;
    month += month < 10 ? 3 : -9;
    (void)snprintf(text, CALENDAR_SIZE, "%04u-%02u-%02uT%02u:%02u:%02uZ",
                   (unsigned int)years % 10000, (unsigned int)month % 100,
                   (unsigned int)(days + 1) % 100,
                   (unsigned int)clock / 3600 % 100,
                   (unsigned int)clock / 60 % 60, (unsigned int)clock % 60);
    return true;
}
