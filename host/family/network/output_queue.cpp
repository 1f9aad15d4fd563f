// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOOutputQueue, IOBasicOutputQueue, IOGatedOutputQueue (IOOutputQueue.cpp). What a driver can observe:
 *  - at most one thread is inside the driver's output action at a time; others leave their packet and go;
 *  - a status of Retry puts the packet back, Stall ends the burst until service(); a service() that came while the
 *    action ran is not lost (it undoes the stall);
 *  - stop() returns when no thread is inside the action any more (it must not be called by the action itself);
 *  - the gated queue calls the action with the work loop's gate closed; when the gate is taken it does not wait but has
 *    the work loop's thread go on.
 */
#include <IOKit/IOCommandGate.h>
#include <IOKit/IOInterruptEventSource.h>
#include <IOKit/IOLib.h>
#include <IOKit/IOWorkLoop.h>
#include <IOKit/network/IOBasicOutputQueue.h>
#include <IOKit/network/IOGatedOutputQueue.h>
#include <IOKit/network/IONetworkController.h>
#include <IOKit/network/IONetworkData.h>
#include <kern/thread_call.h>
#include "mbuf_queue.h"
#include "reserved.h"

#define super OSObject
OSDefineMetaClassAndAbstractStructors(IOOutputQueue, OSObject)
RESERVED_16(IOOutputQueue)

bool IOOutputQueue::init()
{
    if (!super::init())
        return false;
    _callEntry = thread_call_allocate(runServiceThread, this);
    return _callEntry != 0;
}

void IOOutputQueue::free()
{
    if (_callEntry) {
        cancelServiceThread();
        thread_call_free(_callEntry);
        _callEntry = 0;
    }
    super::free();
}

void IOOutputQueue::runServiceThread(thread_call_param_t self, thread_call_param_t param)
{
    ((IOOutputQueue *)self)->serviceThread(param);
}

bool IOOutputQueue::scheduleServiceThread(void *param) { return thread_call_enter1(_callEntry, param); }
bool IOOutputQueue::cancelServiceThread() { return _callEntry && thread_call_cancel(_callEntry); }
void IOOutputQueue::serviceThread(void *param) {}
IONetworkData *IOOutputQueue::getStatisticsData() const { return 0; }
IOOutputAction IOOutputQueue::getOutputHandler() const { return (IOOutputAction)&IOOutputQueue::enqueue; }

#undef super
#define super IOOutputQueue
OSDefineMetaClassAndStructors(IOBasicOutputQueue, IOOutputQueue)

bool IOBasicOutputQueue::init(OSObject *target, IOOutputAction action, UInt32 capacity)
{
    if (!super::init() || !target || !action)
        return false;
    _target = target;
    _action = action;
    _statsData = IONetworkData::withInternalBuffer(kIOOutputQueueStatsKey, sizeof(IOOutputQueueStats),
                                                   kIONetworkDataBasicAccessTypes, this,
                                                   (IONetworkData::Action)dispatchNetworkDataNotification, this);
    _spinlock = IOSimpleLockAlloc();
    for (int i = 0; i < 2; i++)
        if ((_queues[i] = IONew(IOMbufQueue, 1)))
            _queues[i]->init(capacity);
    if (!_statsData || !_spinlock || !_queues[0] || !_queues[1])
        return false;
    _stats = (IOOutputQueueStats *)_statsData->getBuffer();
    _stats->capacity = capacity;
    _inQueue = _queues[0];
    return true;
}

IOBasicOutputQueue *IOBasicOutputQueue::withTarget(OSObject *target, IOOutputAction action, UInt32 capacity)
{
    IOBasicOutputQueue *q = new IOBasicOutputQueue;
    if (q && !q->init(target, action, capacity)) {
        q->release();
        q = 0;
    }
    return q;
}

IOBasicOutputQueue *IOBasicOutputQueue::withTarget(IONetworkController *target, UInt32 capacity)
{
    return withTarget(target, target->getOutputHandler(), capacity);
}

void IOBasicOutputQueue::free()
{
    cancelServiceThread();
    if (_inQueue)
        flush();
    if (_spinlock)
        IOSimpleLockFree(_spinlock);
    for (int i = 0; i < 2; i++)
        if (_queues[i])
            IODelete(_queues[i], IOMbufQueue, 1);
    if (_statsData)
        _statsData->release();
    super::free();
}

UInt32 IOBasicOutputQueue::enqueue(mbuf_t m, void *param)
{
    IOSimpleLockLock(_spinlock);
    bool taken = _inQueue->put(m);
    if ((_state & (kStateRunning | kStateOutputStalled | kStateOutputActive)) == kStateRunning) {
        _state |= kStateOutputActive;
        dequeue();
    }
    IOSimpleLockUnlock(_spinlock);
    if (!taken)
        OSAddAtomic(mbuf_freem_list(m), (SInt32 *)&_stats->dropCount);
    return 0;
}

