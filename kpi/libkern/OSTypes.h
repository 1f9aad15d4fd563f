// SPDX-License-Identifier: BSD-3-Clause
/*
 * Classic Mac integer names. Their width is fixed, their spelling is not: 32-bit names are long on i386, int on
 * x86_64, and C++ mangling depends on it. Answers to Apple's libkern/OSTypes.h.
 */
#ifndef KPI_LIBKERN_OSTYPES_H
#define KPI_LIBKERN_OSTYPES_H

#define OSTYPES_K64_REV 2

typedef unsigned int       UInt;
typedef signed int         SInt;
typedef unsigned char      UInt8;
typedef unsigned short     UInt16;
typedef unsigned long long UInt64;
typedef signed char        SInt8;
typedef signed short       SInt16;
typedef signed long long   SInt64;
#ifdef __LP64__
typedef unsigned int       UInt32;
typedef signed int         SInt32;
#else
typedef unsigned long      UInt32;
typedef signed long        SInt32;
#endif

typedef struct UnsignedWide {
    UInt32 lo;
    UInt32 hi;
} UnsignedWide;
typedef struct wide {
    UInt32 lo;
    SInt32 hi;
} wide;

/* A count of the machine's time base (mach_absolute_time): a scalar on x86_64, a structure of two words on i386. */
#ifdef __LP64__
#define ABSOLUTETIME_SCALAR_TYPE 1
typedef UInt64       AbsoluteTime;
#else
typedef UnsignedWide AbsoluteTime;
#endif

typedef SInt32 OSStatus;
typedef UInt32 OptionBits;

#ifdef __LP64__
#ifdef __cplusplus
typedef bool          Boolean;
#else
typedef _Bool         Boolean;
#endif
#else
typedef unsigned char Boolean;
#endif

#ifndef OS_INLINE
#define OS_INLINE static inline
#endif

#endif
