// SPDX-License-Identifier: BSD-3-Clause
/*
 * IONetworkInterface, packets and ioctls: the seam to bsd/ is the ifnet KPI, as on the real system
 * (IONetworkInterface.cpp: inputPacket, output_shim, ioctl_shim, attachToDataLinkLayer).
 */
#include <IOKit/IOLib.h>
#include <IOKit/network/IONetworkController.h>
#include <IOKit/network/IONetworkInterface.h>
#include <IOKit/network/IONetworkMedium.h>
#include <kern/sched_prim.h>
#include <libkern/c++/OSCollectionIterator.h>
#include <libkern/c++/OSData.h>
#include <libkern/c++/OSDictionary.h>
#include <libkern/c++/OSNumber.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/if_media.h>
#include <net/kpi_interface.h>
#include <sys/errno.h>
#include <sys/kern_event.h>
#include <sys/kpi_mbuf.h>
#include <sys/sockio.h>
#include "interface_private.h"
#include "private.h"

/* ---- input ---- */

void deliverInput(ifnet_t ifnet, InterfaceState *s, mbuf_t list)
{
    struct ifnet_stat_increment_param delta;
    bzero(&delta, sizeof delta);
    delta.packets_in = s->stats.inputPackets - s->reported.inputPackets;
    delta.errors_in = s->stats.inputErrors - s->reported.inputErrors;
    delta.collisions = s->stats.collisions - s->reported.collisions;
    delta.bytes_in = s->inputBytes;
    s->reported.inputPackets += delta.packets_in;
    s->reported.inputErrors += delta.errors_in;
    s->reported.collisions += delta.collisions;
    s->inputBytes = 0;
    ifnet_input(ifnet, list, &delta);
}

UInt32 IONetworkInterface::flushInputQueue()
{
    UInt32 n = _inputQCount;
    mbuf_t list = _inputQHead;
    _inputQHead = _inputQTail = 0;
    _inputQCount = 0;
    InterfaceState *s = (InterfaceState *)_reserved;
    if (list && s->poll.lock)
        pollSample(&s->poll, n, (UInt32)s->inputBytes);
    if (list)
        deliverInput(_backingIfnet, s, list);
    return n;
}

UInt32 IONetworkInterface::clearInputQueue()
{
    UInt32 n = _inputQCount;
    if (_inputQHead)
        mbuf_freem_list(_inputQHead);
    _inputQHead = _inputQTail = 0;
    _inputQCount = 0;
    ((InterfaceState *)_reserved)->inputBytes = 0;
    return n;
}

/* Cuts a chain to `length` bytes: trailing mbufs stay, emptied. */
static void setPacketLength(mbuf_t packet, size_t length)
{
    mbuf_pkthdr_setlen(packet, length);
    if (!mbuf_next(packet)) {
        mbuf_setlen(packet, length);
        return;
    }
    for (mbuf_t m = packet; m; m = mbuf_next(m)) {
        if (mbuf_len(m) > length)
            mbuf_setlen(m, length);
        length -= mbuf_len(m);
    }
}

void prepareInput(IONetworkInterface *netif, mbuf_t m)
{
    InterfaceState *s = (InterfaceState *)netif->_reserved;
    UInt32 header = s->hdrlen;
    mbuf_pkthdr_setrcvif(m, netif->_backingIfnet);
    s->inputBytes += mbuf_pkthdr_len(m);
    if (netif->_inputFilterFunc)
        netif->feedPacketInputTap(m);
    mbuf_pkthdr_setheader(m, mbuf_data(m));
    mbuf_pkthdr_setlen(m, mbuf_pkthdr_len(m) - header);
    mbuf_setdata(m, (char *)mbuf_data(m) + header, mbuf_len(m) - header);
}

UInt32 IONetworkInterface::inputPacket(mbuf_t m, UInt32 length, IOOptionBits options, void *param)
{
    if (!_backingIfnet) { /* the data link layer is gone: nobody would take it */
        mbuf_freem(m);
        return 0;
    }
    if (length)
        setPacketLength(m, length);
    prepareInput(this, m);
    if (_inputQTail)
        mbuf_setnextpkt(_inputQTail, m);
    else
        _inputQHead = m;
    _inputQTail = m;
    _inputQCount++;
    return options & kInputOptionQueuePacket ? 0 : flushInputQueue();
}

