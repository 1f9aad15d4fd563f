// SPDX-License-Identifier: BSD-3-Clause
/*
 * VirtioNetController's life: start and stop, enable and disable, interrupts, recovery. What it says about
 * itself is in properties.cpp, traffic in transmit.cpp and receive.cpp.
 */
#include "VirtioNetController.h"
#include <IOKit/IOLib.h>
#include <pexpert/pexpert.h>
#include <sys/random.h>

static const char kModel[] = "network card";

#define super IOEthernetController
OSDefineMetaClassAndStructors(VirtioNetController, IOEthernetController)

    /* The one translator of core/'s errors. */
    static IOReturn ioReturn(int error)
{
    switch (error) {
    case 0:
        return kIOReturnSuccess;
    case VIO_ENOMEM:
        return kIOReturnNoMemory;
    case VIO_EFULL:
        return kIOReturnNoSpace;
    case VIO_EGONE:
        return kIOReturnNoDevice;
    case VIO_ETIMEOUT:
        return kIOReturnTimeout;
    case VIO_EVECTOR:
        return kIOReturnNoInterrupt;
    case VIO_EINVAL:
        return kIOReturnBadArgument;
    case VIO_EFEATURE:
        return kIOReturnUnsupported;
    default:
        return kIOReturnDeviceError;
    }
}

bool VirtioNetController::init(OSDictionary *properties)
{
    if (!super::init(properties))
        return false;
    setName("VirtioNetController");
    return true;
}

bool VirtioNetController::createWorkLoop()
{
    fWorkLoop = IOWorkLoop::workLoop();
    return fWorkLoop != 0;
}

IOWorkLoop *VirtioNetController::getWorkLoop() const
{
    return fWorkLoop;
}

/* The reason for this kind of queue is at the head of transmit.cpp. The family releases it. */
IOOutputQueue *VirtioNetController::createOutputQueue()
{
    fQueue = IOBasicOutputQueue::withTarget(this, kQueueCapacity);
    return fQueue;
}

/* What fits an mbuf without a cluster; mbuf_get_mhlen() is younger than 10.5. */
static UInt32 headerRoom()
{
    mbuf_t m;
    UInt32 room;

    if (mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_HEADER, &m))
        return 0;
    room = (UInt32)mbuf_maxlen(m);
    mbuf_free(m);
    return room;
}

bool VirtioNetController::allocate()
{
    UInt32 room = headerRoom();

    fTxLock = IOLockAlloc();
    fRx = (struct vio_net_rx *)hal_alloc(sizeof *fRx);
    fCopyLimit = room > 2 ? room - 2 : 0;
    fTimer = addTimer(timer);
    fLookTimer = addTimer(look);
    return fTxLock && fRx && fQueue && fTimer && fLookTimer && prepareHold();
}

/* 0: no memory. */
IOTimerEventSource *VirtioNetController::addTimer(IOTimerEventSource::Action action)
{
    IOTimerEventSource *timer = IOTimerEventSource::timerEventSource(this, action);

    if (timer && fWorkLoop->addEventSource(timer) != kIOReturnSuccess)
        OSSafeReleaseNULL(timer);
    return timer;
}

void VirtioNetController::dropTimer(IOTimerEventSource **timer)
{
    if (!*timer)
        return;
    (*timer)->cancelTimeout();
    fWorkLoop->removeEventSource(*timer);
    OSSafeReleaseNULL(*timer);
}

void VirtioNetController::dropTimers()
{
    endHold();
    dropTimer(&fHoldTimer);
    dropTimer(&fLookTimer);
    dropTimer(&fTimer);
}

/* Locally administered, at random: for the rare device that has no address of its own. */
void VirtioNetController::chooseAddress()
{
    if (fNet.mac_valid)
        return;
    read_random(fNet.mac, sizeof fNet.mac);
    fNet.mac[0] = (fNet.mac[0] & 0xfc) | 2;
}

/*
 * What the user switched off, and RING_RESET unless vio_ring_reset=1 asks for it: QEMU 7.2 aborts, and the
 * guest with it, if a transmit queue is reset while its back end holds a packet
 * (flush_or_purge_queued_packets), which is the very case to use it for. A reset of the device does not do
 * that.
 */
UInt64 VirtioNetController::deniedFeatures() const
{
    UInt32 wanted = 0;

    (void)PE_parse_boot_argn("vio_ring_reset", &wanted, sizeof wanted);
    return fNub->deniedFeatures(&vio_net_features) | (wanted ? 0 : VIO_BIT(VIRTIO_F_RING_RESET));
}

