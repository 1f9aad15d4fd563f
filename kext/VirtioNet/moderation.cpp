// SPDX-License-Identifier: BSD-3-Clause
/*
 * How VirtioNetController learns of received packets when there are many: interrupts that the device holds back
 * (5.1.9.5.10) or the driver itself, or the system's poller thread (input polling of 10.8 and later, IONetworkingFamily-85.2's
 * IONetworkController.h and IONetworkInterface.h under __PRIVATE_SPI__).
 *
 * Input polling is private there, so as in fastpath.cpp its methods are referred to weakly and override the padding that
 * their slots are in the public view; where they are missing nobody calls those. Boot-argument vio_poll=1 selects it
 * (docs/fast-paths.md: why it is not the default).
 */
#include "VirtioNetController.h"
#include <IOKit/IOLib.h>
#include <libkern/OSKextLib.h>
#include <pexpert/pexpert.h>

extern "C" {
#define METHOD(mangled) __asm__("__ZN18IONetworkInterface" mangled) __attribute__((weak_import))
IOReturn vio_poll_configure(IONetworkInterface *, UInt32 ring, IOOptionBits options)
    METHOD("27configureInputPacketPollingEjj");
IOReturn vio_poll_enqueue(IONetworkInterface *, mbuf_t, IOMbufQueue *, IOOptionBits options)
    METHOD("18enqueueInputPacketEP6__mbufP11IOMbufQueuej");
}

/* From configureInterface(), which is when the family takes it. */
void VirtioNetController::choosePolling(IONetworkInterface *interface)
{
    enum { kThroughGate = 1 }; /* kIONetworkWorkLoopSynchronous: receiving is the work loop's */
    UInt32 wanted = 0;
    IOReturn result = kIOReturnUnsupported;

    (void)PE_parse_boot_argn("vio_poll", &wanted, sizeof wanted);
    if (kHasWeak && wanted && OSKextSymbolIsResolved(vio_poll_configure) && OSKextSymbolIsResolved(vio_poll_enqueue))
        result = vio_poll_configure(interface, fNet.rx.num, kThroughGate);
    setProperty("Virtio Input", result == kIOReturnSuccess ? "polled when busy" : "interrupts");
}

/* One received packet's way to the stack. */
void VirtioNetController::push(mbuf_t m)
{
    if (kHasWeak && fPollQueue)
        (void)vio_poll_enqueue(fInterface, m, fPollQueue, 0);
    else
        fInterface->inputPacket(m, 0, IONetworkInterface::kInputOptionQueuePacket);
}

/* Gate held. */
IOReturn VirtioNetController::setPolling(bool on)
{
    fPolling = on;
    if (fState == kEnabled && !fTakenOver)
        (void)receive(); /* asks for no interrupts, or takes what is there and asks for them */
    return kIOReturnSuccess;
}

/* Gate held. A burst is taken only if the queue has room for all of it. */
void VirtioNetController::poll(UInt32 most, IOMbufQueue *queue)
{
    UInt32 taken = 0;
    int frames;

    if (fState != kEnabled || fTakenOver)
        return;
    fPolls++;
    fPollQueue = queue;
    while (taken + VIO_NET_RX_FRAMES <= most && (frames = takeBurst()) != 0) {
        if (frames < 0) {
            fNeedsReset = true;
            break;
        }
        deliverBurst(frames);
        taken += (UInt32)frames;
    }
    fPollQueue = 0;
}

#ifdef __LP64__
/* The slots of setInputPacketPollingEnable() and pollInputPackets(). */
IOReturn virtio_net_poll_enable(VirtioNetController *self, IONetworkInterface *, bool on)
{
    return self->setPolling(on);
}

void virtio_net_poll(VirtioNetController *self, IONetworkInterface *, UInt32 most, IOMbufQueue *queue, void *)
{
    self->poll(most, queue);
}
#endif

/*
 * Interrupts that the device may hold back: boot-arg vio_coal=PACKETS,MICROSECONDS or the property
 * VirtioModeration, a string of that form; vio_coal=0, and what is not of that form, refuses the features. The registry shows what
 * is in force, also where the device cannot. What is denied.
 */
UInt64 VirtioNetController::coalescingDenied()
{
    char text[32];
    OSString *property = OSDynamicCast(OSString, getProperty("VirtioModeration"));
    bool allowed;

    strlcpy(text, property ? property->getCStringNoCopy() : "32,64", sizeof text);
    (void)listArgument("vio_coal", text, sizeof text);
    allowed = vio_net_moderation_read(text, &fCoalesce);
    snprintf(text, sizeof text, "%u,%u", (unsigned)fCoalesce.max_packets, (unsigned)fCoalesce.max_usecs);
    setProperty("Virtio Moderation", text);
    return allowed ? 0 : VIO_BIT(VIRTIO_NET_F_NOTF_COAL) | VIO_BIT(VIRTIO_NET_F_VQ_NOTF_COAL);
}

/*
 * Boot-arg vio_hold=MICROSECONDS: the driver's own moderation. An interrupt that brought kHoldAfter frames is not asked for
 * again at once: a timer looks that much later, so no frame waits longer, and a lone one not at all. Off by default
 * (docs/fast-paths.md).
 */
bool VirtioNetController::prepareHold()
{
    if (!PE_parse_boot_argn("vio_hold", &fHoldTime, sizeof fHoldTime) || !fHoldTime)
        return true;
    fHoldTimer = addTimer(holdOver);
    return fHoldTimer != 0;
}

/* Work loop: all is taken, interrupts are off. True: the timer goes on. */
bool VirtioNetController::hold(unsigned taken)
{
    if (fHolding)
        return true;
    if (!fHoldTimer || taken < kHoldAfter)
        return false;
    fHolding = true;
    fHolds++;
    fHoldTimer->setTimeoutUS(fHoldTime);
    return true;
}

void VirtioNetController::holdOver(OSObject *self, IOTimerEventSource *)
{
    VirtioNetController *me = static_cast<VirtioNetController *>(self);

    me->fHolding = false;
    if (me->fState == kEnabled && !me->fTakenOver)
        (void)me->receive();
}

/* Gate held: the device stops. */
void VirtioNetController::endHold()
{
    if (fHoldTimer)
        fHoldTimer->cancelTimeout();
    fHolding = false;
}
