// SPDX-License-Identifier: BSD-3-Clause
/*
 * Host and network byte order (the host is little-endian). Answers to Apple's sys/_endian.h.
 */
#ifndef KPI_SYS__ENDIAN_H
#define KPI_SYS__ENDIAN_H

#include <libkern/_OSByteOrder.h>

#define ntohs(x) __DARWIN_OSSwapInt16(x)
#define htons(x) __DARWIN_OSSwapInt16(x)
#define ntohl(x) __DARWIN_OSSwapInt32(x)
#define htonl(x) __DARWIN_OSSwapInt32(x)
#define NTOHL(x) (x) = ntohl((__uint32_t)(x))
#define NTOHS(x) (x) = ntohs((__uint16_t)(x))
#define HTONL(x) (x) = htonl((__uint32_t)(x))
#define HTONS(x) (x) = htons((__uint16_t)(x))

#endif
