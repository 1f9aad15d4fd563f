// SPDX-License-Identifier: BSD-3-Clause
/*
 * System controls: the tree that kexts hang theirs into, the handlers for values in memory, lookup by name.
 * Behaviour of xnu's bsd/kern/kern_newsysctl.c. The kernel's own leaves are the few that drivers ask for.
 */
#include <sys/sysctl.h>
#include <sys/errno.h>
#include <libkern/version.h>
#include <libkern/libkern.h>
#include "bsd/internal.h"
#include "edge/edge.h"
#include "linux/linux.h"

static struct lx_mutex lock;
LX_COUNTER(sysctls_live, "sysctls.live")
static int next_number = 100; /* OID_AUTO_START */

/* ---- values in and out: req->oldfunc and newfunc for callers inside the kernel ---- */

static int copy_out(struct sysctl_req *req, const void *data, size_t len)
{
    size_t room = req->oldptr ? (req->oldlen > req->oldidx ? req->oldlen - req->oldidx : 0) : 0;

    if (room)
        memcpy((char *)(uintptr_t)req->oldptr + req->oldidx, data, len < room ? len : room);
    req->oldidx += len;
    return req->oldptr && room < len ? ENOMEM : 0;
}

static int copy_in(struct sysctl_req *req, void *data, size_t len)
{
    if (!req->newptr)
        return 0;
    if (req->newlen - req->newidx < len)
        return EINVAL;
    memcpy(data, (const char *)(uintptr_t)req->newptr + req->newidx, len);
    req->newidx += len;
    return 0;
}

/* A value of fixed size in memory: shown, and replaced when there is a new one. */
static int exchange(void *value, size_t size, struct sysctl_req *req)
{
    int error = SYSCTL_OUT(req, value, size);

    if (error || !req->newptr)
        return error;
    return SYSCTL_IN(req, value, size);
}

/* arg1 NULL: arg2 is the value, read-only. */
int sysctl_handle_int SYSCTL_HANDLER_ARGS
{
    if (arg1)
        return exchange(arg1, sizeof(int), req);
    return req->newptr ? EPERM : SYSCTL_OUT(req, &arg2, sizeof arg2);
}
int sysctl_handle_long SYSCTL_HANDLER_ARGS
{
    return arg1 ? exchange(arg1, sizeof(long), req) : EINVAL;
}
int sysctl_handle_quad SYSCTL_HANDLER_ARGS
{
    return arg1 ? exchange(arg1, sizeof(long long), req) : EINVAL;
}
int sysctl_handle_opaque SYSCTL_HANDLER_ARGS
{
    return exchange(arg1, (size_t)arg2, req);
}

/* arg2: room of the string, its end included; 0: read-only. */
int sysctl_handle_string SYSCTL_HANDLER_ARGS
{
    size_t len;
    int error = SYSCTL_OUT(req, arg1, strlen((char *)arg1) + 1);

    if (error || !req->newptr)
        return error;
    len = req->newlen - req->newidx;
    if (len >= (size_t)arg2)
        return EINVAL;
    error = SYSCTL_IN(req, arg1, len);
    if (!error)
        ((char *)arg1)[len] = '\0';
    return error;
}

/* Forwarding is Linux's: the stack above a driver is the one in COMMAND's namespace. */
static int forwarding SYSCTL_HANDLER_ARGS
{
    int on = edge_forwarding(arg2);

    return req->newptr ? EPERM : SYSCTL_OUT(req, &on, sizeof on);
}

/* ---- the tree ---- */

#define ROOT(name) struct sysctl_oid_list sysctl__##name##_children
struct sysctl_oid_list sysctl__children;
ROOT(kern);
ROOT(vm);
ROOT(vfs);
ROOT(net);
ROOT(debug);
ROOT(machdep);
static ROOT(hw);
static ROOT(inet);
static ROOT(inet6);
static ROOT(ip);
static ROOT(ip6);

static struct {
    struct sysctl_oid_list *parent;
    const char *name;
    struct sysctl_oid_list *children;
    struct sysctl_oid oid;
} nodes[] = {{&sysctl__children, "kern", &sysctl__kern_children, {0}},
             {&sysctl__children, "vm", &sysctl__vm_children, {0}},
             {&sysctl__children, "vfs", &sysctl__vfs_children, {0}},
             {&sysctl__children, "net", &sysctl__net_children, {0}},
             {&sysctl__children, "debug", &sysctl__debug_children, {0}},
             {&sysctl__children, "machdep", &sysctl__machdep_children, {0}},
             {&sysctl__children, "hw", &sysctl__hw_children, {0}},
             {&sysctl__net_children, "inet", &sysctl__inet_children, {0}},
             {&sysctl__net_children, "inet6", &sysctl__inet6_children, {0}},
             {&sysctl__inet_children, "ip", &sysctl__ip_children, {0}},
             {&sysctl__inet6_children, "ip6", &sysctl__ip6_children, {0}}};

