// SPDX-License-Identifier: BSD-3-Clause
/*
 * The output pull model of 10.8 and later, private there: IONetworkInterface and IONetworkController of
 * IONetworkingFamily-85.2 to 107 (IONetworkInterface.cpp: configureOutputPullModel, drainOutputQueue, haltOutputThread...)
 * over xnu's send queue and its starter thread (bsd/net/dlil.c: ifnet_enqueue, ifnet_start_thread_fn). kpi/ has 10.6's
 * view, where the slots are padding, so the methods are functions here, under the names that those systems export;
 * host/loader/pads.tsv says which slots they fill and where.
 *
 * What a driver can observe: outputStart() comes on one thread, never twice at a time, only while started and while
 * there are packets; it is called again until the queue is empty or it returns an error; after kIOReturnNoResources
 * only when signalOutputThread() has been called or another packet came; stopOutputThread() returns when it is inside no
 * more. Input polling is in poll.cpp.
 */
#include <IOKit/IOLib.h>
#include <IOKit/network/IONetworkController.h>
#include <IOKit/network/IONetworkInterface.h>
#include <kern/thread.h>
#include <sys/errno.h>
#include <sys/kpi_mbuf.h>
#include "interface_private.h"
#include "bsd/private.h"

enum {
    kSendQueue = 128, /* the stack's choice when the driver gives 0 (xnu bsd/net/dlil.c, if_sndq_maxlen) */
    kStateStarted = 1,
    kStateQuit = 2,
};

static InterfaceState *stateOf(IONetworkInterface *netif) { return (InterfaceState *)netif->_reserved; }

/* The slot that 10.8 gave outputStart(). */
static IOReturn callOutputStart(IONetworkInterface *netif)
{
    typedef IOReturn (IONetworkController::*OutputStart)(IONetworkInterface *, IOOptionBits);
    OutputStart start = (OutputStart)&IONetworkController::_RESERVEDIONetworkController2;
    return (netif->_controller->*start)(netif, 0);
}

/* ---- the starter thread ---- */

static bool runnable(const PullState *p)
{
    return (p->state & kStateStarted) && p->count && p->wanted && !(p->state & kStateQuit);
}

/* Calls the driver until the queue is empty or it wants no more; the lock is held around the calls only. */
static void drain(IONetworkInterface *netif, PullState *p)
{
    p->inside = true;
    while (runnable(p)) {
        p->wanted = false;
        IOLockUnlock(p->lock);
        IOReturn status = callOutputStart(netif);
        IOLockLock(p->lock);
        if (status == kIOReturnSuccess)
            p->wanted = true;
    }
    p->inside = false;
    if (p->halting)
        IOLockWakeup(p->lock, &p->halting, false);
}

static void starter(void *arg, wait_result_t)
{
    IONetworkInterface *netif = (IONetworkInterface *)arg;
    PullState *p = &stateOf(netif)->pull;
    IOLockLock(p->lock);
    while (!(p->state & kStateQuit))
        if (runnable(p))
            drain(netif, p);
        else
            IOLockSleep(p->lock, &p->thread, THREAD_UNINT);
    thread_t self = p->thread;
    p->thread = 0;
    IOLockWakeup(p->lock, &p->halting, false);
    IOLockUnlock(p->lock);
    thread_deallocate(self);
    thread_terminate(current_thread());
}

static void wake(PullState *p)
{
    p->wanted = true;
    if (!p->inside)
        IOLockWakeup(p->lock, &p->thread, true);
}

static void purge(PullState *p)
{
    if (p->head)
        mbuf_freem_list(p->head);
    p->head = p->tail = 0;
    p->count = 0;
}

/* Lock held. Not for the driver's own outputStart(): there the stop is in force when it returns. */
static void halt(PullState *p)
{
    p->state &= ~kStateStarted;
    p->halting++;
    while (p->inside && current_thread() != p->thread)
        IOLockSleep(p->lock, &p->halting, THREAD_UNINT);
    p->halting--;
}

/* ---- for the interface ---- */

bool pullAttach(IONetworkInterface *netif)
{
    PullState *p = &stateOf(netif)->pull;
    if (!p->configured)
        return true;
    p->lock = IOLockAlloc();
    return p->lock && kernel_thread_start(starter, netif, &p->thread) == KERN_SUCCESS;
}

void pullDetach(IONetworkInterface *netif)
{
    PullState *p = &stateOf(netif)->pull;
    if (!p->lock)
        return;
    IOLockLock(p->lock);
    halt(p);
    p->state |= kStateQuit;
    IOLockWakeup(p->lock, &p->thread, false);
    while (p->thread)
        IOLockSleep(p->lock, &p->halting, THREAD_UNINT);
    purge(p);
    IOLockUnlock(p->lock);
}

void pullFree(PullState *p)
{
    if (p->lock)
        IOLockFree(p->lock);
}

errno_t pullEnqueue(PullState *p, mbuf_t m)
{
    IOLockLock(p->lock);
    bool full = p->count >= p->capacity || (p->state & kStateQuit);
    if (!full) {
        if (p->tail)
            mbuf_setnextpkt(p->tail, m);
        else
            p->head = m;
        p->tail = m;
        p->count++;
        wake(p);
    }
    IOLockUnlock(p->lock);
    if (full)
        mbuf_freem(m);
    return full ? ENOBUFS : 0;
}

bool pullFull(PullState *p) { return p->count >= p->capacity - p->capacity / 4; }

