// SPDX-License-Identifier: BSD-3-Clause
/*
 * Byte order constants of x86. Answers to Apple's i386/endian.h.
 */
#ifndef KPI_I386_ENDIAN_H
#define KPI_I386_ENDIAN_H

#include <sys/cdefs.h>
#include <sys/_endian.h>

#define __DARWIN_LITTLE_ENDIAN 1234
#define __DARWIN_BIG_ENDIAN    4321
#define __DARWIN_PDP_ENDIAN    3412
#define __DARWIN_BYTE_ORDER    __DARWIN_LITTLE_ENDIAN
#define LITTLE_ENDIAN          __DARWIN_LITTLE_ENDIAN
#define BIG_ENDIAN             __DARWIN_BIG_ENDIAN
#define PDP_ENDIAN             __DARWIN_PDP_ENDIAN
#define BYTE_ORDER             __DARWIN_BYTE_ORDER
#ifndef __LITTLE_ENDIAN__
#define __LITTLE_ENDIAN__ 1
#endif

#endif
