// SPDX-License-Identifier: BSD-3-Clause
/*
 * Clocks and deadlines. Absolute time is mach_absolute_time's unit. Answers to Apple's kern/clock.h.
 */
#ifndef KPI_KERN_CLOCK_H
#define KPI_KERN_CLOCK_H

#include <stdint.h>
#include <mach/mach_types.h>
#include <mach/clock_types.h>
#include <mach/mach_time.h>
#include <kern/kern_types.h>
#include <sys/cdefs.h>

#ifdef __LP64__
typedef unsigned long clock_sec_t;
typedef unsigned int clock_usec_t, clock_nsec_t;
#else
typedef uint32_t clock_sec_t;
typedef uint32_t clock_usec_t, clock_nsec_t;
#endif

__BEGIN_DECLS
/* Calendar: since 1970. System: since boot. */
extern void clock_get_calendar_microtime(clock_sec_t *secs, clock_usec_t *microsecs);
extern void clock_get_calendar_nanotime(clock_sec_t *secs, clock_nsec_t *nanosecs);
extern void clock_get_system_microtime(clock_sec_t *secs, clock_usec_t *microsecs);
extern void clock_get_system_nanotime(clock_sec_t *secs, clock_nsec_t *nanosecs);
extern void clock_timebase_info(mach_timebase_info_t info);
extern void clock_get_uptime(uint64_t *result);
/* interval * scale_factor is in nanoseconds. */
extern void clock_interval_to_deadline(uint32_t interval, uint32_t scale_factor, uint64_t *result);
extern void clock_interval_to_absolutetime_interval(uint32_t interval, uint32_t scale_factor, uint64_t *result);
extern void clock_absolutetime_interval_to_deadline(uint64_t abstime, uint64_t *result);
extern void clock_delay_until(uint64_t deadline);
extern void absolutetime_to_nanoseconds(uint64_t abstime, uint64_t *result);
extern void nanoseconds_to_absolutetime(uint64_t nanoseconds, uint64_t *result);
__END_DECLS

#endif
