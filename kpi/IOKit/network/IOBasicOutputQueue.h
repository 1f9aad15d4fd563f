// SPDX-License-Identifier: BSD-3-Clause
// An output queue that calls the driver on the caller's thread, one at a time. Answers to Apple's
// IOKit/network/IOBasicOutputQueue.h (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOLocks.h>
#include <IOKit/network/IOOutputQueue.h>
#include <IOKit/network/IOPacketQueue.h>

struct IOMbufQueue;

// Calls the target on the thread that enqueued, one at a time; when the target returns
// kIOReturnOutputStall the packet stays first and nothing moves until service (IONetworkingFamily
// IOBasicOutputQueue.cpp).
class IOBasicOutputQueue : public IOOutputQueue
{
    OSDeclareDefaultStructors(IOBasicOutputQueue)

public:
    enum {
        kServiceAsync = 0x1
    };
    enum {
        kStateRunning = 0x1,
        kStateOutputStalled = 0x2,
        kStateOutputActive = 0x4,
        kStateOutputServiceMask = 0xff00
    };

protected:
    OSObject *_target;
    IOOutputAction _action;
    IOOutputQueueStats *_stats;
    IONetworkData *_statsData;
    IOSimpleLock *_spinlock;
    IOMbufQueue *_inQueue;
    IOMbufQueue *_queues[2];
    volatile bool _waitDequeueDone;
    volatile UInt32 _state;
    volatile UInt32 _serviceCount;

    // Called by kServiceAsync.
    virtual void serviceThread(void *param);
    // One packet to the target; sets *state when it must stop.
    virtual void output(IOMbufQueue *queue, UInt32 *state);
    virtual void free(void);
    virtual IOReturn handleNetworkDataAccess(IONetworkData *data, UInt32 type, void *param);

public:
    virtual bool init(OSObject *target, IOOutputAction action, UInt32 capacity = 0);
    virtual UInt32 enqueue(mbuf_t m, void *param);
    virtual bool start(void);
    virtual bool stop(void);
    virtual bool service(IOOptionBits options = 0);
    virtual UInt32 flush(void);
    virtual bool setCapacity(UInt32 capacity);
    virtual UInt32 getCapacity(void) const;
    virtual UInt32 getSize(void) const;
    virtual UInt32 getDropCount(void);
    virtual UInt32 getOutputCount(void);
    virtual UInt32 getRetryCount(void);
    virtual UInt32 getStallCount(void);
    virtual UInt32 getState(void) const;
    virtual IONetworkData *getStatisticsData(void) const;

private:
    static IOReturn dispatchNetworkDataNotification(void *target, void *param, IONetworkData *data,
                                                    UInt32 type);
    // The loop that feeds the target.
    void dequeue(void);

public:
    // One reference; the target is a controller (its outputPacket) or any object and method.
    static IOBasicOutputQueue *withTarget(IONetworkController *target, UInt32 capacity = 0);
    static IOBasicOutputQueue *withTarget(OSObject *target, IOOutputAction action, UInt32 capacity = 0);
};
