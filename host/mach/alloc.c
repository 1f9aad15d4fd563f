// SPDX-License-Identifier: BSD-3-Clause
/*
 * Kernel memory in all its spellings (Apple: iokit/Kernel/IOLib.cpp, osfmk/kern/kalloc.c,
 * libkern/gen/OSMalloc.c [osfmk/kern/kalloc.c], libkern/c++/OSRuntime.cpp, bsd/kern/kern_malloc.c). All of it
 * is wired, in RAM, physically contiguous, and counted by kind in the bytes that were asked for.
 */
#include <stddef.h>
#include <stdint.h>
#include <libkern/libkern.h>
#include <libkern/OSMalloc.h>
#include <IOKit/IOLib.h>
#include <kern/debug.h>
#include "internal.h"

LX_COUNTER(io_bytes, "memory.IOMalloc.bytes.live")
LX_COUNTER(aligned_bytes, "memory.IOMallocAligned.bytes.live")
LX_COUNTER(contiguous_bytes, "memory.IOMallocContiguous.bytes.live")
LX_COUNTER(pageable_bytes, "memory.IOMallocPageable.bytes.live")
LX_COUNTER(osmalloc_bytes, "memory.OSMalloc.bytes.live")
LX_COUNTER(osmalloc_tags, "memory.OSMalloc.tags.live")
LX_COUNTER(kern_os_bytes, "memory.kern_os_malloc.bytes.live")
LX_COUNTER(kalloc_bytes, "memory.kalloc.bytes.live")
LX_COUNTER(bsd_bytes, "memory.MALLOC.bytes.live")

enum { PAGE = 4096 };

void *mach_alloc(unsigned long size, unsigned long align, struct lx_counter *kind)
{
    void *p = lx_ram_alloc(size ? size : 1, align, ~0ull);
    if (p)
        lx_count(kind, size);
    return p;
}

void mach_free(void *p, unsigned long size, struct lx_counter *kind)
{
    if (!p)
        return;
    lx_ram_free(p, size);
    lx_uncount(kind, size);
}

/* ---- IOLib --------------------------------------------------------------------------------------------- */
void *IOMalloc(vm_size_t size)
{
    return mach_alloc(size, 16, &io_bytes);
}

void *IOMallocZero(vm_size_t size)
{
    void *p = IOMalloc(size);
    if (p)
        bzero(p, size);
    return p;
}

void IOFree(void *p, vm_size_t size)
{
    mach_free(p, size, &io_bytes);
}

static int is_power_of_two(unsigned long n)
{
    return !(n & (n - 1));
}

void *IOMallocAligned(vm_size_t size, vm_offset_t align)
{
    if (!size || !is_power_of_two(align))
        return 0;
    return mach_alloc(size, align, &aligned_bytes);
}

void IOFreeAligned(void *p, vm_size_t size)
{
    mach_free(p, size, &aligned_bytes);
}

void *IOMallocContiguous(vm_size_t size, vm_size_t align, IOPhysicalAddress *physical)
{
    if (!size || !is_power_of_two(align))
        return 0;
    void *p = mach_alloc(size, align, &contiguous_bytes);
    if (p && physical)
        *physical = (IOPhysicalAddress)lx_ram_phys(p);
    return p;
}

void IOFreeContiguous(void *p, vm_size_t size)
{
    mach_free(p, size, &contiguous_bytes);
}

/* Pageable memory is filled with zeroes by the VM on first use. */
void *IOMallocPageable(vm_size_t size, vm_size_t align)
{
    if (!size || !is_power_of_two(align))
        return 0;
    void *p = mach_alloc(size, align > PAGE ? align : PAGE, &pageable_bytes);
    if (p)
        bzero(p, size);
    return p;
}

void IOFreePageable(void *p, vm_size_t size)
{
    mach_free(p, size, &pageable_bytes);
}

/* ---- kalloc, kmem -------------------------------------------------------------------------------------- */
void *kalloc(vm_size_t size)
{
    return mach_alloc(size, 16, &kalloc_bytes);
}

void kfree(void *p, vm_size_t size)
{
    mach_free(p, size, &kalloc_bytes);
}

/* Whole pages, cleared by kmem_alloc's callers' VM (osfmk/vm/vm_kern.c). */
kern_return_t kmem_alloc(vm_map_t map, vm_offset_t *address, vm_size_t size)
{
    size = (size + PAGE - 1) & -(vm_size_t)PAGE;
    void *p = size ? mach_alloc(size, PAGE, &kalloc_bytes) : 0;
    if (!p)
        return size ? KERN_RESOURCE_SHORTAGE : KERN_INVALID_ARGUMENT;
    bzero(p, size);
    *address = (vm_offset_t)p;
    return KERN_SUCCESS;
}

