// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOGeneralMemoryDescriptor: ranges of virtual (kernel) or physical addresses. Answers to
 * IOKit/IOMemoryDescriptor.h; behaviour as in xnu-2422.115.4 iokit/Kernel/IOMemoryDescriptor.cpp. Kernel
 * memory never moves here, but as there a virtual descriptor has to be prepared before anyone asks for
 * physical addresses.
 */
#include "iokit/impl.h"
#include "iokit/memory.h"

OSDefineMetaClassAndStructors(IOGeneralMemoryDescriptor, IOMemoryDescriptor)

    static bool is_virtual(const IOGeneralMemoryDescriptor *memory)
{
    IOOptionBits type = memory->_flags & kIOMemoryTypeMask;
    return type == kIOMemoryTypeVirtual || type == kIOMemoryTypeVirtual64;
}

static void forget_ranges(IOGeneralMemoryDescriptor *memory)
{
#ifdef __LP64__
    bool own = memory->_rangesCount > 1 && !(memory->_flags & kIOMemoryAsReference);
#else
    bool own = memory->_rangesCount != 0;
#endif
    if (own)
        IOFree(memory->_ranges.v64, memory->_rangesCount * sizeof(IOAddressRange));
    memory->_ranges.v64 = 0;
    memory->_rangesCount = 0;
}

#ifdef __LP64__
/* One range is kept in the object; several are copied, unless the caller keeps them (kIOMemoryAsReference).
 */
static bool keep_ranges(IOGeneralMemoryDescriptor *memory, IOAddressRange *ranges, UInt32 count,
                        IOOptionBits options)
{
    IOAddressRange *own = ranges;
    if (count == 1) {
        own = (IOAddressRange *)&memory->_singleRange;
        *own = ranges[0];
    } else if (!(options & kIOMemoryAsReference)) {
        own = (IOAddressRange *)IOMalloc(count * sizeof *own);
        if (!own)
            return false;
        bcopy(ranges, own, count * sizeof *own);
    }
    memory->_ranges.v64 = own;
    memory->_rangesCount = count;
    return true;
}

#else
/* On i386 a range of a plain type has 32-bit words: all are kept as wide ones, which the object has no room for. */
static bool keep_ranges(IOGeneralMemoryDescriptor *memory, const void *ranges, UInt32 count, IOOptionBits options)
{
    IOOptionBits type = options & kIOMemoryTypeMask;
    bool wide = type == kIOMemoryTypeVirtual64 || type == kIOMemoryTypePhysical64;
    IOAddressRange *own = (IOAddressRange *)IOMalloc(count * sizeof *own);
    for (UInt32 i = 0; own && i < count; i++) {
        const IOVirtualRange *narrow = (const IOVirtualRange *)ranges + i;
        own[i].address = wide ? ((const IOAddressRange *)ranges)[i].address : narrow->address;
        own[i].length = wide ? ((const IOAddressRange *)ranges)[i].length : narrow->length;
    }
    memory->_ranges.v64 = own;
    memory->_rangesCount = own ? count : 0;
    return own != 0;
}
#endif

/* Total length, and the pages that the ranges touch; false when it does not fit or a range wraps. */
static bool measure(IOGeneralMemoryDescriptor *memory)
{
    IOByteCount length = 0;
    unsigned pages = 0;
    for (unsigned i = 0; i < memory->_rangesCount; i++) {
        const IOAddressRange *r = &memory->_ranges.v64[i];
        if (r->address + r->length < r->address || length + r->length < length)
            return false;
        length += r->length;
        pages += (r->address + r->length + PAGE_SIZE - 1) / PAGE_SIZE - r->address / PAGE_SIZE;
    }
    memory->_length = length;
    memory->_pages = pages;
    return true;
}

bool IOGeneralMemoryDescriptor::initWithOptions(void *buffers, UInt32 count, UInt32 offset, task_t task,
                                                IOOptionBits options, IOMapper *mapper)
{
    IOOptionBits type = options & kIOMemoryTypeMask;
    bool is_virtual = type == kIOMemoryTypeVirtual || type == kIOMemoryTypeVirtual64;
    if (is_virtual ? task != kernel_task : type != kIOMemoryTypePhysical && type != kIOMemoryTypePhysical64) {
        IOLog("%s: only kernel and physical memory can be described here (options 0x%x)\n", name_of(this),
              (unsigned int)options);
        return false;
    }
    if (!buffers || !count || offset)
        return false;
    if (_initialized) {
        while (_wireCount)
            complete();
        if (_ranges.v64 != buffers)
            forget_ranges(this);
    } else if (!IOMemoryDescriptor::init()) {
        return false;
    }
    _initialized = true;
    _flags = options & ~(kIOMemoryAsReference * (count == 1));
    _task = task;
    if (!keep_ranges(this, (IOAddressRange *)buffers, count, options) || !measure(this))
        return false;
    if (!_prepareLock)
        _prepareLock = IOLockAlloc();
    return _prepareLock && (!(options & kIOMemoryAutoPrepare) || prepare() == kIOReturnSuccess);
}

