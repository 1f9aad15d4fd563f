// SPDX-License-Identifier: BSD-3-Clause
// Allocator of numbers in a range. Answers to Apple's IOKit/IORangeAllocator.h (Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>
#include <IOKit/IOTypes.h>

typedef IOByteCount IORangeScalar;

// Hands out numbers of a range; kLocking makes it thread safe (xnu iokit/Kernel/IORangeAllocator.cpp).
class IORangeAllocator : public OSObject
{
    OSDeclareDefaultStructors(IORangeAllocator)

public:
    enum {
        kLocking = 0x1
    };

protected:
    UInt32 numElements;
    UInt32 capacity;
    UInt32 capacityIncrement;
    IORangeScalar defaultAlignmentMask;
    IOOptionBits options;
    struct IORangeAllocatorElement *elements;

private:
    virtual bool allocElement(UInt32 index);
    virtual void deallocElement(UInt32 index);

public:
    virtual bool init(IORangeScalar endOfRange, IORangeScalar defaultAlignment, UInt32 capacity,
                      IOOptionBits options);
    virtual void free(void);
    virtual bool serialize(OSSerialize *s) const;
    virtual UInt32 getFragmentCount(void);
    virtual UInt32 getFragmentCapacity(void);
    virtual void setFragmentCapacityIncrement(UInt32 count);
    virtual IORangeScalar getFreeCount(void);
    virtual bool allocate(IORangeScalar size, IORangeScalar *result, IORangeScalar alignment = 0);
    virtual bool allocateRange(IORangeScalar start, IORangeScalar size);
    virtual void deallocate(IORangeScalar start, IORangeScalar size);

    static IORangeAllocator *withRange(IORangeScalar endOfRange, IORangeScalar defaultAlignment = 0,
                                       UInt32 capacity = 0, IOOptionBits options = 0);
};