/*
 * Called with the lock held and kStateOutputActive set by the caller, who owns _queues[0] from here on; newcomers go to
 * _queues[1] meanwhile.
 */
void IOBasicOutputQueue::dequeue()
{
    IOMbufQueue *out = _queues[0];
    UInt32 result = 0;
    _inQueue = _queues[1];
    while ((_state & (kStateRunning | kStateOutputStalled)) == kStateRunning && out->size) {
        UInt32 before = _serviceCount;
        result = 0;
        IOSimpleLockUnlock(_spinlock);
        output(out, &result);
        IOSimpleLockLock(_spinlock);
        if (before != _serviceCount)
            result &= ~kStateOutputStalled;
        _state |= result;
        out->append(_inQueue);
        if (result & kStateOutputServiceMask)
            break;
    }
    _inQueue = out;
    _state &= ~kStateOutputActive;
    if (result & kStateOutputServiceMask)
        scheduleServiceThread((void *)(uintptr_t)(result & kStateOutputServiceMask));
    if (_waitDequeueDone) {
        _waitDequeueDone = false;
        thread_wakeup((event_t)&_waitDequeueDone);
    }
}

/* One burst: until the queue is empty or the driver stalls it. */
static inline void sendBurst(OSObject *target, IOOutputAction action, IOMbufQueue *queue, IOOutputQueueStats *stats,
                             UInt32 *state)
{
    do {
        mbuf_t m = queue->get();
        UInt32 status = (target->*action)(m, 0);
        if ((status & kIOOutputStatusMask) == kIOOutputStatusRetry) {
            queue->putBack(m);
            stats->retryCount++;
        } else {
            stats->outputCount++; /* what the driver dropped counts too */
        }
        if ((status & kIOOutputCommandMask) == kIOOutputCommandStall) {
            *state = IOBasicOutputQueue::kStateOutputStalled;
            stats->stallCount++;
        }
    } while (queue->size && !*state);
}

void IOBasicOutputQueue::output(IOMbufQueue *queue, UInt32 *state)
{
    sendBurst(_target, _action, queue, _stats, state);
}

void IOBasicOutputQueue::serviceThread(void *param)
{
    IOSimpleLockLock(_spinlock);
    _state &= ~(UInt32)(uintptr_t)param;
    if (!(_state & kStateOutputActive)) {
        _state |= kStateOutputActive;
        dequeue();
    }
    IOSimpleLockUnlock(_spinlock);
}

bool IOBasicOutputQueue::start()
{
    IOSimpleLockLock(_spinlock);
    _state = (_state | kStateRunning) & ~kStateOutputStalled;
    _serviceCount++;
    if (!(_state & kStateOutputActive)) {
        _state |= kStateOutputActive;
        dequeue();
    }
    IOSimpleLockUnlock(_spinlock);
    return true;
}

bool IOBasicOutputQueue::stop()
{
    IOSimpleLockLock(_spinlock);
    bool wasRunning = _state & kStateRunning;
    _state &= ~kStateRunning;
    bool wait = _state & kStateOutputActive;
    if (wait) {
        _waitDequeueDone = true;
        assert_wait((event_t)&_waitDequeueDone, THREAD_UNINT);
    }
    IOSimpleLockUnlock(_spinlock);
    if (wait)
        thread_block(THREAD_CONTINUE_NULL);
    return wasRunning;
}

bool IOBasicOutputQueue::service(IOOptionBits options)
{
    bool run = false;
    IOSimpleLockLock(_spinlock);
    bool stalled = _state & kStateOutputStalled;
    _state &= ~kStateOutputStalled;
    _serviceCount++;
    if (stalled && (_state & (kStateRunning | kStateOutputActive)) == kStateRunning && _queues[0]->size) {
        run = true;
        if (!(options & kServiceAsync)) {
            _state |= kStateOutputActive;
            dequeue();
        }
    }
    IOSimpleLockUnlock(_spinlock);
    if (run && (options & kServiceAsync))
        scheduleServiceThread(0);
    return run;
}

UInt32 IOBasicOutputQueue::flush()
{
    IOSimpleLockLock(_spinlock);
    mbuf_t all = _inQueue->getAll();
    IOSimpleLockUnlock(_spinlock);
    UInt32 n = all ? mbuf_freem_list(all) : 0;
    OSAddAtomic(n, (SInt32 *)&_stats->dropCount);
    return n;
}

