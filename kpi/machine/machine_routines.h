// SPDX-License-Identifier: BSD-3-Clause
/*
 * Machine layer; one machine: x86.
 */
#ifndef KPI_MACHINE_MACHINE_ROUTINES_H
#define KPI_MACHINE_MACHINE_ROUTINES_H

#include <i386/machine_routines.h>

#endif
