// SPDX-License-Identifier: BSD-3-Clause
/*
 * VirtioPCIDriver's interrupts, as the system gives them (4.1.5.1.2, 4.1.5.3, 4.1.5.4).
 *
 * Systems to 10.9 have no MSI-X. From 10.10 on the function's interrupt indices are INTx first, then one
 * messaged index for each entry of the device's table. But a function gets one system vector, for which all
 * these indices stand (IOPCIMessagedInterruptController::allocateDeviceInterrupts); only from 10.12 on, and
 * only if the system's device properties hold pci-msi-flags = <01000000> when the function's resources are
 * allocated, which is before any driver is asked (IOService::doServiceMatch), does each entry get its own.
 * What it is shows in the specifiers.
 *
 * A shared vector: 10.10 and 10.11 find out by the pending bits whose message it was, and an unmasked entry
 * never sets its own, so nobody is called (handleInterrupt in 239.1.2): INTx then. Later systems call the
 * first entry's handler if it is the only one registered (306.50.1): one source then, and one entry for all
 * queues.
 *
 * MSI-X Enable is set by the first registration and cleared by the last removal (enableDeviceMSI,
 * disableDeviceMSI): sources are made before the device starts, and live until it has been reset.
 *
 * All filters clear the cause (INTx: reading the status does; messages have none), remember what it was, and
 * have the action scheduled without masking the line: that spares two slow accesses an interrupt.
 */
#include "VirtioPCIDriver.h"
#include <IOKit/IOLib.h>
#include <libkern/OSAtomic.h>
#include <libkern/version.h>

/* Fills in the index of INTx (or -1) and those of the messaged interrupts, in order; how many of the latter.
 */
unsigned VirtioPCIDriver::findInterrupts(int *intx, int *messaged, unsigned max) const
{
    enum { kIndexLimit = 2048 + 1 }; /* MSI-X has at most 2048 */
    unsigned found = 0;
    int type;

    *intx = -1;
    for (int i = 0; i < kIndexLimit && fHal.pci->getInterruptType(i, &type) == kIOReturnSuccess; i++) {
        if (!(type & kIOInterruptTypePCIMessaged)) {
            if (*intx < 0)
                *intx = i;
        } else if (found < max) {
            messaged[found++] = i;
        }
    }
    return found;
}

bool VirtioPCIDriver::vectorsDiffer(int first, int second) const
{
    OSObject *value = fHal.pci->copyProperty("IOInterruptSpecifiers");
    OSArray *specifiers = OSDynamicCast(OSArray, value);
    OSObject *a = specifiers ? specifiers->getObject(first) : 0;
    OSObject *b = specifiers ? specifiers->getObject(second) : 0;
    bool differ = a && b && !a->isEqualTo(b);

    OSSafeReleaseNULL(value);
    return differ;
}

/* How many of the messaged interrupts to use, `wanted` at most. 0: INTx. */
unsigned VirtioPCIDriver::usableVectors(const int *messaged, unsigned available, unsigned wanted) const
{
    enum { kDarwinOf10_12 = 16 };
    bool shared = available > 1 && !vectorsDiffer(messaged[0], messaged[1]);

    if (isOff("msix") || (shared && version_major < kDarwinOf10_12))
        return 0;
    if (shared || isOff("multivector"))
        available = available ? 1 : 0;
    return wanted < available ? wanted : available;
}

VirtioPCIDriver::Vector *VirtioPCIDriver::vectorOf(const IOEventSource *source)
{
    for (unsigned i = 0; i < fSources; i++)
        if (fVector[i].source == source)
            return &fVector[i];
    return 0;
}

/* Primary interrupt context. */
bool VirtioPCIDriver::filter(OSObject *self, IOFilterInterruptEventSource *source)
{
    VirtioPCIDriver *me = static_cast<VirtioPCIDriver *>(self);
    Vector *v = me->vectorOf(source);
    UInt32 events;

    if (!v)
        return false;
    events = v->events;
    if (!me->fVectorCount) {
        /* Both bits at once are common; neither may be lost. None: another device on the line, or none there
         * any more. */
        UInt8 isr = vio_pci_isr(&me->fTransport);
        v->reads++;
        if (!isr)
            return false;
        events = (isr & VIRTIO_ISR_QUEUE ? kVirtioEventQueues : 0) |
                 (isr & VIRTIO_ISR_CONFIG ? kVirtioEventConfig : 0);
    }
    /* The action that has not yet fetched what is pending will find this too. With a shared vector the system calls once
     * for each entry of the device's table in a row (306.50.1, handleInterrupt): one signal is enough for all. */
    if (OSBitOrAtomic(events, &v->pending) != 0)
        return false;
    v->count++;
    source->signalInterrupt();
    return false;
}

