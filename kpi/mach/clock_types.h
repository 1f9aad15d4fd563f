// SPDX-License-Identifier: BSD-3-Clause
/*
 * Clocks and their time values. Answers to Apple's mach/clock_types.h.
 */
#ifndef KPI_MACH_CLOCK_TYPES_H
#define KPI_MACH_CLOCK_TYPES_H

#include <stdint.h>

typedef int alarm_type_t;
typedef int sleep_type_t;
typedef int clock_id_t;
typedef int clock_flavor_t;
typedef int *clock_attr_t;
typedef int clock_res_t;

typedef struct mach_timespec {
    unsigned int tv_sec;
    clock_res_t tv_nsec;
} mach_timespec_t;

#define REALTIME_CLOCK 0
#define SYSTEM_CLOCK   0
#define CALENDAR_CLOCK 1
#define NSEC_PER_USEC 1000ull
#define NSEC_PER_MSEC 1000000ull
#define USEC_PER_SEC 1000000ull
#define NSEC_PER_SEC 1000000000ull
#define TIME_ABSOLUTE 0
#define TIME_RELATIVE 1
#define ALRMTYPE      255

#endif
