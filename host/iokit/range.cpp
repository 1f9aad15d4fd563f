// SPDX-License-Identifier: BSD-3-Clause
/*
 * IORangeAllocator: numbers 0 to end, handed out in aligned runs. Answers to IOKit/IORangeAllocator.h;
 * behaviour as in xnu-2422.115.4 iokit/Kernel/IORangeAllocator.cpp: the free fragments, sorted, the first
 * that fits.
 */
#include "iokit/impl.h"
#include <IOKit/IORangeAllocator.h>

OSDefineMetaClassAndStructors(IORangeAllocator, OSObject)

    struct IORangeAllocatorElement {
    IORangeScalar start, end; /* inclusive */
};

/* kLocking: one lock for all allocators that ask for it is enough, they are used seldom. */
static lx_mutex range_mutex;
struct RangeScope {
    bool on;
    explicit RangeScope(IOOptionBits options) : on(options & IORangeAllocator::kLocking)
    {
        if (on)
            lx_mutex_lock(&range_mutex);
    }
    ~RangeScope()
    {
        if (on)
            lx_mutex_unlock(&range_mutex);
    }
};

IORangeAllocator *IORangeAllocator::withRange(IORangeScalar endOfRange, IORangeScalar defaultAlignment,
                                              UInt32 capacity, IOOptionBits options)
{
    IORangeAllocator *allocator = new IORangeAllocator;
    if (allocator && !allocator->init(endOfRange, defaultAlignment, capacity, options)) {
        allocator->release();
        return 0;
    }
    return allocator;
}

bool IORangeAllocator::init(IORangeScalar endOfRange, IORangeScalar defaultAlignment, UInt32 inCapacity,
                            IOOptionBits inOptions)
{
    if (!OSObject::init())
        return false;
    capacity = 0;
    numElements = 0;
    capacityIncrement = inCapacity ? inCapacity : 1;
    elements = 0;
    defaultAlignmentMask = defaultAlignment ? defaultAlignment - 1 : 0;
    options = inOptions;
    if (endOfRange)
        deallocate(0, endOfRange + 1);
    return true;
}

void IORangeAllocator::free(void)
{
    if (elements)
        IOFree(elements, capacity * sizeof *elements);
    elements = 0;
    OSObject::free();
}

bool IORangeAllocator::serialize(OSSerialize *s) const
{
    if (s->previouslySerialized(this))
        return true;
    RangeScope hold(options);
    OSArray *array = OSArray::withCapacity(numElements * 2);
    for (UInt32 i = 0; array && i < numElements; i++)
        for (int end = 0; end < 2; end++) {
            OSNumber *number = OSNumber::withNumber(end ? elements[i].end : elements[i].start, 64);
            array->setObject(number);
            number->release();
        }
    bool ok = array && array->serialize(s);
    if (array)
        array->release();
    return ok;
}

UInt32 IORangeAllocator::getFragmentCount(void)
{
    return numElements;
}

UInt32 IORangeAllocator::getFragmentCapacity(void)
{
    return capacity;
}

void IORangeAllocator::setFragmentCapacityIncrement(UInt32 count)
{
    capacityIncrement = count;
}

IORangeScalar IORangeAllocator::getFreeCount(void)
{
    RangeScope hold(options);
    IORangeScalar sum = 0;
    for (UInt32 i = 0; i < numElements; i++)
        sum += elements[i].end - elements[i].start + 1;
    return sum;
}

/* Makes room at index. */
bool IORangeAllocator::allocElement(UInt32 index)
{
    if (numElements == capacity && !capacityIncrement)
        return false;
    if (numElements == capacity) {
        UInt32 bigger = capacity + capacityIncrement;
        IORangeAllocatorElement *grown = (IORangeAllocatorElement *)IOMalloc(bigger * sizeof *grown);
        if (!grown)
            return false;
        if (elements) {
            bcopy(elements, grown, numElements * sizeof *grown);
            IOFree(elements, capacity * sizeof *elements);
        }
        elements = grown;
        capacity = bigger;
    }
    memmove(&elements[index + 1], &elements[index], (numElements - index) * sizeof *elements);
    numElements++;
    return true;
}

void IORangeAllocator::deallocElement(UInt32 index)
{
    numElements--;
    memmove(&elements[index], &elements[index + 1], (numElements - index) * sizeof *elements);
}

/* Cuts [start, end] out of fragment i, which contains it. */
static bool cut(IORangeAllocator *a, UInt32 i, IORangeScalar start, IORangeScalar end)
{
    IORangeScalar old_end = a->elements[i].end;
    if (start == a->elements[i].start && end == old_end) {
        a->deallocElement(i);
    } else if (start == a->elements[i].start) {
        a->elements[i].start = end + 1;
    } else {
        if (end < old_end) {
            if (!a->allocElement(i + 1))
                return false;
            a->elements[i + 1].start = end + 1;
            a->elements[i + 1].end = old_end;
        }
        a->elements[i].end = start - 1;
    }
    return true;
}

bool IORangeAllocator::allocate(IORangeScalar size, IORangeScalar *result, IORangeScalar alignment)
{
    if (!size || !result)
        return false;
    IORangeScalar mask = alignment ? alignment - 1 : defaultAlignmentMask;
    size = (size + mask) & ~mask;
    RangeScope hold(options);
    for (UInt32 i = 0; i < numElements; i++) {
        IORangeScalar start = (elements[i].start + mask) & ~mask, end = start + size - 1;
        if (start < elements[i].start || end < start || end > elements[i].end)
            continue;
        *result = start;
        return cut(this, i, start, end);
    }
    return false;
}

bool IORangeAllocator::allocateRange(IORangeScalar start, IORangeScalar size)
{
    if (!size)
        return false;
    IORangeScalar mask = defaultAlignmentMask, end;
    size = (size + mask) & ~mask;
    end = start + size - 1;
    RangeScope hold(options);
    for (UInt32 i = 0; i < numElements; i++)
        if (start >= elements[i].start && end <= elements[i].end)
            return cut(this, i, start, end);
    return false;
}

void IORangeAllocator::deallocate(IORangeScalar start, IORangeScalar size)
{
    IORangeScalar mask = defaultAlignmentMask;
    size = (size + mask) & ~mask;
    IORangeScalar end = start + size - 1;
    RangeScope hold(options);
    UInt32 i = 0;
    while (i < numElements && elements[i].start <= end)
        i++;
    if (i && elements[i - 1].end + 1 == start) {
        elements[i - 1].end = end;
        if (i < numElements && elements[i].start == end + 1) {
            elements[i - 1].end = elements[i].end;
            deallocElement(i);
        }
    } else if (i < numElements && elements[i].start == end + 1) {
        elements[i].start = start;
    } else if (allocElement(i)) {
        elements[i].start = start;
        elements[i].end = end;
    }
}