bool IOBasicOutputQueue::setCapacity(UInt32 capacity)
{
    IOSimpleLockLock(_spinlock);
    _queues[0]->capacity = _queues[1]->capacity = _stats->capacity = capacity;
    IOSimpleLockUnlock(_spinlock);
    return true;
}

UInt32 IOBasicOutputQueue::getCapacity() const { return _stats->capacity; }
UInt32 IOBasicOutputQueue::getSize() const { return _queues[0]->size; }
UInt32 IOBasicOutputQueue::getDropCount() { return _stats->dropCount; }
UInt32 IOBasicOutputQueue::getOutputCount() { return _stats->outputCount; }
UInt32 IOBasicOutputQueue::getRetryCount() { return _stats->retryCount; }
UInt32 IOBasicOutputQueue::getStallCount() { return _stats->stallCount; }
UInt32 IOBasicOutputQueue::getState() const { return _state; }
IONetworkData *IOBasicOutputQueue::getStatisticsData() const { return _statsData; }

IOReturn IOBasicOutputQueue::dispatchNetworkDataNotification(void *target, void *param, IONetworkData *data,
                                                             UInt32 type)
{
    return ((IOBasicOutputQueue *)target)->handleNetworkDataAccess(data, type, param);
}

IOReturn IOBasicOutputQueue::handleNetworkDataAccess(IONetworkData *data, UInt32 type, void *param)
{
    if (type != kIONetworkDataAccessTypeRead && type != kIONetworkDataAccessTypeSerialize)
        return kIOReturnNotWritable;
    IOSimpleLockLock(_spinlock);
    _stats->size = _queues[0]->size + _queues[1]->size;
    IOSimpleLockUnlock(_spinlock);
    return kIOReturnSuccess;
}

#undef super
#define super IOBasicOutputQueue
OSDefineMetaClassAndStructors(IOGatedOutputQueue, IOBasicOutputQueue)

enum { kStateOutputDeferred = 0x100 }; /* inside kStateOutputServiceMask: the work loop's thread goes on */

bool IOGatedOutputQueue::init(OSObject *target, IOOutputAction action, IOWorkLoop *workloop, UInt32 capacity)
{
    if (!super::init(target, action, capacity) || !OSDynamicCast(IOWorkLoop, workloop))
        return false;
    _gate = IOCommandGate::commandGate(this);
    if (!_gate || workloop->addEventSource(_gate) != kIOReturnSuccess)
        return false;
    _interruptSrc = IOInterruptEventSource::interruptEventSource(this, restartDeferredOutput);
    return _interruptSrc && workloop->addEventSource(_interruptSrc) == kIOReturnSuccess;
}

IOGatedOutputQueue *IOGatedOutputQueue::withTarget(OSObject *target, IOOutputAction action, IOWorkLoop *workloop,
                                                   UInt32 capacity)
{
    IOGatedOutputQueue *q = new IOGatedOutputQueue;
    if (q && !q->init(target, action, workloop, capacity)) {
        q->release();
        q = 0;
    }
    return q;
}

IOGatedOutputQueue *IOGatedOutputQueue::withTarget(IONetworkController *target, IOWorkLoop *workloop, UInt32 capacity)
{
    return withTarget(target, target->getOutputHandler(), workloop, capacity);
}

static void dropSource(IOEventSource *source)
{
    if (!source)
        return;
    if (IOWorkLoop *wl = source->getWorkLoop())
        wl->removeEventSource(source);
    source->release();
}

void IOGatedOutputQueue::free()
{
    cancelServiceThread();
    dropSource(_gate);
    dropSource(_interruptSrc);
    _gate = 0;
    _interruptSrc = 0;
    super::free();
}

void IOGatedOutputQueue::gatedOutput(OSObject *owner, IOGatedOutputQueue *self, IOMbufQueue *queue, UInt32 *state)
{
    sendBurst(self->_target, self->_action, queue, self->_stats, state);
}

void IOGatedOutputQueue::output(IOMbufQueue *queue, UInt32 *state)
{
    if (_gate->attemptAction((IOCommandGate::Action)gatedOutput, this, queue, state) == kIOReturnCannotLock)
        *state = kStateOutputDeferred;
}

bool IOGatedOutputQueue::scheduleServiceThread(void *param)
{
    if (!((uintptr_t)param & kStateOutputDeferred))
        return super::scheduleServiceThread(param);
    _interruptSrc->interruptOccurred(0, 0, 0);
    return true;
}

void IOGatedOutputQueue::restartDeferredOutput(OSObject *owner, IOInterruptEventSource *sender, int count)
{
    ((IOGatedOutputQueue *)owner)->serviceThread((void *)kStateOutputDeferred);
}
