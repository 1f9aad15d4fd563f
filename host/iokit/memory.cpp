// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOMemoryDescriptor: what all kinds share, constructors, and IOMemoryMap. Answers to
 * IOKit/IOMemoryDescriptor.h; behaviour as in xnu-2422.115.4 iokit/Kernel/IOMemoryDescriptor.cpp. There is
 * one task, the kernel's, and one address space: a mapping is the memory's own address.
 */
#include "iokit/impl.h"
#include "iokit/memory.h"
#include <IOKit/IOSubMemoryDescriptor.h>
#include "qemu/qemu.h"

OSDefineMetaClassAndAbstractStructors(IOMemoryDescriptor, OSObject)
    OSDefineMetaClassAndStructors(IOMemoryMap, OSObject)
        OSDefineMetaClassAndStructors(HostMemoryMap, IOMemoryMap)

            LX_COUNTER(buffer_bytes, "memory.IOBufferMemoryDescriptor.bytes.live")

    /* ---- addresses ---- */
    addr64_t memory_phys(mach_vm_address_t address)
{
    unsigned long long physical = lx_ram_phys((const void *)address);
    if (physical == ~0ull)
        physical = qemu_window_phys((const void *)address);
    return physical == ~0ull ? 0 : physical;
}

void *memory_virt(addr64_t physical, mach_vm_size_t length)
{
    if (physical < lx_ram_size)
        return length <= lx_ram_size - physical ? lx_ram_virt(physical) : 0;
    return qemu_window(physical, length);
}

void *memory_alloc(vm_size_t size, vm_size_t align, addr64_t limit)
{
    void *buffer = lx_ram_alloc(size, align < 16 ? 16 : align, limit);
    if (buffer)
        lx_count(&buffer_bytes, size);
    return buffer;
}

void memory_free(void *buffer, vm_size_t size)
{
    lx_ram_free(buffer, size);
    lx_count(&buffer_bytes, -size);
}

/* ---- what every descriptor has ---- */
void IOMemoryDescriptor::initialize(void) {}

bool IOMemoryDescriptor::initWithOptions(void *buffers, UInt32 count, UInt32 offset, task_t task,
                                         IOOptionBits options, IOMapper *mapper)
{
    return false;
}

void IOMemoryDescriptor::free(void)
{
    drop(_mappings);
    OSObject::free();
}

IODirection IOMemoryDescriptor::getDirection(void) const
{
    return (IODirection)(_flags & kIOMemoryDirectionMask);
}

IOByteCount IOMemoryDescriptor::getLength(void) const
{
    return _length;
}

void IOMemoryDescriptor::setTag(IOOptionBits tag)
{
    _tag = tag;
}

IOOptionBits IOMemoryDescriptor::getTag(void)
{
    return _tag;
}

IOPhysicalAddress IOMemoryDescriptor::getPhysicalAddress(void)
{
    IOByteCount length = 0;
    return getPhysicalSegment(0, &length);
}

IOByteCount memory_copy(IOMemoryDescriptor *memory, IOByteCount offset, void *bytes, IOByteCount length,
                        bool to_bytes)
{
    IOByteCount done = 0;
    while (done < length) {
        IOByteCount run = 0;
        addr64_t physical = memory->getPhysicalSegment(offset + done, &run, kIOMemoryMapperNone);
        if (run > length - done)
            run = length - done;
        void *at = run ? memory_virt(physical, run) : 0;
        if (!at)
            break;
        if (to_bytes)
            bcopy(at, (char *)bytes + done, run);
        else
            bcopy((char *)bytes + done, at, run);
        done += run;
    }
    return done;
}

IOByteCount IOMemoryDescriptor::readBytes(IOByteCount offset, void *bytes, IOByteCount withLength)
{
    IOByteCount left = offset < _length ? _length - offset : 0;
    return memory_copy(this, offset, bytes, withLength < left ? withLength : left, true);
}

IOByteCount IOMemoryDescriptor::writeBytes(IOByteCount offset, const void *bytes, IOByteCount withLength)
{
    IOByteCount left = offset < _length ? _length - offset : 0;
    if (_flags & kIOMemoryPreparedReadOnly)
        return 0;
    return memory_copy(this, offset, (void *)bytes, withLength < left ? withLength : left, false);
}

