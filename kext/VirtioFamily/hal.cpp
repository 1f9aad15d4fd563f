// SPDX-License-Identifier: BSD-3-Clause
/* The HAL (core/hal.h) on I/O Kit. BARs are mapped once; a register in memory is one load or store, a port
 * goes through IOPCIDevice. */
#include "VirtioPCIDriver.h"
#include <IOKit/IOBufferMemoryDescriptor.h>
#include <IOKit/IODeviceMemory.h>
#include <IOKit/IOLib.h>
#include <kern/clock.h>
#include <libkern/libkern.h>
#include <stdarg.h>

/* The mask says alignment and highest address at once (IOBufferMemoryDescriptor::initWithPhysicalMask). */
static mach_vm_address_t physicalMask(uint32_t align, unsigned addr_bits)
{
    mach_vm_address_t reachable = addr_bits >= 64 ? ~0ULL : (1ULL << addr_bits) - 1;

    return reachable & ~(mach_vm_address_t)(align - 1);
}

int hal_dma_alloc(struct hal_dev *dev, struct hal_dma *dma, uint32_t size, uint32_t align, unsigned addr_bits)
{
    IOByteCount length;
    IOBufferMemoryDescriptor *buffer = IOBufferMemoryDescriptor::inTaskWithPhysicalMask(
        kernel_task, kIODirectionInOut | kIOMemoryPhysicallyContiguous, size, physicalMask(align, addr_bits));

    bzero(dma, sizeof *dma);
    if (!buffer)
        return VIO_ENOMEM;
#ifdef __LP64__
    dma->pa = buffer->getPhysicalSegment(0, &length);
#else /* by that name 10.5 has only one of 32 bits */
    dma->pa = buffer->getPhysicalSegment64(0, &length);
#endif
    if (!dma->pa || length < size || (dma->pa & (align - 1))) {
        hal_log(dev, HAL_ERROR, "%u bytes of DMA memory came at 0x%llx, %llu contiguous", size, dma->pa,
                (unsigned long long)length);
        buffer->release();
        dma->pa = 0;
        return VIO_ENOMEM;
    }
    dma->va = buffer->getBytesNoCopy();
    bzero(dma->va, size);
    dma->size = size;
    dma->os = buffer;
    return 0;
}

void hal_dma_free(struct hal_dev *, struct hal_dma *dma)
{
    if (dma->os)
        static_cast<IOBufferMemoryDescriptor *>(dma->os)->release();
    bzero(dma, sizeof *dma);
}

void *hal_alloc(uint32_t size)
{
    void *p = IOMalloc(size);

    if (p)
        bzero(p, size);
    return p;
}

void hal_free(void *p, uint32_t size)
{
    if (p)
        IOFree(p, size);
}

uint32_t hal_pci_read(struct hal_dev *dev, unsigned offset, unsigned width)
{
    UInt8 at = (UInt8)offset;

    return width == 1   ? dev->pci->configRead8(at)
           : width == 2 ? dev->pci->configRead16(at)
                        : dev->pci->configRead32(at);
}

int hal_bar_map(struct hal_dev *dev, unsigned index, struct hal_bar *bar)
{
    UInt8 reg = (UInt8)(kIOPCIConfigBaseAddress0 + 4 * index);
    IOMemoryMap *map;

    if (!dev->pci->getDeviceMemoryWithRegister(reg))
        return VIO_EDEVICE;
    map = dev->pci->mapDeviceMemoryWithRegister(reg);
    if (!map)
        return VIO_ENOMEM;
    bar->size = map->getLength();
    bar->is_io = dev->pci->configRead32(reg) & 1; /* the space indicator of PCI */
    bar->base = bar->is_io ? (uintptr_t)dev->pci : (uintptr_t)map->getVirtualAddress();
    bar->os = map;
    return 0;
}

void hal_bar_unmap(struct hal_dev *, struct hal_bar *bar)
{
    if (bar->os)
        static_cast<IOMemoryMap *>(bar->os)->release();
    bzero(bar, sizeof *bar);
}

uint32_t hal_read(const struct hal_bar *bar, uint32_t offset, unsigned width)
{
    if (bar->is_io) {
        IOPCIDevice *pci = (IOPCIDevice *)bar->base;
        IOMemoryMap *map = static_cast<IOMemoryMap *>(bar->os);
        UInt16 at = (UInt16)offset;
        return width == 1   ? pci->ioRead8(at, map)
               : width == 2 ? pci->ioRead16(at, map)
                            : pci->ioRead32(at, map);
    }
    uintptr_t at = bar->base + offset;
    return width == 1 ? *(volatile UInt8 *)at : width == 2 ? *(volatile UInt16 *)at : *(volatile UInt32 *)at;
}

void hal_write(const struct hal_bar *bar, uint32_t offset, unsigned width, uint32_t value)
{
    if (bar->is_io) {
        IOPCIDevice *pci = (IOPCIDevice *)bar->base;
        IOMemoryMap *map = static_cast<IOMemoryMap *>(bar->os);
        UInt16 at = (UInt16)offset;
        if (width == 1)
            pci->ioWrite8(at, (UInt8)value, map);
        else if (width == 2)
            pci->ioWrite16(at, (UInt16)value, map);
        else
            pci->ioWrite32(at, value, map);
        return;
    }
    uintptr_t at = bar->base + offset;
    if (width == 1)
        *(volatile UInt8 *)at = (UInt8)value;
    else if (width == 2)
        *(volatile UInt16 *)at = (UInt16)value;
    else
        *(volatile UInt32 *)at = value;
}

void hal_delay(unsigned us)
{
    if (us < 1000)
        IODelay(us);
    else
        IOSleep(us / 1000);
}

uint64_t hal_time(void)
{
    uint64_t now, ns;

    clock_get_uptime(&now);
    absolutetime_to_nanoseconds(now, &ns);
    return ns / 1000;
}

void hal_log(struct hal_dev *dev, enum hal_level level, const char *format, ...)
{
    char line[200];
    va_list args;

    if (level == HAL_DEBUG && !dev->debug)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    IOLog("[%s]: %s\n", dev->name, line);
}