void kmem_free(vm_map_t map, vm_offset_t address, vm_size_t size)
{
    mach_free((void *)address, (size + PAGE - 1) & -(vm_size_t)PAGE, &kalloc_bytes);
}

/* ---- OSMalloc ------------------------------------------------------------------------------------------ */
struct __OSMallocTag__ {
    volatile int refs; /* one for the tag's owner, one for each block */
    uint32_t flags;
    char name[64];
};

OSMallocTag OSMalloc_Tagalloc(const char *name, uint32_t flags)
{
    OSMallocTag tag = lx_ram_alloc(sizeof *tag, 16, ~0ull);
    if (!tag)
        panic("OSMalloc_Tagalloc: no memory");
    tag->refs = 1;
    tag->flags = flags;
    strlcpy(tag->name, name, sizeof tag->name);
    lx_count(&osmalloc_tags, 1);
    return tag;
}

static void tag_release(OSMallocTag tag)
{
    if (__atomic_sub_fetch(&tag->refs, 1, __ATOMIC_ACQ_REL))
        return;
    lx_ram_free(tag, sizeof *tag);
    lx_uncount(&osmalloc_tags, 1);
}

void OSMalloc_Tagfree(OSMallocTag tag)
{
    tag_release(tag);
}

void *OSMalloc(uint32_t size, OSMallocTag tag)
{
    int pageable = tag->flags & OSMT_PAGEABLE && !(size & (PAGE - 1));
    void *p = mach_alloc(size, pageable ? PAGE : 16, &osmalloc_bytes);
    if (!p)
        return 0;
    __atomic_add_fetch(&tag->refs, 1, __ATOMIC_RELAXED);
    if (pageable)
        bzero(p, size);
    return p;
}

/* kalloc_noblock refuses pageable tags (osfmk/kern/kalloc.c, OSMalloc_nowait). */
void *OSMalloc_nowait(uint32_t size, OSMallocTag tag)
{
    return tag->flags & OSMT_PAGEABLE ? 0 : OSMalloc(size, tag);
}

void *OSMalloc_noblock(uint32_t size, OSMallocTag tag)
{
    return OSMalloc_nowait(size, tag);
}

void OSFree(void *p, uint32_t size, OSMallocTag tag)
{
    mach_free(p, size, &osmalloc_bytes);
    tag_release(tag);
}

/* ---- blocks that know their size ----------------------------------------------------------------------- */
struct header {
    size_t size; /* without this */
    size_t pad;  /* keeps what follows aligned to 16 */
};

static void *sized_alloc(size_t size, struct lx_counter *kind, int zero)
{
    if (size > SIZE_MAX - sizeof(struct header))
        return 0;
    struct header *h = lx_ram_alloc(sizeof *h + size, 16, ~0ull);
    if (!h)
        return 0;
    h->size = size;
    if (zero)
        bzero(h + 1, size);
    lx_count(kind, size);
    return h + 1;
}

static void sized_free(void *p, struct lx_counter *kind)
{
    struct header *h = p;
    if (!p)
        return;
    h--;
    lx_uncount(kind, h->size);
    lx_ram_free(h, sizeof *h + h->size);
}

/* OSRuntime.cpp: cleared; a size of 0 has no memory; realloc clears what it adds. */
void *kern_os_malloc(size_t size)
{
    return size ? sized_alloc(size, &kern_os_bytes, 1) : 0;
}

void kern_os_free(void *p)
{
    sized_free(p, &kern_os_bytes);
}

size_t kern_os_malloc_size(void *p)
{
    return p ? ((struct header *)p)[-1].size : 0;
}

void *kern_os_realloc(void *p, size_t size)
{
    size_t old = kern_os_malloc_size(p);
    if (!p)
        return kern_os_malloc(size);
    if (size == old)
        return p;
    void *new = kern_os_malloc(size);
    if (new)
        memcpy(new, p, old < size ? old : size);
    if (new || !size)
        kern_os_free(p);
    return new;
}

enum { M_NOWAIT_ = 1, M_ZERO_ = 4 }; /* sys/malloc.h */

void *_MALLOC(size_t size, int type, int flags)
{
    if (!size)
        return 0;
    void *p = sized_alloc(size, &bsd_bytes, flags & M_ZERO_);
    if (!p && !(flags & M_NOWAIT_))
        panic("_MALLOC: no memory for %lu bytes; give the machine more RAM", (unsigned long)size);
    return p;
}

void _FREE(void *p, int type)
{
    sized_free(p, &bsd_bytes);
}

char *STRDUP(const char *s, int type)
{
    size_t n = strlen(s) + 1;
    char *copy = _MALLOC(n, type, 0);
    memcpy(copy, s, n);
    return copy;
}
