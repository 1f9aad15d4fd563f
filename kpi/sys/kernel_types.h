// SPDX-License-Identifier: BSD-3-Clause
/*
 * Handles of the BSD kernel: all opaque to kexts. Answers to Apple's sys/kernel_types.h.
 */
#ifndef KPI_SYS_KERNEL_TYPES_H
#define KPI_SYS_KERNEL_TYPES_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <stdint.h>

typedef int64_t daddr64_t;

struct mount;
struct vnode;
struct vfs_context;
typedef struct buf *buf_t;
typedef struct file *file_t;
typedef struct mount *mount_t;
typedef struct vnode *vnode_t;
typedef struct proc *proc_t;
typedef struct uio *uio_t;
typedef struct vfs_context *vfs_context_t;
typedef struct ucred *kauth_cred_t;
#ifndef __LP64__
typedef struct ucred *ucred_t;
#endif

struct __ifnet;
struct __mbuf;
struct __pkthdr;
struct __socket;
struct __sockopt;
struct __ifaddr;
struct __ifmultiaddr;
struct __ifnet_filter;
struct __rtentry;
struct __if_clone;
typedef struct __ifnet *ifnet_t;
typedef struct __mbuf *mbuf_t;
typedef struct __pkthdr *pkthdr_t;
typedef struct __socket *socket_t;
typedef struct __sockopt *sockopt_t;
typedef struct __ifaddr *ifaddr_t;
typedef struct __ifmultiaddr *ifmultiaddr_t;
typedef struct __ifnet_filter *interface_filter_t;
typedef struct __rtentry *route_t;
typedef struct __if_clone *if_clone_t;

#endif
