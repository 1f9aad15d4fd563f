// SPDX-License-Identifier: BSD-3-Clause
/*
 * Clocks, sleeping and busy waiting (kern/clock.h, sys/time.h, IOLib.h; Apple: osfmk/kern/clock.c,
 * i386/rtclock.c, bsd/kern/kern_time.c). Absolute time is nanoseconds since Linux booted, so every conversion
 * is the identity, as on any Mac with an x86_64 kernel.
 */
#include <stddef.h>
#include <stdint.h>
#include <kern/clock.h>
#include <kern/debug.h>
#include <kern/sched_prim.h>
#include <sys/time.h>
#include <IOKit/IOLib.h>
#include "internal.h"

enum { SPIN_BELOW_NS = 50000 }; /* Linux's shortest sleep is about that long */
#define SEC 1000000000ull

uint64_t mach_absolute_time(void)
{
    return lx_time_ns();
}

void clock_get_uptime(uint64_t *out)
{
    *out = lx_time_ns();
}

void absolutetime_to_nanoseconds(uint64_t abstime, uint64_t *out)
{
    *out = abstime;
}

void nanoseconds_to_absolutetime(uint64_t ns, uint64_t *out)
{
    *out = ns;
}

void clock_timebase_info(mach_timebase_info_t info)
{
    info->numer = info->denom = 1;
}

void clock_interval_to_absolutetime_interval(uint32_t interval, uint32_t scale, uint64_t *out)
{
    *out = (uint64_t)interval * scale;
}

void clock_interval_to_deadline(uint32_t interval, uint32_t scale, uint64_t *out)
{
    *out = lx_time_ns() + (uint64_t)interval * scale;
}

void clock_absolutetime_interval_to_deadline(uint64_t abstime, uint64_t *out)
{
    *out = lx_time_ns() + abstime;
}

void clock_get_system_nanotime(clock_sec_t *sec, clock_nsec_t *nsec)
{
    uint64_t now = lx_time_ns();
    *sec = (clock_sec_t)(now / SEC);
    *nsec = (clock_nsec_t)(now % SEC);
}

void clock_get_system_microtime(clock_sec_t *sec, clock_usec_t *usec)
{
    clock_nsec_t nsec;
    clock_get_system_nanotime(sec, &nsec);
    *usec = nsec / 1000;
}

void clock_get_calendar_nanotime(clock_sec_t *sec, clock_nsec_t *nsec)
{
    unsigned long long s;
    lx_wall_time(&s, nsec);
    *sec = (clock_sec_t)s;
}

void clock_get_calendar_microtime(clock_sec_t *sec, clock_usec_t *usec)
{
    clock_nsec_t nsec;
    clock_get_calendar_nanotime(sec, &nsec);
    *usec = nsec / 1000;
}

void IOGetTime(mach_timespec_t *out)
{
    clock_sec_t sec;
    clock_nsec_t nsec;
    clock_get_system_nanotime(&sec, &nsec);
    out->tv_sec = (unsigned int)sec;
    out->tv_nsec = (clock_res_t)nsec;
}

mach_timespec_t IOZeroTvalspec = {0, 0};

/* ---- BSD ----------------------------------------------------------------------------------------------- */
void microtime(struct timeval *tv)
{
    clock_sec_t sec;
    clock_usec_t usec;
    clock_get_calendar_microtime(&sec, &usec);
    tv->tv_sec = sec;
    tv->tv_usec = usec;
}

void microuptime(struct timeval *tv)
{
    clock_sec_t sec;
    clock_usec_t usec;
    clock_get_system_microtime(&sec, &usec);
    tv->tv_sec = sec;
    tv->tv_usec = usec;
}

void nanotime(struct timespec *ts)
{
    clock_sec_t sec;
    clock_nsec_t nsec;
    clock_get_calendar_nanotime(&sec, &nsec);
    ts->tv_sec = sec;
    ts->tv_nsec = nsec;
}

void nanouptime(struct timespec *ts)
{
    clock_sec_t sec;
    clock_nsec_t nsec;
    clock_get_system_nanotime(&sec, &nsec);
    ts->tv_sec = sec;
    ts->tv_nsec = nsec;
}

void timevalfix(struct timeval *t)
{
    if (t->tv_usec < 0) {
        t->tv_sec--;
        t->tv_usec += 1000000;
    }
    if (t->tv_usec >= 1000000) {
        t->tv_sec++;
        t->tv_usec -= 1000000;
    }
}

void timevaladd(struct timeval *to, struct timeval *from)
{
    to->tv_sec += from->tv_sec;
    to->tv_usec += from->tv_usec;
    timevalfix(to);
}

void timevalsub(struct timeval *to, struct timeval *from)
{
    to->tv_sec -= from->tv_sec;
    to->tv_usec -= from->tv_usec;
    timevalfix(to);
}

uint64_t tvtoabstime(struct timeval *tv)
{
    return (uint64_t)tv->tv_sec * SEC + (uint64_t)tv->tv_usec * 1000;
}

/* ---- waiting ------------------------------------------------------------------------------------------- */
/* Allowed in interrupts, so it must not block; a Linux thread may sleep through the longer ones all the same.
 */
static void delay_until(uint64_t deadline)
{
    uint64_t now;
    while ((now = lx_time_ns()) < deadline) {
        if (deadline - now > SPIN_BELOW_NS)
            lx_sleep_ns(deadline - now - SPIN_BELOW_NS);
        else
            __builtin_ia32_pause();
    }
}

void clock_delay_until(uint64_t deadline)
{
    delay_until(deadline);
}

void IODelay(unsigned microseconds)
{
    delay_until(lx_time_ns() + microseconds * 1000ull);
}

void IOPause(unsigned nanoseconds)
{
    delay_until(lx_time_ns() + nanoseconds);
}

void delay(int microseconds)
{
    if (microseconds > 0)
        IODelay(microseconds);
}

void delay_for_interval(uint32_t interval, uint32_t scale)
{
    delay_until(lx_time_ns() + (uint64_t)interval * scale);
}

static void sleep_ns(uint64_t ns)
{
    mach_assert_may_block("IOSleep");
    lx_sleep_ns(ns);
}

void IOSleep(unsigned milliseconds)
{
    sleep_ns(milliseconds * 1000000ull);
}

void IOSleepWithLeeway(unsigned milliseconds, unsigned leeway)
{
    sleep_ns(milliseconds * 1000000ull);
}
