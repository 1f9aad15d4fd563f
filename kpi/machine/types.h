// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fixed-width and register types; one machine: x86.
 */
#ifndef KPI_MACHINE_TYPES_H
#define KPI_MACHINE_TYPES_H

#include <i386/types.h>

#endif
