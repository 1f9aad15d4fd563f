// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOPacketQueue (IOPacketQueue.cpp of IONetworkingFamily): a packet FIFO for drivers, with and without its own lock.
 */
#include <IOKit/IOLib.h>
#include <IOKit/network/IOPacketQueue.h>
#include "reserved.h"
#include "mbuf_queue.h"

#define super OSObject
OSDefineMetaClassAndStructors(IOPacketQueue, OSObject)
RESERVED_16(IOPacketQueue)

namespace
{
struct Locked {
    IOSimpleLock *lock;
    explicit Locked(IOSimpleLock *l) : lock(l) { IOSimpleLockLock(lock); }
    ~Locked() { IOSimpleLockUnlock(lock); }
};
} // namespace

bool IOPacketQueue::initWithCapacity(UInt32 capacity)
{
    if (!super::init())
        return false;
    _queue = IONew(IOMbufQueue, 1);
    _lock = IOSimpleLockAlloc();
    if (_queue)
        _queue->init(capacity);
    return _queue && _lock;
}

IOPacketQueue *IOPacketQueue::withCapacity(UInt32 capacity)
{
    IOPacketQueue *q = new IOPacketQueue;
    if (q && !q->initWithCapacity(capacity)) {
        q->release();
        q = 0;
    }
    return q;
}

void IOPacketQueue::free()
{
    if (_queue) {
        flush();
        IODelete(_queue, IOMbufQueue, 1);
    }
    if (_lock)
        IOSimpleLockFree(_lock);
    super::free();
}

UInt32 IOPacketQueue::getSize() const { return _queue->size; }
UInt32 IOPacketQueue::getCapacity() const { return _queue->capacity; }
mbuf_t IOPacketQueue::peek() const { return _queue->head; }

bool IOPacketQueue::setCapacity(UInt32 capacity)
{
    _queue->capacity = capacity;
    return true;
}

void IOPacketQueue::prepend(mbuf_t m) { _queue->putBack(m); }
void IOPacketQueue::prepend(IOPacketQueue *queue) { _queue->prepend(queue->_queue); }
bool IOPacketQueue::enqueue(mbuf_t m) { return _queue->put(m); }
mbuf_t IOPacketQueue::dequeue() { return _queue->get(); }
mbuf_t IOPacketQueue::dequeueAll() { return _queue->getAll(); }
UInt32 IOPacketQueue::flush() { return mbuf_freem_list(_queue->getAll()); }
UInt32 IOPacketQueue::enqueueWithDrop(mbuf_t m) { return _queue->put(m) ? 0 : mbuf_freem_list(m); }

bool IOPacketQueue::enqueue(IOPacketQueue *queue)
{
    _queue->append(queue->_queue);
    return true;
}

void IOPacketQueue::lockPrepend(mbuf_t m)
{
    Locked l(_lock);
    _queue->putBack(m);
}

bool IOPacketQueue::lockEnqueue(mbuf_t m)
{
    Locked l(_lock);
    return _queue->put(m);
}

UInt32 IOPacketQueue::lockEnqueueWithDrop(mbuf_t m) { return lockEnqueue(m) ? 0 : mbuf_freem_list(m); }

mbuf_t IOPacketQueue::lockDequeue()
{
    Locked l(_lock);
    return _queue->get();
}

mbuf_t IOPacketQueue::lockDequeueAll()
{
    Locked l(_lock);
    return _queue->getAll();
}

UInt32 IOPacketQueue::lockFlush() { return mbuf_freem_list(lockDequeueAll()); }
