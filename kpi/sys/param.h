// SPDX-License-Identifier: BSD-3-Clause
/*
 * BSD's parameters. Answers to Apple's sys/param.h.
 */
#ifndef KPI_SYS_PARAM_H
#define KPI_SYS_PARAM_H

#include <sys/types.h>
#include <sys/errno.h>
#include <machine/param.h>
#include <machine/limits.h>

#define NODEV          (-1)
#define MAXCOMLEN      16
#define NGROUPS        16
#define CMASK          18
#define MAXLOGNAME     255
#define MAXDOMNAMELEN  256
#define MAXHOSTNAMELEN 256
#define NOFILE         256
#define MAXPATHLEN     1024
#define NOGROUP        65535
#define NCARGS         262144
#define MAXBSIZE       1048576
/* Priorities of a sleep (msleep), with flags above PRIMASK. */
#define PSWP      0
#define PVM       4
#define PINOD     8
#define PRIBIO    16
#define PVFS      20
#define PZERO     22
#define PSOCK     24
#define PWAIT     32
#define PLOCK     36
#define PPAUSE    40
#define PUSER     50
#define MAXPRI    127
#define PRIMASK   255
#define PCATCH    256
#define PTTYBLOCK 512
#define PDROP     1024
#define PSPIN     2048

#ifndef roundup
#define roundup(x, y) ((((x) % (y)) == 0) ? (x) : ((x) + ((y) - ((x) % (y)))))
#endif
#define powerof2(x)   ((((x)-1) & (x)) == 0)
#ifndef MIN
#define MIN(a, b) (((a) < (b)) ? (a) : (b))
#endif
#ifndef MAX
#define MAX(a, b) (((a) > (b)) ? (a) : (b))
#endif
#define setbit(a, i) (((char *)(a))[(i) / NBBY] |= 1 << ((i) % NBBY))
#define clrbit(a, i) (((char *)(a))[(i) / NBBY] &= ~(1 << ((i) % NBBY)))
#define isset(a, i)  (((char *)(a))[(i) / NBBY] & (1 << ((i) % NBBY)))
#define isclr(a, i)  ((((char *)(a))[(i) / NBBY] & (1 << ((i) % NBBY))) == 0)

#endif
