// SPDX-License-Identifier: BSD-3-Clause
// Several memory descriptors as one. Answers to Apple's IOKit/IOMultiMemoryDescriptor.h (Mac OS X
// 10.6 view).
#pragma once

#include <IOKit/IOMemoryDescriptor.h>

// Not declared for 10.5, whose version overrides other methods.
#ifndef KPI_10_5
// Descriptors one after the other; prepare and complete go to each (xnu
// iokit/Kernel/IOMultiMemoryDescriptor.cpp).
class IOMultiMemoryDescriptor : public IOMemoryDescriptor
{
    OSDeclareDefaultStructors(IOMultiMemoryDescriptor)

protected:
    IOMemoryDescriptor **_descriptors;
    UInt32 _descriptorsCount;
    bool _descriptorsIsAllocated;

    virtual void free(void);

public:
    virtual bool initWithDescriptors(IOMemoryDescriptor **descriptors, UInt32 withCount,
                                     IODirection withDirection, bool asReference = false);
    virtual addr64_t getPhysicalSegment(IOByteCount offset, IOByteCount *length, IOOptionBits options = 0);
    virtual IOReturn prepare(IODirection forDirection = kIODirectionNone);
    virtual IOReturn complete(IODirection forDirection = kIODirectionNone);

    static IOMultiMemoryDescriptor *withDescriptors(IOMemoryDescriptor **descriptors, UInt32 withCount,
                                                    IODirection withDirection, bool asReference = false);
};
#endif
