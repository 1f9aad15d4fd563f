// SPDX-License-Identifier: BSD-3-Clause
/*
 * Time values. Answers to Apple's sys/time.h.
 */
#ifndef KPI_SYS_TIME_H
#define KPI_SYS_TIME_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <stdint.h>

struct timespec {
    __darwin_time_t tv_sec;
    long tv_nsec;
};
struct timeval {
    __darwin_time_t tv_sec;
    __darwin_suseconds_t tv_usec;
};
#ifdef __LP64__
struct timeval32 {
    __int32_t tv_sec;
    __int32_t tv_usec;
};
#endif
struct itimerval {
    struct timeval it_interval;
    struct timeval it_value;
};

#define TIMEVAL_TO_TIMESPEC(tv, ts) ((ts)->tv_sec = (tv)->tv_sec, (ts)->tv_nsec = (tv)->tv_usec * 1000)
#define TIMESPEC_TO_TIMEVAL(tv, ts) ((tv)->tv_sec = (ts)->tv_sec, (tv)->tv_usec = (ts)->tv_nsec / 1000)
#define timerclear(tvp)             (tvp)->tv_sec = (tvp)->tv_usec = 0
#define timerisset(tvp)             ((tvp)->tv_sec || (tvp)->tv_usec)
#define timercmp(tvp, uvp, cmp)                                                                                        \
    (((tvp)->tv_sec == (uvp)->tv_sec) ? ((tvp)->tv_usec cmp(uvp)->tv_usec) : ((tvp)->tv_sec cmp(uvp)->tv_sec))

__BEGIN_DECLS
/* Calendar time; the *up* functions: since boot. Any context. */
void microtime(struct timeval *tv);
void microuptime(struct timeval *tv);
void nanotime(struct timespec *ts);
void nanouptime(struct timespec *ts);
#define getmicrotime(a)   microtime(a)
#define getmicrouptime(a) microuptime(a)
#define getnanotime(a)    nanotime(a)
#define getnanouptime(a)  nanouptime(a)
void timevaladd(struct timeval *t1, struct timeval *t2);
void timevalsub(struct timeval *t1, struct timeval *t2);
void timevalfix(struct timeval *t1);
__END_DECLS

#endif
