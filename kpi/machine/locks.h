// SPDX-License-Identifier: BSD-3-Clause
/*
 * Lock types; one machine: x86.
 */
#ifndef KPI_MACHINE_LOCKS_H
#define KPI_MACHINE_LOCKS_H

#include <i386/locks.h>

#endif
