// SPDX-License-Identifier: BSD-3-Clause
/*
 * Assertions, checked only in builds with MACH_ASSERT. Answers to Apple's kern/assert.h.
 */
#ifndef KPI_KERN_ASSERT_H
#define KPI_KERN_ASSERT_H

#include <kern/debug.h>

#if MACH_ASSERT
__BEGIN_DECLS
extern void Assert(const char *file, int line, const char *expression);
__END_DECLS
#define assert(ex) ((ex) ? (void)0 : Assert(__FILE__, __LINE__, #ex))
#define assert_static(x) assert(x)
#else
#define assert(ex)       ((void)0)
#define assert_static(ex)
#endif

#endif
