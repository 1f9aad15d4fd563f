// SPDX-License-Identifier: BSD-3-Clause
/*
 * Large receive (5.1.3.1, GUEST_TSO4 and GUEST_TSO6): frames of up to 64 KB that the device, or the peer behind it, put
 * together from many. The stack of every system takes them: neither ether_demux(), ip_input(), ip6_input() nor tcp_input()
 * compares a packet with the MTU. But no system before macOS 11 has a name for it (kIONetworkFeatureLRO,
 * IONetworkingFamily-170), so up to 10.15 it is off unless the user asks for it: boot-argument vio_lro=1, or the property
 * VirtioLargeReceive of this driver's personality (Info.plist) or of the device (firmware: DeviceProperties).
 *
 * Whoever sends frames on cannot send these: it is off while the interface is promiscuous, as a bridge sets it (xnu
 * if_bridge.c, bridge_ioctl_add: ifnet_set_promiscuous), and while the system forwards. Drivers are not told of
 * that, so net.inet.ip.forwarding and net.inet6.ip6.forwarding are read once a second (sysctlbyname is in com.apple.kpi.libkern
 * from 10.5 to macOS 11). On and off by CTRL_GUEST_OFFLOADS (5.1.9.5.9), without which it is not accepted.
 */
#include "VirtioNetController.h"
#include <IOKit/IOLib.h>
#include <libkern/sysctl.h>
#include <libkern/version.h>
#include <pexpert/pexpert.h>

enum { kDarwinOf11 = 20 };

/* True, a number or data that is not 0: firmware has data only. */
static bool isOn(OSObject *property)
{
    OSBoolean *truth = OSDynamicCast(OSBoolean, property);
    OSNumber *number = OSDynamicCast(OSNumber, property);
    OSData *data = OSDynamicCast(OSData, property);

    if (data)
        return data->getLength() && *(const UInt8 *)data->getBytesNoCopy();
    return number ? number->unsigned32BitValue() != 0 : truth && truth->isTrue();
}

bool VirtioNetController::largeReceiveWanted()
{
    static const char key[] = "VirtioLargeReceive";
    OSObject *property = getProperty(key);
    UInt32 on;

    if (!property)
        property = fNub->getProvider()->getProperty(key);
    on = property ? isOn(property) : version_major >= kDarwinOf11;
    (void)PE_parse_boot_argn("vio_lro", &on, sizeof on);
    return on != 0;
}

static bool forwards(const char *name)
{
    int value = 0;
    size_t size = sizeof value;

    return sysctlbyname(name, &value, &size, 0, 0) == 0 && value;
}

/* Work loop, thread context. xnu holds none of its sysctl locks while it calls drivers, so the gate may be held here. */
void VirtioNetController::lookAtForwarding()
{
    bool now = forwards("net.inet.ip.forwarding") || forwards("net.inet6.ip6.forwarding");

    if (now == fForwarding)
        return;
    fForwarding = now;
    IOLog("[VirtioNet]: the system %s\n", now ? "forwards" : "does not forward any more");
    updateLargeReceive();
}

/* Gate held, device running. */
void VirtioNetController::updateLargeReceive()
{
    static const char key[] = "Virtio Large Receive";
    const UInt64 large = VIO_BIT(VIRTIO_NET_F_GUEST_TSO4) | VIO_BIT(VIRTIO_NET_F_GUEST_TSO6);
    bool want = !fNet.filter.promiscuous && !fForwarding;

    if (fState != kEnabled)
        return;
    if (!(fNet.features & large)) {
        removeProperty(key); /* the device was given up on in that respect */
        return;
    }
    if (want != fLargeReceive && vio_net_large_receive(&fNet, want) == 0)
        fLargeReceive = want;
    if (want != fLargeReceive)
        IOLog("[VirtioNet]: the device does not %s large frames\n", want ? "start sending" : "stop sending");
    setProperty(key, fLargeReceive);
}
