// SPDX-License-Identifier: BSD-3-Clause
// Data queue read by the kernel too. Answers to Apple's IOKit/IOSharedDataQueue.h (Mac OS X 10.6
// view).
#pragma once

#include <IOKit/IODataQueue.h>

// kern/queue.h has a macro of this name.
#undef dequeue

struct _IODataQueueEntry;
typedef struct _IODataQueueEntry IODataQueueEntry;

// Also read by the kernel (xnu iokit/Kernel/IOSharedDataQueue.cpp).
class IOSharedDataQueue : public IODataQueue
{
    OSDeclareDefaultStructors(IOSharedDataQueue)

protected:
    struct ExpansionData; // the implementation's own

    ExpansionData *_reserved;

    virtual void free(void);

public:
    virtual Boolean initWithCapacity(UInt32 size);
    virtual IOMemoryDescriptor *getMemoryDescriptor(void);
    virtual IODataQueueEntry *peek(void);
    virtual Boolean dequeue(void *data, UInt32 *dataSize);
    OSMetaClassDeclareReservedUnused(IOSharedDataQueue, 0);
    OSMetaClassDeclareReservedUnused(IOSharedDataQueue, 1);
    OSMetaClassDeclareReservedUnused(IOSharedDataQueue, 2);
    OSMetaClassDeclareReservedUnused(IOSharedDataQueue, 3);
    OSMetaClassDeclareReservedUnused(IOSharedDataQueue, 4);
    OSMetaClassDeclareReservedUnused(IOSharedDataQueue, 5);
    OSMetaClassDeclareReservedUnused(IOSharedDataQueue, 6);
    OSMetaClassDeclareReservedUnused(IOSharedDataQueue, 7);

public:
    static IOSharedDataQueue *withCapacity(UInt32 size);
    static IOSharedDataQueue *withEntries(UInt32 numEntries, UInt32 entrySize);
};