bool IONetworkInterface::inputEvent(UInt32 type, void *data)
{
    struct {
        struct kern_event_msg header;
        u_int32_t unit;
        char name[IFNAMSIZ];
    } event;
    switch (type) {
    case kIONetworkEventTypeLinkUp:
    case kIONetworkEventTypeLinkDown:
        if (!_backingIfnet)
            return true;
        bzero(&event, sizeof event);
        event.header.total_size = sizeof event;
        event.header.vendor_code = KEV_VENDOR_APPLE;
        event.header.kev_class = KEV_NETWORK_CLASS;
        event.header.kev_subclass = KEV_DL_SUBCLASS;
        event.header.event_code = type == kIONetworkEventTypeLinkUp ? KEV_DL_LINK_ON : KEV_DL_LINK_OFF;
        event.header.event_data[0] = ifnet_family(_backingIfnet);
        event.unit = ifnet_unit(_backingIfnet);
        strncpy(event.name, ifnet_name(_backingIfnet), IFNAMSIZ - 1);
        ifnet_event(_backingIfnet, &event.header);
        return true;
    case kIONetworkEventTypeDLIL:
        if (_backingIfnet)
            ifnet_event(_backingIfnet, (struct kern_event_msg *)data);
        return true;
    case kIONetworkEventWakeOnLANSupportChanged:
        return true;
    }
    return false;
}

/* ---- output ---- */

void reportOutput(ifnet_t ifnet, InterfaceState *s, UInt32 bytes)
{
    UInt32 packets = s->stats.outputPackets - s->reported.outputPackets;
    UInt32 errors = s->stats.outputErrors - s->reported.outputErrors;
    s->reported.outputPackets += packets;
    s->reported.outputErrors += errors;
    ifnet_stat_increment_out(ifnet, packets, bytes, errors);
}

errno_t IONetworkInterface::output_shim(ifnet_t ifnet, mbuf_t m)
{
    IONetworkInterface *self = (IONetworkInterface *)ifnet_softc(ifnet);
    InterfaceState *s = (InterfaceState *)self->_reserved;
    if (!m)
        return EINVAL;
    if (!(mbuf_flags(m) & MBUF_PKTHDR)) {
        mbuf_freem(m);
        return EINVAL;
    }
    if (s->pull.configured)
        return pullEnqueue(&s->pull, m);
    reportOutput(ifnet, s, mbuf_pkthdr_len(m));
    if (self->_outputFilterFunc)
        self->feedPacketOutputTap(m);
    return (self->_outTarget->*self->_outAction)(m, 0);
}

void IONetworkInterface::feedPacketInputTap(mbuf_t m)
{
    if (bpf_packet_func tap = _inputFilterFunc)
        tap(_backingIfnet, m);
}

void IONetworkInterface::feedPacketOutputTap(mbuf_t m)
{
    if (bpf_packet_func tap = _outputFilterFunc)
        tap(_backingIfnet, m);
}

errno_t IONetworkInterface::set_bpf_tap_shim(ifnet_t ifnet, bpf_tap_mode mode, bpf_packet_func func)
{
    IONetworkInterface *self = (IONetworkInterface *)ifnet_softc(ifnet);
    self->_inputFilterFunc = mode == BPF_MODE_INPUT || mode == BPF_MODE_INPUT_OUTPUT ? func : 0;
    self->_outputFilterFunc = mode == BPF_MODE_OUTPUT || mode == BPF_MODE_INPUT_OUTPUT ? func : 0;
    return 0;
}

/* ---- ioctls ---- */

SInt32 IONetworkInterface::syncSIOCSIFMTU(IONetworkController *controller, struct ifreq *ifr)
{
    UInt32 mtu = ifr->ifr_mtu;
    if (getMaxTransferUnit() == mtu)
        return 0;
    int error = errnoFromReturn(controller->setMaxPacketSize(mtu));
    if (!error)
        setMaxTransferUnit(mtu);
    return error;
}

