// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOEthernetInterface, packet filters and multicast (IOEthernetInterface.cpp: enableFilter, disableFilter,
 * setupMulticastFilter) and the taps that show VLAN tags in line. Required filters are what the stack wants, active
 * ones what the driver said yes to; one bit is handed to the driver at a time, inside the gate.
 */
#include <IOKit/IOLib.h>
#include <IOKit/network/IOEthernetInterface.h>
#include <libkern/c++/OSData.h>
#include <libkern/c++/OSDictionary.h>
#include <libkern/c++/OSNumber.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/kpi_interface.h>
#include <sys/errno.h>
#include <sys/kpi_mbuf.h>
#include <sys/socket.h>
#include "ethernet_private.h"
#include "private.h"

#define super IONetworkInterface

UInt32 IOEthernetInterface::getFilters(const OSDictionary *dict, const OSSymbol *group)
{
    OSNumber *n = OSDynamicCast(OSNumber, dict->getObject(group));
    return n ? n->unsigned32BitValue() : 0;
}

bool IOEthernetInterface::setFilters(OSDictionary *dict, const OSSymbol *group, UInt32 filters)
{
    if (OSNumber *old = OSDynamicCast(OSNumber, dict->getObject(group))) {
        old->setValue(filters);
        return true;
    }
    OSNumber *n = OSNumber::withNumber(filters, 32);
    bool ok = n && dict->setObject(group, n);
    dropRef(n);
    return ok;
}

static inline UInt32 lowestBit(UInt32 x) { return x & -x; }

IOReturn IOEthernetInterface::enableFilter(IONetworkController *controller, const OSSymbol *group, UInt32 filters,
                                           IOOptionBits options)
{
    IOReturn ret = kIOReturnSuccess;
    if ((getFilters(_supportedFilters, group) & filters) != filters)
        return kIOReturnUnsupported;
    UInt32 wanted = getFilters(_requiredFilters, group) | filters, active = getFilters(_activeFilters, group);
    UInt32 todo = active ^ wanted;
    if (!(options & kFilterOptionSyncPendingIO))
        todo &= filters;
    for (UInt32 bit; (bit = lowestBit(todo)); todo &= ~bit, active |= bit)
        if ((ret = controller->enablePacketFilter(group, bit, active, options)) != kIOReturnSuccess)
            break;
    if (!(options & kFilterOptionNoStateChange))
        setFilters(_requiredFilters, group, wanted);
    setFilters(_activeFilters, group, active);
    return ret;
}

IOReturn IOEthernetInterface::disableFilter(IONetworkController *controller, const OSSymbol *group, UInt32 filters,
                                            IOOptionBits options)
{
    IOReturn ret = kIOReturnSuccess;
    UInt32 wanted = getFilters(_requiredFilters, group) & ~filters, active = getFilters(_activeFilters, group);
    UInt32 todo = (active ^ wanted) & filters;
    for (UInt32 bit; (bit = lowestBit(todo)); todo &= ~bit, active &= ~bit)
        if ((ret = controller->disablePacketFilter(group, bit, active, options)) != kIOReturnSuccess)
            break;
    if (!(options & kFilterOptionNoStateChange))
        setFilters(_requiredFilters, group, wanted);
    setFilters(_activeFilters, group, active);
    return ret;
}

int IOEthernetInterface::syncSIOCADDMULTI(IONetworkController *controller)
{
    IOReturn ret = enableFilter(controller, gIONetworkFilterGroup, kIOPacketFilterMulticast);
    if (ret == kIOReturnSuccess) {
        ret = setupMulticastFilter(controller);
        if (!_mcAddrCount) {
            IOReturn r = disableFilter(controller, gIONetworkFilterGroup, kIOPacketFilterMulticast);
            if (ret == kIOReturnSuccess)
                ret = r;
        }
    }
    return errnoFromReturn(ret);
}

