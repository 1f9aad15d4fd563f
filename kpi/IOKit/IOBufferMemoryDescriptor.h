// SPDX-License-Identifier: BSD-3-Clause
// A memory descriptor that allocates its buffer. Answers to Apple's IOKit/IOBufferMemoryDescriptor.h
// (x86_64, Mac OS X 10.6 view).
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
    uintptr_t _internalReserved;
    unsigned int _internalFlags;

    virtual bool initWithPhysicalMask(task_t inTask, IOOptionBits options, mach_vm_size_t capacity,
                                      mach_vm_address_t alignment, mach_vm_address_t physicalMask);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 0);
    OSMetaClassDeclareReservedUnused(IOBufferMemoryDescriptor, 1);
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
    virtual void setLength(vm_size_t length);
    virtual void setDirection(IODirection direction);
    virtual vm_size_t getCapacity(void) const;
    virtual void *getBytesNoCopy(void);
    virtual void *getBytesNoCopy(vm_size_t start, vm_size_t withLength);
    virtual bool appendBytes(const void *bytes, vm_size_t withLength);

    static IOBufferMemoryDescriptor *withOptions(IOOptionBits options, vm_size_t capacity,
                                                 vm_offset_t alignment = 1);
    static IOBufferMemoryDescriptor *inTaskWithOptions(task_t inTask, IOOptionBits options,
                                                       vm_size_t capacity, vm_offset_t alignment = 1);
    static IOBufferMemoryDescriptor *inTaskWithPhysicalMask(task_t inTask, IOOptionBits options,
                                                            mach_vm_size_t capacity,
                                                            mach_vm_address_t physicalMask);
    static IOBufferMemoryDescriptor *withCapacity(vm_size_t capacity, IODirection withDirection,
                                                  bool withContiguousMemory = false);
    static IOBufferMemoryDescriptor *withBytes(const void *bytes, vm_size_t withLength,
                                               IODirection withDirection, bool withContiguousMemory = false);
};