/* The exact medium, else the current one with the changed bits, else any of that kind. */
SInt32 IONetworkInterface::syncSIOCSIFMEDIA(IONetworkController *controller, struct ifreq *ifr)
{
    const UInt32 kind = IFM_TMASK | IFM_NMASK;
    OSDictionary *media = controller->copyMediumDictionary();
    if (!media)
        return EOPNOTSUPP;
    UInt32 want = ifr->ifr_media;
    IONetworkMedium *medium = IONetworkMedium::getMediumWithType(media, want);
    const IONetworkMedium *now = controller->getSelectedMedium();
    if (!medium && now && now->getType() != want)
        medium = IONetworkMedium::getMediumWithType(media, want, ~(kind | (now->getType() ^ want)));
    if (!medium)
        medium = IONetworkMedium::getMediumWithType(media, want, ~kind);
    int error = medium ? errnoFromReturn(controller->selectMediumWithName(medium->getName())) : EINVAL;
    media->release();
    return error;
}

SInt32 IONetworkInterface::performCommand(IONetworkController *controller, unsigned long cmd, void *arg0, void *arg1)
{
    struct ifreq *ifr = (struct ifreq *)arg1;
    if (!ifr || !controller)
        return EINVAL;
    switch (cmd) {
    case SIOCGIFMTU:
        ifr->ifr_mtu = getMaxTransferUnit();
        return 0;
    case SIOCSIFMTU:
    case SIOCSIFMEDIA:
    case SIOCSIFLLADDR:
        return controller->executeCommand(this, (IONetworkController::Action)performGatedCommand, this, controller,
                                          (void *)cmd, arg0, arg1);
    }
    return EOPNOTSUPP;
}

int IONetworkInterface::performGatedCommand(void *target, void *ctr, void *cmd, void *, void *arg1)
{
    IONetworkInterface *self = (IONetworkInterface *)target;
    IONetworkController *controller = (IONetworkController *)ctr;
    struct ifreq *ifr = (struct ifreq *)arg1;
    if (self->getInterfaceState() & kIONetworkInterfaceDisabledState)
        return EPWROFF;
    switch ((uintptr_t)cmd) {
    case SIOCSIFMTU:
        return self->syncSIOCSIFMTU(controller, ifr);
    case SIOCSIFMEDIA:
        return self->syncSIOCSIFMEDIA(controller, ifr);
    case SIOCSIFLLADDR:
        return self->errnoFromReturn(
            controller->setHardwareAddress(ifr->ifr_addr.sa_data, ifr->ifr_addr.sa_len));
    }
    return EOPNOTSUPP;
}

errno_t IONetworkInterface::ioctl_shim(ifnet_t ifnet, unsigned long cmd, void *data)
{
    IONetworkInterface *self = (IONetworkInterface *)ifnet_softc(ifnet);
    if (!self || self->isInactive())
        return EOPNOTSUPP;
    IONetworkController *controller = self->_controller;
    if (!controller)
        return EINVAL;
    controller->retain();
    errno_t error = self->performCommand(controller, cmd, ifnet, data);
    controller->release();
    return error;
}

/* ---- data link layer ---- */

static UInt32 checksumMask(IONetworkController *controller, bool output)
{
    UInt32 mask = 0;
    if (controller->getChecksumSupport(&mask, IONetworkController::kChecksumFamilyTCPIP, output) != kIOReturnSuccess)
        return 0;
    return mask;
}

/* What the stack may leave to the hardware: a checksum only if the driver announces it for both directions. */
static UInt32 offloads(IONetworkController *c)
{
    static const struct {
        UInt32 feature, ifnet;
    } map[] = {{kIONetworkFeatureHardwareVlan, IFNET_VLAN_TAGGING}, {kIONetworkFeatureSoftwareVlan, IFNET_VLAN_MTU},
               {kIONetworkFeatureMultiPages, IFNET_MULTIPAGES},     {kIONetworkFeatureTSOIPv4, IFNET_TSO_IPV4},
               {kIONetworkFeatureTSOIPv6, IFNET_TSO_IPV6}};
    UInt32 in = checksumMask(c, false), out = checksumMask(c, true), features = c->getFeatures(), result = 0;
    if (in & out & c->kChecksumIP)
        result |= IFNET_CSUM_IP;
    if ((in & (c->kChecksumTCP | c->kChecksumTCPNoPseudoHeader)) && (out & c->kChecksumTCP))
        result |= IFNET_CSUM_TCP;
    if ((in & (c->kChecksumUDP | c->kChecksumUDPNoPseudoHeader)) && (out & c->kChecksumUDP))
        result |= IFNET_CSUM_UDP;
    if (in & out & c->kChecksumTCPSum16)
        result |= kIfnetSum16 | IFNET_CSUM_TCP | IFNET_CSUM_UDP;
    UInt32 v6 = in & out & checksumsOverIPv6();
    result |= (v6 & kChecksumTCPIPv6 ? IFNET_CSUM_TCPIPV6 : 0) | (v6 & kChecksumUDPIPv6 ? IFNET_CSUM_UDPIPV6 : 0);
    for (unsigned i = 0; i < sizeof map / sizeof map[0]; i++)
        if (features & map[i].feature)
            result |= map[i].ifnet;
    return result;
}