/* Up to `most` packets; how many. */
static UInt32 take(PullState *p, UInt32 most, mbuf_t *head, mbuf_t *tail, UInt64 *bytes)
{
    UInt32 n = 0;
    IOLockLock(p->lock);
    *head = p->head;
    *tail = 0;
    *bytes = 0;
    for (mbuf_t m = p->head; m && n < most; m = mbuf_nextpkt(m), n++) {
        *bytes += mbuf_pkthdr_len(m);
        *tail = m;
    }
    if (n) {
        p->head = mbuf_nextpkt(*tail);
        mbuf_setnextpkt(*tail, 0);
        if (!p->head)
            p->tail = 0;
        p->count -= n;
    }
    IOLockUnlock(p->lock);
    return n;
}

/* ---- the methods, by the names that 10.8 and later export ---- */

extern "C" {
#define NAME(text) __asm__(text)
#define INTERFACE "_ZN18IONetworkInterface"
#define CONTROLLER "_ZN19IONetworkController"
IOReturn pullConfigure4(IONetworkInterface *, UInt32, IOOptionBits, UInt32, UInt32)
    NAME(INTERFACE "24configureOutputPullModelEjjjj");
IOReturn pullConfigure5(IONetworkInterface *, UInt32, IOOptionBits, UInt32, UInt32, UInt32)
    NAME(INTERFACE "24configureOutputPullModelEjjjjj");
IOReturn pullDequeue(IONetworkInterface *, UInt32, mbuf_t *, mbuf_t *, UInt32 *, UInt64 *)
    NAME(INTERFACE "20dequeueOutputPacketsEjPP6__mbufS2_PjPy");
IOReturn pullStart(IONetworkInterface *, IOOptionBits) NAME(INTERFACE "17startOutputThreadEj");
IOReturn pullStop(IONetworkInterface *, IOOptionBits) NAME(INTERFACE "16stopOutputThreadEj");
void pullSignal(IONetworkInterface *, IOOptionBits) NAME(INTERFACE "18signalOutputThreadEj");
void pullFlush(IONetworkInterface *, IOOptionBits) NAME(INTERFACE "16flushOutputQueueEj");
IOReturn pullOutputStart(IONetworkController *, IONetworkInterface *, IOOptionBits)
    NAME(CONTROLLER "11outputStartEP18IONetworkInterfacej");
IOReturn pullNotification(IONetworkController *, IONetworkInterface *, UInt32, void *)
    NAME(CONTROLLER "28networkInterfaceNotificationEP18IONetworkInterfacejPv");
}

IOReturn pullConfigure4(IONetworkInterface *netif, UInt32, IOOptionBits, UInt32 queue, UInt32)
{
    PullState *p = &stateOf(netif)->pull;
    if (netif->_backingIfnet)
        return kIOReturnError; /* too late */
    p->configured = true;
    p->capacity = queue ? queue : (UInt32)kSendQueue;
    return kIOReturnSuccess;
}

IOReturn pullConfigure5(IONetworkInterface *netif, UInt32 ring, IOOptionBits options, UInt32 queue, UInt32 model, UInt32)
{
    return pullConfigure4(netif, ring, options, queue, model);
}

IOReturn pullDequeue(IONetworkInterface *netif, UInt32 most, mbuf_t *head, mbuf_t *tail, UInt32 *count, UInt64 *bytes)
{
    InterfaceState *s = stateOf(netif);
    mbuf_t last = 0;
    UInt64 total = 0;
    if (!most || !head)
        return kIOReturnBadArgument;
    *head = 0;
    UInt32 n = s->pull.lock && s->pull.configured ? take(&s->pull, most, head, &last, &total) : 0;
    if (tail)
        *tail = last;
    if (count)
        *count = n;
    if (bytes)
        *bytes = total;
    if (!n)
        return kIOReturnNoFrames;
    for (mbuf_t m = *head; m && netif->_outputFilterFunc; m = mbuf_nextpkt(m))
        netif->feedPacketOutputTap(m);
    reportOutput(netif->_backingIfnet, s, (UInt32)total);
    if (!pullFull(&s->pull))
        ifnet_output_ready(netif->_backingIfnet);
    return kIOReturnSuccess;
}

IOReturn pullStart(IONetworkInterface *netif, IOOptionBits)
{
    PullState *p = &stateOf(netif)->pull;
    if (!p->lock)
        return kIOReturnNotAttached;
    IOLockLock(p->lock);
    p->state |= kStateStarted;
    wake(p);
    IOLockUnlock(p->lock);
    return kIOReturnSuccess;
}

IOReturn pullStop(IONetworkInterface *netif, IOOptionBits)
{
    PullState *p = &stateOf(netif)->pull;
    if (!p->lock)
        return kIOReturnSuccess;
    IOLockLock(p->lock);
    halt(p);
    IOLockUnlock(p->lock);
    return kIOReturnSuccess;
}

void pullSignal(IONetworkInterface *netif, IOOptionBits)
{
    PullState *p = &stateOf(netif)->pull;
    if (!p->lock)
        return;
    IOLockLock(p->lock);
    wake(p);
    IOLockUnlock(p->lock);
}

void pullFlush(IONetworkInterface *netif, IOOptionBits)
{
    PullState *p = &stateOf(netif)->pull;
    if (!p->lock)
        return;
    IOLockLock(p->lock);
    purge(p);
    IOLockUnlock(p->lock);
}

/* A driver that configures a model overrides what goes with it. */
IOReturn pullOutputStart(IONetworkController *, IONetworkInterface *, IOOptionBits) { return kIOReturnUnsupported; }
IOReturn pullNotification(IONetworkController *, IONetworkInterface *, UInt32, void *) { return kIOReturnUnsupported; }
