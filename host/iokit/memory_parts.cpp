// SPDX-License-Identifier: BSD-3-Clause
/*
 * Descriptors made of other descriptors, and of devices' memory: IOSubMemoryDescriptor,
 * IOMultiMemoryDescriptor, IODeviceMemory. Answer to the headers of these names; behaviour as in
 * xnu-2422.115.4 iokit/Kernel.
 */
#include "iokit/impl.h"
#include "iokit/memory.h"
#include <IOKit/IOSubMemoryDescriptor.h>
#include <IOKit/IOMultiMemoryDescriptor.h>
#include <IOKit/IODeviceMemory.h>

/* ---- part of one ---- */
OSDefineMetaClassAndStructors(IOSubMemoryDescriptor, IOMemoryDescriptor)

    IOSubMemoryDescriptor *IOSubMemoryDescriptor::withSubRange(IOMemoryDescriptor *of, IOByteCount offset,
                                                               IOByteCount length, IOOptionBits options)
{
    IOSubMemoryDescriptor *memory = new IOSubMemoryDescriptor;
    if (memory && !memory->initSubRange(of, offset, length, (IODirection)options)) {
        memory->release();
        return 0;
    }
    return memory;
}

bool IOSubMemoryDescriptor::initSubRange(IOMemoryDescriptor *parent, IOByteCount offset, IOByteCount length,
                                         IODirection withDirection)
{
    if (!parent || offset + length < offset || offset + length > parent->getLength())
        return false;
    if (!_parent && !IOMemoryDescriptor::init())
        return false;
    parent->retain();
    drop(_parent);
    _parent = parent;
    _start = offset;
    _length = length;
    _flags = withDirection;
    _tag = parent->getTag();
    return true;
}

void IOSubMemoryDescriptor::free(void)
{
    drop(_parent);
    IOMemoryDescriptor::free();
}

addr64_t IOSubMemoryDescriptor::getPhysicalSegment(IOByteCount offset, IOByteCount *length,
                                                   IOOptionBits options)
{
    IOByteCount run = 0;
    addr64_t address = offset < _length ? _parent->getPhysicalSegment(offset + _start, &run, options) : 0;
    if (offset < _length && run > _length - offset)
        run = _length - offset;
    if (length)
        *length = run;
    return address;
}

IOReturn IOSubMemoryDescriptor::prepare(IODirection forDirection)
{
    return _parent->prepare(forDirection);
}

IOReturn IOSubMemoryDescriptor::complete(IODirection forDirection)
{
    return _parent->complete(forDirection);
}

IOReturn IOSubMemoryDescriptor::redirect(task_t safeTask, bool redirect)
{
    return _parent->redirect(safeTask, redirect);
}

IOReturn IOSubMemoryDescriptor::setPurgeable(IOOptionBits newState, IOOptionBits *oldState)
{
    return _parent->setPurgeable(newState, oldState);
}

uint64_t IOSubMemoryDescriptor::getPreparationID(void)
{
    return _parent->getPreparationID();
}

IOMemoryMap *IOSubMemoryDescriptor::makeMapping(IOMemoryDescriptor *owner, task_t intoTask,
                                                IOVirtualAddress atAddress, IOOptionBits options,
                                                IOByteCount offset, IOByteCount length)
{
    return _parent->makeMapping(_parent, intoTask, atAddress, options, _start + offset, length);
}

/* ---- several, one behind the other ---- */
OSDefineMetaClassAndStructors(IOMultiMemoryDescriptor, IOMemoryDescriptor)

    IOMultiMemoryDescriptor *IOMultiMemoryDescriptor::withDescriptors(IOMemoryDescriptor **descriptors,
                                                                      UInt32 withCount,
                                                                      IODirection withDirection,
                                                                      bool asReference)
{
    IOMultiMemoryDescriptor *memory = new IOMultiMemoryDescriptor;
    if (memory && !memory->initWithDescriptors(descriptors, withCount, withDirection, asReference)) {
        memory->release();
        return 0;
    }
    return memory;
}

