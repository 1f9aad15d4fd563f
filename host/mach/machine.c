// SPDX-License-Identifier: BSD-3-Clause
/*
 * The processor and its memory as drivers see them (i386/machine_routines.h, mach/vm_param.h, IOLib.h; Apple:
 * osfmk/i386/machine_routines.c, loose_ends.c, pmap). Virtual addresses of kernel memory are RAM plus an
 * offset; what is no RAM is a device's and goes to QEMU.
 */
#include <stddef.h>
#include <stdint.h>
#include <kern/debug.h>
#include <kern/sched_prim.h>
#include <kern/thread.h>
#include <libkern/libkern.h>
#include <mach/mach_types.h>
#include <mach/vm_param.h>
#include <machine/machine_routines.h>
#include <IOKit/IOLib.h>
#include "internal.h"
#include "qemu/qemu.h"

/* Absent from the test programs that have no devices. */
#pragma weak qemu_in_interrupt
#pragma weak qemu_mmio_read
#pragma weak qemu_mmio_write

/* ---- interrupt and preemption state -------------------------------------------------------------------- */
int mach_in_interrupt(thread_t self)
{
    return self->in_interrupt || (qemu_in_interrupt && qemu_in_interrupt());
}

void mach_interrupt_context(int on)
{
    current_thread()->in_interrupt += on ? 1 : -1;
}

boolean_t ml_at_interrupt_context(void)
{
    return mach_in_interrupt(current_thread());
}

/* The state is kept, and answers questions; it does not keep the interrupt thread away, as on a Mac with two
 * processors: who shares data with a handler needs a spin lock. */
boolean_t ml_set_interrupts_enabled(boolean_t enable)
{
    thread_t t = current_thread();
    boolean_t old = !t->interrupts_off;
    t->interrupts_off = !enable;
    return old;
}

boolean_t ml_get_interrupts_enabled(void)
{
    return !current_thread()->interrupts_off;
}

boolean_t preemption_enabled(void)
{
    thread_t t = current_thread();
    return !t->preemption_level && !t->interrupts_off;
}

int cpu_number(void)
{
    return 0;
}

unsigned int real_ncpus = 2;

/* ---- memory -------------------------------------------------------------------------------------------- */
vm_size_t page_size = 4096, page_mask = 4095;
int page_shift = 12;
vm_size_t mem_size;
uint64_t max_mem;
vm_map_t kernel_map;
struct pmap {
    int unused;
};
static struct pmap the_kernel_pmap;
struct pmap *kernel_pmap = &the_kernel_pmap;

void mach_memory_init(void)
{
    max_mem = lx_ram_size;
    mem_size = lx_ram_size;
    kernel_map = (vm_map_t)lx_ram; /* opaque: only handed back to kmem_alloc and its like */
}

/* 0: no page there (osfmk/x86_64/pmap.c). */
ppnum_t pmap_find_phys(struct pmap *pmap, addr64_t va)
{
    unsigned long long phys = lx_ram_phys((void *)(uintptr_t)va);
    return phys == ~0ull ? 0 : (ppnum_t)(phys >> page_shift);
}

static void *ram_at(uint64_t phys, uint64_t size)
{
    return phys < lx_ram_size && size <= lx_ram_size - phys ? lx_ram_virt(phys) : 0;
}

uint64_t mach_phys_read(uint64_t phys, int width)
{
    volatile void *p = ram_at(phys, width);
    if (!p)
        return qemu_mmio_read ? qemu_mmio_read(phys, width) : ~0ull >> (64 - 8 * width);
    switch (width) {
    case 1:
        return *(volatile uint8_t *)p;
    case 2:
        return *(volatile uint16_t *)p;
    case 4:
        return *(volatile uint32_t *)p;
    }
    return *(volatile uint64_t *)p;
}

void mach_phys_write(uint64_t phys, int width, uint64_t value)
{
    volatile void *p = ram_at(phys, width);
    if (!p && qemu_mmio_write)
        qemu_mmio_write(phys, width, value);
    if (!p)
        return;
    switch (width) {
    case 1:
        *(volatile uint8_t *)p = (uint8_t)value;
        break;
    case 2:
        *(volatile uint16_t *)p = (uint16_t)value;
        break;
    case 4:
        *(volatile uint32_t *)p = (uint32_t)value;
        break;
    default:
        *(volatile uint64_t *)p = value;
    }
}

#define PHYS(bits, bytes)                                                                                    \
    UInt##bits IOMappedRead##bits(IOPhysicalAddress address)                                                 \
    {                                                                                                        \
        return (UInt##bits)mach_phys_read(address, bytes);                                                   \
    }                                                                                                        \
    void IOMappedWrite##bits(IOPhysicalAddress address, UInt##bits value)                                    \
    {                                                                                                        \
        mach_phys_write(address, bytes, value);                                                              \
    }
PHYS(8, 1)
PHYS(16, 2)
PHYS(32, 4)
PHYS(64, 8)

static void *copy_end(addr64_t address, vm_size_t size)
{
    void *p = ram_at(address, size);
    if (!p)
        panic("bcopy_phys: [%llx, %llx) is not in RAM", address, address + size);
    return p;
}

/* libkern's bcopy_phys takes physical addresses on both sides. */
void bcopy_phys(addr64_t from, addr64_t to, vm_size_t size)
{
    bcopy(copy_end(from, size), copy_end(to, size), size);
}

void bzero_phys(addr64_t to, vm_size_t size)
{
    bzero(copy_end(to, size), size);
}

/* x86 keeps caches coherent with devices and code with data: nothing to do (osfmk/i386/loose_ends.c). */
void flush_dcache(vm_offset_t addr, unsigned count, int phys) {}

void flush_dcache64(addr64_t addr, unsigned count, int phys) {}

void invalidate_icache(vm_offset_t addr, unsigned count, int phys) {}

void invalidate_icache64(addr64_t addr, unsigned count, int phys) {}

IOReturn IOFlushProcessorCache(task_t task, IOVirtualAddress address, IOByteCount length)
{
    return task == kernel_task ? kIOReturnSuccess : kIOReturnUnsupported;
}

/* ---- stack protector (libkern/stack_protector.c) ------------------------------------------------------- */
unsigned long __stack_chk_guard;

void __stack_chk_fail(void)
{
    panic("Kernel stack memory corruption detected");
}
