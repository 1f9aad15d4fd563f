// SPDX-License-Identifier: BSD-3-Clause
// A part of another memory descriptor. Answers to Apple's IOKit/IOSubMemoryDescriptor.h (Mac OS X
// 10.6 view).
#pragma once

#include <IOKit/IOMemoryDescriptor.h>

// Not declared for 10.5, whose version overrides other methods.
#ifndef KPI_10_5
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
    virtual addr64_t getPhysicalSegment(IOByteCount offset, IOByteCount *length,
                                        IOOptionBits options KPI_DEFAULT_64(0));
    virtual IOReturn prepare(IODirection forDirection = kIODirectionNone);
    virtual IOReturn complete(IODirection forDirection = kIODirectionNone);
    IOReturn redirect(task_t safeTask, bool redirect); // virtual with the parent's
    virtual IOReturn setPurgeable(IOOptionBits newState, IOOptionBits *oldState);
    virtual IOMemoryMap *makeMapping(IOMemoryDescriptor *owner, task_t intoTask, IOVirtualAddress atAddress,
                                     IOOptionBits options, IOByteCount offset, IOByteCount length);
    virtual uint64_t getPreparationID(void);

    static IOSubMemoryDescriptor *withSubRange(IOMemoryDescriptor *of, IOByteCount offset, IOByteCount length,
                                               IOOptionBits options);
};
#endif
