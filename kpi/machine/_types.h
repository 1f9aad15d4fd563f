// SPDX-License-Identifier: BSD-3-Clause
/*
 * The machine's basic types; one machine: x86.
 */
#ifndef KPI_MACHINE__TYPES_H
#define KPI_MACHINE__TYPES_H

#include <i386/_types.h>

#endif
