// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sizes of pages, mbufs and clusters on x86. Answers to Apple's i386/param.h.
 */
#ifndef KPI_I386_PARAM_H
#define KPI_I386_PARAM_H

#include <i386/_types.h>

#ifdef __LP64__
#define ALIGNBYTES 7
#else
#define ALIGNBYTES 3
#endif
#define ALIGN(p)   ((__darwin_size_t)((char *)(__darwin_size_t)(p) + ALIGNBYTES) & ~(__darwin_size_t)ALIGNBYTES)
#define MSIZESHIFT    8 /* from 10.7 */
#define DEV_BSHIFT    9
#define MCLSHIFT      11
#define MBIGCLSHIFT   12 /* from 10.7 */
#define PGSHIFT       12
#define M16KCLSHIFT   14 /* from 10.7 */
#define MSIZE         256
#define DEV_BSIZE     512
#define MCLOFSET      2047
#define BLKDEV_IOSIZE 2048
#define MCLBYTES      2048
#define PGOFSET       4095
#define MBIGCLBYTES   4096 /* from 10.7 */
#define NBPG          4096
#define M16KCLBYTES   16384 /* from 10.7 */
#define MAXPHYS       131072

#endif
