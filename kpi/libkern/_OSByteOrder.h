// SPDX-License-Identifier: BSD-3-Clause
/*
 * Byte swaps under the names that sys/_endian.h builds on.
 */
#ifndef KPI_LIBKERN__OSBYTEORDER_H
#define KPI_LIBKERN__OSBYTEORDER_H

#include <sys/_types.h>

#define __DARWIN_OSSwapInt16(x) ((__uint16_t)__builtin_bswap16((__uint16_t)(x)))
#define __DARWIN_OSSwapInt32(x) ((__uint32_t)__builtin_bswap32((__uint32_t)(x)))
#define __DARWIN_OSSwapInt64(x) ((__uint64_t)__builtin_bswap64((__uint64_t)(x)))

#endif
