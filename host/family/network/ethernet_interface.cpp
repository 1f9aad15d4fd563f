// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOEthernetInterface, life cycle, ioctls and power (IOEthernetInterface.cpp). Up means: the controller is enabled,
 * its filters are set again, IFF_RUNNING follows. All of it runs inside the controller's gate.
 */
#include <IOKit/IOLib.h>
#include <IOKit/network/IOEthernetInterface.h>
#include <IOKit/network/IONetworkMedium.h>
#include <IOKit/pwr_mgt/IOPM.h>
#include <kern/thread_call.h>
#include <libkern/c++/OSData.h>
#include <libkern/c++/OSDictionary.h>
#include <libkern/c++/OSNumber.h>
#include <net/bpf.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_types.h>
#include <net/kpi_interface.h>
#include <sys/errno.h>
#include <sys/sockio.h>
#include "ethernet_private.h"
#include "private.h"
#include "reserved.h"

#define super IONetworkInterface
OSDefineMetaClassAndStructors(IOEthernetInterface, IONetworkInterface)
RESERVED_16(IOEthernetInterface)

enum { kFrameOverhead = ETHER_HDR_LEN + kIOEthernetCRCSize };

bool IOEthernetInterface::init(IONetworkController *controller)
{
    if (!super::init(controller))
        return false;
    EthernetState *s = IONew(EthernetState, 1);
    if (!s)
        return false;
    bzero(s, sizeof *s);
    _reserved = (ExpansionData *)s;
    setInterfaceType(IFT_ETHER);
    setMaxTransferUnit(ETHERMTU);
    setMediaAddressLength(ETHER_ADDR_LEN);
    setMediaHeaderLength(ETHER_HDR_LEN);
    setFlags(IFF_BROADCAST | IFF_SIMPLEX | IFF_NOTRAILERS, IFF_RUNNING | IFF_MULTICAST);
    IONetworkData *data = IONetworkData::withInternalBuffer(kIOEthernetStatsKey, sizeof(IOEthernetStats));
    if (data) {
        addNetworkData(data);
        data->release();
    }
    _inputEventThreadCall = thread_call_allocate(handleEthernetInputEvent, this);
    _requiredFilters = OSDictionary::withCapacity(2);
    _activeFilters = OSDictionary::withCapacity(2);
    OSObject *supported = controller->copyProperty(kIOPacketFilters);
    _supportedFilters = OSDynamicCast(OSDictionary, supported);
    if (supported && !_supportedFilters)
        supported->release();
    if (!_inputEventThreadCall || !_requiredFilters || !_activeFilters || !_supportedFilters)
        return false;
    s->wakeFilters = getFilters(_supportedFilters, gIOEthernetWakeOnLANFilterGroup);
    if (!setFilters(_requiredFilters, gIONetworkFilterGroup, kIOPacketFilterUnicast | kIOPacketFilterBroadcast) ||
        !setFilters(_requiredFilters, gIOEthernetWakeOnLANFilterGroup, 0) ||
        !setFilters(_activeFilters, gIONetworkFilterGroup, 0) ||
        !setFilters(_activeFilters, gIOEthernetWakeOnLANFilterGroup, 0))
        return false;
    setProperty(kIORequiredPacketFilters, _requiredFilters);
    setProperty(kIOActivePacketFilters, _activeFilters);
    return true;
}

void IOEthernetInterface::free()
{
    dropRef(_requiredFilters);
    dropRef(_activeFilters);
    dropRef(_supportedFilters);
    if (_inputEventThreadCall)
        thread_call_free(_inputEventThreadCall);
    _inputEventThreadCall = 0;
    if (_reserved)
        IODelete((EthernetState *)_reserved, EthernetState, 1);
    _reserved = 0;
    super::free();
}

const char *IOEthernetInterface::getNamePrefix() const { return "en"; }

