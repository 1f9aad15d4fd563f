// SPDX-License-Identifier: BSD-3-Clause
/*
 * Tasks; a driver knows the kernel's and the current one. Answers to Apple's kern/task.h.
 */
#ifndef KPI_KERN_TASK_H
#define KPI_KERN_TASK_H

#include <mach/mach_types.h>
#include <kern/kern_types.h>
#include <sys/cdefs.h>

__BEGIN_DECLS
extern task_t current_task(void);
extern void task_reference(task_t task);
extern void task_deallocate(task_t task);
extern task_t kernel_task;
__END_DECLS

#endif
