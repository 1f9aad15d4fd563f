// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory by tag. The caller gives the size back when it frees. Answers to Apple's libkern/OSMalloc.h.
 */
#ifndef KPI_LIBKERN_OSMALLOC_H
#define KPI_LIBKERN_OSMALLOC_H

#include <sys/cdefs.h>
#include <stdint.h>

__BEGIN_DECLS
typedef struct __OSMallocTag__ *OSMallocTag;
typedef struct __OSMallocTag__ *OSMallocTag_t;
#define OSMT_DEFAULT  0
#define OSMT_PAGEABLE 1

extern OSMallocTag OSMalloc_Tagalloc(const char *name, uint32_t flags);
extern void OSMalloc_Tagfree(OSMallocTag tag);
extern void *OSMalloc(uint32_t size, OSMallocTag tag); /* may sleep */
extern void *OSMalloc_nowait(uint32_t size, OSMallocTag tag);
extern void *OSMalloc_noblock(uint32_t size, OSMallocTag tag);
extern void OSFree(void *addr, uint32_t size, OSMallocTag tag);
__END_DECLS

#endif
