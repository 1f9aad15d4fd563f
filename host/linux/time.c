// SPDX-License-Identifier: BSD-3-Clause
/* Clocks, sleep and randomness: the kernel's absolute time is CLOCK_MONOTONIC in nanoseconds. */
#define _GNU_SOURCE
#include "linux.h"
#include <errno.h>
#include <sys/random.h>
#include <time.h>

unsigned long long lx_time_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

void lx_wall_time(unsigned long long *sec, unsigned int *nsec)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    *sec = ts.tv_sec;
    *nsec = ts.tv_nsec;
}

void lx_sleep_ns(unsigned long long ns)
{
    struct timespec ts = {ns / 1000000000, ns % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts) == EINTR)
        ;
}

void lx_random(void *buf, unsigned long size)
{
    unsigned char *p = buf;
    while (size) {
        long n = getrandom(p, size, 0);
        if (n < 0 && errno != EINTR)
            lx_fatal("getrandom failed; a Linux of 3.17 or later is needed");
        if (n > 0) {
            p += n;
            size -= n;
        }
    }
}
