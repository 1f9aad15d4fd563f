// SPDX-License-Identifier: BSD-3-Clause
/*
 * Limits of the basic types in both x86 widths. Answers to Apple's i386/limits.h.
 */
#ifndef KPI_I386_LIMITS_H
#define KPI_I386_LIMITS_H

#define CHAR_BIT   8
#define SCHAR_MAX  127
#define SCHAR_MIN  (-128)
#define UCHAR_MAX  255
#define CHAR_MAX   127
#define CHAR_MIN   (-128)
#define SHRT_MAX   32767
#define SHRT_MIN   (-32768)
#define USHRT_MAX  65535
#define INT_MAX    2147483647
#define INT_MIN    (-2147483647 - 1)
#define UINT_MAX   0xffffffffu
#ifdef __LP64__
#define LONG_MAX   0x7fffffffffffffffl
#define ULONG_MAX  0xfffffffffffffffful
#define LONG_BIT   64
#else
#define LONG_MAX   2147483647l
#define ULONG_MAX  0xfffffffful
#define LONG_BIT   32
#endif
#define LONG_MIN   (-LONG_MAX - 1)
#define LLONG_MAX  0x7fffffffffffffffll
#define LLONG_MIN  (-LLONG_MAX - 1)
#define ULLONG_MAX 0xffffffffffffffffull
#define WORD_BIT   32
#define SIZE_T_MAX ULONG_MAX
#define SSIZE_MAX  LONG_MAX
#define UQUAD_MAX  ULLONG_MAX
#define QUAD_MAX   LLONG_MAX
#define QUAD_MIN   LLONG_MIN
#define CLK_TCK    100
#define MB_LEN_MAX 6

#endif
