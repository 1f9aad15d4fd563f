// SPDX-License-Identifier: BSD-3-Clause
/*
 * Limits of the basic types; one machine: x86.
 */
#ifndef KPI_MACHINE_LIMITS_H
#define KPI_MACHINE_LIMITS_H

#include <i386/limits.h>

#endif
