// SPDX-License-Identifier: BSD-3-Clause
/*
 * Processes and sleeping by channel. Answers to the part of Apple's sys/proc.h that drivers use.
 */
#ifndef KPI_SYS_PROC_H
#define KPI_SYS_PROC_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/param.h>
#include <sys/queue.h>
#include <sys/time.h>
#include <sys/kernel_types.h>
#include <kern/locks.h>
#include <mach/boolean.h>

__BEGIN_DECLS
extern proc_t kernproc;
extern proc_t current_proc(void);

/* Sleeps on chan with mtx released; 0, EWOULDBLOCK, EINTR. ts NULL: no limit. PDROP in pri: mtx stays released. */
extern int msleep(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, struct timespec *ts);
extern void wakeup(void *chan);
extern void wakeup_one(caddr_t chan);

extern int proc_selfpid(void);
extern int proc_selfppid(void);
extern void proc_name(int pid, char *buf, int size);
extern void proc_selfname(char *buf, int size);
extern proc_t proc_find(int pid); /* to be given back with proc_rele */
extern proc_t proc_self(void);    /* to be given back with proc_rele */
extern int proc_rele(proc_t p);
extern int proc_pid(proc_t);
extern int proc_ppid(proc_t);
extern int proc_is64bit(proc_t);
extern int proc_suser(proc_t p);
extern void proc_signal(int pid, int signum);
__END_DECLS

#endif
