// SPDX-License-Identifier: BSD-3-Clause
/*
 * Page size; one machine: x86.
 */
#ifndef KPI_MACH_MACHINE_VM_PARAM_H
#define KPI_MACH_MACHINE_VM_PARAM_H

#include <mach/i386/vm_param.h>

#endif