bool VirtioNetController::attachDevice()
{
    prepareDebugger();
    UInt64 deny = deniedFeatures() | readVLANs() | coalescingDenied();
    bool large = largeReceiveWanted();
    int error;

    if (!large)
        deny |= VIO_BIT(VIRTIO_NET_F_GUEST_TSO4) | VIO_BIT(VIRTIO_NET_F_GUEST_TSO6) | VIO_BIT(VIRTIO_NET_F_GUEST_ECN) |
                VIO_BIT(VIRTIO_NET_F_CTRL_GUEST_OFFLOADS);
    if (!kMayTSO) /* nobody would ask for it */
        deny |= VIO_BIT(VIRTIO_NET_F_HOST_TSO4) | VIO_BIT(VIRTIO_NET_F_HOST_TSO6) | VIO_BIT(VIRTIO_NET_F_HOST_ECN);
    error = vio_net_attach(&fNet, fNub->transport(), deny, large ? kRxBufferLarge : kRxBuffer);

    if (error) {
        IOLog("[VirtioNet]: the device cannot be driven: %s\n", vio_strerror(error));
        dropDebugger();
        return false;
    }
    chooseAddress();
    fNet.filter.vlans = (UInt16)fVLANs;
    bcopy(fVLAN, fNet.filter.vlan, sizeof fVLAN);
    if (!haveInterrupts()) {
        IOLog("[VirtioNet]: no interrupt\n");
        vio_net_detach(&fNet);
        dropDebugger();
        return false;
    }
    fNub->publishNegotiation(kModel);
    return true;
}

void VirtioNetController::detachDevice()
{
    fNub->detachInterrupts();
    vio_net_detach(&fNet);
    dropDebugger();
}

bool VirtioNetController::start(IOService *provider)
{
    fNub = OSDynamicCast(VirtioPCIDriver, provider);
    if (!fNub || !super::start(provider))
        return false;
    if (!allocate() || !attachDevice())
        goto no_device;
    if (!publishMedia() || !attachInterface((IONetworkInterface **)&fInterface, false))
        goto no_interface;
    publishIdentity();
    fInterface->registerService();
    offerDebugger();
    return true;

no_interface:
    detachDevice();
no_device:
    dropTimers();
    super::stop(provider);
    return false; /* free() does the rest */
}

void VirtioNetController::stop(IOService *provider)
{
    detachDebugger();
    if (fState != kDisabled)
        stopDevice();
    fState = kDisabled;
    dropTimers();
    detachDevice();
    super::stop(provider);
}

void VirtioNetController::free()
{
    OSSafeReleaseNULL(fInterface);
    OSSafeReleaseNULL(fWorkLoop);
    if (fTxLock)
        IOLockFree(fTxLock);
    hal_free(fRx, sizeof *fRx);
    super::free();
}

/* Where the family counts packets; it lives as long as the interface. */
bool VirtioNetController::configureInterface(IONetworkInterface *interface)
{
    IONetworkData *data;

    if (!super::configureInterface(interface))
        return false;
    choosePull(interface);
    choosePolling(interface);
    data = interface->getNetworkData(kIONetworkStatsKey);
    fStats = data ? (IONetworkStats *)data->getBuffer() : 0;
    return fStats != 0;
}

/* Those it has, or as many as there are: a start whose vectors the device refused and which found no INTx has left none. */
bool VirtioNetController::haveInterrupts()
{
    IOReturn result = fNub->attachInterrupts(fWorkLoop, this, interrupt, kQueues, kQueues + 1);

    return result == kIOReturnSuccess || result == kIOReturnExclusiveAccess;
}

/* Starts the device with the interrupts there are; with fewer if it does not take them. */
int VirtioNetController::startWithInterrupts()
{
    int error;

    if (!haveInterrupts())
        return VIO_EVECTOR;
    while ((error = vio_net_start(&fNet, fNub->vectorCount())) == VIO_EVECTOR && fNub->vectorCount()) {
        unsigned fewer = fNub->vectorCount() > 1 ? 1 : 0;
        IOLog("[VirtioNet]: the device does not take its %u vectors, trying %u\n", fNub->vectorCount(),
              fewer);
        fNub->detachInterrupts();
        if (fNub->attachInterrupts(fWorkLoop, this, interrupt, kQueues, fewer) != kIOReturnSuccess)
            return VIO_EVECTOR;
    }
    return error;
}

