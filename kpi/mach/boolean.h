// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mach's truth values; boolean_t is an int on i386 and an unsigned int on x86_64. Answers to Apple's mach/boolean.h.
 */
#ifndef KPI_MACH_BOOLEAN_H
#define KPI_MACH_BOOLEAN_H

#ifdef __LP64__
typedef unsigned int boolean_t;
#else
typedef int boolean_t;
#endif
#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

#endif
