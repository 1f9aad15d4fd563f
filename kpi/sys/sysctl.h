// SPDX-License-Identifier: BSD-3-Clause
/*
 * System controls that a kext registers. Answers to the kernel part of Apple's sys/sysctl.h.
 */
#ifndef KPI_SYS_SYSCTL_H
#define KPI_SYS_SYSCTL_H

#include <sys/cdefs.h>
#include <sys/appleapiopts.h>
#include <libkern/sysctl.h>
#include <sys/proc.h>
#include <sys/queue.h>

#define CTL_MAXNAME     12
#define CTLTYPE         0xf
#define CTLTYPE_NODE    1
#define CTLTYPE_INT     2
#define CTLTYPE_STRING  3
#define CTLTYPE_QUAD    4
#define CTLTYPE_OPAQUE  5
#define CTLTYPE_STRUCT  CTLTYPE_OPAQUE

#define CTLFLAG_RD      0x80000000
#define CTLFLAG_WR      0x40000000
#define CTLFLAG_RW      (CTLFLAG_RD | CTLFLAG_WR)
#define CTLFLAG_NOLOCK  0x20000000
#define CTLFLAG_ANYBODY 0x10000000
#define CTLFLAG_SECURE  0x08000000
#define CTLFLAG_MASKED  0x04000000
#define CTLFLAG_NOAUTO  0x02000000
#define CTLFLAG_KERN    0x01000000
#define CTLFLAG_LOCKED  0x00800000 /* from 10.6 */
#define CTLFLAG_OID2    0x00400000 /* the long form of sysctl_oid; from 10.6 */

#define OID_AUTO        (-1)

#define SYSCTL_HANDLER_ARGS (struct sysctl_oid * oidp, void *arg1, int arg2, struct sysctl_req *req)

struct sysctl_req {
    struct proc *p;
    int lock;
    user_addr_t oldptr;
    size_t oldlen;
    size_t oldidx;
    int (*oldfunc)(struct sysctl_req *, const void *, size_t);
    user_addr_t newptr;
    size_t newlen;
    size_t newidx;
    int (*newfunc)(struct sysctl_req *, void *, size_t);
};

SLIST_HEAD(sysctl_oid_list, sysctl_oid);

#define SYSCTL_OID_VERSION 1

/* The form of 10.7 on; a system that knows only the shorter one of 10.6 does not look past oid_fmt. */
struct sysctl_oid {
    struct sysctl_oid_list *oid_parent;
    SLIST_ENTRY(sysctl_oid) oid_link;
    int oid_number;
    int oid_kind;
    void *oid_arg1;
    int oid_arg2;
    const char *oid_name;
    int(*oid_handler) SYSCTL_HANDLER_ARGS;
    const char *oid_fmt;
    const char *oid_descr;
    int oid_version;
    int oid_refcnt;
};

#define SYSCTL_IN(r, p, l)  (r->newfunc)(r, p, l)
#define SYSCTL_OUT(r, p, l) (r->oldfunc)(r, p, l)

__BEGIN_DECLS
/* Handlers for values in memory; 0 or an errno. */
int sysctl_handle_int SYSCTL_HANDLER_ARGS;
int sysctl_handle_long SYSCTL_HANDLER_ARGS;
int sysctl_handle_quad SYSCTL_HANDLER_ARGS;
int sysctl_handle_string SYSCTL_HANDLER_ARGS;
int sysctl_handle_opaque SYSCTL_HANDLER_ARGS;
/* The oid stays the caller's and must live until it is unregistered. */
void sysctl_register_oid(struct sysctl_oid *oidp);
void sysctl_unregister_oid(struct sysctl_oid *oidp);
extern struct sysctl_oid_list sysctl__children;
__END_DECLS

#define SYSCTL_DECL(name) extern struct sysctl_oid_list sysctl_##name##_children
#define SYSCTL_OID(parent, nbr, name, kind, a1, a2, handler, fmt, descr)                                               \
    struct sysctl_oid sysctl_##parent##_##name = {                                                                     \
        &sysctl_##parent##_children, {0}, nbr, (int)((kind) | CTLFLAG_OID2), a1, (int)(a2), #name, handler, fmt,       \
        descr, SYSCTL_OID_VERSION, 0}
#define SYSCTL_NODE(parent, nbr, name, access, handler, descr)                                                         \
    struct sysctl_oid_list sysctl_##parent##_##name##_children;                                                        \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_NODE | access, (void *)&sysctl_##parent##_##name##_children, 0, handler,     \
               "N", descr)
#define SYSCTL_STRING(parent, nbr, name, access, arg, len, descr)                                                      \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_STRING | access, arg, len, sysctl_handle_string, "A", descr)
#define SYSCTL_INT(parent, nbr, name, access, ptr, val, descr)                                                         \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_INT | access, ptr, val, sysctl_handle_int, "I", descr)
#define SYSCTL_UINT(parent, nbr, name, access, ptr, val, descr)                                                        \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_INT | access, ptr, val, sysctl_handle_int, "IU", descr)
#define SYSCTL_LONG(parent, nbr, name, access, ptr, descr)                                                             \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_INT | access, ptr, 0, sysctl_handle_long, "L", descr)
#define SYSCTL_QUAD(parent, nbr, name, access, ptr, descr)                                                             \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_QUAD | access, ptr, 0, sysctl_handle_quad, "Q", descr)
#define SYSCTL_OPAQUE(parent, nbr, name, access, ptr, len, fmt, descr)                                                 \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_OPAQUE | access, ptr, len, sysctl_handle_opaque, fmt, descr)
#define SYSCTL_PROC(parent, nbr, name, access, ptr, arg, handler, fmt, descr)                                          \
    SYSCTL_OID(parent, nbr, name, access, ptr, arg, handler, fmt, descr)

__BEGIN_DECLS
SYSCTL_DECL(_kern);
SYSCTL_DECL(_vm);
SYSCTL_DECL(_vfs);
SYSCTL_DECL(_net);
SYSCTL_DECL(_debug);
SYSCTL_DECL(_machdep);
__END_DECLS

#endif