/* Gate held. Everything but the queue and the timer. */
int VirtioNetController::startDevice()
{
    UInt64 features = fNub->transport()->features;
    int error;

    do { /* a debugger that came in the middle has left a device that is half its own: once more, from the reset */
        fTakenOver = fDebugging = false;
        error = startWithInterrupts();
    } while (fTakenOver);
    if (error)
        return error;
    if (fNub->transport()->features != features) /* without the control queue, when it was given up */
        fNub->publishNegotiation(kModel);
    if (!fillRing()) {
        stopDevice();
        return VIO_ENOMEM;
    }
    fTxWaiting = fNeedsReset = false;
    fUnflushed = fStuckTicks = 0;
    fLastReaped = fNet.tx_count.reaped;
    fState = kEnabled;
    fLargeReceive = true; /* as it is after a reset */
    lookAtForwarding();
    (void)applyFilter();
    fNub->enableInterrupts();
    receive(); /* asks for interrupts */
    updateLink(true);
    return 0;
}

/* Gate held. Undoes startDevice(); the queue is stopped. Works on a device that is broken or gone. */
void VirtioNetController::stopDevice()
{
    void *cookie;
    int error;

    fTimer->cancelTimeout();
    fLookTimer->cancelTimeout();
    fLooking = false;
    endHold();
    stopQueue(); /* waits for a sender inside outputPacket() */
    fNub->disableInterrupts();
    error = vio_net_stop(&fNet);
    if (error == VIO_ETIMEOUT) /* it may still write to them: a leak is the lesser evil */
        IOLog("[VirtioNet]: the device does not stop: its buffers are lost\n");
    while (vio_net_tx_detach(&fNet, &cookie))
        if (cookie && error != VIO_ETIMEOUT)
            mbuf_freem((mbuf_t)cookie);
    while (vio_net_rx_detach(&fNet, &cookie))
        if (error != VIO_ETIMEOUT)
            mbuf_freem((mbuf_t)cookie);
    dropSpares();
    fTxWaiting = false;
}

/* Gate held, as in disable(). */
IOReturn VirtioNetController::enable(IONetworkInterface *)
{
    int error;

    if (fState != kDisabled)
        return kIOReturnSuccess;
    error = startDevice();
    if (error) {
        IOLog("[VirtioNet]: the device does not start: %s\n", vio_strerror(error));
        return ioReturn(error);
    }
    fResetsInARow = 0;
    startQueue();
    fTimer->setTimeoutMS(kTimerPeriodMS);
    return kIOReturnSuccess;
}

IOReturn VirtioNetController::disable(IONetworkInterface *)
{
    if (fState == kDisabled)
        return kIOReturnSuccess;
    stopDevice();
    flushQueue();
    fState = kDisabled;
    fLinkUp = false;
    setLinkStatus(kIONetworkLinkValid);
    return kIOReturnSuccess;
}

/* Work loop context. */
void VirtioNetController::interrupt(OSObject *self, UInt32 events)
{
    static_cast<VirtioNetController *>(self)->handleEvents(events);
}

void VirtioNetController::handleEvents(UInt32 events)
{
    bool work = false;

    if (fState != kEnabled)
        return;
    if (fTakenOver) {
        fTimer->setTimeoutUS(1); /* tick() starts the device again */
        return;
    }
    if (events & (1U << kQueueTx))
        work |= txInterrupt();
    if (events & (1U << kQueueRx))
        work |= receive();
    if ((events & kVirtioEventConfig) || ((events & kVirtioEventConfigPossible) && !work))
        checkDevice(true);
    else if ((events & kVirtioEventConfigPossible) && !fLooking) {
        fLooking = true;
        fLookTimer->setTimeoutMS(kLookMS);
    }
}

/* One vector for all does not tell a configuration change. An interrupt with nothing to do may have been one, and so may any
 * other: under traffic that is looked for now and then, since each look costs several exits to the hypervisor. */
void VirtioNetController::look(OSObject *self, IOTimerEventSource *)
{
    VirtioNetController *me = static_cast<VirtioNetController *>(self);

    me->fLooking = false;
    if (me->fState == kEnabled && !me->fTakenOver)
        me->checkDevice(true);
}

/* After a configuration change (4.1.5.4), or once a second: the link's state, or DEVICE_NEEDS_RESET. The first of several
 * resets is done at once: what is in the rings waits for it. */
void VirtioNetController::checkDevice(bool told)
{
    if (vio_pci_health(fNub->transport()) != 0) {
        fNeedsReset = true;
        if (told && !fResetsInARow)
            fTimer->setTimeoutUS(1);
        return;
    }
    updateLink(told);
    if (vio_net_announce(&fNet))
        announce();
    /* VirtualBox 7 takes INTx back when its configuration is read, whatever it was raised for. */
    if (!fNub->vectorCount()) {
        txInterrupt();
        (void)receive();
    }
}

