// SPDX-License-Identifier: BSD-3-Clause
/*
 * What Apple's IOKit/system.h pulls in: the basic types, kernel printing and string functions.
 */
#ifndef KPI_IOKIT_SYSTEM_H
#define KPI_IOKIT_SYSTEM_H

#include <sys/cdefs.h>
#include <stdint.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>
#include <mach/mach_types.h>
#include <mach/kern_return.h>
#include <mach/boolean.h>
#include <mach/mach_time.h>
#include <kern/debug.h>
#include <kern/thread.h>
#include <kern/task.h>
#include <kern/sched_prim.h>
#include <libkern/libkern.h>
#include <libkern/OSByteOrder.h>
#include <string.h>

#endif
