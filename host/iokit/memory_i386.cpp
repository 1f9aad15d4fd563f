// SPDX-License-Identifier: BSD-3-Clause
/*
 * What memory descriptors have on i386 besides: the interface from before 64-bit addresses, by which 10.5's drivers
 * and the memory cursors still go. Answers to IOKit/IOMemoryDescriptor.h; behaviour as in xnu-1504
 * iokit/Kernel/IOMemoryDescriptor.cpp.
 */
#ifdef __i386__
#include "iokit/impl.h"
#include "iokit/memory.h"
#include <IOKit/IOSubMemoryDescriptor.h>

/* ---- addresses ---- */
/* A class of one's own may know only this way. */
addr64_t IOMemoryDescriptor::getPhysicalSegment(IOByteCount offset, IOByteCount *length, IOOptionBits options)
{
    return getPhysicalSegment64(offset, length);
}

addr64_t IOMemoryDescriptor::getPhysicalSegment64(IOByteCount offset, IOByteCount *length)
{
    return getPhysicalSegment(offset, length);
}

IOPhysicalAddress IOMemoryDescriptor::getPhysicalSegment(IOByteCount offset, IOByteCount *length)
{
    addr64_t address = getPhysicalSegment(offset, length, 0);
    if (address >> 32)
        panic("%s: physical address 0x%llx is beyond 4 GB", name_of(this), address);
    return (IOPhysicalAddress)address;
}

IOPhysicalAddress IOMemoryDescriptor::getSourceSegment(IOByteCount offset, IOByteCount *length)
{
    return getPhysicalSegment(offset, length);
}

void *IOMemoryDescriptor::getVirtualSegment(IOByteCount offset, IOByteCount *length)
{
    return 0; /* obsolete there too */
}

addr64_t IOGeneralMemoryDescriptor::getPhysicalSegment64(IOByteCount offset, IOByteCount *length)
{
    return getPhysicalSegment(offset, length, 0);
}

IOPhysicalAddress IOGeneralMemoryDescriptor::getPhysicalSegment(IOByteCount offset, IOByteCount *length)
{
    return IOMemoryDescriptor::getPhysicalSegment(offset, length);
}

/* The first range's own addresses. */
IOPhysicalAddress IOGeneralMemoryDescriptor::getSourceSegment(IOByteCount offset, IOByteCount *length)
{
    for (unsigned i = 0; i < _rangesCount; i++) {
        if (offset < _ranges.v64[i].length) {
            if (length)
                *length = (IOByteCount)_ranges.v64[i].length - offset;
            return (IOPhysicalAddress)(_ranges.v64[i].address + offset);
        }
        offset -= (IOByteCount)_ranges.v64[i].length;
    }
    if (length)
        *length = 0;
    return 0;
}

void *IOGeneralMemoryDescriptor::getVirtualSegment(IOByteCount offset, IOByteCount *length)
{
    return IOMemoryDescriptor::getVirtualSegment(offset, length);
}

/* ---- initialisation ---- */
bool IOMemoryDescriptor::initWithAddress(void *, IOByteCount, IODirection)
{
    return false;
}
bool IOMemoryDescriptor::initWithAddress(IOVirtualAddress, IOByteCount, IODirection, task_t)
{
    return false;
}
bool IOMemoryDescriptor::initWithPhysicalAddress(IOPhysicalAddress, IOByteCount, IODirection)
{
    return false;
}
bool IOMemoryDescriptor::initWithRanges(IOVirtualRange *, UInt32, IODirection, task_t, bool)
{
    return false;
}
bool IOMemoryDescriptor::initWithPhysicalRanges(IOPhysicalRange *, UInt32, IODirection, bool)
{
    return false;
}

bool IOGeneralMemoryDescriptor::initWithAddress(void *address, IOByteCount withLength, IODirection withDirection)
{
    return initWithAddress((IOVirtualAddress)address, withLength, withDirection, kernel_task);
}

bool IOGeneralMemoryDescriptor::initWithAddress(IOVirtualAddress address, IOByteCount withLength,
                                                IODirection withDirection, task_t withTask)
{
    IOVirtualRange range = {address, withLength};
    return initWithRanges(&range, 1, withDirection, withTask, false);
}

bool IOGeneralMemoryDescriptor::initWithPhysicalAddress(IOPhysicalAddress address, IOByteCount withLength,
                                                        IODirection withDirection)
{
    IOPhysicalRange range = {address, withLength};
    return initWithPhysicalRanges(&range, 1, withDirection, false);
}

/* As there: the kernel's own memory needs no prepare(). */
bool IOGeneralMemoryDescriptor::initWithRanges(IOVirtualRange *ranges, UInt32 withCount, IODirection withDirection,
                                               task_t withTask, bool asReference)
{
    IOOptionBits options = withDirection | (asReference ? kIOMemoryAsReference : 0);
    options |= withTask ? kIOMemoryTypeVirtual | (withTask == kernel_task ? kIOMemoryAutoPrepare : 0) : kIOMemoryTypePhysical;
    return initWithOptions(ranges, withCount, 0, withTask, options, 0);
}

bool IOGeneralMemoryDescriptor::initWithPhysicalRanges(IOPhysicalRange *ranges, UInt32 withCount,
                                                       IODirection withDirection, bool asReference)
{
    return initWithOptions(ranges, withCount, 0, 0,
                           withDirection | (asReference ? kIOMemoryAsReference : 0) | kIOMemoryTypePhysical, 0);
}

/* ---- mapping ---- */
IOMemoryMap *IOMemoryDescriptor::map(task_t intoTask, IOVirtualAddress atAddress, IOOptionBits options,
                                     IOByteCount offset, IOByteCount length)
{
    return createMappingInTask(intoTask, atAddress, options, offset, length);
}

IOReturn IOMemoryMap::redirect(IOMemoryDescriptor *newBackingMemory, IOOptionBits options, IOByteCount offset)
{
    return redirect(newBackingMemory, options, (mach_vm_size_t)offset);
}
#endif
