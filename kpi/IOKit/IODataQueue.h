// SPDX-License-Identifier: BSD-3-Clause
// Queue of records from the kernel to a user process. Answers to Apple's IOKit/IODataQueue.h (Mac OS
// X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>
#include <libkern/OSTypes.h>
#include <mach/port.h>
#include <mach/message.h>

struct _IODataQueueMemory;
typedef struct _IODataQueueMemory IODataQueueMemory;
class IOMemoryDescriptor;
struct _notifyMsg {
    mach_msg_header_t h;
};

// Single producer in the kernel, single consumer in a process that maps the memory; the producer sends a
// Mach message when the queue was empty (xnu iokit/Kernel/IODataQueue.cpp).
class IODataQueue : public OSObject
{
    OSDeclareDefaultStructors(IODataQueue)

protected:
    IODataQueueMemory *dataQueue;
    void *notifyMsg;

    virtual void free(void);
    virtual void sendDataAvailableNotification(void);

public:
    virtual Boolean initWithCapacity(UInt32 size);
    virtual Boolean initWithEntries(UInt32 numEntries, UInt32 entrySize);
    virtual Boolean enqueue_tail(void *data, UInt32 dataSize);
    virtual void setNotificationPort(mach_port_t port);
    virtual IOMemoryDescriptor *getMemoryDescriptor(void);

    static IODataQueue *withCapacity(UInt32 size);
    static IODataQueue *withEntries(UInt32 numEntries, UInt32 entrySize);
};
