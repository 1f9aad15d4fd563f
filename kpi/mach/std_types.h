// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mach's standard names. Answers to Apple's mach/std_types.h.
 */
#ifndef KPI_MACH_STD_TYPES_H
#define KPI_MACH_STD_TYPES_H

#include <stdint.h>
#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/port.h>
#include <mach/vm_types.h>
#include <sys/_types.h>

typedef __darwin_uuid_t uuid_t;

#endif
