// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mach's machine words; one machine: x86.
 */
#ifndef KPI_MACH_MACHINE_VM_TYPES_H
#define KPI_MACH_MACHINE_VM_TYPES_H

#include <mach/i386/vm_types.h>

#endif