/* Nothing is ever paged out: the state is nonvolatile, and no other can be set. */
IOReturn IOMemoryDescriptor::setPurgeable(IOOptionBits newState, IOOptionBits *oldState)
{
    return kIOReturnUnsupported;
}

/* The caches are coherent with the devices, as on every PC: nothing is to be flushed. */
IOReturn IOMemoryDescriptor::performOperation(IOOptionBits options, IOByteCount offset, IOByteCount length)
{
    switch (options) {
    case kIOMemoryIncoherentIOFlush:
    case kIOMemoryIncoherentIOStore:
        return offset + length <= _length ? kIOReturnSuccess : kIOReturnBadArgument;
    default:
        return kIOReturnUnsupported;
    }
}

uint64_t IOMemoryDescriptor::getPreparationID(void)
{
    return kIOPreparationIDUnsupported;
}

IOReturn IOMemoryDescriptor::redirect(task_t safeTask, bool redirect)
{
    return kIOReturnUnsupported;
}

/* ---- constructors ---- */
IOMemoryDescriptor *IOMemoryDescriptor::withOptions(void *buffers, UInt32 count, UInt32 offset, task_t task,
                                                    IOOptionBits options, IOMapper *mapper)
{
    IOGeneralMemoryDescriptor *memory = new IOGeneralMemoryDescriptor;
    if (memory && !memory->initWithOptions(buffers, count, offset, task, options, mapper)) {
        memory->release();
        return 0;
    }
    return memory;
}

/* Without a task the addresses are physical. */
IOMemoryDescriptor *IOMemoryDescriptor::withAddressRanges(IOAddressRange *ranges, UInt32 rangeCount,
                                                          IOOptionBits options, task_t task)
{
    options &= ~kIOMemoryTypeMask;
    options |= task ? kIOMemoryTypeVirtual64 : kIOMemoryTypePhysical64;
    return withOptions(ranges, rangeCount, 0, task, options);
}

IOMemoryDescriptor *IOMemoryDescriptor::withAddressRange(mach_vm_address_t address, mach_vm_size_t length,
                                                         IOOptionBits options, task_t task)
{
    IOAddressRange range = {address, length};
    return withAddressRanges(&range, 1, options, task);
}

IOMemoryDescriptor *IOMemoryDescriptor::withAddress(void *address, IOByteCount withLength,
                                                    IODirection withDirection)
{
    return withAddressRange((mach_vm_address_t)(uintptr_t)address, withLength, withDirection | kIOMemoryAutoPrepare,
                            kernel_task);
}

IOMemoryDescriptor *IOMemoryDescriptor::withPhysicalAddress(IOPhysicalAddress address, IOByteCount withLength,
                                                            IODirection withDirection)
{
    return withAddressRange(address, withLength, withDirection, 0);
}

/* A descriptor of the same memory; there is no other task whose going could take the memory away. */
IOMemoryDescriptor *IOMemoryDescriptor::withPersistentMemoryDescriptor(IOMemoryDescriptor *originalMD)
{
    IOGeneralMemoryDescriptor *general = OSDynamicCast(IOGeneralMemoryDescriptor, originalMD);
    if (!general)
        return 0;
    general->retain();
    return general;
}

/* ---- mapping ---- */
IOMemoryMap *IOMemoryDescriptor::createMappingInTask(task_t intoTask, mach_vm_address_t atAddress,
                                                     IOOptionBits options, mach_vm_size_t offset,
                                                     mach_vm_size_t length)
{
    if (!length)
        length = offset < getLength() ? getLength() - offset : 0;
    if (!length || offset + length > getLength() || offset + length < length)
        return 0;
    return makeMapping(this, intoTask, (IOVirtualAddress)atAddress, options, offset, length);
}

IOMemoryMap *IOMemoryDescriptor::map(IOOptionBits options)
{
    return createMappingInTask(kernel_task, 0, options | kIOMapAnywhere);
}

static HostMemoryMap *make_map(IOMemoryDescriptor *memory, task_t task, mach_vm_address_t address,
                               IOOptionBits options, IOByteCount offset, IOByteCount length)
{
    HostMemoryMap *map = new HostMemoryMap;
    if (!map || !map->init())
        return 0;
    memory->retain();
    map->memory = memory;
    map->task = task;
    map->address = address;
    map->options = options;
    map->offset = offset;
    map->length = length;
    return map;
}

