// SPDX-License-Identifier: BSD-3-Clause
/* What VirtioNetController says about itself: abilities, media, counters. */
#include "VirtioNetController.h"
#include <IOKit/IOLib.h>
#include <libkern/version.h>

#define super      IOEthernetController
#define STRING(x)  STRING_(x)
#define STRING_(x) #x

/* Names that Apple's IONetworkController.h has from 10.8 on; older systems look at the bits that they know.
 */
enum { kChecksumTCPIPv6 = 0x20, kChecksumUDPIPv6 = 0x40 };
/* kIONetworkFeatureLRO, from IONetworkingFamily-170, macOS 11, on. */
enum { kFeatureLargeReceive = 0x200, kDarwinOf11 = 20 };
/* kIOMediumEthernet2500BaseT and 5000BaseT, from 10.15 on (xnu-6153 if_media.h: IFM_2500_T, IFM_5000_T). */
enum { kMedium2500BaseT = 0x36, kMedium5000BaseT = 0x37, kDarwinOf10_15 = 19 };

static bool has(const struct vio_net *n, unsigned feature)
{
    return n->features >> feature & 1;
}

/*
 * MultiPages: a cluster may span pages. HardwareVlan: a tag may come beside the packet, and VLAN interfaces
 * then offload as this one does (xnu if_vlan.c); SoftwareVlan: its four bytes fit beside a full MTU.
 */
UInt32 VirtioNetController::getFeatures() const
{
    return kIONetworkFeatureMultiPages | kIONetworkFeatureSoftwareVlan |
           (fNub->isOff("hw_vlan") ? 0 : (UInt32)kIONetworkFeatureHardwareVlan) |
           (kMayTSO && has(&fNet, VIRTIO_NET_F_HOST_TSO4) ? (UInt32)kIONetworkFeatureTSOIPv4 : 0) |
           (kMayTSO && has(&fNet, VIRTIO_NET_F_HOST_TSO6) ? (UInt32)kIONetworkFeatureTSOIPv6 : 0) |
           (version_major >= kDarwinOf11 && (has(&fNet, VIRTIO_NET_F_GUEST_TSO4) || has(&fNet, VIRTIO_NET_F_GUEST_TSO6))
                ? (UInt32)kFeatureLargeReceive
                : 0);
}

/*
 * The family offers the stack only what is announced for both directions (getIfnetHardwareAssistValue in
 * IONetworkInterface.cpp), so input is announced with output. It promises nothing: the stack verifies each
 * packet that has no result set, and results are set only where the device gave them (GUEST_CSUM).
 */
IOReturn VirtioNetController::getChecksumSupport(UInt32 *mask, UInt32 family, bool)
{
    if (family != kChecksumFamilyTCPIP)
        return kIOReturnUnsupported;
    *mask =
        has(&fNet, VIRTIO_NET_F_CSUM) ? kChecksumTCP | kChecksumUDP | kChecksumTCPIPv6 | kChecksumUDPIPv6 : 0;
    return kIOReturnSuccess;
}

/* Sizes count the Ethernet header and its checksum. */
IOReturn VirtioNetController::getMaxPacketSize(UInt32 *size) const
{
    *size = fNet.mtu_max + VIO_NET_ETHER_HEADER + kIOEthernetCRCSize;
    return kIOReturnSuccess;
}

const OSString *VirtioNetController::newVendorString() const
{
    return OSString::withCString("virtio");
}

const OSString *VirtioNetController::newModelString() const
{
    return OSString::withCString("Virtio network card");
}

/* What an Ethernet wire can be, slowest first. */
static const struct {
    UInt32 mbps, type, since;
    bool half; /* also half duplex */
} wires[] = {
    {10, kIOMediumEthernet10BaseT, 0, true},
    {100, kIOMediumEthernet100BaseTX, 0, true},
    {1000, kIOMediumEthernet1000BaseT, 0, true},
    {2500, kMedium2500BaseT, kDarwinOf10_15, false},
    {5000, kMedium5000BaseT, kDarwinOf10_15, false},
    {10000, kIOMediumEthernet10GBaseT, 0, false},
};

static UInt32 megabits(const struct vio_net_link *link)
{
    return link->mbps ? link->mbps : 10000; /* devices that tell none are as fast as the machine */
}

