// SPDX-License-Identifier: BSD-3-Clause
/*
 * Input polling of 10.8 and later, private there: IONetworkInterface of IONetworkingFamily-85.2 to 107
 * (configureInputPacketPolling, if_input_poll, if_input_ctl, enqueueInputPacket) over xnu-2422's poller thread
 * (bsd/net/dlil.c: dlil_rxpoll_input_thread_func, ifnet_poll_thread_fn). As in pull.cpp the methods are functions here.
 *
 * What a driver can observe: it is in interrupt mode at first. Arrivals are summed up in samples of 10 ms; when the
 * decaying averages of packets and of bytes (or of wake-ups) reach the high marks, setInputPacketPollingEnable(true)
 * comes under the gate, and from then on pollInputPackets() each millisecond, on one thread, gated if the driver asked
 * for that; (false) when packets and bytes are both down at the low marks. The mode holds for a second at least. Packets
 * that it takes come by enqueueInputPacket() on the queue given; with no queue they are pushed.
 */
#include <IOKit/IOLib.h>
#include <IOKit/network/IONetworkController.h>
#include <IOKit/network/IONetworkInterface.h>
#include <kern/clock.h>
#include <kern/thread.h>
#include <sys/kpi_mbuf.h>
#include "interface_private.h"

enum { /* dlil.c: rxpoll_tbl's row of 1 Gbit/s and more, IF_RXPOLL_*, IF_RCVQ_MAXLEN */
    kPacketsLow = 10,
    kPacketsHigh = 40,
    kBytesLow = 4 * 1024,
    kBytesHigh = 64 * 1024,
    kWakeupsHigh = 100,
    kDecay = 2,
    kMostPackets = 256,
    kGated = 1, /* kIONetworkWorkLoopSynchronous */
};
static const UInt64 kSampleTime = 10000000, kHoldTime = 1000000000;

/* What IOMbufQueue is there; opaque to drivers. */
struct PollQueue {
    mbuf_t head, tail;
    UInt32 count, bytes;
};

static InterfaceState *stateOf(IONetworkInterface *netif) { return (InterfaceState *)netif->_reserved; }

static UInt64 now()
{
    uint64_t t, ns;
    clock_get_uptime(&t);
    absolutetime_to_nanoseconds(t, &ns);
    return ns;
}

static void average(UInt32 *mean, UInt32 value)
{
    *mean = *mean ? ((*mean << kDecay) - *mean + value) >> kDecay : value;
}

/* ---- when to poll ---- */

/* Lock held: closes the sample when it is old enough, and decides. */
static void decide(PollState *p)
{
    UInt64 t = now();
    if (t - p->sampled < kSampleTime)
        return;
    p->sampled = t;
    average(&p->packetsAverage, p->packets);
    average(&p->bytesAverage, p->bytes);
    average(&p->wakeupsAverage, p->wakeups);
    p->packets = p->bytes = p->wakeups = 0;
    if (t - p->changed < kHoldTime)
        return;
    bool idle = p->packetsAverage <= kPacketsLow && p->bytesAverage <= kBytesLow;
    bool busy = p->packetsAverage >= kPacketsHigh &&
                (p->bytesAverage >= kBytesHigh || p->wakeupsAverage >= kWakeupsHigh);
    if (p->wanted ? !idle : !busy)
        return;
    p->wanted = !p->wanted;
    p->changed = t;
    IOLockWakeup(p->lock, &p->thread, true);
}

void pollSample(PollState *p, UInt32 packets, UInt32 bytes)
{
    IOLockLock(p->lock);
    p->packets += packets;
    p->bytes += bytes;
    p->wakeups++;
    decide(p);
    IOLockUnlock(p->lock);
}

/* ---- the driver's side, by the slots that 10.8 gave these methods ---- */

static int enableAction(OSObject *target, void *netif, void *on, void *, void *)
{
    typedef IOReturn (IONetworkController::*Enable)(IONetworkInterface *, bool);
    Enable enable = (Enable)&IONetworkController::_RESERVEDIONetworkController3;
    return (((IONetworkController *)target)->*enable)((IONetworkInterface *)netif, on != 0);
}

static int pollAction(OSObject *target, void *netif, void *queue, void *, void *)
{
    typedef void (IONetworkController::*Poll)(IONetworkInterface *, UInt32, PollQueue *, void *);
    Poll poll = (Poll)&IONetworkController::_RESERVEDIONetworkController4;
    (((IONetworkController *)target)->*poll)((IONetworkInterface *)netif, kMostPackets, (PollQueue *)queue, 0);
    return 0;
}

static void tell(IONetworkInterface *netif, bool on)
{
    IONetworkController *c = netif->_controller;
    c->executeCommand(netif, (IONetworkController::Action)enableAction, c, netif, (void *)(uintptr_t)on);
}