IOMemoryMap *IOMemoryDescriptor::makeMapping(IOMemoryDescriptor *owner, task_t intoTask,
                                             IOVirtualAddress atAddress, IOOptionBits options,
                                             IOByteCount offset, IOByteCount length)
{
    IOVirtualAddress address = atAddress;
    if (intoTask != kernel_task || doMap(0, &address, options, offset, length) != kIOReturnSuccess)
        return 0;
    return make_map(this, intoTask, address, options, offset, length);
}

/* The caller has the memory mapped there already, and keeps it so. */
IOMemoryMap *IOMemoryDescriptor::setMapping(task_t task, IOVirtualAddress mapAddress, IOOptionBits options)
{
    return make_map(this, task, mapAddress, options | kIOMapStatic, 0, getLength());
}

/* Ranges that are not side by side would need a second mapping of RAM, whose physical address nobody could
 * tell. */
IOReturn IOMemoryDescriptor::doMap(vm_map_t addressMap, IOVirtualAddress *atAddress, IOOptionBits options,
                                   IOByteCount sourceOffset, IOByteCount length)
{
    IOByteCount run = 0;
    addr64_t physical = getPhysicalSegment(sourceOffset, &run, kIOMemoryMapperNone);
    for (IOByteCount more; run && run < length; run += more) {
        more = 0;
        if (getPhysicalSegment(sourceOffset + run, &more, kIOMemoryMapperNone) != physical + run || !more) {
            IOLog("%s: memory that is not contiguous cannot be mapped here\n", name_of(this));
            return kIOReturnVMError;
        }
    }
    void *address = run ? memory_virt(physical, length) : 0;
    if (!address || (!(options & kIOMapAnywhere) && *atAddress && *atAddress != (IOVirtualAddress)address))
        return kIOReturnVMError;
    *atAddress = (IOVirtualAddress)address;
    return kIOReturnSuccess;
}

IOReturn IOMemoryDescriptor::doUnmap(vm_map_t addressMap, IOVirtualAddress logical, IOByteCount length)
{
    return kIOReturnSuccess;
}

/* ---- IOMemoryMap ---- */
#define MAP ((HostMemoryMap *)this)

void IOMemoryMap::taggedRelease(const void *tag) const
{
    OSObject::taggedRelease(tag);
}

void IOMemoryMap::free(void)
{
    unmap();
    drop(MAP->memory);
    OSObject::free();
}

IOReturn IOMemoryMap::unmap(void)
{
    HostMemoryMap *map = MAP;
    if (map->memory && map->address && !(map->options & kIOMapStatic))
        map->memory->doUnmap(0, map->address, map->length);
    map->address = 0;
    return kIOReturnSuccess;
}

IOVirtualAddress IOMemoryMap::getVirtualAddress(void)
{
    return MAP->address;
}

IOByteCount IOMemoryMap::getLength(void)
{
    return MAP->length;
}

task_t IOMemoryMap::getAddressTask(void)
{
    return MAP->task;
}

IOMemoryDescriptor *IOMemoryMap::getMemoryDescriptor(void)
{
    return MAP->memory;
}

IOOptionBits IOMemoryMap::getMapOptions(void)
{
    return MAP->options;
}

void IOMemoryMap::taskDied(void)
{
    MAP->task = 0;
    MAP->address = 0;
}

IOReturn IOMemoryMap::redirect(IOMemoryDescriptor *newBackingMemory, IOOptionBits options,
                               mach_vm_size_t offset)
{
    return kIOReturnUnsupported;
}

#ifdef __LP64__
IOPhysicalAddress IOMemoryMap::getPhysicalSegment(IOByteCount offset, IOByteCount *length,
                                                  IOOptionBits options)
{
#else
IOPhysicalAddress IOMemoryMap::getPhysicalSegment(IOByteCount offset, IOByteCount *length)
{
    const IOOptionBits options = 0;
#endif
    HostMemoryMap *map = MAP;
    IOPhysicalAddress address = map->memory->getPhysicalSegment(map->offset + offset, length, options);
    if (offset + *length > map->length)
        *length = map->length - offset;
    return address;
}

IOPhysicalAddress IOMemoryMap::getPhysicalAddress(void)
{
    IOByteCount length = 0;
    return getPhysicalSegment(0, &length);
}
