// SPDX-License-Identifier: BSD-3-Clause
/*
 * Events and the results of waiting for them. Answers to Apple's kern/kern_types.h.
 */
#ifndef KPI_KERN_KERN_TYPES_H
#define KPI_KERN_KERN_TYPES_H

#include <stdint.h>
#include <mach/mach_types.h>
#include <mach/machine/vm_types.h>

typedef void *event_t;
#define NO_EVENT                ((event_t)0)
typedef uint64_t event64_t;
#define NO_EVENT64              ((event64_t)0)
#define CAST_EVENT64_T(a_ptr)   ((event64_t)((uintptr_t)(a_ptr)))

typedef int wait_result_t;
#define THREAD_WAITING     (-1)
#define THREAD_AWAKENED    0
#define THREAD_TIMED_OUT   1
#define THREAD_INTERRUPTED 2
#define THREAD_RESTART     3
#define THREAD_NOT_WAITING 10

typedef void (*thread_continue_t)(void *, wait_result_t);
#define THREAD_CONTINUE_NULL    ((thread_continue_t)0)

typedef int wait_interrupt_t;
#define THREAD_UNINT         0
#define THREAD_INTERRUPTIBLE 1
#define THREAD_ABORTSAFE     2

typedef int wait_timeout_urgency_t; /* from 10.9 */
#define TIMEOUT_URGENCY_SYS_NORMAL      0x0 /* from 10.9 */
#define TIMEOUT_URGENCY_SYS_CRITICAL    0x1 /* from 10.9 */
#define TIMEOUT_URGENCY_SYS_BACKGROUND  0x2 /* from 10.9 */
#define TIMEOUT_URGENCY_USER_MASK       0x10 /* from 10.9 */
#define TIMEOUT_URGENCY_USER_NORMAL     0x10 /* from 10.9 */
#define TIMEOUT_URGENCY_USER_CRITICAL   0x11 /* from 10.9 */
#define TIMEOUT_URGENCY_USER_BACKGROUND 0x12 /* from 10.9 */
#define TIMEOUT_URGENCY_MASK            0x13 /* from 10.9 */
#define TIMEOUT_URGENCY_LEEWAY          0x20 /* from 10.9 */
#define TIMEOUT_URGENCY_FIRST_AVAIL     0x40 /* from 10.9 */

#endif