bool IONetworkInterface::initIfnetParams(struct ifnet_init_params *params)
{
    InterfaceState *s = (InterfaceState *)_reserved;
    params->name = (char *)getNamePrefix();
    params->unit = s->unit;
    params->type = s->type;
    params->output = output_shim;
    params->ioctl = ioctl_shim;
    params->set_bpf_tap = set_bpf_tap_shim;
    params->detach = detach_shim;
    params->softc = this;
    return true;
}

IOReturn IONetworkInterface::attachToDataLinkLayer(IOOptionBits options, void *parameter)
{
    InterfaceState *s = (InterfaceState *)_reserved;
    struct ifnet_init_params params;
    union {
        struct sockaddr_dl sdl;
        char room[2 * sizeof(struct sockaddr_dl)];
    } address;
    OSData *mac = OSDynamicCast(OSData, getController()->getProperty(kIOMACAddress));
    const size_t head = offsetof(struct sockaddr_dl, sdl_data);
    if (!mac || mac->getLength() > sizeof address - head)
        return kIOReturnInternalError;
    bzero(&params, sizeof params);
    if (!initIfnetParams(&params) || ifnet_allocate(&params, &_backingIfnet))
        return kIOReturnNoMemory;
    ifnet_set_offload(_backingIfnet, offloads(getController()));
    ifnet_set_mtu(_backingIfnet, s->mtu);
    ifnet_set_flags(_backingIfnet, s->flags, 0xffff);
    ifnet_set_addrlen(_backingIfnet, s->addrlen);
    ifnet_set_hdrlen(_backingIfnet, s->hdrlen);
    bzero(&address, sizeof address);
    address.sdl.sdl_len = head + mac->getLength();
    address.sdl.sdl_family = AF_LINK;
    address.sdl.sdl_alen = mac->getLength();
    bcopy(mac->getBytesNoCopy(), address.sdl.sdl_data, mac->getLength());
    if (pullAttach(this) && pollAttach(this) && !ifnet_attach(_backingIfnet, &address.sdl))
        return kIOReturnSuccess;
    pollDetach(this);
    pullDetach(this);
    ifnet_release(_backingIfnet);
    _backingIfnet = 0;
    return kIOReturnInternalError;
}

void IONetworkInterface::detach_shim(ifnet_t ifnet)
{
    InterfaceState *s = (InterfaceState *)((IONetworkInterface *)ifnet_softc(ifnet))->_reserved;
    IOLockLock(s->detachLock);
    s->detaching = false;
    IOLockWakeup(s->detachLock, s, false);
    IOLockUnlock(s->detachLock);
}

/* Returns when the ifnet has let go of this interface: no thread is in a shim any more. */
void IONetworkInterface::detachFromDataLinkLayer(IOOptionBits options, void *parameter)
{
    InterfaceState *s = (InterfaceState *)_reserved;
    ifnet_t ifnet = _backingIfnet;
    if (!ifnet)
        return;
    s->detaching = true;
    pollDetach(this);
    pullDetach(this);
    ifnet_detach(ifnet);
    IOLockLock(s->detachLock);
    while (s->detaching)
        IOLockSleep(s->detachLock, s, THREAD_UNINT);
    IOLockUnlock(s->detachLock);
    _backingIfnet = 0;
    ifnet_release(ifnet);
}