int IOEthernetInterface::syncSIOCDELMULTI(IONetworkController *controller) { return syncSIOCADDMULTI(controller); }

/* Appends one link-layer address of the ifnet's list; others are no business of Ethernet. */
static bool appendAddress(OSData *list, ifmultiaddr_t entry)
{
    union {
        struct sockaddr sa;
        struct sockaddr_dl dl;
        char room[64];
    } a;
    bzero(&a, sizeof a);
    ifmaddr_address(entry, &a.sa, sizeof a);
    if (a.sa.sa_family == AF_LINK)
        return list->appendBytes(LLADDR(&a.dl), ETHER_ADDR_LEN);
    if (a.sa.sa_family == AF_UNSPEC)
        return list->appendBytes(a.sa.sa_data, ETHER_ADDR_LEN);
    return true;
}

IOReturn IOEthernetInterface::setupMulticastFilter(IONetworkController *controller)
{
    ifmultiaddr_t *entries;
    IOEthernetController *ethernet = OSDynamicCast(IOEthernetController, controller);
    if (!ethernet || !getIfnet() || ifnet_get_multicast_list(getIfnet(), &entries))
        return kIOReturnNoMemory;
    OSData *list = OSData::withCapacity(16 * ETHER_ADDR_LEN);
    bool ok = list != 0;
    for (int i = 0; ok && entries[i]; i++)
        ok = appendAddress(list, entries[i]);
    ifnet_free_multicast_list(entries);
    if (!ok) {
        dropRef(list);
        return kIOReturnNoMemory;
    }
    _mcAddrCount = list->getLength() / ETHER_ADDR_LEN;
    IOReturn ret = ethernet->setMulticastList(_mcAddrCount ? (IOEthernetAddress *)list->getBytesNoCopy() : 0,
                                              _mcAddrCount);
    if (!_mcAddrCount)
        removeProperty(kIOMulticastAddressList);
    else if (ret == kIOReturnSuccess)
        setProperty(kIOMulticastAddressList, list);
    list->release();
    return ret;
}

/* ---- taps: a tag that travels beside the packet is shown in it ---- */

static mbuf_t withTag(mbuf_t m, u_int16_t tag)
{
    mbuf_t copy;
    unsigned char head[2 * ETHER_ADDR_LEN + 4];
    if (mbuf_dup(m, MBUF_DONTWAIT, &copy))
        return 0;
    if (mbuf_copydata(copy, 0, 2 * ETHER_ADDR_LEN, head)) { /* a frame without addresses is nothing to show */
        mbuf_freem(copy);
        return 0;
    }
    if (mbuf_prepend(&copy, 4, MBUF_DONTWAIT)) /* it frees the packet when it fails */
        return 0;
    head[12] = 0x81; /* IEEE 802.1Q */
    head[13] = 0x00;
    head[14] = tag >> 8;
    head[15] = tag & 0xff;
    mbuf_copyback(copy, 0, sizeof head, head, MBUF_DONTWAIT);
    return copy;
}

void IOEthernetInterface::_fixupVlanPacket(mbuf_t m, u_int16_t tag, int input)
{
    mbuf_t shown = withTag(m, tag);
    if (!shown)
        return;
    if (input)
        super::feedPacketInputTap(shown);
    else
        super::feedPacketOutputTap(shown);
    mbuf_freem(shown);
}

void IOEthernetInterface::feedPacketInputTap(mbuf_t m)
{
    u_int16_t tag;
    if (mbuf_get_vlan_tag(m, &tag))
        super::feedPacketInputTap(m);
    else
        _fixupVlanPacket(m, tag, 1);
}

void IOEthernetInterface::feedPacketOutputTap(mbuf_t m)
{
    u_int16_t tag;
    if (mbuf_get_vlan_tag(m, &tag))
        super::feedPacketOutputTap(m);
    else
        _fixupVlanPacket(m, tag, 0);
}
