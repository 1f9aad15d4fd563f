// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOBufferMemoryDescriptor: a descriptor that owns its memory. Answers to IOKit/IOBufferMemoryDescriptor.h;
 * behaviour as in xnu-2422.115.4 iokit/Kernel/IOBufferMemoryDescriptor.cpp. All memory here is physically
 * contiguous.
 */
#include "iokit/impl.h"
#include "iokit/memory.h"
#include <IOKit/IOBufferMemoryDescriptor.h>

OSDefineMetaClassAndStructors(IOBufferMemoryDescriptor, IOGeneralMemoryDescriptor)

    /* What the memory was allocated as; _capacity is what the client asked for. */
    struct buffer_record { /* IOBufferMemoryDescriptor::reserved */
    vm_size_t size;
};

/* A physical mask carries an alignment in its low zero bits and the highest address in the rest
 * (IOBufferMemoryDescriptor::initWithPhysicalMask). */
static void read_mask(addr64_t mask, vm_size_t *align, addr64_t *limit)
{
    *limit = ~0ull;
    if (!mask)
        return;
    if (*align <= 1)
        *align = ((mask ^ ~0ull) & (mask - 1)) + 1;
    *limit = mask | (*align - 1);
}

bool IOBufferMemoryDescriptor::initWithPhysicalMask(task_t inTask, IOOptionBits options,
                                                    mach_vm_size_t capacity, mach_vm_address_t alignment,
                                                    mach_vm_address_t physicalMask)
{
    if (!capacity || (inTask && inTask != kernel_task))
        return false;
    vm_size_t align = alignment ? alignment : 1, size = capacity;
    addr64_t limit;
    read_mask(physicalMask, &align, &limit);
    if (align & (align - 1))
        return false;
    bool whole_pages =
        physicalMask || align > PAGE_SIZE || (options & (kIOMemoryPhysicallyContiguous | kIOMemoryPageable));
    if (whole_pages)
        size = round_page(size);
    if (whole_pages && align < PAGE_SIZE)
        align = PAGE_SIZE;
    reserved = (ExpansionData *)make_zero<buffer_record>();
    _buffer = reserved ? memory_alloc(size, align, limit) : 0;
    if (!_buffer)
        return false;
    bzero(_buffer, size);
    ((buffer_record *)reserved)->size = size;
    _capacity = capacity;
    _alignment = align;
    _options = options;
    IOAddressRange range = {(mach_vm_address_t)(uintptr_t)_buffer, capacity};
    IOOptionBits keep = kIOMemoryDirectionMask | kIOMemoryThreadSafe | kIOMemoryMapperNone;
    IOOptionBits prepared = options & kIOMemoryPageable ? kIOMemoryBufferPageable : kIOMemoryAutoPrepare;
    return IOGeneralMemoryDescriptor::initWithOptions(&range, 1, 0, kernel_task,
                                                      kIOMemoryTypeVirtual64 | (options & keep) | prepared);
}

void IOBufferMemoryDescriptor::free(void)
{
    void *buffer = _buffer;
    buffer_record *record = (buffer_record *)reserved;
    _buffer = 0;
    reserved = 0;
    IOGeneralMemoryDescriptor::free();
    if (buffer)
        memory_free(buffer, record->size);
    if (record)
        IOFree(record, sizeof *record);
}

/* ---- constructors ---- */
static IOBufferMemoryDescriptor *make_buffer(task_t task, IOOptionBits options, vm_size_t capacity,
                                             vm_size_t align, mach_vm_address_t mask)
{
    IOBufferMemoryDescriptor *memory = new IOBufferMemoryDescriptor;
    if (memory && !memory->initWithPhysicalMask(task, options, capacity, align, mask)) {
        memory->release();
        return 0;
    }
    return memory;
}

IOBufferMemoryDescriptor *IOBufferMemoryDescriptor::inTaskWithOptions(task_t inTask, IOOptionBits options,
                                                                      vm_size_t capacity,
                                                                      vm_offset_t alignment)
{
    return make_buffer(inTask, options, capacity, alignment, 0);
}

IOBufferMemoryDescriptor *IOBufferMemoryDescriptor::inTaskWithPhysicalMask(task_t inTask,
                                                                           IOOptionBits options,
                                                                           mach_vm_size_t capacity,
                                                                           mach_vm_address_t physicalMask)
{
    return make_buffer(inTask, options, capacity, 1, physicalMask);
}

IOBufferMemoryDescriptor *IOBufferMemoryDescriptor::withOptions(IOOptionBits options, vm_size_t capacity,
                                                                vm_offset_t alignment)
{
    return make_buffer(kernel_task, options, capacity, alignment, 0);
}

IOBufferMemoryDescriptor *IOBufferMemoryDescriptor::withCapacity(vm_size_t capacity,
                                                                 IODirection withDirection,
                                                                 bool withContiguousMemory)
{
    return make_buffer(kernel_task,
                       withDirection | (withContiguousMemory ? kIOMemoryPhysicallyContiguous : 0), capacity,
                       PAGE_SIZE, 0);
}

IOBufferMemoryDescriptor *IOBufferMemoryDescriptor::withBytes(const void *bytes, vm_size_t withLength,
                                                              IODirection withDirection,
                                                              bool withContiguousMemory)
{
    IOBufferMemoryDescriptor *memory = withCapacity(withLength, withDirection, withContiguousMemory);
    if (memory) {
        memory->setLength(0);
        memory->appendBytes(bytes, withLength);
    }
    return memory;
}

/* ---- contents ---- */
void IOBufferMemoryDescriptor::setLength(vm_size_t length)
{
    if (length > _capacity)
        panic("IOBufferMemoryDescriptor::setLength(%lu): the capacity is %lu", (unsigned long)length,
              (unsigned long)_capacity);
    _length = length;
    _ranges.v64->length = length;
}

void IOBufferMemoryDescriptor::setDirection(IODirection direction)
{
    _flags = (_flags & ~kIOMemoryDirectionMask) | (direction & kIOMemoryDirectionMask);
}

vm_size_t IOBufferMemoryDescriptor::getCapacity(void) const
{
    return _capacity;
}

void *IOBufferMemoryDescriptor::getBytesNoCopy(void)
{
    return _buffer;
}

void *IOBufferMemoryDescriptor::getBytesNoCopy(vm_size_t start, vm_size_t withLength)
{
    if (start + withLength < start || start + withLength > _length)
        return 0;
    return (char *)_buffer + start;
}

/* As much as fits; true even when that is not all. */
bool IOBufferMemoryDescriptor::appendBytes(const void *bytes, vm_size_t withLength)
{
    vm_size_t room = _capacity - _length, count = withLength < room ? withLength : room;
    bcopy(bytes, (char *)_buffer + _length, count);
    setLength(_length + count);
    return true;
}
