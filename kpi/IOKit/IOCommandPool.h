// SPDX-License-Identifier: BSD-3-Clause
// A pool of commands, serialised by a work loop. Answers to Apple's IOKit/IOCommandPool.h (Mac OS X
// 10.6 view).
#pragma once

#include <kern/queue.h>
#include <IOKit/IOCommand.h>
#include <IOKit/IOCommandGate.h>
#include <IOKit/IOService.h>
#include <IOKit/IOWorkLoop.h>

// Free list of commands behind a command gate (xnu iokit/Kernel/IOCommandPool.cpp).
class IOCommandPool : public OSObject
{
    OSDeclareDefaultStructors(IOCommandPool)

protected:
    struct ExpansionData; // the implementation's own
    static const UInt32 kIOCommandPoolDefaultSize = 2;

    queue_head_t fQueueHead;
    UInt32 fSleepers;
    IOCommandGate *fSerializer;
    ExpansionData *reserved;

    virtual void free(void);

public:
    virtual bool initWithWorkLoop(IOWorkLoop *workLoop);
    virtual bool init(IOService *inOwner, IOWorkLoop *inWorkLoop, UInt32 inSize = kIOCommandPoolDefaultSize);
    // 0 when the pool is empty and blockForCommand is false.
    virtual IOCommand *getCommand(bool blockForCommand = true);
    // Wakes one that waits.
    virtual void returnCommand(IOCommand *command);

protected:
    virtual IOReturn gatedGetCommand(IOCommand **command, bool blockForCommand);
    virtual IOReturn gatedReturnCommand(IOCommand *command);
    OSMetaClassDeclareReservedUnused(IOCommandPool, 0);
    OSMetaClassDeclareReservedUnused(IOCommandPool, 1);
    OSMetaClassDeclareReservedUnused(IOCommandPool, 2);
    OSMetaClassDeclareReservedUnused(IOCommandPool, 3);
    OSMetaClassDeclareReservedUnused(IOCommandPool, 4);
    OSMetaClassDeclareReservedUnused(IOCommandPool, 5);
    OSMetaClassDeclareReservedUnused(IOCommandPool, 6);
    OSMetaClassDeclareReservedUnused(IOCommandPool, 7);

public:
    static IOCommandPool *withWorkLoop(IOWorkLoop *inWorkLoop);
    static IOCommandPool *commandPool(IOService *inOwner, IOWorkLoop *inWorkLoop,
                                      UInt32 inSize = kIOCommandPoolDefaultSize);
};
