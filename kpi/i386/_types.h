// SPDX-License-Identifier: BSD-3-Clause
/*
 * The machine's basic types for both x86 widths, with the spellings that decide C++ mangling on Darwin: 64-bit
 * integers are long long, sizes are unsigned long. Answers to Apple's i386/_types.h.
 */
#ifndef KPI_I386__TYPES_H
#define KPI_I386__TYPES_H

typedef signed char        __int8_t;
typedef unsigned char      __uint8_t;
typedef short              __int16_t;
typedef unsigned short     __uint16_t;
typedef int                __int32_t;
typedef unsigned int       __uint32_t;
typedef long long          __int64_t;
typedef unsigned long long __uint64_t;

typedef long               __darwin_intptr_t;
typedef unsigned int       __darwin_natural_t;
typedef int                __darwin_ct_rune_t;
#ifdef __LP64__
typedef long               __darwin_ptrdiff_t;
#else
typedef int                __darwin_ptrdiff_t;
#endif
typedef unsigned long      __darwin_size_t;
typedef __builtin_va_list  __darwin_va_list;
typedef int                __darwin_wchar_t;
typedef __darwin_wchar_t   __darwin_rune_t;
typedef int                __darwin_wint_t;
typedef unsigned long      __darwin_clock_t;
typedef __uint32_t         __darwin_socklen_t;
typedef long               __darwin_ssize_t;
typedef long               __darwin_time_t;

#endif
