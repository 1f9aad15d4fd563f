// SPDX-License-Identifier: BSD-3-Clause
/*
 * Processes: kexts run in the kernel's own, number 0, and there is no other. Behaviour of xnu's
 * bsd/kern/kern_proc.c for it.
 */
#include <sys/proc.h>
#include <sys/systm.h>
#include <sys/errno.h>
#include "linux/linux.h"

struct proc {
    int pid;
    char name[MAXCOMLEN + 1];
};
static struct proc kernel = {0, "kernel_task"};
proc_t kernproc = &kernel;

proc_t current_proc(void)
{
    return kernproc;
}
proc_t proc_self(void)
{
    return kernproc;
}
proc_t proc_find(int pid)
{
    return pid == 0 ? kernproc : NULL;
}
int proc_rele(proc_t p)
{
    return p ? 0 : ESRCH;
}
int proc_pid(proc_t p)
{
    return p ? p->pid : -1;
}
int proc_ppid(proc_t p)
{
    return p ? 0 : -1;
}
int proc_selfpid(void)
{
    return kernel.pid;
}
int proc_selfppid(void)
{
    return 0;
}
int proc_is64bit(proc_t p)
{
    return sizeof(void *) == 8;
}
int proc_suser(proc_t p)
{
    return 0; /* the kernel may do anything */
}
void proc_name(int pid, char *buf, int size)
{
    if (size > 0)
        strlcpy(buf, pid == 0 ? kernel.name : "", (size_t)size);
}
void proc_selfname(char *buf, int size)
{
    proc_name(0, buf, size);
}

/* ---- the functions of sys/systm.h that only return (bsd/kern/subr_xxx.c) ---- */

int nullop(void)
{
    return 0;
}
int nulldev(void)
{
    return 0;
}
int enoioctl(void)
{
    return ENOTTY;
}
int enosys(void)
{
    return ENOSYS;
}
int enxio(void)
{
    return ENXIO;
}
int eopnotsupp(void)
{
    return ENOTSUP;
}