/* Gate held: a new life. Senders wait meanwhile. */
int VirtioNetController::restart()
{
    int error;

    fCount.resets++;
    stopDevice();
    error = startDevice();
    if (!error) {
        startQueue();
        return 0;
    }
    fState = kFailed;
    flushQueue();
    fLinkUp = false;
    setLinkStatus(kIONetworkLinkValid);
    return error;
}

/* For a device that broke its protocol, is stuck or asked for it. */
void VirtioNetController::recover()
{
    int error;

    fResetsInARow++;
    error = restart();
    if (error)
        IOLog("[VirtioNet]: reset %u of the device failed: %s\n", fResetsInARow, vio_strerror(error));
    else
        IOLog("[VirtioNet]: the device has been reset\n");
    if (error == VIO_EGONE)
        fResetsInARow = kResetsInARow; /* unplugged: no use */
}

/*
 * Sizes count the Ethernet header and its checksum. Without mergeable buffers the device must be started again if its
 * buffers are too small (core/vio_net.h, vio_net_set_mtu()). Gate held (IOEthernetInterface::syncSIOCSIFMTU).
 */
IOReturn VirtioNetController::setMaxPacketSize(UInt32 size)
{
    UInt32 max;

    getMaxPacketSize(&max);
    if (size > max)
        return kIOReturnBadArgument;
    if (vio_net_set_mtu(&fNet, (UInt16)(size - VIO_NET_ETHER_HEADER - kIOEthernetCRCSize)) && fState == kEnabled &&
        !fTakenOver) {
        int error = restart();
        fTimer->setTimeoutMS(kTimerPeriodMS); /* goes on trying if it failed */
        return ioReturn(error);
    }
    return kIOReturnSuccess;
}

/* True when frames are with the device and none came back for too long. */
bool VirtioNetController::txStuck()
{
    /* Some devices send nothing while the cable is out (VirtualBox 6.1): no reason to reset them. */
    bool progress = fNet.tx_count.reaped != fLastReaped || !vio_net_tx_pending(&fNet) || !fLinkUp;

    fLastReaped = fNet.tx_count.reaped;
    fStuckTicks = progress ? 0 : fStuckTicks + 1;
    return fStuckTicks >= kTxStuckTicks;
}

/* Once a second while enabled: frees sent packets of an idle sender, and finds what interrupts do not tell.
 */
void VirtioNetController::tick()
{
    if (fTakenOver)
        fNeedsReset = true;
    if (fState == kEnabled && !fTakenOver) {
        lookAtForwarding();
        reapAll();
        txInterrupt();
        (void)fillRing();
        (void)vio_net_moderate_by_load(&fNet, fCoalesce);
        /* One vector tells no configuration change from others; VirtualBox 7 loses one before another INTx. */
        if (fNub->vectorCount() <= 1 || vio_pci_health(fNub->transport()) != 0)
            checkDevice(false);
        if ((txStuck() && !resetTransmit()) || vio_net_ctrl_lost(&fNet))
            fNeedsReset = true;
        if (!fNeedsReset)
            fResetsInARow = 0;
    }
    if ((fState == kFailed || fNeedsReset) && fResetsInARow < kResetsInARow)
        recover();
    fTimer->setTimeoutMS(kTimerPeriodMS);
}

void VirtioNetController::timer(OSObject *self, IOTimerEventSource *)
{
    VirtioNetController *me = static_cast<VirtioNetController *>(self);

    if (me->fState != kDisabled)
        me->tick();
}

static IOPMPowerState powerStates[2] = {
    {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {1, kIOPMDeviceUsable, kIOPMPowerOn, kIOPMPowerOn, 0, 0, 0, 0, 0, 0, 0, 0},
};

/*
 * Two states, only one of them usable: before sleep the interface disables its controller, and enables it
 * again after waking, which starts the device from its reset
 * (IONetworkInterface::controllerWillChangePowerState).
 */
IOReturn VirtioNetController::registerWithPolicyMaker(IOService *policyMaker)
{
    IOReturn result = policyMaker->registerPowerDriver(this, powerStates, 2);

    if (result == kIOReturnSuccess)
        makeUsable();
    return result;
}

IOReturn VirtioNetController::setPowerState(unsigned long, IOService *)
{
    return kIOPMAckImplied;
}
