// SPDX-License-Identifier: BSD-3-Clause
/*
 * Backtraces. Answers to Apple's libkern/OSDebug.h.
 */
#ifndef KPI_LIBKERN_OSDEBUG_H
#define KPI_LIBKERN_OSDEBUG_H

#include <sys/cdefs.h>
#include <mach/mach_types.h>

__BEGIN_DECLS
extern void OSReportWithBacktrace(const char *str, ...) __printflike(1, 2);
extern unsigned OSBacktrace(void **bt, unsigned maxAddrs); /* number of return addresses stored */
vm_offset_t OSKernelStackRemaining(void);                  /* bytes; from 10.6 */
__END_DECLS

#endif
