// SPDX-License-Identifier: BSD-3-Clause
/*
 * Page size of x86. Answers to Apple's mach/i386/vm_param.h.
 */
#ifndef KPI_MACH_I386_VM_PARAM_H
#define KPI_MACH_I386_VM_PARAM_H

#include <sys/cdefs.h>

#define BYTE_SIZE  8
#define PAGE_SHIFT 12
#define PAGE_SIZE  4096
#define PAGE_MASK  (PAGE_SIZE - 1)

#endif
