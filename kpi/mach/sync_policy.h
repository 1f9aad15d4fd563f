// SPDX-License-Identifier: BSD-3-Clause
/*
 * Order in which waiters of a semaphore are served. Answers to Apple's mach/sync_policy.h.
 */
#ifndef KPI_MACH_SYNC_POLICY_H
#define KPI_MACH_SYNC_POLICY_H



#endif
