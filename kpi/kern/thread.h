// SPDX-License-Identifier: BSD-3-Clause
/*
 * Kernel threads. Answers to Apple's kern/thread.h.
 */
#ifndef KPI_KERN_THREAD_H
#define KPI_KERN_THREAD_H

#include <mach/mach_types.h>
#include <kern/kern_types.h>
#include <sys/cdefs.h>

__BEGIN_DECLS
extern thread_t current_thread(void);
extern void thread_reference(thread_t thread);
extern void thread_deallocate(thread_t thread);
/* The new thread runs continuation(parameter, THREAD_AWAKENED); the caller owns one reference to it. */
extern kern_return_t kernel_thread_start(thread_continue_t continuation, void *parameter, thread_t *new_thread);
extern kern_return_t thread_terminate(thread_t thread);
__END_DECLS

#endif