/* The medium that is shown for a speed: the fastest known that is no faster. The speed itself is told beside it. */
static IOMediumType mediumType(const struct vio_net_link *link)
{
    IOMediumType type = 0;

    for (unsigned i = 0; i < sizeof wires / sizeof wires[0]; i++)
        if ((!i || wires[i].mbps <= megabits(link)) && (UInt32)version_major >= wires[i].since)
            type = wires[i].type | (link->half_duplex && wires[i].half ? kIOMediumOptionHalfDuplex
                                                                        : kIOMediumOptionFullDuplex);
    return type;
}

/* Adds a medium, its type being its index too; the dictionary keeps it. */
static const IONetworkMedium *addMedium(OSDictionary *media, IOMediumType type, UInt32 mbps)
{
    IONetworkMedium *medium = IONetworkMedium::medium(type, mbps * 1000000ULL, 0, type & kIOMediumSubTypeMask);

    if (!medium || !IONetworkMedium::addMedium(media, medium)) {
        OSSafeReleaseNULL(medium);
        return 0;
    }
    medium->release();
    return medium;
}

/* Automatic, which is selected, and what the device may turn out to be (5.1.4: speed and duplex are valid while the link
 * is up, and can change with it); updateLink() shows which one it is. */
bool VirtioNetController::publishMedia()
{
    OSDictionary *media = OSDictionary::withCapacity(12);
    const IONetworkMedium *automatic;
    bool ok;

    if (!media)
        return false;
    automatic = addMedium(media, kIOMediumEthernetAuto, 0);
    ok = automatic != 0;
    for (unsigned i = 0; i < sizeof wires / sizeof wires[0]; i++) {
        if ((UInt32)version_major < wires[i].since)
            continue;
        ok &= addMedium(media, wires[i].type | kIOMediumOptionFullDuplex, wires[i].mbps) != 0;
        if (wires[i].half)
            ok &= addMedium(media, wires[i].type | kIOMediumOptionHalfDuplex, wires[i].mbps) != 0;
    }
    ok = ok && publishMediumDictionary(media) && setSelectedMedium(automatic);
    media->release();
    return ok;
}

/* There is nothing to select on a virtual wire: the choice is noted, and the wire stays what it is. */
IOReturn VirtioNetController::selectMedium(const IONetworkMedium *medium)
{
    return setSelectedMedium(medium) ? kIOReturnSuccess : kIOReturnBadArgument;
}

/*
 * Gate held. Rings for what a device may have forgotten. What was sent while the link was down may still be in the ring; QEMU,
 * when the link goes, empties the queue without asking for the next doorbell (virtio_net_set_status). `told`: something
 * changed; else, once a second, only for what waits in the ring: buffers always do, so for them some times after the last was
 * posted, and an idle device has its peace.
 */
void VirtioNetController::ringAgain(bool told)
{
    IOLockLock(fTxLock);
    if (told || vio_net_tx_pending(&fNet))
        vio_net_tx_nudge(&fNet);
    IOLockUnlock(fTxLock);
    if (told || fNet.rx.avail_idx != fRungFor)
        fRings = kRingsMore;
    if (fRings) {
        vio_net_rx_nudge(&fNet);
        fRings--;
    }
    fRungFor = fNet.rx.avail_idx;
}

/* Gate held. Tells the system and the log when the link has changed. `told`: the device says that something has. A cable may be
 * out and in again before anybody looks, so whether it changed does not matter then. */
void VirtioNetController::updateLink(bool told)
{
    struct vio_net_link link;

    (void)vio_net_link(&fNet, &link); /* on error the link is down */
    if (link.up)
        setLinkStatus(kIONetworkLinkValid | kIONetworkLinkActive,
                      IONetworkMedium::getMediumWithType(getMediumDictionary(), mediumType(&link)),
                      megabits(&link) * 1000000ULL);
    else
        setLinkStatus(kIONetworkLinkValid);
    if (link.up)
        ringAgain(told || !fLinkUp);
    if (link.up == fLinkUp)
        return;
    fLinkUp = link.up;
    fCount.linkChanges++;
    IOLog("[VirtioNet]: link is %s\n", link.up ? "up" : "down");
}

