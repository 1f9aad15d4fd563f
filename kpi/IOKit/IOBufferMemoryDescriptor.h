// SPDX-License-Identifier: BSD-3-Clause
// A memory descriptor that allocates its buffer. Answers to Apple's IOKit/IOBufferMemoryDescriptor.h
// (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOMemoryDescriptor.h>

#define _IOBUFFERMEMORYDESCRIPTOR_INTASKWITHOPTIONS_ 1

enum {
    kIOMemoryPhysicallyContiguous = 0x10,
    kIOMemoryPageable = 0x20,
    kIOMemoryPurgeable = 0x40,
    kIOMemorySharingTypeMask = 0xf0000,
    kIOMemoryUnshared = 0x0,
    kIOMemoryKernelUserShared = 0x10000,
    kIOBufferDescriptorMemoryFlags = 0x300007
};

// Allocates what it describes. Memory of kernel_task is wired at once; kIOMemoryPhysicallyContiguous makes
// one segment (xnu iokit/Kernel/IOBufferMemoryDescriptor.cpp).
class IOBufferMemoryDescriptor : public IOGeneralMemoryDescriptor
{
    OSDeclareDefaultStructors(IOBufferMemoryDescriptor)

protected:
    struct ExpansionData; // the implementation's own

private:
    ExpansionData *reserved;

protected:
    void *_buffer;
    vm_size_t _capacity;
    vm_offset_t _alignment;
    IOOptionBits _options;

private:
#ifdef KPI_10_5
    IOPhysicalAddress *_physAddrs;
    unsigned int _physSegCount;
#else
    uintptr_t _internalReserved;
    unsigned int _internalFlags;
#endif

#ifndef __LP64__
    virtual bool initWithOptions(IOOptionBits options, vm_size_t capacity, vm_offset_t alignment, task_t inTask);
#endif
    virtual bool initWithPhysicalMask(task_t inTask, IOOptionBits options, mach_vm_size_t capacity,
                                      mach_vm_address_t alignment, mach_vm_address_t physicalMask);
#ifdef __LP64__
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 0);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 1);
#endif
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 2);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 3);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 4);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 5);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 6);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 7);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 8);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 9);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 10);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 11);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 12);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 13);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 14);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 15);

protected:
    virtual void free(void);

public:
#ifndef __LP64__
    virtual bool initWithOptions(IOOptionBits options, vm_size_t capacity, vm_offset_t alignment);
    virtual bool initWithBytes(const void *bytes, vm_size_t withLength, IODirection withDirection,
                               bool withContiguousMemory = false);
    virtual void *getVirtualSegment(IOByteCount offset, IOByteCount *length);
#endif
    // At most the capacity; the descriptor's length.
    virtual void setLength(vm_size_t length);
    // For a buffer that serves both ways in turn.
    virtual void setDirection(IODirection direction);
    virtual vm_size_t getCapacity(void) const;
    // Kernel address of the buffer; valid while the descriptor lives.
    virtual void *getBytesNoCopy(void);
    virtual void *getBytesNoCopy(vm_size_t start, vm_size_t withLength);
    virtual bool appendBytes(const void *bytes, vm_size_t withLength);

    static IOBufferMemoryDescriptor *withOptions(IOOptionBits options, vm_size_t capacity,
                                                 vm_offset_t alignment = 1);
    // One reference; capacity in bytes, alignment a power of two.
    static IOBufferMemoryDescriptor *inTaskWithOptions(task_t inTask, IOOptionBits options,
                                                       vm_size_t capacity, vm_offset_t alignment = 1);
    // One reference; physicalMask holds the address bits that may be set, so it says both how high and how
    // aligned.
    static IOBufferMemoryDescriptor *inTaskWithPhysicalMask(task_t inTask, IOOptionBits options,
                                                            mach_vm_size_t capacity,
                                                            mach_vm_address_t physicalMask);
    // One reference.
    static IOBufferMemoryDescriptor *withCapacity(vm_size_t capacity, IODirection withDirection,
                                                  bool withContiguousMemory = false);
    // One reference; a copy of the bytes.
    static IOBufferMemoryDescriptor *withBytes(const void *bytes, vm_size_t withLength,
                                               IODirection withDirection, bool withContiguousMemory = false);
};