bool IOMultiMemoryDescriptor::initWithDescriptors(IOMemoryDescriptor **descriptors, UInt32 withCount,
                                                  IODirection withDirection, bool asReference)
{
    if (!descriptors || !withCount || _descriptors || !IOMemoryDescriptor::init())
        return false;
    _descriptors = descriptors;
    if (!asReference) {
        _descriptors = IONew(IOMemoryDescriptor *, withCount);
        if (!_descriptors)
            return false;
        bcopy(descriptors, _descriptors, withCount * sizeof *descriptors);
    }
    _descriptorsIsAllocated = !asReference;
    _descriptorsCount = withCount;
    _flags = withDirection;
    for (UInt32 i = 0; i < withCount; i++) {
        descriptors[i]->retain();
        _length += descriptors[i]->getLength();
    }
    return true;
}

void IOMultiMemoryDescriptor::free(void)
{
    for (UInt32 i = 0; _descriptors && i < _descriptorsCount; i++)
        _descriptors[i]->release();
    if (_descriptorsIsAllocated)
        IODelete(_descriptors, IOMemoryDescriptor *, _descriptorsCount);
    _descriptors = 0;
    _descriptorsIsAllocated = false;
    IOMemoryDescriptor::free();
}

/* All of them, or none. */
IOReturn IOMultiMemoryDescriptor::prepare(IODirection forDirection)
{
    IODirection direction = forDirection ? forDirection : getDirection();
    for (UInt32 i = 0; i < _descriptorsCount; i++) {
        IOReturn result = _descriptors[i]->prepare(direction);
        if (result == kIOReturnSuccess)
            continue;
        while (i--)
            _descriptors[i]->complete(direction);
        return result;
    }
    return kIOReturnSuccess;
}

IOReturn IOMultiMemoryDescriptor::complete(IODirection forDirection)
{
    IODirection direction = forDirection ? forDirection : getDirection();
    IOReturn result = kIOReturnSuccess;
    for (UInt32 i = 0; i < _descriptorsCount; i++) {
        IOReturn one = _descriptors[i]->complete(direction);
        if (one != kIOReturnSuccess)
            result = one;
    }
    return result;
}

addr64_t IOMultiMemoryDescriptor::getPhysicalSegment(IOByteCount offset, IOByteCount *length,
                                                     IOOptionBits options)
{
    for (UInt32 i = 0; i < _descriptorsCount; i++) {
        IOByteCount here = _descriptors[i]->getLength();
        if (offset < here)
            return _descriptors[i]->getPhysicalSegment(offset, length, options);
        offset -= here;
    }
    if (length)
        *length = 0;
    return 0;
}

/* ---- devices' memory ---- */
/* The class is a name only, without a metaclass: what these return are physical descriptors, as in Apple's
 * 64-bit kernel. */

IODeviceMemory *IODeviceMemory::withRange(IOPhysicalAddress start, IOPhysicalLength length)
{
    return (IODeviceMemory *)IOMemoryDescriptor::withAddressRange(start, length,
                                                                  kIODirectionNone | kIOMemoryMapperNone, 0);
}

IODeviceMemory *IODeviceMemory::withSubRange(IODeviceMemory *of, IOPhysicalAddress offset,
                                             IOPhysicalLength length)
{
    return (IODeviceMemory *)IOSubMemoryDescriptor::withSubRange(of, offset, length,
                                                                 kIODirectionNone | kIOMemoryMapperNone);
}

OSArray *IODeviceMemory::arrayFromList(InitElement *list, IOItemCount count)
{
    OSArray *array = OSArray::withCapacity(count);
    for (IOItemCount i = 0; array && i < count; i++) {
        IODeviceMemory *range = withRange(list[i].start, list[i].length);
        if (!range) {
            array->release();
            return 0;
        }
        range->setTag(list[i].tag);
        array->setObject(range);
        range->release();
    }
    return array;
}
