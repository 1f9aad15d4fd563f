// SPDX-License-Identifier: BSD-3-Clause
// Memory described by ranges, its mappings and its wiring. Answers to Apple's IOKit/IOMemoryDescriptor.h
// (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOTypes.h>
#include <IOKit/IOLocks.h>
#include <libkern/c++/OSContainers.h>

#define kIOMapperSystem                        ((IOMapper *)0)
#define IOMEMORYDESCRIPTOR_SUPPORTS_DMACOMMAND 1

class IOMemoryMap;
class IOMapper;
// A type of its own on i386, where methods that take it mangle so.
#ifdef __LP64__
typedef IOOptionBits IODirection;
enum {
#else
enum IODirection {
#endif
    kIODirectionNone = 0x0,
    kIODirectionIn = 0x1,
    kIODirectionOut = 0x2,
    kIODirectionOutIn = 0x3,
    kIODirectionInOut = 0x3
};

enum {
    kIOMemoryDirectionMask = 0x7,
    kIOMemoryTypeVirtual = 0x10,
    kIOMemoryTypePhysical = 0x20,
    kIOMemoryTypeUPL = 0x30,
    kIOMemoryTypePersistentMD = 0x40,
    kIOMemoryTypeUIO = 0x50,
#ifdef __LP64__
    kIOMemoryTypeVirtual64 = kIOMemoryTypeVirtual,
    kIOMemoryTypePhysical64 = kIOMemoryTypePhysical,
#else
    kIOMemoryTypeVirtual64 = 0x60,
    kIOMemoryTypePhysical64 = 0x70,
#endif
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
#ifdef __LP64__
    uint64_t __iomd_reserved1;
    uint64_t __iomd_reserved2;
    uint64_t __iomd_reserved3;
    uint64_t __iomd_reserved4;
#else
    IODirection _direction;
#endif
    IOByteCount _length;
    IOOptionBits _tag;

public:
#ifndef __LP64__
    virtual IOPhysicalAddress getSourceSegment(IOByteCount offset, IOByteCount *length);
#endif
    virtual bool initWithOptions(void *buffers, UInt32 count, UInt32 offset, task_t task,
                                 IOOptionBits options, IOMapper *mapper = kIOMapperSystem);
#ifndef __LP64__
    // As getPhysicalSegment with kIOMemoryMapperNone.
    virtual addr64_t getPhysicalSegment64(IOByteCount offset, IOByteCount *length);
#endif
    // Volatility of the pages.
    virtual IOReturn setPurgeable(IOOptionBits newState, IOOptionBits *oldState);
    virtual IOReturn performOperation(IOOptionBits options, IOByteCount offset, IOByteCount length);
    virtual IOReturn dmaCommandOperation(DMACommandOps op, void *vData, UInt dataSize) const;
    // Physical address of the byte at `offset`, 0 at the end; *length is how many bytes follow
    // contiguously.
#ifdef __LP64__
    virtual addr64_t getPhysicalSegment(IOByteCount offset, IOByteCount *length,
                                        IOOptionBits options = 0) = 0;
    virtual uint64_t getPreparationID(void);
#elif !defined(KPI_10_5)
    virtual addr64_t getPhysicalSegment(IOByteCount offset, IOByteCount *length, IOOptionBits options);
    virtual uint64_t getPreparationID(void);
#endif
#ifdef __LP64__
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 1);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 2);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 3);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 4);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 5);
#endif
#if defined(__LP64__) || defined(KPI_10_5)
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 6);
    OSMetaClassDeclareReservedUnused(IOMemoryDescriptor, 7);
#endif
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
#ifndef __LP64__
    // Pure in 10.5.
    virtual bool initWithAddress(void *address, IOByteCount withLength, IODirection withDirection) KPI_PURE_IN_10_5;
    virtual bool initWithAddress(IOVirtualAddress address, IOByteCount withLength, IODirection withDirection,
                                 task_t withTask) KPI_PURE_IN_10_5;
    virtual bool initWithPhysicalAddress(IOPhysicalAddress address, IOByteCount withLength,
                                         IODirection withDirection) KPI_PURE_IN_10_5;
    virtual bool initWithRanges(IOVirtualRange *ranges, UInt32 withCount, IODirection withDirection,
                                task_t withTask, bool asReference = false) KPI_PURE_IN_10_5;
    virtual bool initWithPhysicalRanges(IOPhysicalRange *ranges, UInt32 withCount, IODirection withDirection,
                                        bool asReference = false) KPI_PURE_IN_10_5;
#endif
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
#ifndef __LP64__
    virtual IOPhysicalAddress getPhysicalSegment(IOByteCount offset, IOByteCount *length) KPI_PURE_IN_10_5;
    virtual void *getVirtualSegment(IOByteCount offset, IOByteCount *length) KPI_PURE_IN_10_5;
#endif
    // Wires the pages for I/O; counts. kIOReturnSuccess or why not.
    virtual IOReturn prepare(IODirection forDirection = kIODirectionNone) = 0;
    // Undoes one prepare.
    virtual IOReturn complete(IODirection forDirection = kIODirectionNone) = 0;
#ifndef __LP64__
    virtual IOMemoryMap *map(task_t intoTask, IOVirtualAddress atAddress, IOOptionBits options,
                             IOByteCount offset = 0, IOByteCount length = 0);
#endif
    // One reference to a mapping; 0 when it is not possible.
    virtual IOMemoryMap *map(IOOptionBits options = 0);
    virtual IOMemoryMap *setMapping(task_t task, IOVirtualAddress mapAddress, IOOptionBits options = 0);
