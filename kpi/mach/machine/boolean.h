// SPDX-License-Identifier: BSD-3-Clause
/*
 * boolean_t; one machine: x86.
 */
#ifndef KPI_MACH_MACHINE_BOOLEAN_H
#define KPI_MACH_MACHINE_BOOLEAN_H

#include <mach/boolean.h>

#endif
