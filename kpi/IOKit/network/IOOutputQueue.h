// SPDX-License-Identifier: BSD-3-Clause
// Base of the queues between the stack and a controller. Answers to Apple's IOKit/network/IOOutputQueue.h
// (Mac OS X 10.6 view).
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

// Where the stack's packets wait for a controller. enqueue may come from any thread; service goes on after
// a stall (IONetworkingFamily IOOutputQueue.cpp).
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
    // Lets packets through.
    virtual bool start(void) = 0;
    // Until start, packets wait. After return the target is not being called.
    virtual bool stop(void) = 0;
    // The driver has room again: sends what waits. kServiceAsync leaves it to another thread.
    virtual bool service(IOOptionBits options = 0) = 0;
    // Frees what waits; returns how many.
    virtual UInt32 flush(void) = 0;
    // Packets; more are dropped.
    virtual bool setCapacity(UInt32 capacity) = 0;
    virtual UInt32 getCapacity(void) const = 0;
    // Packets waiting.
    virtual UInt32 getSize(void) const = 0;
    // Takes the packet; returns 0 or an errno-like drop count.
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
