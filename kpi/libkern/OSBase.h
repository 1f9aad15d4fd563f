// SPDX-License-Identifier: BSD-3-Clause
/*
 * What every libkern header includes. Answers to Apple's libkern/OSBase.h.
 */
#ifndef KPI_LIBKERN_OSBASE_H
#define KPI_LIBKERN_OSBASE_H

#include <sys/cdefs.h>
#include <libkern/OSTypes.h>
#include <stdint.h>
#include <stddef.h>

/* An AbsoluteTime of either kind as a plain number, and its address as that of one. */
OS_INLINE uint64_t __OSAbsoluteTime(AbsoluteTime abstime)
{
    union {
        AbsoluteTime t;
        uint64_t u;
    } c;

    c.t = abstime;
    return c.u;
}
OS_INLINE uint64_t *__OSAbsoluteTimePtr(AbsoluteTime *abstime)
{
    return (uint64_t *)(void *)abstime;
}

#define AbsoluteTime_to_scalar(x)        (*(uint64_t *)(x))
#define CMP_ABSOLUTETIME(t1, t2)                                                                                       \
    (AbsoluteTime_to_scalar(t1) > AbsoluteTime_to_scalar(t2)   ? (int)+1                                               \
     : AbsoluteTime_to_scalar(t1) < AbsoluteTime_to_scalar(t2) ? (int)-1                                               \
                                                               : 0)
#define ADD_ABSOLUTETIME(t1, t2)         (AbsoluteTime_to_scalar(t1) += AbsoluteTime_to_scalar(t2))
#define SUB_ABSOLUTETIME(t1, t2)         (AbsoluteTime_to_scalar(t1) -= AbsoluteTime_to_scalar(t2))
#define ADD_ABSOLUTETIME_TICKS(t1, ticks) (AbsoluteTime_to_scalar(t1) += (int32_t)(ticks))

#endif
