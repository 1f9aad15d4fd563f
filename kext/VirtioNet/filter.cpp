// SPDX-License-Identifier: BSD-3-Clause
/*
 * What VirtioNetController receives: filters, groups, its address, VLANs, by the device's control queue
 * (core/vio_net.h, vio_net_apply()); and announcing itself after a migration. All with the gate held, which
 * the family sees to.
 *
 * A device without control queue delivers all it hears, so every filter is in force at all times, and the
 * stack sorts out what it wants. That is also what is left when a device refuses or stops answering.
 */
#include "VirtioNetController.h"
#include <IOKit/IOLib.h>
#include <net/kpi_interface.h>
#include <netinet/in.h>
#include <pexpert/pexpert.h>

#define super IOEthernetController

enum { kArpFrame = 42, kEtherTypeArp = 0x0806, kEtherTypeRarp = 0x8035, kArpRequest = 1, kRarpRequest = 3 };

/* Tells the device what fNet.filter and fNet.mac say. False: the device must be reset. After the debugger has had it the
 * driver's rings are dead, and startDevice() tells it anyway. */
bool VirtioNetController::applyFilter()
{
    int error = fTakenOver ? 0 : vio_net_apply(&fNet);

    if (error == VIO_EINVAL)
        IOLog("[VirtioNet]: the device refuses a filter\n");
    if (error && error != VIO_EINVAL)
        fNeedsReset = true; /* it receives all in its next life */
    if (!fTakenOver)
        updateLargeReceive();
    return !error || error == VIO_EINVAL;
}

IOReturn VirtioNetController::getPacketFilters(const OSSymbol *group, UInt32 *filters) const
{
    *filters = group == gIONetworkFilterGroup
                   ? kIOPacketFilterUnicast | kIOPacketFilterBroadcast | kIOPacketFilterMulticast |
                         kIOPacketFilterMulticastAll | kIOPacketFilterPromiscuous
                   : 0;
    return kIOReturnSuccess;
}

/* The family knows how to ask for promiscuous and multicast mode, and leaves all-multicast to the driver
 * (IOEthernetController::enablePacketFilter). */
IOReturn VirtioNetController::enablePacketFilter(const OSSymbol *group, UInt32 filter, UInt32 enabled,
                                                 IOOptionBits options)
{
    if (group != gIONetworkFilterGroup || filter != kIOPacketFilterMulticastAll)
        return super::enablePacketFilter(group, filter, enabled, options);
    fAllMulticast = true;
    fNet.filter.all_groups = true;
    (void)applyFilter();
    return kIOReturnSuccess;
}

IOReturn VirtioNetController::disablePacketFilter(const OSSymbol *group, UInt32 filter, UInt32 enabled,
                                                  IOOptionBits options)
{
    if (group != gIONetworkFilterGroup || filter != kIOPacketFilterMulticastAll)
        return super::disablePacketFilter(group, filter, enabled, options);
    fAllMulticast = false;
    fNet.filter.all_groups = fGroupOverflow;
    (void)applyFilter();
    return kIOReturnSuccess;
}

IOReturn VirtioNetController::setPromiscuousMode(bool active)
{
    fNet.filter.promiscuous = active;
    (void)applyFilter();
    return kIOReturnSuccess;
}

IOReturn VirtioNetController::setMulticastMode(bool active)
{
    fNet.filter.no_groups = !active;
    (void)applyFilter();
    return kIOReturnSuccess;
}

/* More groups than the table takes: all groups then. */
IOReturn VirtioNetController::setMulticastList(IOEthernetAddress *addresses, UInt32 count)
{
    fGroupOverflow = count > VIO_NET_GROUPS;
    fNet.filter.groups = fGroupOverflow ? 0 : (UInt16)count;
    bcopy(addresses, fNet.filter.group, 6U * fNet.filter.groups);
    fNet.filter.all_groups = fAllMulticast || fGroupOverflow;
    (void)applyFilter();
    return kIOReturnSuccess;
}

IOReturn VirtioNetController::getHardwareAddress(IOEthernetAddress *address)
{
    bcopy(fNet.mac, address->bytes, sizeof address->bytes);
    return kIOReturnSuccess;
}

