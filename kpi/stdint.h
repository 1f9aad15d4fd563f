// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fixed-width integers with Darwin's spellings (uint64_t is unsigned long long in both widths). Answers to Apple's
 * stdint.h.
 */
#ifndef KPI_STDINT_H
#define KPI_STDINT_H

#include <machine/types.h>

typedef unsigned char      uint8_t;
typedef unsigned short     uint16_t;
typedef unsigned int       uint32_t;
typedef unsigned long long uint64_t;

typedef int8_t   int_least8_t;
typedef int16_t  int_least16_t;
typedef int32_t  int_least32_t;
typedef int64_t  int_least64_t;
typedef uint8_t  uint_least8_t;
typedef uint16_t uint_least16_t;
typedef uint32_t uint_least32_t;
typedef uint64_t uint_least64_t;
typedef int8_t   int_fast8_t;
typedef int16_t  int_fast16_t;
typedef int32_t  int_fast32_t;
typedef int64_t  int_fast64_t;
typedef uint8_t  uint_fast8_t;
typedef uint16_t uint_fast16_t;
typedef uint32_t uint_fast32_t;
typedef uint64_t uint_fast64_t;

#ifdef __LP64__
typedef long int           intmax_t;
typedef long unsigned int  uintmax_t;
#else
typedef long long          intmax_t;
typedef unsigned long long uintmax_t;
#endif

#define INT8_MAX   127
#define INT16_MAX  32767
#define INT32_MAX  2147483647
#define INT64_MAX  9223372036854775807LL
#define INT8_MIN   (-128)
#define INT16_MIN  (-32768)
#define INT32_MIN  (-INT32_MAX - 1)
#define INT64_MIN  (-INT64_MAX - 1)
#define UINT8_MAX  255
#define UINT16_MAX 65535
#define UINT32_MAX 4294967295U
#define UINT64_MAX 18446744073709551615ULL

#ifdef __LP64__
#define INTPTR_MAX  9223372036854775807L
#define UINTPTR_MAX 18446744073709551615UL
#define SIZE_MAX    18446744073709551615UL
#else
#define INTPTR_MAX  2147483647L
#define UINTPTR_MAX 4294967295UL
#define SIZE_MAX    4294967295UL
#endif
#define INTPTR_MIN (-INTPTR_MAX - 1)

#define INT8_C(v)   (v)
#define INT16_C(v)  (v)
#define INT32_C(v)  (v)
#define INT64_C(v)  (v##LL)
#define UINT8_C(v)  (v)
#define UINT16_C(v) (v)
#define UINT32_C(v) (v##U)
#define UINT64_C(v) (v##ULL)

#endif
