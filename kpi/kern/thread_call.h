// SPDX-License-Identifier: BSD-3-Clause
/*
 * Deferred functions on kernel threads. Answers to Apple's kern/thread_call.h.
 */
#ifndef KPI_KERN_THREAD_CALL_H
#define KPI_KERN_THREAD_CALL_H

#include <mach/mach_types.h>
#include <kern/clock.h>
#include <sys/cdefs.h>

struct thread_call;
typedef struct thread_call *thread_call_t;
typedef void *thread_call_param_t;
typedef void (*thread_call_func_t)(thread_call_param_t param0, thread_call_param_t param1);

typedef enum {
    THREAD_CALL_PRIORITY_HIGH   = 0, /* from 10.8 */
    THREAD_CALL_PRIORITY_KERNEL = 1, /* from 10.8 */
    THREAD_CALL_PRIORITY_USER   = 2, /* from 10.8 */
    THREAD_CALL_PRIORITY_LOW    = 3, /* from 10.8 */
} thread_call_priority_t; /* from 10.8 */

__BEGIN_DECLS
extern thread_call_t thread_call_allocate(thread_call_func_t func, thread_call_param_t param0);
extern boolean_t thread_call_free(thread_call_t call);   /* FALSE: still pending, not freed */
/* TRUE: the call was already pending. deadline in absolute time. Any context. */
extern boolean_t thread_call_enter(thread_call_t call);
extern boolean_t thread_call_enter1(thread_call_t call, thread_call_param_t param1);
extern boolean_t thread_call_enter_delayed(thread_call_t call, uint64_t deadline);
extern boolean_t thread_call_enter1_delayed(thread_call_t call, thread_call_param_t param1, uint64_t deadline);
extern boolean_t thread_call_cancel(thread_call_t call); /* TRUE: it was pending and will not run */
/* From 10.8 (weak use). */
extern thread_call_t thread_call_allocate_with_priority(thread_call_func_t func, thread_call_param_t param0,
                                                        thread_call_priority_t pri);
extern boolean_t thread_call_cancel_wait(thread_call_t call);
__END_DECLS

#endif
