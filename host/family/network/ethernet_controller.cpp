// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOEthernetController (IOEthernetController.cpp): the defaults of an Ethernet driver, and the mapping of packet
 * filters to setMulticastMode, setPromiscuousMode and setWakeOnMagicPacket.
 */
#include <IOKit/IOLib.h>
#include <IOKit/network/IOEthernetController.h>
#include <IOKit/network/IOEthernetInterface.h>
#include <libkern/c++/OSDictionary.h>
#include <libkern/c++/OSNumber.h>
#include <sys/kpi_mbuf.h>
#include "private.h"
#include "reserved.h"

#define super IONetworkController
OSDefineMetaClassAndAbstractStructors(IOEthernetController, IONetworkController)
OSMetaClassDefineReservedUsed(IOEthernetController, 0)
OSMetaClassDefineReservedUsed(IOEthernetController, 1)
OSMetaClassDefineReservedUnused(IOEthernetController, 2)
OSMetaClassDefineReservedUnused(IOEthernetController, 3)
RESERVED_4(IOEthernetController, 4, 5, 6, 7)
RESERVED_8_TO_15(IOEthernetController)
RESERVED_16_TO_31(IOEthernetController)

void IOEthernetController::initialize() {}
bool IOEthernetController::init(OSDictionary *properties) { return super::init(properties); }
void IOEthernetController::free() { super::free(); }

static bool addFilter(OSDictionary *dict, const OSSymbol *group, UInt32 mask)
{
    OSNumber *n = OSNumber::withNumber(mask, 32);
    bool ok = n && dict->setObject(group, n);
    dropRef(n);
    return ok;
}

bool IOEthernetController::publishProperties()
{
    IOEthernetAddress mac;
    UInt32 wake = 0, wakeOff = 0;
    if (!super::publishProperties())
        return false;
    if (getHardwareAddress(&mac) != kIOReturnSuccess || !setProperty(kIOMACAddress, &mac, kIOEthernetAddressSize))
        return false;
    OSDictionary *old = OSDynamicCast(OSDictionary, getProperty(kIOPacketFilters));
    OSDictionary *filters = old ? OSDictionary::withDictionary(old, old->getCount() + 2) : 0;
    if (!filters)
        return false;
    if (getPacketFilters(gIOEthernetWakeOnLANFilterGroup, &wake) != kIOReturnSuccess)
        wake = 0;
    if (getPacketFilters(gIOEthernetDisabledWakeOnLANFilterGroup, &wakeOff) != kIOReturnSuccess)
        wakeOff = 0;
    bool ok = addFilter(filters, gIOEthernetWakeOnLANFilterGroup, wake);
    if (ok && wake)
        ok = addFilter(filters, gIOEthernetDisabledWakeOnLANFilterGroup, wakeOff);
    ok = ok && setProperty(kIOPacketFilters, filters);
    filters->release();
    return ok;
}

IOReturn IOEthernetController::setHardwareAddress(const IOEthernetAddress *) { return kIOReturnUnsupported; }
IOReturn IOEthernetController::setMulticastMode(bool) { return kIOReturnUnsupported; }
IOReturn IOEthernetController::setMulticastList(IOEthernetAddress *, UInt32) { return kIOReturnUnsupported; }
IOReturn IOEthernetController::setPromiscuousMode(bool) { return kIOReturnUnsupported; }
IOReturn IOEthernetController::setWakeOnMagicPacket(bool) { return kIOReturnUnsupported; }

IONetworkInterface *IOEthernetController::createInterface()
{
    IOEthernetInterface *netif = new IOEthernetInterface;
    if (netif && !netif->init(this))
        dropRef(netif);
    return netif;
}

IOReturn IOEthernetController::getPacketFilters(const OSSymbol *group, UInt32 *filters) const
{
    *filters = 0;
    return group == gIONetworkFilterGroup ? getPacketFilters(filters) : kIOReturnSuccess;
}

IOReturn IOEthernetController::getPacketFilters(UInt32 *filters) const
{
    *filters = kIOPacketFilterUnicast | kIOPacketFilterBroadcast | kIOPacketFilterMulticast | kIOPacketFilterPromiscuous;
    return kIOReturnSuccess;
}

static IOReturn setFilter(IOEthernetController *self, const OSSymbol *group, UInt32 filter, bool on)
{
    if (group == gIONetworkFilterGroup) {
        if (filter == kIOPacketFilterMulticast)
            return self->setMulticastMode(on);
        if (filter == kIOPacketFilterPromiscuous)
            return self->setPromiscuousMode(on);
        if (filter & (kIOPacketFilterUnicast | kIOPacketFilterBroadcast))
            return kIOReturnSuccess; /* always received */
    } else if (group == gIOEthernetWakeOnLANFilterGroup && filter == kIOEthernetWakeOnMagicPacket) {
        return self->setWakeOnMagicPacket(on);
    }
    return kIOReturnUnsupported;
}

IOReturn IOEthernetController::enablePacketFilter(const OSSymbol *group, UInt32 filter, UInt32 enabled, IOOptionBits)
{
    return setFilter(this, group, filter, true);
}

IOReturn IOEthernetController::disablePacketFilter(const OSSymbol *group, UInt32 filter, UInt32 enabled, IOOptionBits)
{
    return setFilter(this, group, filter, false);
}

IOReturn IOEthernetController::getHardwareAddress(void *addr, UInt32 *bytes)
{
    if (!bytes)
        return kIOReturnBadArgument;
    UInt32 room = *bytes;
    *bytes = kIOEthernetAddressSize;
    if (!addr || room < kIOEthernetAddressSize)
        return kIOReturnNoSpace;
    return getHardwareAddress((IOEthernetAddress *)addr);
}

IOReturn IOEthernetController::setHardwareAddress(const void *addr, UInt32 bytes)
{
    if (!addr || bytes != kIOEthernetAddressSize)
        return kIOReturnBadArgument;
    return setHardwareAddress((const IOEthernetAddress *)addr);
}

IOReturn IOEthernetController::getMaxPacketSize(UInt32 *size) const
{
    *size = kIOEthernetMaxPacketSize;
    return kIOReturnSuccess;
}

IOReturn IOEthernetController::getMinPacketSize(UInt32 *size) const
{
    *size = kIOEthernetMinPacketSize;
    return kIOReturnSuccess;
}

bool IOEthernetController::getVlanTagDemand(mbuf_t m, UInt32 *tag)
{
    u_int16_t t;
    if (mbuf_get_vlan_tag(m, &t))
        return false;
    *tag = t;
    return true;
}

void IOEthernetController::setVlanTag(mbuf_t m, UInt32 tag) { mbuf_set_vlan_tag(m, tag); }
