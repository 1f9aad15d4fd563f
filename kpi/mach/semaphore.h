// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mach semaphores. Answers to Apple's mach/semaphore.h.
 */
#ifndef KPI_MACH_SEMAPHORE_H
#define KPI_MACH_SEMAPHORE_H

#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <mach/sync_policy.h>
#include <sys/cdefs.h>

__BEGIN_DECLS
extern kern_return_t semaphore_signal(semaphore_t semaphore);
extern kern_return_t semaphore_signal_all(semaphore_t semaphore);
extern kern_return_t semaphore_wait(semaphore_t semaphore);
extern kern_return_t semaphore_wait_deadline(semaphore_t semaphore, uint64_t deadline); /* from 10.6 */
extern kern_return_t semaphore_wait_noblock(semaphore_t semaphore);                     /* from 10.6 */
extern kern_return_t semaphore_create(task_t task, semaphore_t *semaphore, int policy, int value);
extern kern_return_t semaphore_destroy(task_t task, semaphore_t semaphore);
__END_DECLS

#endif
