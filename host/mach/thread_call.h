// SPDX-License-Identifier: BSD-3-Clause
/* thread_call's forms without a thread_call_t (Apple's private kern/thread_call.h; exported on i386). */
#ifndef HOST_MACH_THREAD_CALL_H
#define HOST_MACH_THREAD_CALL_H
#include <kern/thread_call.h>

__BEGIN_DECLS
void thread_call_func(thread_call_func_t func, thread_call_param_t param, boolean_t unique_call);
void thread_call_func_delayed(thread_call_func_t func, thread_call_param_t param, uint64_t deadline);
boolean_t thread_call_func_cancel(thread_call_func_t func, thread_call_param_t param, boolean_t cancel_all);
boolean_t thread_call_is_delayed(thread_call_t call, uint64_t *deadline);
__END_DECLS
#endif