void VirtioNetController::publishIdentity()
{
    setProperty("Driver Version", STRING(KEXT_VERSION));
    setProperty("Virtio RX Queue Size", fNet.rx.num, 16);
    setProperty("Virtio TX Queue Size", fNet.tx.num, 16);
    setProperty("Virtio MTU Limit", fNet.mtu_max, 16);
    setProperty("Virtio RX Buffer Size", fNet.rx_buf_size, 32);
}

static void put(OSDictionary *dict, const char *key, UInt64 value)
{
    OSNumber *number = OSNumber::withNumber(value, 64);

    if (!number)
        return;
    dict->setObject(key, number);
    number->release();
}

static void putQueueFaults(OSDictionary *dict, const char *queue, const struct vq *q)
{
    char name[40];

    for (int i = 0; i < VQ_FAULTS; i++) {
        snprintf(name, sizeof name, "%s %s", queue, vq_fault_name((enum vq_fault)i));
        if (q->fault[i])
            put(dict, name, q->fault[i]);
    }
}

/* Faults by the names that the core gives them, a ring's behind that of its queue, only those that occurred. */
static void putFaults(OSDictionary *dict, const struct vio_net *n)
{
    for (int i = 0; i < VIO_NET_FAULTS; i++)
        if (n->fault[i])
            put(dict, vio_net_fault_name((enum vio_net_fault)i), n->fault[i]);
    putQueueFaults(dict, "rx", &n->rx);
    putQueueFaults(dict, "tx", &n->tx);
    putQueueFaults(dict, "control", &n->ctrl.q);
}

OSDictionary *VirtioNetController::copyCounters() const
{
    OSDictionary *dict = OSDictionary::withCapacity(48);

    if (!dict)
        return 0;
    put(dict, "tx packets", fNet.tx_count.packets);
    put(dict, "tx bytes", fNet.tx_count.bytes);
    put(dict, "tx checksum offload", fNet.tx_count.csum);
    put(dict, "tx segmentation offload", fNet.tx_count.tso);
    put(dict, "tx tags inserted", fCount.txTagged);
    put(dict, "tx cut for CWR", fCount.txCut);
    put(dict, "tx copied whole", fNet.tx_count.copied);
    put(dict, "tx flattened", fCount.txCopied);
    put(dict, "tx dropped for memory", fCount.txNoMemory);
    put(dict, "tx dropped for offload", fCount.txBadOffload);
    put(dict, "tx ring full", fNet.tx_count.full);
    put(dict, "tx doorbells", fNet.tx.kicks);
    put(dict, "rx packets", fNet.rx_count.packets);
    put(dict, "rx bytes", fNet.rx_count.bytes);
    put(dict, "rx merged", fNet.rx_count.merged);
    put(dict, "rx checksum verified", fNet.rx_count.csum_valid);
    put(dict, "rx checksum partial", fNet.rx_count.csum_partial);
    put(dict, "rx checksum completed", fCount.rxCompleted);
    put(dict, "rx checksum told good", fCount.rxVouched);
    put(dict, "rx large", fNet.rx_count.large);
    put(dict, "rx copied", fCount.rxCopied);
    put(dict, "rx dropped for memory", fCount.rxNoMemory);
    put(dict, "rx doorbells", fNet.rx.kicks);
    put(dict, "rx polls", fPolls);
    put(dict, "rx holds", fHolds);
    put(dict, "control commands", fNet.ctrl.count.commands);
    put(dict, "control refused", fNet.ctrl.count.refused);
    put(dict, "control nonsense", fNet.ctrl.count.nonsense);
    put(dict, "control time-outs", fNet.ctrl.count.timeouts);
    put(dict, "announcements", fCount.announcements);
    put(dict, "resets", fCount.resets);
    put(dict, "tx queue resets", fCount.txResets);
    put(dict, "link changes", fCount.linkChanges);
    putFaults(dict, &fNet);
    return dict;
}

/* Counters are written to the registry when somebody looks. */
bool VirtioNetController::serializeProperties(OSSerialize *s) const
{
    OSDictionary *counters = copyCounters();

    if (counters) {
        const_cast<VirtioNetController *>(this)->setProperty("Virtio Counters", counters);
        counters->release();
    }
    return super::serializeProperties(s);
}
