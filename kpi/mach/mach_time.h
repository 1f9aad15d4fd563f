// SPDX-License-Identifier: BSD-3-Clause
/*
 * The machine's time base. Answers to Apple's mach/mach_time.h.
 */
#ifndef KPI_MACH_MACH_TIME_H
#define KPI_MACH_MACH_TIME_H

#include <mach/mach_types.h>
#include <sys/cdefs.h>

struct mach_timebase_info {
    uint32_t numer; /* absolute time * numer / denom = nanoseconds */
    uint32_t denom;
};
typedef struct mach_timebase_info *mach_timebase_info_t;
typedef struct mach_timebase_info mach_timebase_info_data_t;

__BEGIN_DECLS
uint64_t mach_absolute_time(void);
__END_DECLS

#endif
