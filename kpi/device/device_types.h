// SPDX-License-Identifier: BSD-3-Clause
/*
 * Answers to Apple's device/device_types.h: the types that I/O Kit's headers take from it.
 */
#ifndef KPI_DEVICE_DEVICE_TYPES_H
#define KPI_DEVICE_DEVICE_TYPES_H

#include <mach/mach_types.h>
#include <mach/std_types.h>
#include <stdint.h>

typedef char *io_buf_ptr_t;
typedef uint64_t io_user_reference_t;

#endif
