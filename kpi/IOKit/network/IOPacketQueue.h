// SPDX-License-Identifier: BSD-3-Clause
// A bounded first-in first-out queue of packets. Answers to Apple's IOKit/network/IOPacketQueue.h (Mac
// OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>
#include <IOKit/IOTypes.h>
#include <IOKit/IOLocks.h>
#include <sys/kpi_mbuf.h>

struct mbuf;
struct IOMbufQueue;

// Packets in order, at most capacity; the locked... methods take its spin lock, the others leave locking
// to the caller (IONetworkingFamily IOPacketQueue.cpp).
class IOPacketQueue : public OSObject
{
    OSDeclareDefaultStructors(IOPacketQueue)

protected:
    struct ExpansionData; // the implementation's own
    static const UInt32 IOPacketQueueDefaultCapacity = 100;

    IOMbufQueue *_queue;
    IOSimpleLock *_lock;
    ExpansionData *_reserved;

    virtual void free(void);

public:
    virtual bool initWithCapacity(UInt32 capacity = IOPacketQueueDefaultCapacity);
    virtual UInt32 getSize(void) const;
    virtual bool setCapacity(UInt32 capacity);
    virtual UInt32 getCapacity(void) const;
    // First packet or 0, left in the queue.
    virtual mbuf_t peek(void) const;
    // Ignores the capacity.
    virtual void prepend(mbuf_t m);
    virtual void prepend(IOPacketQueue *queue);
    virtual void lockPrepend(mbuf_t m);
    // False when full: the caller keeps the packet.
    virtual bool enqueue(mbuf_t m);
    virtual bool enqueue(IOPacketQueue *queue);
    virtual UInt32 enqueueWithDrop(mbuf_t m);
    virtual bool lockEnqueue(mbuf_t m);
    virtual UInt32 lockEnqueueWithDrop(mbuf_t m);
    // First packet or 0; the caller owns it.
    virtual mbuf_t dequeue(void);
    virtual mbuf_t lockDequeue(void);
    virtual mbuf_t dequeueAll(void);
    virtual mbuf_t lockDequeueAll(void);
    // Frees all; returns how many.
    virtual UInt32 flush(void);
    virtual UInt32 lockFlush(void);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 0);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 1);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 2);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 3);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 4);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 5);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 6);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 7);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 8);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 9);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 10);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 11);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 12);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 13);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 14);
    OSMetaClassDeclareReservedUnused(IOPacketQueue, 15);

public:
    // One reference.
    static IOPacketQueue *withCapacity(UInt32 capacity = IOPacketQueueDefaultCapacity);
};
