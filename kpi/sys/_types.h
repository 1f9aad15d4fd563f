// SPDX-License-Identifier: BSD-3-Clause
/*
 * Types behind the public names of the BSD headers. Answers to Apple's sys/_types.h.
 */
#ifndef KPI_SYS__TYPES_H
#define KPI_SYS__TYPES_H

#include <sys/cdefs.h>
#include <machine/_types.h>

#ifdef __cplusplus
#ifdef __GNUG__
#define __DARWIN_NULL __null
#else
#define __DARWIN_NULL 0
#endif
#else
#define __DARWIN_NULL ((void *)0)
#endif

typedef __int64_t          __darwin_blkcnt_t;
typedef __int32_t          __darwin_blksize_t;
typedef __int32_t          __darwin_dev_t;
typedef unsigned int       __darwin_fsblkcnt_t;
typedef unsigned int       __darwin_fsfilcnt_t;
typedef __uint32_t         __darwin_gid_t;
typedef __uint32_t         __darwin_id_t;
typedef __uint64_t         __darwin_ino64_t;
typedef __uint32_t         __darwin_ino_t;
typedef __darwin_natural_t __darwin_mach_port_name_t;
typedef __darwin_mach_port_name_t __darwin_mach_port_t;
typedef __uint16_t         __darwin_mode_t;
typedef __int64_t          __darwin_off_t;
typedef __int32_t          __darwin_pid_t;
typedef __uint32_t         __darwin_sigset_t;
typedef __int32_t          __darwin_suseconds_t;
typedef __uint32_t         __darwin_uid_t;
typedef __uint32_t         __darwin_useconds_t;
typedef unsigned char      __darwin_uuid_t[16];

#ifndef NULL
#define NULL __DARWIN_NULL
#endif
#ifndef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif

#endif
