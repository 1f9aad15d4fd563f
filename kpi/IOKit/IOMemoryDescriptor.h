// SPDX-License-Identifier: BSD-3-Clause
// Memory described by ranges, its mappings and its wiring. Answers to Apple's IOKit/IOMemoryDescriptor.h
// (x86_64, Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOTypes.h>
#include <IOKit/IOLocks.h>
#include <libkern/c++/OSContainers.h>

#define kIOMapperSystem                        ((IOMapper *)0)
#define IOMEMORYDESCRIPTOR_SUPPORTS_DMACOMMAND 1

class IOMemoryMap;
class IOMapper;
enum {
    kIODirectionNone = 0x0,
    kIODirectionIn = 0x1,
    kIODirectionOut = 0x2,
    kIODirectionOutIn = 0x3,
    kIODirectionInOut = 0x3
};

typedef IOOptionBits IODirection;
enum {
    kIOMemoryDirectionMask = 0x7,
    kIOMemoryTypeVirtual = 0x10,
    kIOMemoryTypePhysical = 0x20,
    kIOMemoryTypeUPL = 0x30,
    kIOMemoryTypePersistentMD = 0x40,
    kIOMemoryTypeUIO = 0x50,
    kIOMemoryTypeVirtual64 = 16,
    kIOMemoryTypePhysical64 = 32,
    kIOMemoryTypeMask = 0xf0,
    kIOMemoryAsReference = 0x100,
    kIOMemoryBufferPageable = 0x400,
    kIOMemoryMapperNone = 0x800,
    kIOMemoryPersistent = 0x10000,
    kIOMemoryThreadSafe = 0x100000,
    kIOMemoryClearEncrypt = 0x200000
};

enum {
    kIOMemoryPurgeableKeepCurrent = 1,
    kIOMemoryPurgeableNonVolatile = 2,
    kIOMemoryPurgeableVolatile = 3,
    kIOMemoryPurgeableEmpty = 4
};

enum {
    kIOMemoryIncoherentIOFlush = 1,
    kIOMemoryIncoherentIOStore = 2,
    kIOMemoryClearEncrypted = 50,
    kIOMemorySetEncrypted = 51
};

enum {
    kIOPreparationIDUnprepared = 0,
    kIOPreparationIDUnsupported = 1,
    kIOPreparationIDAlwaysPrepared = 2
};

// Memory as ranges of some task's or of physical space, with a direction for DMA. prepare wires it and
// must be balanced by complete; physical addresses are valid in between only (xnu
// iokit/Kernel/IOMemoryDescriptor.cpp).
class IOMemoryDescriptor : public OSObject
{
    OSDeclareDefaultStructors(IOMemoryDescriptor)
    friend class IOMemoryMap;

protected:
    struct ExpansionData; // the implementation's own

public:
    typedef IOOptionBits DMACommandOps;

protected:
    ExpansionData *reserved;
    OSSet *_mappings;
    IOOptionBits _flags;
    void *_memEntry;
    uint64_t __iomd_reserved1;
    uint64_t __iomd_reserved2;
    uint64_t __iomd_reserved3;
    uint64_t __iomd_reserved4;
    IOByteCount _length;
    IOOptionBits _tag;

public:
    virtual bool initWithOptions(void *buffers, UInt32 count, UInt32 offset, task_t task,
                                 IOOptionBits options, IOMapper *mapper = kIOMapperSystem);
    // Volatility of the pages.
    virtual IOReturn setPurgeable(IOOptionBits newState, IOOptionBits *oldState);
    virtual IOReturn performOperation(IOOptionBits options, IOByteCount offset, IOByteCount length);
    virtual IOReturn dmaCommandOperation(DMACommandOps op, void *vData, UInt dataSize) const;
    // Physical address of the byte at `offset`, 0 at the end; *length is how many bytes follow
    // contiguously.
    virtual addr64_t getPhysicalSegment(IOByteCount offset, IOByteCount *length,
                                        IOOptionBits options = 0) = 0;
    virtual uint64_t getPreparationID(void);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 1);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 2);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 3);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 4);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 5);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 6);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 7);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 8);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 9);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 10);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 11);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 12);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 13);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 14);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 15);

protected:
    virtual void free(void);

public:
    // kIODirectionIn: device to memory.
    virtual IODirection getDirection(void) const;
    // Bytes.
    virtual IOByteCount getLength(void) const;
    virtual void setTag(IOOptionBits tag);
    virtual IOOptionBits getTag(void);
    // Copies out of the described memory; returns the count.
    virtual IOByteCount readBytes(IOByteCount offset, void *bytes, IOByteCount withLength);
    // Copies into it.
    virtual IOByteCount writeBytes(IOByteCount offset, const void *bytes, IOByteCount withLength);
    // Wires the pages for I/O; counts. kIOReturnSuccess or why not.
    virtual IOReturn prepare(IODirection forDirection = kIODirectionNone) = 0;
    // Undoes one prepare.
    virtual IOReturn complete(IODirection forDirection = kIODirectionNone) = 0;
    // One reference to a mapping; 0 when it is not possible.
    virtual IOMemoryMap *map(IOOptionBits options = 0);
    virtual IOMemoryMap *setMapping(task_t task, IOVirtualAddress mapAddress, IOOptionBits options = 0);
    virtual IOReturn redirect(task_t safeTask, bool redirect);
    virtual IOMemoryMap *makeMapping(IOMemoryDescriptor *owner, task_t intoTask, IOVirtualAddress atAddress,
                                     IOOptionBits options, IOByteCount offset, IOByteCount length);

