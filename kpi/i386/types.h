// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fixed-width and register types of both x86 widths. Answers to Apple's i386/types.h.
 */
#ifndef KPI_I386_TYPES_H
#define KPI_I386_TYPES_H

#include <i386/_types.h>
#include <sys/cdefs.h>

typedef __int8_t           int8_t;
typedef unsigned char      u_int8_t;
typedef __int16_t          int16_t;
typedef unsigned short     u_int16_t;
typedef __int32_t          int32_t;
typedef unsigned int       u_int32_t;
typedef __int64_t          int64_t;
typedef unsigned long long u_int64_t;

#ifdef __LP64__
typedef int64_t register_t;
#else
typedef int32_t register_t;
#endif
typedef __darwin_intptr_t intptr_t;
typedef unsigned long     uintptr_t;

/* Addresses and sizes of a user process of either width. */
typedef u_int64_t user_addr_t;
typedef u_int64_t user_size_t;
typedef int64_t   user_ssize_t;
typedef int64_t   user_long_t;
typedef u_int64_t user_ulong_t;
typedef int64_t   user_time_t;
#define USER_ADDR_NULL          ((user_addr_t)0)
#define CAST_USER_ADDR_T(a_ptr) ((user_addr_t)((uintptr_t)(a_ptr)))

typedef u_int64_t syscall_arg_t;

#endif