static unsigned long long memory;
static int page = 4096, cpus = 2;
static char release[32], system[16];
static struct {
    struct sysctl_oid_list *parent;
    const char *name;
    void *value;
    int(*handler) SYSCTL_HANDLER_ARGS;
    int number;
    struct sysctl_oid oid;
} leaves[] = {{&sysctl__kern_children, "osrelease", release, sysctl_handle_string, 0, {0}},
              {&sysctl__kern_children, "ostype", system, sysctl_handle_string, 0, {0}},
              {&sysctl__hw_children, "memsize", &memory, sysctl_handle_quad, 0, {0}},
              {&sysctl__hw_children, "pagesize", &page, sysctl_handle_int, 0, {0}},
              {&sysctl__hw_children, "ncpu", &cpus, sysctl_handle_int, 0, {0}},
              {&sysctl__ip_children, "forwarding", NULL, forwarding, 0, {0}},
              {&sysctl__ip6_children, "forwarding", NULL, forwarding, 1, {0}}};

/* In order of number (kern_newsysctl.c: sysctl_register_oid). */
static void insert(struct sysctl_oid *oid)
{
    struct sysctl_oid **link = &oid->oid_parent->slh_first;

    lx_mutex_lock(&lock);
    if (oid->oid_number == OID_AUTO)
        oid->oid_number = next_number++;
    while (*link && (*link)->oid_number < oid->oid_number)
        link = &(*link)->oid_link.sle_next;
    oid->oid_link.sle_next = *link;
    *link = oid;
    lx_mutex_unlock(&lock);
}

void sysctl_boot(void)
{
    memory = lx_ram_size;
    strlcpy(release, osrelease, sizeof release);
    strlcpy(system, ostype, sizeof system);
    for (unsigned i = 0; i < sizeof nodes / sizeof nodes[0]; i++) {
        nodes[i].oid = (struct sysctl_oid){.oid_parent = nodes[i].parent,
                                           .oid_number = (int)i + 1,
                                           .oid_kind = (int)(CTLTYPE_NODE | CTLFLAG_RW),
                                           .oid_arg1 = nodes[i].children,
                                           .oid_name = nodes[i].name};
        insert(&nodes[i].oid);
    }
    for (unsigned i = 0; i < sizeof leaves / sizeof leaves[0]; i++) {
        leaves[i].oid = (struct sysctl_oid){.oid_parent = leaves[i].parent,
                                            .oid_number = OID_AUTO,
                                            .oid_kind = (int)CTLFLAG_RD,
                                            .oid_arg1 = leaves[i].value,
                                            .oid_arg2 = leaves[i].number,
                                            .oid_name = leaves[i].name,
                                            .oid_handler = leaves[i].handler};
        insert(&leaves[i].oid);
    }
}

void sysctl_register_oid(struct sysctl_oid *oidp)
{
    insert(oidp);
    lx_count(&sysctls_live, 1);
}

void sysctl_unregister_oid(struct sysctl_oid *oidp)
{
    struct sysctl_oid **link = &oidp->oid_parent->slh_first;

    lx_mutex_lock(&lock);
    while (*link && *link != oidp)
        link = &(*link)->oid_link.sle_next;
    if (*link) {
        *link = oidp->oid_link.sle_next;
        lx_count(&sysctls_live, -1ul);
    }
    lx_mutex_unlock(&lock);
}

/* ---- by name ---- */

static struct sysctl_oid *find(const char *name)
{
    struct sysctl_oid_list *level = &sysctl__children;
    struct sysctl_oid *oid = NULL;

    while (*name && level) {
        size_t len = 0;
        while (name[len] && name[len] != '.')
            len++;
        SLIST_FOREACH(oid, level, oid_link)
        if (strncmp(oid->oid_name, name, len) == 0 && !oid->oid_name[len])
            break;
        if (!oid)
            return NULL;
        name += len + (name[len] == '.');
        level = (oid->oid_kind & CTLTYPE) == CTLTYPE_NODE ? oid->oid_arg1 : NULL;
        if (!level && *name)
            return NULL;
    }
    return oid;
}

int sysctlbyname(const char *name, void *oldp, size_t *oldlenp, void *newp, size_t newlen)
{
    struct sysctl_req req = {.oldptr = CAST_USER_ADDR_T(oldp),
                             .oldlen = oldlenp ? *oldlenp : 0,
                             .oldfunc = copy_out,
                             .newptr = CAST_USER_ADDR_T(newp),
                             .newlen = newlen,
                             .newfunc = copy_in};
    struct sysctl_oid *oid;
    int error;

    lx_mutex_lock(&lock);
    oid = find(name);
    lx_mutex_unlock(&lock);
    if (!oid || !oid->oid_handler)
        return ENOENT;
    if (newp && !(oid->oid_kind & (int)CTLFLAG_WR))
        return EPERM;
    error = oid->oid_handler(oid, oid->oid_arg1, oid->oid_arg2, &req);
    if (oldlenp && (!error || error == ENOMEM))
        *oldlenp = req.oldidx;
    return error;
}