void IOGeneralMemoryDescriptor::free(void)
{
    _wireCount = 0;
    if (_initialized)
        forget_ranges(this);
    if (_prepareLock)
        IOLockFree(_prepareLock);
    _prepareLock = 0;
    IOMemoryDescriptor::free();
}

/* ---- prepare ---- */
/* All of it must be memory that a device can reach. */
IOReturn IOGeneralMemoryDescriptor::wireVirtual(IODirection forDirection)
{
    for (unsigned i = 0; i < _rangesCount; i++) {
        const IOAddressRange *r = &_ranges.v64[i];
        addr64_t first = memory_phys(r->address);
        if (r->length && (!first || memory_phys(r->address + r->length - 1) != first + r->length - 1)) {
            IOLog("%s: 0x%llx, %llu bytes: not kernel memory\n", name_of(this), r->address, r->length);
            return kIOReturnVMError;
        }
    }
    return kIOReturnSuccess;
}

IOReturn IOGeneralMemoryDescriptor::prepare(IODirection forDirection)
{
    if (!is_virtual(this))
        return kIOReturnSuccess;
    MutexScope hold(_prepareLock);
    if (!_wireCount) {
        IOReturn result = wireVirtual(forDirection);
        if (result != kIOReturnSuccess)
            return result;
    }
    _wireCount++;
    return kIOReturnSuccess;
}

IOReturn IOGeneralMemoryDescriptor::complete(IODirection forDirection)
{
    if (!is_virtual(this))
        return kIOReturnSuccess;
    MutexScope hold(_prepareLock);
    if (_wireCount)
        _wireCount--;
    return kIOReturnSuccess;
}

uint64_t IOGeneralMemoryDescriptor::getPreparationID(void)
{
    if (!is_virtual(this))
        return kIOPreparationIDAlwaysPrepared;
    return _wireCount ? (uint64_t)(uintptr_t)this : kIOPreparationIDUnprepared;
}

IOReturn IOGeneralMemoryDescriptor::setPurgeable(IOOptionBits newState, IOOptionBits *oldState)
{
    return IOMemoryDescriptor::setPurgeable(newState, oldState);
}

/* ---- addresses ---- */
static addr64_t range_phys(const IOGeneralMemoryDescriptor *memory, unsigned index)
{
    mach_vm_address_t address = memory->_ranges.v64[index].address;
    return is_virtual(memory) ? memory_phys(address) : address;
}

/* The physical address at the offset, and how far memory goes on from there, neighbouring ranges included. */
addr64_t IOGeneralMemoryDescriptor::getPhysicalSegment(IOByteCount offset, IOByteCount *lengthOfSegment,
                                                       IOOptionBits options)
{
    IOByteCount length = 0;
    addr64_t address = 0;
    if (offset < _length && is_virtual(this) && !_wireCount)
        panic("%s: not wired: prepare() comes before physical addresses", name_of(this));
    for (unsigned i = 0; offset < _length && i < _rangesCount; i++) {
        IOByteCount here = _ranges.v64[i].length;
        if (length) {
            if (range_phys(this, i) != address + length)
                break;
            length += here;
        } else if (offset < here) {
            address = range_phys(this, i) + offset;
            length = here - offset;
        } else {
            offset -= here;
        }
    }
    if (lengthOfSegment)
        *lengthOfSegment = length;
    return address;
}

IOReturn IOGeneralMemoryDescriptor::doMap(vm_map_t addressMap, IOVirtualAddress *atAddress,
                                          IOOptionBits options, IOByteCount sourceOffset, IOByteCount length)
{
    if (!is_virtual(this) || _wireCount)
        return IOMemoryDescriptor::doMap(addressMap, atAddress, options, sourceOffset, length);
    IOReturn result = prepare(); /* a mapping needs no prepare() by its client */
    if (result != kIOReturnSuccess)
        return result;
    result = IOMemoryDescriptor::doMap(addressMap, atAddress, options, sourceOffset, length);
    complete();
    return result;
}

IOReturn IOGeneralMemoryDescriptor::doUnmap(vm_map_t addressMap, IOVirtualAddress logical, IOByteCount length)
{
    return IOMemoryDescriptor::doUnmap(addressMap, logical, length);
}

/* An array of {address, length}, as ioreg shows IODeviceMemory. */
bool IOGeneralMemoryDescriptor::serialize(OSSerialize *s) const
{
    if (!s)
        return false;
    if (s->previouslySerialized(this))
        return true;
    OSArray *array = OSArray::withCapacity(_rangesCount);
    for (unsigned i = 0; array && i < _rangesCount; i++) {
        OSDictionary *range = OSDictionary::withCapacity(2);
        OSNumber *address = OSNumber::withNumber(_ranges.v64[i].address, 64);
        OSNumber *length = OSNumber::withNumber(_ranges.v64[i].length, 64);
        range->setObject("address", address);
        range->setObject("length", length);
        array->setObject(range);
        address->release();
        length->release();
        range->release();
    }
    bool ok = array && array->serialize(s);
    if (array)
        array->release();
    return ok;
}
