// SPDX-License-Identifier: BSD-3-Clause
// A part of another memory descriptor. Answers to Apple's IOKit/IOSubMemoryDescriptor.h (x86_64, Mac OS X
// 10.6 view).
#pragma once

#include <IOKit/IOMemoryDescriptor.h>

// A window of another descriptor, which it retains (xnu iokit/Kernel/IOSubMemoryDescriptor.cpp).
class IOSubMemoryDescriptor : public IOMemoryDescriptor
{
    OSDeclareDefaultStructors(IOSubMemoryDescriptor)

protected:
    IOMemoryDescriptor *_parent;
    IOByteCount _start;

    virtual void free(void);

public:
    virtual bool initSubRange(IOMemoryDescriptor *parent, IOByteCount offset, IOByteCount length,
                              IODirection withDirection);
    virtual addr64_t getPhysicalSegment(IOByteCount offset, IOByteCount *length, IOOptionBits options = 0);
    virtual IOReturn prepare(IODirection forDirection = kIODirectionNone);
    virtual IOReturn complete(IODirection forDirection = kIODirectionNone);
    virtual IOReturn redirect(task_t safeTask, bool redirect);
    virtual IOReturn setPurgeable(IOOptionBits newState, IOOptionBits *oldState);
    virtual IOMemoryMap *makeMapping(IOMemoryDescriptor *owner, task_t intoTask, IOVirtualAddress atAddress,
                                     IOOptionBits options, IOByteCount offset, IOByteCount length);
    virtual uint64_t getPreparationID(void);

    static IOSubMemoryDescriptor *withSubRange(IOMemoryDescriptor *of, IOByteCount offset, IOByteCount length,
                                               IOOptionBits options);
};