/* Work loop context. */
void VirtioPCIDriver::dispatch(OSObject *self, IOInterruptEventSource *source, int)
{
    VirtioPCIDriver *me = static_cast<VirtioPCIDriver *>(self);
    Vector *v = me->vectorOf(source);
    UInt32 events = v ? OSBitAndAtomic(0, &v->pending) : 0;

    if (events)
        me->fAction(me->fOwner, events);
}

bool VirtioPCIDriver::addSource(int index, UInt32 events)
{
    Vector *v = &fVector[fSources];

    v->source =
        IOFilterInterruptEventSource::filterInterruptEventSource(this, dispatch, filter, fHal.pci, index);
    if (!v->source)
        return false;
    v->events = events;
    v->pending = 0;
    fSources++;
    if (fWorkLoop->addEventSource(v->source) == kIOReturnSuccess)
        return true;
    v->source->release();
    v->source = 0;
    fSources--;
    return false;
}

/* What vector i of n stands for: the assignment of vio_pci_queue_vector(). */
static UInt32 eventsOfVector(unsigned i, unsigned n, unsigned queues)
{
    UInt32 events = i == 0 ? kVirtioEventConfig : 0;

    if (n == 1)
        return kVirtioEventQueues | kVirtioEventConfigPossible;
    for (unsigned q = 0; q < queues; q++)
        if (1 + q % (n - 1) == i)
            events |= 1U << q;
    return events;
}

IOReturn VirtioPCIDriver::attachInterrupts(IOWorkLoop *workLoop, OSObject *owner,
                                           VirtioInterruptAction action, unsigned queues, unsigned vectors)
{
    int intx, messaged[kMaxVectors];
    unsigned available;
    bool ok = true;

    if (fSources)
        return kIOReturnExclusiveAccess;
    available = findInterrupts(&intx, messaged, kMaxVectors);
    vectors = usableVectors(messaged, available, vectors < queues + 1 ? vectors : queues + 1);
    if (!vectors && intx < 0) {
        hal_log(&fHal, HAL_ERROR, "the system gives the device no interrupt");
        return kIOReturnNoInterrupt;
    }
    workLoop->retain();
    fWorkLoop = workLoop;
    fOwner = owner;
    fAction = action;
    fVectorCount = vectors;
    if (!vectors)
        ok = addSource(intx, 0);
    for (unsigned i = 0; ok && i < vectors; i++)
        ok = addSource(messaged[i], eventsOfVector(i, vectors, queues));
    if (!ok) {
        detachInterrupts();
        return kIOReturnNoResources;
    }
    publishInterrupts();
    return kIOReturnSuccess;
}

void VirtioPCIDriver::detachInterrupts()
{
    while (fSources) {
        Vector *v = &fVector[fSources - 1];
        v->source->disable();
        fWorkLoop->removeEventSource(v->source);
        fSources--;
        v->source->release();
        v->source = 0;
    }
    OSSafeReleaseNULL(fWorkLoop);
    fVectorCount = 0;
}

UInt16 VirtioPCIDriver::vectorCount() const
{
    return fVectorCount;
}

void VirtioPCIDriver::enableInterrupts()
{
    for (unsigned i = 0; i < fSources; i++) {
        fVector[i].pending = 0; /* told while nobody was to be called: the signal may be gone */
        fVector[i].source->enable();
    }
}

void VirtioPCIDriver::disableInterrupts()
{
    for (unsigned i = 0; i < fSources; i++)
        fVector[i].source->disable();
}

void VirtioPCIDriver::repeatEvents(UInt32 events)
{
    if (!fSources)
        return;
    OSBitOrAtomic(events, &fVector[0].pending);
    fVector[0].source->signalInterrupt();
}

void VirtioPCIDriver::publishInterrupts()
{
    char text[32];

    if (fVectorCount > 1)
        snprintf(text, sizeof text, "MSI-X, %u vectors", fVectorCount);
    setProperty("Virtio Interrupts", fVectorCount > 1 ? text : fVectorCount ? "MSI-X, one vector" : "INTx");
}

#define super IOService
/* Counters are written to the registry when somebody looks. */
bool VirtioPCIDriver::serializeProperties(OSSerialize *s) const
{
    VirtioPCIDriver *me = const_cast<VirtioPCIDriver *>(this);
    UInt64 count = 0, reads = 0;

    for (unsigned i = 0; i < fSources; i++) {
        count += fVector[i].count;
        reads += fVector[i].reads;
    }
    me->setProperty("Virtio Interrupt Count", count, 64);
    me->setProperty("Virtio Interrupt Status Reads", reads, 64);
    return super::serializeProperties(s);
}
