// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiting for an event and waking its waiters. Answers to Apple's kern/sched_prim.h.
 */
#ifndef KPI_KERN_SCHED_PRIM_H
#define KPI_KERN_SCHED_PRIM_H

#include <mach/mach_types.h>
#include <kern/clock.h>
#include <kern/kern_types.h>
#include <kern/thread.h>
#include <sys/cdefs.h>

__BEGIN_DECLS
/* assert_wait announces, thread_block sleeps; an event between the two is not lost. deadline in absolute time. */
extern wait_result_t assert_wait(event_t event, wait_interrupt_t interruptible);
extern wait_result_t assert_wait_timeout(event_t event, wait_interrupt_t interruptible, uint32_t interval,
                                         uint32_t scale_factor);
extern wait_result_t assert_wait_deadline(event_t event, wait_interrupt_t interruptible, uint64_t deadline);
extern wait_result_t thread_block(thread_continue_t continuation);
extern wait_result_t thread_block_parameter(thread_continue_t continuation, void *parameter);
extern kern_return_t thread_wakeup_prim(event_t event, boolean_t one_thread, wait_result_t result);
extern boolean_t preemption_enabled(void);
__END_DECLS

#define thread_wakeup(x)                thread_wakeup_prim((x), FALSE, THREAD_AWAKENED)
#define thread_wakeup_with_result(x, z) thread_wakeup_prim((x), FALSE, (z))
#define thread_wakeup_one(x)            thread_wakeup_prim((x), TRUE, THREAD_AWAKENED)

#endif