/* The device takes it over (CTRL_MAC_ADDR), or receives it besides its own, or receives all anyway. */
IOReturn VirtioNetController::setHardwareAddress(const IOEthernetAddress *address)
{
    UInt8 old[sizeof fNet.mac];

    if (address->bytes[0] & 1)
        return kIOReturnBadArgument;
    bcopy(fNet.mac, old, sizeof old);
    bcopy(address->bytes, fNet.mac, sizeof fNet.mac);
    if (applyFilter())
        return kIOReturnSuccess;
    bcopy(old, fNet.mac, sizeof old);
    return kIOReturnIOError;
}

/*
 * A boot argument that is a list of numbers with commas, as text. The system hands over a lone number as an int (pexpert/gen/bootargs.c,
 * getval): then there is no comma, but for a number whose lowest byte is one. False: not given, text is as it was.
 */
bool VirtioNetController::listArgument(const char *name, char *text, UInt32 size)
{
    char value[128];
    SInt32 number;

    bzero(value, sizeof value);
    if (!PE_parse_boot_argn(name, value, sizeof value))
        return false;
    value[sizeof value - 1] = 0;
    bcopy(value, &number, sizeof number);
    if (value[0] == ',' || !strchr(value, ','))
        snprintf(text, size, "%d", (int)number);
    else
        strlcpy(text, value, size);
    return true;
}

/*
 * VLANs to receive, when the user names them: boot-arg vio_vlan=5,17 or the property VirtioVLAN. OS X does
 * not tell a driver which VLANs are in use (xnu if_vlan.c configures the parent without it), so without that
 * list CTRL_VLAN is not negotiated, and the device delivers all of them. The features to deny.
 */
UInt64 VirtioNetController::readVLANs()
{
    char text[128];
    OSString *property = OSDynamicCast(OSString, getProperty("VirtioVLAN"));

    text[0] = 0;
    if (!listArgument("vio_vlan", text, sizeof text) && property)
        strlcpy(text, property->getCStringNoCopy(), sizeof text);
    fVLANs = 0;
    for (char *p = text; *p && fVLANs < VIO_NET_VLANS;) {
        char *end;
        unsigned long id = strtoul(p, &end, 10);
        if (end == p)
            break;
        if (id > 0 && id < 4095)
            fVLAN[fVLANs++] = (UInt16)id;
        p = *end ? end + 1 : end;
    }
    return fVLANs ? 0 : VIO_BIT(VIRTIO_NET_F_CTRL_VLAN);
}

/* An ARP packet from this interface's address to all: a gratuitous ARP for `ip`, or without one a RARP
 * request, which teaches switches the same. */
static mbuf_t announcement(const UInt8 *mac, const UInt8 *ip)
{
    static const UInt8 none[4] = {0, 0, 0, 0};
    mbuf_t m;
    UInt8 *p;

    if (mbuf_gethdr(MBUF_DONTWAIT, MBUF_TYPE_HEADER, &m))
        return 0;
    mbuf_setlen(m, kArpFrame);
    mbuf_pkthdr_setlen(m, kArpFrame);
    p = (UInt8 *)mbuf_data(m);
    memset(p, 0xff, 6);
    bcopy(mac, p + 6, 6);
    p[12] = (ip ? kEtherTypeArp : kEtherTypeRarp) >> 8;
    p[13] = (ip ? kEtherTypeArp : kEtherTypeRarp) & 0xff;
    bcopy("\0\1\x8\0\6\4\0", p + 14, 7); /* Ethernet, IPv4, their lengths (RFC 826) */
    p[21] = ip ? kArpRequest : kRarpRequest;
    bcopy(mac, p + 22, 6);
    bcopy(ip ? ip : none, p + 28, 4);
    bcopy(mac, p + 32, 6);
    bcopy(ip ? ip : none, p + 38, 4);
    return m;
}

/* Sends an announcement for each IPv4 address, or one without (5.1.9.5.4). */
void VirtioNetController::announce()
{
    ifaddr_t *list = 0;
    unsigned sent = 0;
    mbuf_t m;

    if (ifnet_get_address_list_family(fInterface->getIfnet(), &list, AF_INET) == 0 && list) {
        for (unsigned i = 0; list[i]; i++) {
            struct sockaddr_in in;
            if (ifaddr_address(list[i], (struct sockaddr *)&in, sizeof in) == 0 &&
                (m = announcement(fNet.mac, (const UInt8 *)&in.sin_addr)) != 0) {
                enqueueOwn(m);
                sent++;
            }
        }
        ifnet_free_address_list(list);
    }
    if (!sent && (m = announcement(fNet.mac, 0)) != 0)
        enqueueOwn(m);
    fCount.announcements++;
    IOLog("[VirtioNet]: announced itself on the network\n");
}
