// SPDX-License-Identifier: BSD-3-Clause
/*
 * Answers to Apple's device/device_types.h: the types that IOKit/IOTypes.h takes from it.
 */
#ifndef KPI_DEVICE_DEVICE_TYPES_H
#define KPI_DEVICE_DEVICE_TYPES_H

#include <mach/mach_types.h>
#include <mach/std_types.h>

typedef char *io_buf_ptr_t;

#endif
