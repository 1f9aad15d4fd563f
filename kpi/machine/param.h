// SPDX-License-Identifier: BSD-3-Clause
/*
 * Machine parameters; one machine: x86.
 */
#ifndef KPI_MACHINE_PARAM_H
#define KPI_MACHINE_PARAM_H

#include <i386/param.h>

#endif
