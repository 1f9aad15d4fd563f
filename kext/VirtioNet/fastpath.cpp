// SPDX-License-Identifier: BSD-3-Clause
/*
 * VirtioNetController's output queue: an IOBasicOutputQueue, which pushes packet by packet, or from 10.8 on the
 * interface's own, from which the driver pulls bursts (IONetworkingFamily-85.2, IONetworkInterface.h and
 * IONetworkController.h under __PRIVATE_SPI__: outputStart, dequeueOutputPackets...).
 *
 * The pull model is private there: its methods are referred to weakly, by the names that the systems export, and
 * outputStart() overrides the padding that its slot is in the public view. Where they are missing (10.6, 10.7) nobody
 * calls that slot. No i386 kernel has them, nor weak symbols. Boot-argument vio_pull=1 selects it (docs/fast-paths.md: why it is not the default).
 */
#include "VirtioNetController.h"
#include <IOKit/IOLib.h>
#include <libkern/OSKextLib.h>
#include <pexpert/pexpert.h>

/* Methods of IONetworkInterface as functions: `this` is the first argument. Not called through their slots. */
extern "C" {
#define METHOD(mangled) __asm__("__ZN18IONetworkInterface" mangled) __attribute__((weak_import))
IOReturn vio_pull4(IONetworkInterface *, UInt32 ring, IOOptionBits options, UInt32 queue, UInt32 scheduling)
    METHOD("24configureOutputPullModelEjjjj"); /* 10.8, 10.9 */
IOReturn vio_pull5(IONetworkInterface *, UInt32 ring, IOOptionBits options, UInt32 queue, UInt32 scheduling, UInt32)
    METHOD("24configureOutputPullModelEjjjjj"); /* IONetworkingFamily-107 and later */
IOReturn vio_pull_dequeue(IONetworkInterface *, UInt32 most, mbuf_t *head, mbuf_t *tail, UInt32 *count, UInt64 *bytes)
    METHOD("20dequeueOutputPacketsEjPP6__mbufS2_PjPy");
IOReturn vio_pull_start(IONetworkInterface *, IOOptionBits) METHOD("17startOutputThreadEj");
IOReturn vio_pull_stop(IONetworkInterface *, IOOptionBits) METHOD("16stopOutputThreadEj");
void vio_pull_signal(IONetworkInterface *, IOOptionBits) METHOD("18signalOutputThreadEj");
void vio_pull_flush(IONetworkInterface *, IOOptionBits) METHOD("16flushOutputQueueEj");
}

static bool pullExists()
{
    return OSKextSymbolIsResolved(vio_pull_dequeue) && OSKextSymbolIsResolved(vio_pull_start) &&
           OSKextSymbolIsResolved(vio_pull_stop) && OSKextSymbolIsResolved(vio_pull_signal) &&
           OSKextSymbolIsResolved(vio_pull_flush);
}

static IOReturn configurePull(IONetworkInterface *interface, UInt32 ring)
{
    if (OSKextSymbolIsResolved(vio_pull5))
        return vio_pull5(interface, ring, 0, 0, 0, 0);
    return OSKextSymbolIsResolved(vio_pull4) ? vio_pull4(interface, ring, 0, 0, 0) : kIOReturnUnsupported;
}

/* From configureInterface(), which is when the family takes it. */
void VirtioNetController::choosePull(IONetworkInterface *interface)
{
    UInt32 wanted = 0;

    (void)PE_parse_boot_argn("vio_pull", &wanted, sizeof wanted);
    fPull = kHasWeak && wanted && pullExists() && configurePull(interface, fNet.tx.num) == kIOReturnSuccess;
    setProperty("Virtio Output", fPull ? "pull" : "push");
}

/* Tx lock held. Sends a list of packets; what finds no room stays in fHeld. True: all of it went. */
bool VirtioNetController::sendList(mbuf_t list, mbuf_t *done)
{
    while (list) {
        mbuf_t next = mbuf_nextpkt(list);
        mbuf_setnextpkt(list, 0);
        UInt32 status = transmit(list, done);
        if (status == kIOReturnOutputStall) {
            mbuf_setnextpkt(list, next);
            break;
        }
        if (status == kIOReturnOutputSuccess)
            fStats->outputPackets++;
        else
            fStats->outputErrors++;
        list = next;
    }
    fHeld = list;
    flushTx();
    return !list;
}

#ifdef __LP64__
/* The interface's output thread: takes bursts until there are none or the ring is full; then an interrupt goes on. */
IOReturn VirtioNetController::pullOutput(IONetworkInterface *interface)
{
    mbuf_t list, done = 0;
    bool room;

    if (fTakenOver) { /* by the debugger: tick() starts the device again, and then the queue; see handleEvents() */
        fTimer->setTimeoutUS(1);
        return kIOReturnNoResources;
    }
    do {
        IOLockLock(fTxLock);
        room = !fHeld;
        if (room && vio_pull_dequeue(interface, kTxUnflushedMax, &list, 0, 0, 0) == kIOReturnSuccess)
            room = sendList(list, &done);
        else
            list = 0;
        IOLockUnlock(fTxLock);
        if (done)
            mbuf_freem_list(done);
        done = 0;
    } while (list && room);
    return room ? kIOReturnSuccess : kIOReturnNoResources;
}

/* The slot of IONetworkController::outputStart(), whose result this is; void is what the padding's declaration says. */
IOReturn virtio_net_output_start(VirtioNetController *self, IONetworkInterface *interface, IOOptionBits)
{
    return self->pullOutput(interface);
}
#endif

void VirtioNetController::startQueue()
{
    if (kHasWeak && fPull)
        vio_pull_start(fInterface, 0);
    else
        fQueue->start();
}

/* Returns when no sender is inside the driver any more. */
void VirtioNetController::stopQueue()
{
    if (!kHasWeak || !fPull) {
        fQueue->stop();
        return;
    }
    vio_pull_stop(fInterface, 0);
    if (fHeld)
        mbuf_freem_list(fHeld);
    fHeld = 0;
}

void VirtioNetController::flushQueue()
{
    if (kHasWeak && fPull)
        vio_pull_flush(fInterface, 0);
    else
        fQueue->flush();
}

/* A packet of the driver's own, on the work loop, while the queue is started: after what waits for the ring. */
void VirtioNetController::enqueueOwn(mbuf_t m)
{
    mbuf_t done = 0;

    if (!kHasWeak || !fPull) {
        fQueue->enqueue(m, 0);
        return;
    }
    IOLockLock(fTxLock);
    if (fTakenOver) { /* the wire is the debugger's: an announcement is not worth holding */
        IOLockUnlock(fTxLock);
        mbuf_freem(m);
        return;
    }
    if (fHeld) {
        mbuf_t last = fHeld;
        while (mbuf_nextpkt(last))
            last = mbuf_nextpkt(last);
        mbuf_setnextpkt(last, m); /* an interrupt goes on with it */
    } else {
        (void)sendList(m, &done);
    }
    IOLockUnlock(fTxLock);
    if (done)
        mbuf_freem_list(done);
}

/* Work loop: the ring has room again. */
void VirtioNetController::serviceQueue()
{
    mbuf_t done = 0;
    bool room;

    if (!kHasWeak || !fPull) {
        fQueue->service();
        return;
    }
    IOLockLock(fTxLock);
    room = !fTakenOver && sendList(fHeld, &done);
    IOLockUnlock(fTxLock);
    if (done)
        mbuf_freem_list(done);
    if (room)
        vio_pull_signal(fInterface, 0);
}
