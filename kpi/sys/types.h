// SPDX-License-Identifier: BSD-3-Clause
/*
 * BSD's basic types. Answers to Apple's sys/types.h.
 */
#ifndef KPI_SYS_TYPES_H
#define KPI_SYS_TYPES_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <machine/types.h>
#include <sys/_types.h>
#include <machine/endian.h>
#include <stddef.h>

typedef unsigned char  u_char;
typedef unsigned short u_short;
typedef unsigned int   u_int;
typedef unsigned long  u_long;
typedef unsigned short ushort;
typedef unsigned int   uint;
typedef u_int64_t      u_quad_t;
typedef int64_t        quad_t;
typedef quad_t        *qaddr_t;

typedef char               *caddr_t;
typedef int32_t             daddr_t;
typedef __darwin_dev_t      dev_t;
typedef u_int32_t           fixpt_t;
typedef __darwin_blkcnt_t   blkcnt_t;
typedef __darwin_blksize_t  blksize_t;
typedef __darwin_gid_t      gid_t;
typedef __uint32_t          in_addr_t; /* network order */
typedef __uint16_t          in_port_t; /* network order */
typedef __darwin_ino_t      ino_t;
typedef __darwin_ino64_t    ino64_t;
typedef __int32_t           key_t;
typedef __darwin_mode_t     mode_t;
typedef __uint16_t          nlink_t;
typedef __darwin_id_t       id_t;
typedef __darwin_pid_t      pid_t;
typedef __darwin_off_t      off_t;
typedef int32_t             segsz_t;
typedef int32_t             swblk_t;
typedef __darwin_uid_t      uid_t;
typedef __darwin_clock_t    clock_t;
typedef __darwin_ssize_t    ssize_t;
typedef __darwin_time_t     time_t;
typedef __darwin_useconds_t useconds_t;
typedef __darwin_suseconds_t suseconds_t;
typedef int                 errno_t;

static inline __int32_t major(__uint32_t x)
{
    return (__int32_t)((x >> 24) & 0xff);
}
static inline __int32_t minor(__uint32_t x)
{
    return (__int32_t)(x & 0xffffff);
}
static inline dev_t makedev(__uint32_t maj, __uint32_t min)
{
    return (dev_t)((maj << 24) | min);
}

#define NBBY       8
#define NFDBITS    32
#define FD_SETSIZE 1024
#define howmany(x, y) (((x) % (y)) == 0 ? ((x) / (y)) : (((x) / (y)) + 1))

struct proc;
struct pgrp;
struct ucred;
struct rusage;
struct file;
struct buf;
struct tty;
struct uio;

#endif
