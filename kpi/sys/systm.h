// SPDX-License-Identifier: BSD-3-Clause
/*
 * Odds and ends of the BSD kernel. Answers to the part of Apple's sys/systm.h that drivers use.
 */
#ifndef KPI_SYS_SYSTM_H
#define KPI_SYS_SYSTM_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/time.h>
#include <sys/malloc.h>
#include <sys/proc.h>
#include <libkern/libkern.h>
#include <kern/thread.h>
#include <kern/debug.h>

__BEGIN_DECLS
int nullop(void);
int nulldev(void);
int enoioctl(void);
int enosys(void);
int enxio(void);
int eopnotsupp(void);
void ovbcopy(const void *from, void *to, size_t len);
/* Calls the function once, ts from now, on a kernel thread. */
void bsd_timeout(void (*)(void *), void *arg, struct timespec *ts);
void bsd_untimeout(void (*)(void *), void *arg);
uint64_t tvtoabstime(struct timeval *); /* from 10.6 */
__END_DECLS

#endif