bool IOEthernetInterface::initIfnetParams(struct ifnet_init_params *params)
{
    static const u_char broadcast[ETHER_ADDR_LEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    OSData *mac = OSDynamicCast(OSData, getController()->getProperty(kIOMACAddress));
    super::initIfnetParams(params);
    if (!mac || mac->getLength() != ETHER_ADDR_LEN)
        return false;
    params->uniqueid = mac->getBytesNoCopy();
    params->uniqueid_len = mac->getLength();
    params->family = IFNET_FAMILY_ETHERNET;
    params->broadcast_addr = broadcast;
    params->broadcast_len = sizeof broadcast;
    return true;
}

IOReturn IOEthernetInterface::attachToDataLinkLayer(IOOptionBits options, void *parameter)
{
    IOReturn ret = super::attachToDataLinkLayer(options, parameter);
    if (ret == kIOReturnSuccess) {
        ifnet_set_baudrate(getIfnet(), 10000000);
        bpfattach(getIfnet(), DLT_EN10MB, ETHER_HDR_LEN);
    }
    return ret;
}

bool IOEthernetInterface::controllerDidOpen(IONetworkController *controller)
{
    if (!controller || !super::controllerDidOpen(controller))
        return false;
    if (getFilters(_supportedFilters, gIONetworkFilterGroup) &
        (kIOPacketFilterMulticast | kIOPacketFilterMulticastAll))
        setFlags(IFF_MULTICAST);
    OSData *mac = OSDynamicCast(OSData, controller->getProperty(kIOMACAddress));
    if (!mac || mac->getLength() != ETHER_ADDR_LEN)
        return false;
    const UInt8 *b = (const UInt8 *)mac->getBytesNoCopy();
    IOLog("%s: Ethernet address %02x:%02x:%02x:%02x:%02x:%02x\n", controller->getName(), b[0], b[1], b[2], b[3], b[4],
          b[5]);
    return true;
}

void IOEthernetInterface::controllerWillClose(IONetworkController *controller) { super::controllerWillClose(controller); }

/* ---- ioctls ---- */

SInt32 IOEthernetInterface::performCommand(IONetworkController *controller, unsigned long cmd, void *arg0, void *arg1)
{
    switch (cmd) {
    case SIOCSIFFLAGS:
    case SIOCADDMULTI:
    case SIOCDELMULTI:
    case SIOCSIFADDR:
    case SIOCSIFMTU:
    case SIOCSIFDEVMTU:
    case SIOCGIFDEVMTU:
    case SIOCSIFLLADDR:
        if (!controller)
            return EINVAL;
        return controller->executeCommand(this, (IONetworkController::Action)performGatedCommand, this, controller,
                                          (void *)cmd, arg0, arg1);
    }
    return super::performCommand(controller, cmd, arg0, arg1);
}

int IOEthernetInterface::performGatedCommand(void *target, void *ctr, void *cmd, void *, void *arg1)
{
    IOEthernetInterface *self = (IOEthernetInterface *)target;
    IONetworkController *controller = (IONetworkController *)ctr;
    struct ifreq *ifr = (struct ifreq *)arg1;
    if (self->_controllerLostPower || (self->getInterfaceState() & kIONetworkInterfaceDisabledState))
        return EPWROFF;
    switch ((uintptr_t)cmd) {
    case SIOCSIFADDR:
        return self->syncSIOCSIFADDR(controller);
    case SIOCSIFFLAGS:
        return self->syncSIOCSIFFLAGS(controller);
    case SIOCADDMULTI:
        return self->syncSIOCADDMULTI(controller);
    case SIOCDELMULTI:
        return self->syncSIOCDELMULTI(controller);
    case SIOCSIFMTU:
        return self->syncSIOCSIFMTU(controller, ifr, false);
    case SIOCSIFDEVMTU:
        return self->syncSIOCSIFMTU(controller, ifr, true);
    case SIOCGIFDEVMTU:
        return self->syncSIOCGIFDEVMTU(controller, ifr);
    case SIOCSIFLLADDR:
        return self->syncSIOCSIFLLADDR(controller, ifr->ifr_addr.sa_data, ifr->ifr_addr.sa_len);
    }
    return EOPNOTSUPP;
}

IOReturn IOEthernetInterface::enableController(IONetworkController *controller)
{
    if (_ctrEnabled)
        return kIOReturnSuccess;
    IOReturn ret = controller->doEnable(this);
    if (ret != kIOReturnSuccess)
        return ret;
    disableFilter(controller, gIOEthernetWakeOnLANFilterGroup, ~0u, kFilterOptionNoStateChange);
    setFilters(_activeFilters, gIONetworkFilterGroup, 0); /* the hardware forgot them */
    ret = enableFilter(controller, gIONetworkFilterGroup, 0, kFilterOptionSyncPendingIO);
    if (ret != kIOReturnSuccess) {
        controller->doDisable(this);
        return ret;
    }
    syncSIOCADDMULTI(controller);
    OSData *mac = OSDynamicCast(OSData, getProperty(kIOMACAddress)); /* set by SIOCSIFLLADDR earlier */
    if (mac && mac->getLength() == ETHER_ADDR_LEN)
        controller->setHardwareAddress(mac->getBytesNoCopy(), mac->getLength());
    _ctrEnabled = true;
    return ret;
}

int IOEthernetInterface::syncSIOCSIFFLAGS(IONetworkController *controller)
{
    UInt16 flags = getFlags();
    bool up = (flags & IFF_UP) && !_controllerLostPower;
    IOReturn ret = kIOReturnSuccess;
    if (!up && (flags & IFF_RUNNING)) {
        controller->doDisable(this);
        flags &= ~IFF_RUNNING;
        _ctrEnabled = false;
    } else if (up && !(flags & IFF_RUNNING)) {
        ret = enableController(controller);
        if (ret == kIOReturnSuccess)
            flags |= IFF_RUNNING;
    }
    if (flags & IFF_RUNNING) {
        static const struct {
            UInt16 flag;
            UInt32 filter;
        } map[] = {{IFF_PROMISC, kIOPacketFilterPromiscuous}, {IFF_ALLMULTI, kIOPacketFilterMulticastAll}};
        for (int i = 0; i < 2; i++) {
            IOReturn r = flags & map[i].flag ? enableFilter(controller, gIONetworkFilterGroup, map[i].filter)
                                             : disableFilter(controller, gIONetworkFilterGroup, map[i].filter);
            if (ret == kIOReturnSuccess)
                ret = r;
        }
    }
    setFlags(flags, ~flags);
    return errnoFromReturn(ret);
}

int IOEthernetInterface::syncSIOCSIFADDR(IONetworkController *controller)
{
    IOReturn ret = kIOReturnSuccess;
    setFlags(IFF_UP);
    if (!(getFlags() & IFF_RUNNING) && (ret = enableController(controller)) == kIOReturnSuccess)
        setFlags(IFF_RUNNING);
    return errnoFromReturn(ret);
}

/* The larger of MTU and device MTU (of the VLANs above) rules the frame size. */
int IOEthernetInterface::syncSIOCSIFMTU(IONetworkController *controller, struct ifreq *ifr, bool device)
{
    EthernetState *s = (EthernetState *)_reserved;
    UInt32 want = ifr->ifr_mtu, mtu = getMaxTransferUnit(), n;
    UInt32 largest = kIOEthernetMaxPacketSize, smallest = kIOEthernetMinPacketSize;
    if (controller->getMaxPacketSize(&n) == kIOReturnSuccess && n > largest)
        largest = n;
    controller->getMinPacketSize(&smallest);
    if (want > largest - kFrameOverhead || (want + kFrameOverhead < smallest && !(device && want == 0)))
        return EINVAL;
    UInt32 other = device ? mtu : s->deviceMTU;
    UInt32 now = mtu > s->deviceMTU ? mtu : s->deviceMTU, then = want > other ? want : other;
    IOReturn ret = kIOReturnSuccess;
    if (now != then && (now > ETHERMTU || then > ETHERMTU))
        ret = controller->setMaxPacketSize((then > ETHERMTU ? then : ETHERMTU) + kFrameOverhead);
    if (ret == kIOReturnSuccess) {
        if (device)
            s->deviceMTU = want;
        else
            setMaxTransferUnit(want);
    }
    return errnoFromReturn(ret);
}

int IOEthernetInterface::syncSIOCGIFDEVMTU(IONetworkController *controller, struct ifreq *ifr)
{
    EthernetState *s = (EthernetState *)_reserved;
    UInt32 largest, smallest, mtu = getMaxTransferUnit();
    IOReturn ret = controller->getMaxPacketSize(&largest);
    if (ret == kIOReturnSuccess)
        ret = controller->getMinPacketSize(&smallest);
    if (ret != kIOReturnSuccess)
        return errnoFromReturn(ret);
    ifr->ifr_devmtu.ifdm_current = mtu > s->deviceMTU ? mtu : s->deviceMTU;
    ifr->ifr_devmtu.ifdm_max = largest - kFrameOverhead;
    ifr->ifr_devmtu.ifdm_min = smallest - kFrameOverhead;
    return 0;
}

int IOEthernetInterface::syncSIOCSIFLLADDR(IONetworkController *controller, const char *address, int length)
{
    if (length != ETHER_ADDR_LEN)
        return EINVAL;
    if (!_ctrEnabled)
        return ENETDOWN;
    IOReturn ret = controller->setHardwareAddress(address, length);
    if (ret != kIOReturnSuccess)
        return errnoFromReturn(ret);
    OSData *old = OSDynamicCast(OSData, getProperty(kIOMACAddress));
    if (ifnet_set_lladdr(getIfnet(), address, length)) {
        if (old)
            controller->setHardwareAddress(old->getBytesNoCopy(), old->getLength());
        return EINVAL;
    }
    setProperty(kIOMACAddress, (void *)address, length);
    return 0;
}

/* ---- power and termination ---- */

IOReturn IOEthernetInterface::controllerWillChangePowerState(IONetworkController *controller, IOPMPowerFlags flags,
                                                             UInt32 state, IOService *policyMaker)
{
    if (!(flags & IOPMDeviceUsable) && !_controllerLostPower) {
        _controllerLostPower = true;
        if (_ctrEnabled && !controller->isInactive())
            syncSIOCSIFFLAGS(controller);
    }
    return super::controllerWillChangePowerState(controller, flags, state, policyMaker);
}

IOReturn IOEthernetInterface::controllerDidChangePowerState(IONetworkController *controller, IOPMPowerFlags flags,
                                                            UInt32 state, IOService *policyMaker)
{
    IOReturn ret = super::controllerDidChangePowerState(controller, flags, state, policyMaker);
    if ((flags & IOPMDeviceUsable) && _controllerLostPower) {
        _controllerLostPower = false;
        if (!controller->isInactive())
            syncSIOCSIFFLAGS(controller);
    }
    return ret;
}

IOReturn IOEthernetInterface::setProperties(OSObject *properties) { return super::setProperties(properties); }

bool IOEthernetInterface::willTerminate(IOService *provider, IOOptionBits options)
{
    bool ret = super::willTerminate(provider, options);
    if (_ctrEnabled && getController()) {
        getController()->doDisable(this);
        _ctrEnabled = false;
    }
    return ret;
}

/* ---- events: what the link says about waking is worked out in the gate, on a thread of its own ---- */

bool IOEthernetInterface::inputEvent(UInt32 type, void *data)
{
    IONetworkController *controller = getController();
    bool link = type == kIONetworkEventTypeLinkUp || type == kIONetworkEventTypeLinkDown ||
                type == kIONetworkEventWakeOnLANSupportChanged;
    if (link && controller && !controller->isInactive()) {
        retain();
        controller->retain();
        if (thread_call_enter(_inputEventThreadCall)) { /* was pending: it has its references already */
            controller->release();
            release();
        }
    }
    return super::inputEvent(type, data);
}

void IOEthernetInterface::handleEthernetInputEvent(thread_call_param_t param0, thread_call_param_t)
{
    IOEthernetInterface *self = (IOEthernetInterface *)param0;
    IONetworkController *controller = self->getController();
    controller->executeCommand(self,
                               OSMemberFunctionCast(IONetworkController::Action, self,
                                                    &IOEthernetInterface::reportInterfaceWakeFlags),
                               self);
    controller->release();
    self->release();
}

void IOEthernetInterface::reportInterfaceWakeFlags()
{
    EthernetState *s = (EthernetState *)_reserved;
    IONetworkController *controller = getController();
    ifnet_t ifnet = getIfnet();
    unsigned long setting = 0;
    if (!ifnet || !controller || _controllerLostPower || !_ctrEnabled || !(s->wakeFilters & kIOEthernetWakeOnMagicPacket))
        return;
    getAggressiveness(kPMEthernetWakeOnLANSettings, &setting);
    OSNumber *link = OSDynamicCast(OSNumber, controller->getProperty(kIOLinkStatus));
    const UInt32 mask = kIONetworkLinkValid | kIONetworkLinkActive;
    bool down = !link || (link->unsigned32BitValue() & mask) == kIONetworkLinkValid;
    UInt32 wake = down ? 0 : setting & s->wakeFilters & IFNET_WAKE_ON_MAGIC_PACKET;
    ifnet_set_wake_flags(ifnet, wake, IFNET_WAKE_ON_MAGIC_PACKET);
}