protected:
    virtual void addMapping(IOMemoryMap *mapping);
    virtual void removeMapping(IOMemoryMap *mapping);
    virtual IOReturn doMap(vm_map_t addressMap, IOVirtualAddress *atAddress, IOOptionBits options,
                           IOByteCount sourceOffset = 0, IOByteCount length = 0);
    virtual IOReturn doUnmap(vm_map_t addressMap, IOVirtualAddress logical, IOByteCount length);

public:
    static void initialize(void);
    // One reference; memory of the kernel's map (or of `task`). Not prepared.
    static IOMemoryDescriptor *withAddress(void *address, IOByteCount withLength, IODirection withDirection);
    // One reference; needs no prepare.
    static IOMemoryDescriptor *withPhysicalAddress(IOPhysicalAddress address, IOByteCount withLength,
                                                   IODirection withDirection);
    // One reference; 0 as task means physical.
    static IOMemoryDescriptor *withAddressRange(mach_vm_address_t address, mach_vm_size_t length,
                                                IOOptionBits options, task_t task);
    static IOMemoryDescriptor *withAddressRanges(IOAddressRange *ranges, UInt32 rangeCount,
                                                 IOOptionBits options, task_t task);
    // The general form; option bits are kIOMemoryType..., direction and flags.
    static IOMemoryDescriptor *withOptions(void *buffers, UInt32 count, UInt32 offset, task_t task,
                                           IOOptionBits options, IOMapper *mapper = kIOMapperSystem);
    static IOMemoryDescriptor *withPersistentMemoryDescriptor(IOMemoryDescriptor *originalMD);
    IOPhysicalAddress getPhysicalAddress(void);
    // One reference; options kIOMap...
    IOMemoryMap *createMappingInTask(task_t intoTask, mach_vm_address_t atAddress, IOOptionBits options,
                                     mach_vm_size_t offset = 0, mach_vm_size_t length = 0);
};

// A mapping of a memory descriptor; it ends when the last reference goes (xnu
// iokit/Kernel/IOMemoryDescriptor.cpp).
class IOMemoryMap : public OSObject
{
    OSDeclareDefaultStructors(IOMemoryMap)

protected:
    virtual void taggedRelease(const void *tag = 0) const;
    virtual void free(void);

public:
    // In the task's map.
    virtual IOVirtualAddress getVirtualAddress(void);
    // As IOMemoryDescriptor.
    virtual IOPhysicalAddress getPhysicalSegment(IOByteCount offset, IOByteCount *length,
                                                 IOOptionBits options = 0);
    // Bytes.
    virtual IOByteCount getLength(void);
    virtual task_t getAddressTask(void);
    virtual IOMemoryDescriptor *getMemoryDescriptor(void);
    virtual IOOptionBits getMapOptions(void);
    // At once, although references are left.
    virtual IOReturn unmap(void);
    virtual void taskDied(void);
    virtual IOReturn redirect(IOMemoryDescriptor *newBackingMemory, IOOptionBits options,
                              mach_vm_size_t offset = 0);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 0);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 1);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 2);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 3);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 4);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 5);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 6);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 7);

public:
    IOPhysicalAddress getPhysicalAddress(void);
    mach_vm_address_t getAddress(void);
    mach_vm_size_t getSize(void);
};

// The kind that IOMemoryDescriptor's factories return (xnu iokit/Kernel/IOMemoryDescriptor.cpp).
class IOGeneralMemoryDescriptor : public IOMemoryDescriptor
{
    OSDeclareDefaultStructors(IOGeneralMemoryDescriptor)

public:
    union Ranges {
        IOVirtualRange *v;
        IOAddressRange *v64;
        IOPhysicalRange *p;
        void *uio;
    };

protected:
    Ranges _ranges;
    unsigned int _rangesCount;
    task_t _task;
    union {
        IOVirtualRange v;
        IOPhysicalRange p;
    } _singleRange;
    unsigned int _wireCount;
    bool _initialized;

private:
    OSData *_memoryEntries;
    unsigned int _pages;
    ppnum_t _highestPage;
    uint32_t __iomd_reservedA;
    uint32_t __iomd_reservedB;
    IOLock *_prepareLock;

public:
    virtual void free(void);
    virtual IOReturn dmaCommandOperation(IOMemoryDescriptor::DMACommandOps op, void *vData,
                                         UInt dataSize) const;
    virtual uint64_t getPreparationID(void);
    virtual bool initWithOptions(void *buffers, UInt32 count, UInt32 offset, task_t task,
                                 IOOptionBits options, IOMapper *mapper = kIOMapperSystem);
    virtual IOReturn setPurgeable(IOOptionBits newState, IOOptionBits *oldState);
    virtual addr64_t getPhysicalSegment(IOByteCount offset, IOByteCount *length, IOOptionBits options = 0);
    virtual IOReturn prepare(IODirection forDirection = kIODirectionNone);
    virtual IOReturn complete(IODirection forDirection = kIODirectionNone);
    virtual IOReturn doMap(vm_map_t addressMap, IOVirtualAddress *atAddress, IOOptionBits options,
                           IOByteCount sourceOffset = 0, IOByteCount length = 0);
    virtual IOReturn doUnmap(vm_map_t addressMap, IOVirtualAddress logical, IOByteCount length);
    virtual bool serialize(OSSerialize *s) const;

private:
    IOReturn wireVirtual(IODirection forDirection);
};

inline mach_vm_address_t IOMemoryMap::getAddress()
{
    return getVirtualAddress();
}

inline mach_vm_size_t IOMemoryMap::getSize()
{
    return getLength();
}