#ifdef __LP64__
    virtual
#endif
        IOReturn redirect(task_t safeTask, bool redirect);
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
#ifdef KPI_10_5
    OSDeclareAbstractStructors(IOMemoryMap)
#else
    OSDeclareDefaultStructors(IOMemoryMap)

protected:
    virtual void taggedRelease(const void *tag = 0) const;
    virtual void free(void);
#endif

public:
    // In the task's map.
    virtual IOVirtualAddress getVirtualAddress(void) KPI_PURE_IN_10_5;
    // As IOMemoryDescriptor.
#ifdef __LP64__
    virtual IOPhysicalAddress getPhysicalSegment(IOByteCount offset, IOByteCount *length,
                                                 IOOptionBits options = 0);
#else
    virtual IOPhysicalAddress getPhysicalSegment(IOByteCount offset, IOByteCount *length) KPI_PURE_IN_10_5;
#endif
    // Bytes.
    virtual IOByteCount getLength(void) KPI_PURE_IN_10_5;
    virtual task_t getAddressTask(void) KPI_PURE_IN_10_5;
    virtual IOMemoryDescriptor *getMemoryDescriptor(void) KPI_PURE_IN_10_5;
    virtual IOOptionBits getMapOptions(void) KPI_PURE_IN_10_5;
    // At once, although references are left.
    virtual IOReturn unmap(void) KPI_PURE_IN_10_5;
    virtual void taskDied(void) KPI_PURE_IN_10_5;
#ifndef __LP64__
    virtual IOReturn redirect(IOMemoryDescriptor *newBackingMemory, IOOptionBits options, IOByteCount offset = 0) KPI_PURE_IN_10_5;
#endif
    virtual IOReturn redirect(IOMemoryDescriptor *newBackingMemory, IOOptionBits options,
                              mach_vm_size_t offset = 0) KPI_PURE_IN_10_5;
#ifndef __LP64__
    virtual mach_vm_address_t getAddress() KPI_PURE_IN_10_5;
    virtual mach_vm_size_t getSize() KPI_PURE_IN_10_5;
#endif
#ifndef KPI_10_5
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 0);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 1);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 2);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 3);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 4);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 5);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 6);
    OSMetaClassDeclareReservedUnused(IOMemoryMap, 7);
#endif

public:
    IOPhysicalAddress getPhysicalAddress(void);
#ifdef __LP64__
    mach_vm_address_t getAddress();
    mach_vm_size_t getSize();
#endif
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
#ifndef __LP64__
    bool _rangesIsAllocated;
#endif
    task_t _task;
    union {
        IOVirtualRange v;
        IOPhysicalRange p;
    } _singleRange;
    unsigned int _wireCount;
#ifndef __LP64__
    vm_address_t _cachedVirtualAddress;
    IOPhysicalAddress _cachedPhysicalAddress;
#endif
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
#ifndef KPI_10_5
    virtual uint64_t getPreparationID(void);
#endif
    virtual bool initWithOptions(void *buffers, UInt32 count, UInt32 offset, task_t task,
                                 IOOptionBits options, IOMapper *mapper = kIOMapperSystem);
#ifndef KPI_10_5
    virtual IOReturn setPurgeable(IOOptionBits newState, IOOptionBits *oldState);
    virtual addr64_t getPhysicalSegment(IOByteCount offset, IOByteCount *length,
                                        IOOptionBits options KPI_DEFAULT_64(0));
#endif
    virtual IOReturn prepare(IODirection forDirection = kIODirectionNone);
    virtual IOReturn complete(IODirection forDirection = kIODirectionNone);
    virtual IOReturn doMap(vm_map_t addressMap, IOVirtualAddress *atAddress, IOOptionBits options,
                           IOByteCount sourceOffset = 0, IOByteCount length = 0);
    virtual IOReturn doUnmap(vm_map_t addressMap, IOVirtualAddress logical, IOByteCount length);
    virtual bool serialize(OSSerialize *s) const;

#ifndef __LP64__
    virtual bool initWithAddress(void *address, IOByteCount withLength, IODirection withDirection);
    virtual bool initWithAddress(IOVirtualAddress address, IOByteCount withLength, IODirection withDirection,
                                 task_t withTask);
    virtual bool initWithPhysicalAddress(IOPhysicalAddress address, IOByteCount withLength,
                                         IODirection withDirection);
    virtual bool initWithRanges(IOVirtualRange *ranges, UInt32 withCount, IODirection withDirection,
                                task_t withTask, bool asReference = false);
    virtual bool initWithPhysicalRanges(IOPhysicalRange *ranges, UInt32 withCount, IODirection withDirection,
                                        bool asReference = false);
    virtual IOPhysicalAddress getPhysicalSegment(IOByteCount offset, IOByteCount *length);
    virtual IOPhysicalAddress getSourceSegment(IOByteCount offset, IOByteCount *length);
    virtual addr64_t getPhysicalSegment64(IOByteCount offset, IOByteCount *length);
    virtual void *getVirtualSegment(IOByteCount offset, IOByteCount *length);

private:
    virtual void setPosition(IOByteCount position);
    virtual void mapIntoKernel(unsigned int rangeIndex);
    virtual void unmapFromKernel(void);
#endif

private:
    IOReturn wireVirtual(IODirection forDirection);
};

#ifdef __LP64__
inline mach_vm_address_t IOMemoryMap::getAddress()
{
    return getVirtualAddress();
}

inline mach_vm_size_t IOMemoryMap::getSize()
{
    return getLength();
}
#endif
