// SPDX-License-Identifier: BSD-3-Clause
/*
 * Kernel trace points: compiled away. Answers to the part of Apple's sys/kdebug.h that drivers name.
 */
#ifndef KPI_SYS_KDEBUG_H
#define KPI_SYS_KDEBUG_H

#include <stdint.h>
#include <sys/cdefs.h>
#include <mach/clock_types.h>

#define DBG_FUNC_START 1
#define DBG_FUNC_END   2
#define DBG_FUNC_NONE  0

#define KDBG_CODE(Class, SubClass, code) ((((Class)&0xff) << 24) | (((SubClass)&0xff) << 16) | (((code)&0x3fff) << 2))
#define DRVDBG_CODE(SubClass, code)      KDBG_CODE(DBG_DRIVERS, SubClass, code)
#define KERNEL_DEBUG(x, a, b, c, d, e)          do { } while (0)
#define KERNEL_DEBUG_CONSTANT(x, a, b, c, d, e) do { } while (0)

#endif
