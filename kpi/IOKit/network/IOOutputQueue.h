// SPDX-License-Identifier: BSD-3-Clause
// Base of the queues between the stack and a controller. Answers to Apple's IOKit/network/IOOutputQueue.h
// (x86_64, Mac OS X 10.6 view).
#pragma once

#include <IOKit/network/IONetworkInterface.h>

struct mbuf;
class IONetworkData;
enum {
    kIOOutputStatusMask = 0xff,
    kIOOutputStatusAccepted = 0x0,
    kIOOutputStatusDropped = 0x1,
    kIOOutputStatusRetry = 0x2
};

enum {
    kIOOutputCommandMask = 0xff00,
    kIOOutputCommandNone = 0x0,
    kIOOutputCommandStall = 0x100
};

enum {
    kIOReturnOutputSuccess = 0x0,
    kIOReturnOutputDropped = 0x1,
    kIOReturnOutputStall = 0x102
};

class IOOutputQueue : public OSObject
{
    OSDeclareAbstractStructors(IOOutputQueue)

protected:
    struct ExpansionData; // the implementation's own

    thread_call_t _callEntry;
    ExpansionData *_reserved;

    virtual bool init(void);
    virtual void free(void);
    virtual bool scheduleServiceThread(void *param);
    virtual bool cancelServiceThread(void);
    virtual void serviceThread(void *param);

public:
    virtual bool start(void) = 0;
    virtual bool stop(void) = 0;
    virtual bool service(IOOptionBits options = 0) = 0;
    virtual UInt32 flush(void) = 0;
    virtual bool setCapacity(UInt32 capacity) = 0;
    virtual UInt32 getCapacity(void) const = 0;
    virtual UInt32 getSize(void) const = 0;
    virtual UInt32 enqueue(mbuf_t m, void *param) = 0;
    virtual IOOutputAction getOutputHandler(void) const;
    virtual IONetworkData *getStatisticsData(void) const;
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 0);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 1);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 2);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 3);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 4);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 5);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 6);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 7);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 8);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 9);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 10);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 11);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 12);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 13);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 14);
    OSMetaClassDeclareReservedUnused(IOOutputQueue, 15);

    static void runServiceThread(thread_call_param_t, thread_call_param_t);
};
