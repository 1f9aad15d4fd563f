// SPDX-License-Identifier: BSD-3-Clause
/*
 * Byte order; one machine: x86.
 */
#ifndef KPI_MACHINE_ENDIAN_H
#define KPI_MACHINE_ENDIAN_H

#include <i386/endian.h>

#endif
