// SPDX-License-Identifier: BSD-3-Clause
/*
 * BSD's memory by type. Answers to Apple's sys/malloc.h.
 */
#ifndef KPI_SYS_MALLOC_H
#define KPI_SYS_MALLOC_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/types.h>

#define M_WAITOK 0x0
#define M_NOWAIT 0x1
#define M_ZERO   0x4
/* Types. */
#define M_PCB    4
#define M_RTABLE 5
#define M_IFADDR 9
#define M_SONAME 11
#define M_LOCKF  40
#define M_TEMP   80
#define M_KAUTH  100

#define MALLOC(space, cast, size, type, flags)      (space) = (cast)_MALLOC(size, type, flags)
#define FREE(addr, type)                            _FREE((void *)addr, type)
#define MALLOC_ZONE(space, cast, size, type, flags) (space) = (cast)_MALLOC_ZONE(size, type, flags)
#define FREE_ZONE(addr, size, type)                 _FREE_ZONE((void *)addr, size, type)

__BEGIN_DECLS
extern void *_MALLOC(size_t size, int type, int flags);
extern void _FREE(void *addr, int type);
extern void *_MALLOC_ZONE(size_t size, int type, int flags);
extern void _FREE_ZONE(void *elem, size_t size, int type);
__END_DECLS

#endif