static void pollOnce(IONetworkInterface *netif, PollState *p)
{
    IONetworkController *c = netif->_controller;
    PollQueue queue = {0, 0, 0, 0};
    if (p->options & kGated)
        c->executeCommand(netif, (IONetworkController::Action)pollAction, c, netif, &queue);
    else
        pollAction(c, netif, &queue, 0, 0);
    pollSample(p, queue.count, queue.bytes);
    if (queue.head)
        deliverInput(netif->_backingIfnet, stateOf(netif), queue.head);
}

/* ---- the poller thread ---- */

/* Lock held; it is released around calls of the driver. */
static void step(IONetworkInterface *netif, PollState *p)
{
    AbsoluteTime next;
    if (p->on != p->wanted) {
        p->on = p->wanted;
        IOLockUnlock(p->lock);
        tell(netif, p->on);
        IOLockLock(p->lock);
    } else if (p->on) {
        clock_interval_to_deadline(1, kMillisecondScale, __OSAbsoluteTimePtr(&next));
        IOLockUnlock(p->lock);
        pollOnce(netif, p);
        IOLockLock(p->lock);
        if (p->on == p->wanted && !p->quit)
            IOLockSleepDeadline(p->lock, &p->thread, next, THREAD_UNINT);
    } else {
        IOLockSleep(p->lock, &p->thread, THREAD_UNINT);
    }
}

static void poller(void *arg, wait_result_t)
{
    IONetworkInterface *netif = (IONetworkInterface *)arg;
    PollState *p = &stateOf(netif)->poll;
    IOLockLock(p->lock);
    while (!p->quit)
        step(netif, p);
    thread_t self = p->thread;
    p->thread = 0;
    IOLockWakeup(p->lock, p, false);
    IOLockUnlock(p->lock);
    thread_deallocate(self);
    thread_terminate(current_thread());
}

bool pollAttach(IONetworkInterface *netif)
{
    PollState *p = &stateOf(netif)->poll;
    if (!p->configured)
        return true;
    p->lock = IOLockAlloc();
    return p->lock && kernel_thread_start(poller, netif, &p->thread) == KERN_SUCCESS;
}

void pollDetach(IONetworkInterface *netif)
{
    PollState *p = &stateOf(netif)->poll;
    if (!p->lock)
        return;
    IOLockLock(p->lock);
    p->quit = true;
    IOLockWakeup(p->lock, &p->thread, false);
    while (p->thread)
        IOLockSleep(p->lock, p, THREAD_UNINT);
    IOLockUnlock(p->lock);
}

void pollFree(PollState *p)
{
    if (p->lock)
        IOLockFree(p->lock);
}

/* ---- the methods, by the names that 10.8 and later export ---- */

extern "C" {
#define NAME(text) __asm__(text)
IOReturn pollConfigure(IONetworkInterface *, UInt32, IOOptionBits)
    NAME("_ZN18IONetworkInterface27configureInputPacketPollingEjj");
IOReturn pollEnqueue(IONetworkInterface *, mbuf_t, PollQueue *, IOOptionBits)
    NAME("_ZN18IONetworkInterface18enqueueInputPacketEP6__mbufP11IOMbufQueuej");
IOReturn pollEnable(IONetworkController *, IONetworkInterface *, bool)
    NAME("_ZN19IONetworkController27setInputPacketPollingEnableEP18IONetworkInterfaceb");
void pollInput(IONetworkController *, IONetworkInterface *, UInt32, PollQueue *, void *)
    NAME("_ZN19IONetworkController16pollInputPacketsEP18IONetworkInterfacejP11IOMbufQueuePv");
}

IOReturn pollConfigure(IONetworkInterface *netif, UInt32, IOOptionBits options)
{
    PollState *p = &stateOf(netif)->poll;
    if (netif->_backingIfnet)
        return kIOReturnError; /* too late */
    p->configured = true;
    p->options = options;
    return kIOReturnSuccess;
}

IOReturn pollEnqueue(IONetworkInterface *netif, mbuf_t m, PollQueue *queue, IOOptionBits)
{
    if (!m)
        return kIOReturnBadArgument;
    if (!queue) {
        netif->inputPacket(m, 0, IONetworkInterface::kInputOptionQueuePacket);
        return kIOReturnSuccess;
    }
    if (!netif->_backingIfnet) {
        mbuf_freem(m);
        return kIOReturnNotAttached;
    }
    queue->count++;
    queue->bytes += (UInt32)mbuf_pkthdr_len(m);
    prepareInput(netif, m);
    if (queue->tail)
        mbuf_setnextpkt(queue->tail, m);
    else
        queue->head = m;
    queue->tail = m;
    return kIOReturnSuccess;
}

/* A driver that configures polling overrides both. */
IOReturn pollEnable(IONetworkController *, IONetworkInterface *, bool) { return kIOReturnUnsupported; }
void pollInput(IONetworkController *, IONetworkInterface *, UInt32, PollQueue *, void *) {}
